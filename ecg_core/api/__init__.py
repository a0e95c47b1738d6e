"""The REST API: routes, schemas, one error handler. It and the dashboard call the same services."""
