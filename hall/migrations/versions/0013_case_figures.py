"""Sums of settled cases, exclusions with their appeals, and dated snapshots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SUMS = (
    "filed",
    "excluded",
    "reopened",
    "response_due",
    "responded",
    "resolved",
    "resolution_due",
    "on_time",
    "rated",
    "content",
)


def upgrade() -> None:
    """Apply the change. Cases of before are counted afterwards, in small steps, while the hall is open."""
    op.add_column("cases", sa.Column("excluded_for", sa.String(length=64), nullable=True))
    op.add_column("cases", sa.Column("counted_group", sa.Integer(), nullable=True))
    op.add_column("cases", sa.Column("counted_as", sa.Integer(), nullable=True))
    op.create_index(
        "ix_cases_not_counted",
        "cases",
        ["created_at"],
        sqlite_where=sa.text("counted_group IS NULL"),
        postgresql_where=sa.text("counted_group IS NULL"),
    )
    op.create_table(
        "case_tally_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("grid", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("department", "grid", "category"),
    )
    op.create_table(
        "case_tally",
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("group", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _SUMS),
        sa.ForeignKeyConstraint(["group"], ["case_tally_group.id"]),
        sa.PrimaryKeyConstraint("span", "first_day", "group"),
    )
    op.create_table(
        "case_exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_entry", sa.Integer(), nullable=False),
        *(
            column
            for act in ("decided", "appealed", "settled")
            for column in (
                sa.Column(f"{act}_by", sa.String(length=64), nullable=True),
                sa.Column(f"{act}_at", sa.DateTime(timezone=True), nullable=True),
                sa.Column(f"{act}_entry", sa.Integer(), nullable=True),
            )
        ),
        sa.ForeignKeyConstraint(["number"], ["cases.number"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "department"),
    )
    op.create_index("ix_case_exclusion_state", "case_exclusion", ["state", "asked_at"])
    op.create_table(
        "case_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("first", sa.Date(), nullable=True),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_snapshot_kind_taken_at", "case_snapshot", ["kind", "taken_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("case_snapshot")
    op.drop_table("case_exclusion")
    op.drop_table("case_tally")
    op.drop_table("case_tally_group")
    op.drop_index("ix_cases_not_counted", table_name="cases")
    op.drop_column("cases", "counted_as")
    op.drop_column("cases", "counted_group")
    op.drop_column("cases", "excluded_for")
