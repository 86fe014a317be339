"""Drafts, reviews and releases; what residents see by now becomes a release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    _add_editorial()
    _add_releases()
    _add_builds()
    op.execute(
        "INSERT INTO releases (number, state, kind, base, made_by, made_at, note, step, progress, attempts,"
        " becomes_current_at) SELECT number, 'current', 'import', 0, 'linli', changed_at, '', 'done', 1, 0,"
        " changed_at FROM guide_release WHERE number > 0"
    )
    op.execute(
        "INSERT INTO release_guides (release, guide_id, revision) SELECT guide_release.number, guides.id,"
        " guides.revision FROM guides, guide_release WHERE guides.state = 'published'"
        " AND guide_release.number > 0"
    )


def downgrade() -> None:
    """Undo the change. Guides that were only ever proposed go, with their revisions."""
    for table in (
        "release_loads",
        "release_workers",
        "release_build_chunks",
        "release_builds",
        "release_changes",
        "release_guides",
        "releases",
        "guide_reviews",
        "guide_drafts",
    ):
        op.drop_table(table)
    op.execute(
        "DELETE FROM guide_revisions WHERE guide_id IN (SELECT id FROM guides WHERE state = 'proposed')"
    )
    op.execute("DELETE FROM guides WHERE state = 'proposed'")


def _add_editorial() -> None:
    op.create_table(
        "guide_drafts",
        sa.Column("guide_id", sa.String(length=60), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("editor", sa.String(length=64), nullable=False),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("guide_id"),
    )
    op.create_table(
        "guide_reviews",
        sa.Column("guide_id", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("withdraws", sa.Boolean(), nullable=False),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("publish_on", sa.Date(), nullable=True),
        sa.Column("released_in", sa.Integer(), nullable=True),
        sa.Column("replaced_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["guide_id", "revision"], ["guide_revisions.guide_id", "guide_revisions.revision"]
        ),
        sa.PrimaryKeyConstraint("guide_id", "revision"),
    )
    op.create_index("ix_guide_reviews_state", "guide_reviews", ["state"])


def _add_releases() -> None:
    op.create_table(
        "releases",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("goes_back_to", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("build", sa.String(length=64), nullable=True),
        sa.Column("gate", sa.JSON(), nullable=True),
        sa.Column("override_by", sa.String(length=64), nullable=True),
        sa.Column("override_why", sa.Text(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("becomes_current_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_releases_state", "releases", ["state"])
    op.create_table(
        "release_guides",
        sa.Column("release", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guide_id", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.number"]),
        sa.ForeignKeyConstraint(
            ["guide_id", "revision"], ["guide_revisions.guide_id", "guide_revisions.revision"]
        ),
        sa.PrimaryKeyConstraint("release", "guide_id"),
    )
    op.create_table(
        "release_changes",
        sa.Column("release", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guide_id", sa.String(length=60), nullable=False),
        sa.Column("from_revision", sa.Integer(), nullable=True),
        sa.Column("to_revision", sa.Integer(), nullable=False),
        sa.Column("withdraws", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.number"]),
        sa.PrimaryKeyConstraint("release", "guide_id"),
    )


def _add_builds() -> None:
    op.create_table(
        "release_builds",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("signature", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "release_build_chunks",
        sa.Column("build", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["build"], ["release_builds.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("build", "place"),
    )
    op.create_table(
        "release_workers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "release_loads",
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("release", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("build", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["worker"], ["release_workers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("worker", "release"),
    )
