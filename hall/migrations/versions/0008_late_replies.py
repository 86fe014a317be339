"""Turns that are had once, in order, in several processes; replies that come late, sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    # No reply was ever kept here.
    op.drop_table("late_reply")
    op.create_table(
        "late_reply",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_reply", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_late_reply_key", "late_reply", ["key"])
    op.create_table(
        "promised_turn",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("turn", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_turn", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("turn"),
    )
    op.create_index("ix_promised_turn_key", "promised_turn", ["key"])
    # Places in a queue need not survive a crash of the server, and are taken in every turn.
    on_postgres = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "turn_ticket",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.String(length=32), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        prefixes=["UNLOGGED"] if on_postgres else [],
    )
    op.create_index("ix_turn_ticket_key", "turn_ticket", ["key"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("turn_ticket")
    op.drop_table("promised_turn")
    op.drop_table("late_reply")
    op.create_table(
        "late_reply",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_late_reply_key", "late_reply", ["key"])
