"""How a notice reaches whom it is owed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("locale", sa.String(length=8), nullable=True))
    # Numbers that were given up must not come again: a door asks for what is above the last that it has.
    counting = {"sqlite_autoincrement": True}
    with op.batch_alter_table("late_reply", schema=None, table_kwargs=counting) as batch_op:
        batch_op.add_column(sa.Column("notice", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("until", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("sealed_reply", existing_type=sa.LargeBinary(), nullable=True)
        batch_op.create_unique_constraint("uq_late_reply_notice", ["notice"])


def downgrade() -> None:
    """Take the change back."""
    # Before, nothing was ever delivered: what waits elsewhere than in the outbox waits there again.
    op.execute("UPDATE notice SET state = 'pending' WHERE state IN ('left', 'kept', 'call')")
    op.execute("UPDATE notice SET state = 'sent' WHERE state = 'told'")
    op.execute("DELETE FROM late_reply WHERE sealed_reply IS NULL")
    with op.batch_alter_table("late_reply", schema=None) as batch_op:
        batch_op.drop_constraint("uq_late_reply_notice", type_="unique")
        batch_op.alter_column("sealed_reply", existing_type=sa.LargeBinary(), nullable=False)
        batch_op.drop_column("until")
        batch_op.drop_column("notice")
    op.drop_column("cases", "locale")
