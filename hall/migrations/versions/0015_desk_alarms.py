"""Who has noted which urgent deadline, and the range that urgent deadlines are read from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "case_alarm_known",
        sa.Column("clock", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clock"], ["case_clock.id"]),
        sa.PrimaryKeyConstraint("clock", "login"),
    )
    op.create_index(
        "ix_case_clock_warned",
        "case_clock",
        ["warn_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_case_clock_warned", table_name="case_clock")
    op.drop_table("case_alarm_known")
