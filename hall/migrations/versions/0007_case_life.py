"""A case's whole life: moves, clocks, departments, whistles, links, places, photos, announced holidays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "case_calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("off", sa.JSON(), nullable=False),
        sa.Column("worked", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("loaded_by", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year"),
    )
    op.create_table(
        "case_department",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("supervisor", sa.String(length=64), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "place_grid",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "case_assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.String(length=64), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["department"], ["case_department.id"]),
        sa.ForeignKeyConstraint(["number"], ["cases.number"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "department"),
    )
    with op.batch_alter_table("case_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_case_assignment_department_state", ["department", "state"], unique=False)

    op.create_table(
        "case_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=True),
        sa.Column("term", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("paused_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pauses", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["cases.number"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("case_clock", schema=None) as batch_op:
        batch_op.create_index(
            "ix_case_clock_department", ["department", "purpose", "started_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_case_clock_number"), ["number"], unique=False)
        batch_op.create_index(
            "ix_case_clock_running",
            ["purpose", "due_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "case_link",
        sa.Column("first", sa.String(length=16), nullable=False),
        sa.Column("second", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["first"], ["cases.number"]),
        sa.ForeignKeyConstraint(["second"], ["cases.number"]),
        sa.PrimaryKeyConstraint("first", "second"),
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_link_second"), ["second"], unique=False)

    op.create_table(
        "case_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("media_type", sa.String(length=16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["cases.number"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "digest"),
    )
    op.create_table(
        "case_whistle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("blown_by", sa.String(length=64), nullable=False),
        sa.Column("blown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["cases.number"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("case_whistle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_whistle_number"), ["number"], unique=False)

    op.create_table(
        "place_building",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("grid", sa.String(length=64), nullable=False),
        sa.Column("estate", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=True),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["grid"], ["place_grid.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("place_building", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_building_grid"), ["grid"], unique=False)

    op.create_table(
        "place_staff",
        sa.Column("grid", sa.String(length=64), nullable=False),
        sa.Column("duty", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["grid"], ["place_grid.id"]),
        sa.PrimaryKeyConstraint("grid", "duty", "name"),
    )
    with op.batch_alter_table("place_staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_staff_login"), ["login"], unique=False)

    op.create_table(
        "case_whistle_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("whistle", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("clock", sa.Integer(), nullable=False),
        sa.Column("came_by", sa.String(length=64), nullable=True),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.Column("proof_photo", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["clock"], ["case_clock.id"]),
        sa.ForeignKeyConstraint(["department"], ["case_department.id"]),
        sa.ForeignKeyConstraint(["proof_photo"], ["case_photo.id"]),
        sa.ForeignKeyConstraint(["whistle"], ["case_whistle.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("whistle", "department"),
    )
    with op.batch_alter_table("case_whistle_call", schema=None) as batch_op:
        batch_op.create_index("ix_case_whistle_call_department", ["department", "came_at"], unique=False)

    op.create_table(
        "place_group",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("grid", sa.String(length=64), nullable=False),
        sa.Column("building", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["building"], ["place_building.id"]),
        sa.ForeignKeyConstraint(["grid"], ["place_grid.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("place_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_group_grid"), ["grid"], unique=False)

    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("about", sa.String(length=200), nullable=True))

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hotline_ref", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("receiver", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("answerable", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("paused_from", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("pause_reason", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("master", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("reopened", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("rating", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_cases_answerable_status", ["answerable", "status"], unique=False)
        batch_op.create_index(
            "ix_cases_building_category_created_at", ["building", "category", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_cases_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            "ix_cases_department_status_due_at", ["department", "status", "due_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_cases_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(
            "ix_cases_grid_category_created_at", ["grid", "category", "created_at"], unique=False
        )
        batch_op.create_index("ix_cases_hotline_ref", ["hotline_ref"], unique=True)
        batch_op.create_index(batch_op.f("ix_cases_master"), ["master"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_paused_until"), ["paused_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_resolved_at"), ["resolved_at"], unique=False)
        batch_op.create_index(
            "ix_cases_status_department_due_at", ["status", "department", "due_at"], unique=False
        )

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("problem", sa.String(length=200), nullable=True))

    # The history keeps the word of its time; the store goes by the new one.
    op.execute("UPDATE cases SET status = 'received' WHERE status = 'filed'")
    op.execute("UPDATE notice SET kind = 'received' WHERE kind = 'filed'")
    op.execute("UPDATE cases SET resolved_at = updated_at WHERE status IN ('resolved', 'closed')")
    op.execute("UPDATE cases SET ended_at = updated_at WHERE status IN ('closed', 'withdrawn')")


def downgrade() -> None:
    """Take the change back. Statuses that did not exist become the nearest one that did."""
    op.execute("UPDATE cases SET status = 'filed' WHERE status = 'received'")
    op.execute("UPDATE notice SET kind = 'filed' WHERE kind = 'received'")
    op.execute(
        "UPDATE cases SET status = 'in_progress'"
        " WHERE status IN ('dispatched', 'paused', 'returned', 'reopened')"
    )
    op.execute("UPDATE cases SET status = 'resolved' WHERE status = 'rated'")
    op.execute("UPDATE cases SET status = 'closed' WHERE status = 'merged'")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_column("problem")

    op.drop_index("ix_cases_status_department_due_at", table_name="cases")
    op.drop_index("ix_cases_resolved_at", table_name="cases")
    op.drop_index("ix_cases_paused_until", table_name="cases")
    op.drop_index("ix_cases_master", table_name="cases")
    op.drop_index("ix_cases_hotline_ref", table_name="cases")
    op.drop_index("ix_cases_grid_category_created_at", table_name="cases")
    op.drop_index("ix_cases_ended_at", table_name="cases")
    op.drop_index("ix_cases_due_at", table_name="cases")
    op.drop_index("ix_cases_department_status_due_at", table_name="cases")
    op.drop_index("ix_cases_created_at", table_name="cases")
    op.drop_index("ix_cases_building_category_created_at", table_name="cases")
    op.drop_index("ix_cases_answerable_status", table_name="cases")
    op.drop_column("cases", "erased_at")
    op.drop_column("cases", "reminded_at")
    op.drop_column("cases", "rating")
    op.drop_column("cases", "ended_at")
    op.drop_column("cases", "resolved_at")
    op.drop_column("cases", "responded_at")
    op.drop_column("cases", "reopened")
    op.drop_column("cases", "master")
    op.drop_column("cases", "pause_reason")
    op.drop_column("cases", "paused_until")
    op.drop_column("cases", "paused_from")
    op.drop_column("cases", "answerable")
    op.drop_column("cases", "receiver")
    op.drop_column("cases", "hotline_ref")

    op.drop_column("case_event", "about")
    op.drop_column("case_event", "role")

    op.drop_table("place_group")
    op.drop_table("case_whistle_call")
    op.drop_table("place_staff")
    op.drop_table("place_building")
    op.drop_table("case_whistle")
    op.drop_table("case_photo")
    op.drop_table("case_link")
    op.drop_table("case_clock")
    op.drop_table("case_assignment")
    op.drop_table("place_grid")
    op.drop_table("case_department")
    op.drop_table("case_calendar_year")
