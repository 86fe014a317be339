"""Tables for the gold set, unanswered questions and switches; what a bad rating is traced by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "gold_question",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.String(length=500), nullable=False),
        sa.Column("guide_id", sa.String(length=60), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.String(length=64), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("folded"),
    )
    op.create_table(
        "unanswered_question",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("turn_id", sa.String(length=32), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("guide_id", sa.String(length=60), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=True),
        sa.Column("settled_guide", sa.String(length=60), nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("turn_id"),
    )
    op.create_index("ix_unanswered_question_at", "unanswered_question", ["at"])
    op.create_table(
        "kill_switch",
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "name"),
    )
    with op.batch_alter_table("turn") as batch_op:
        batch_op.add_column(sa.Column("sealed_question", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("talk") as batch_op:
        batch_op.add_column(sa.Column("clarified", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Undo the change."""
    with op.batch_alter_table("talk") as batch_op:
        batch_op.drop_column("clarified")
    with op.batch_alter_table("turn") as batch_op:
        batch_op.drop_column("sealed_question")
    op.drop_table("kill_switch")
    op.drop_index("ix_unanswered_question_at", "unanswered_question")
    op.drop_table("unanswered_question")
    op.drop_table("gold_question")
