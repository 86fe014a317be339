"""Members of staff, their sessions, the trail of what they did, and what they typed when a session ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "staff_attempt",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    with op.batch_alter_table("staff_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_attempt_since"), ["since"], unique=False)

    op.create_table(
        "staff_audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("object_kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=120), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("staff_audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_audit_act"), ["act"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_audit_login"), ["login"], unique=False)
        batch_op.create_index("ix_staff_audit_object", ["object_kind", "object_id"], unique=False)

    op.create_table(
        "staff_member",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
        sa.UniqueConstraint("subject_hash"),
    )
    op.create_table(
        "staff_kept_typing",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["staff_member.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("staff_kept_typing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_kept_typing_kept_at"), ["kept_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_kept_typing_member_id"), ["member_id"], unique=False)

    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("browser", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["staff_member.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_session_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_session_touched_at"), ["touched_at"], unique=False)


def downgrade() -> None:
    """Undo the change."""
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_session_touched_at"))
        batch_op.drop_index(batch_op.f("ix_staff_session_member_id"))

    op.drop_table("staff_session")
    with op.batch_alter_table("staff_kept_typing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_kept_typing_member_id"))
        batch_op.drop_index(batch_op.f("ix_staff_kept_typing_kept_at"))

    op.drop_table("staff_kept_typing")
    op.drop_table("staff_member")
    with op.batch_alter_table("staff_audit", schema=None) as batch_op:
        batch_op.drop_index("ix_staff_audit_object")
        batch_op.drop_index(batch_op.f("ix_staff_audit_login"))
        batch_op.drop_index(batch_op.f("ix_staff_audit_at"))
        batch_op.drop_index(batch_op.f("ix_staff_audit_act"))

    op.drop_table("staff_audit")
    with op.batch_alter_table("staff_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_attempt_since"))

    op.drop_table("staff_attempt")
