"""Answers to what a category asks besides the form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("cases", sa.Column("details", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("cases", "details")
