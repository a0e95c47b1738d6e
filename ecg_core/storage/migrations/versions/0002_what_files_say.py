"""What files say beside the signal, and the files themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    big_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "annotations",
        sa.Column("recording_number", big_key, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recording_number"], ["recording.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recording_number"),
    )
    op.create_table(
        "original",
        sa.Column("recording_number", big_key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["recording_number"], ["recording.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recording_number", "position"),
    )
    op.create_table(
        "original_chunk",
        sa.Column("recording_number", big_key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recording_number"], ["recording.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recording_number", "position", "number"),
    )
    op.create_table(
        "unread",
        sa.Column("number", big_key, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("owner_id", "sha256"),
    )
    op.create_table(
        "unread_chunk",
        sa.Column("unread_number", big_key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["unread_number"], ["unread.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("unread_number", "number"),
    )
    op.add_column("recording", sa.Column("device", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column(
        "recording", sa.Column("number_of_annotations", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("recording", sa.Column("number_of_files", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("lead", sa.Column("original_name", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("lead", sa.Column("is_ecg", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("lead", sa.Column("is_derived", sa.Boolean(), nullable=False, server_default=sa.false()))
