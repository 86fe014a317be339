"""What a case was promised, kept on the case for its figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OF_CLOCK = (
    "UPDATE cases SET {column} = (SELECT max(due_at) FROM case_clock"
    " WHERE case_clock.number = cases.number AND case_clock.purpose = '{purpose}')"
)


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("response_due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_OF_CLOCK.format(column="response_due_at", purpose="respond"))
    op.execute(_OF_CLOCK.format(column="promised_at", purpose="resolve"))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("cases", "promised_at")
    op.drop_column("cases", "response_due_at")
