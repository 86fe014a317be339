"""Note from which shipped files a release was imported, so that a start need not read them again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("guide_release") as batch_op:
        batch_op.add_column(sa.Column("shipped_digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Undo the change."""
    with op.batch_alter_table("guide_release") as batch_op:
        batch_op.drop_column("shipped_digest")
