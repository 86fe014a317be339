"""What a talk goes on from, and who looked after an alert."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("talk", schema=None) as batch_op:
        batch_op.add_column(sa.Column("aspect", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("last_turn", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("sealed_offered", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("seen_by", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_alert_at"), ["at"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_at"))
        batch_op.drop_column("seen_by")
        batch_op.drop_column("seen_at")
    with op.batch_alter_table("talk", schema=None) as batch_op:
        batch_op.drop_column("sealed_offered")
        batch_op.drop_column("last_turn")
        batch_op.drop_column("failures")
        batch_op.drop_column("aspect")
