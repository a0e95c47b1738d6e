"""The only place that knows SQL: tables, engine, migrations, and one module of queries a concept."""
