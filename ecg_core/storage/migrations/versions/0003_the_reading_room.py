"""Notes and calipers, the reduced signal of long recordings, results of analyses"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "mark",
        sa.Column("number", big_key, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_number", big_key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("lead", sa.String(length=64), nullable=False),
        sa.Column("is_about_all_leads", sa.Boolean(), nullable=False),
        sa.Column("start_sample", sa.BigInteger(), nullable=False),
        sa.Column("stop_sample", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("marches", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["recording_number"], ["recording.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_mark_recording_number", "mark", ["recording_number"])
    op.create_table(
        "pyramid",
        sa.Column("recording_number", big_key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recording_number"], ["recording.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recording_number", "position", "level", "number"),
    )
    op.create_table(
        "analysis",
        sa.Column("recording_number", big_key, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recording_number"], ["recording.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recording_number", "name"),
    )
    op.add_column("original", sa.Column("layout", sa.JSON(), nullable=False, server_default="[]"))
