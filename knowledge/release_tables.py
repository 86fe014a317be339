"""The tables of releases: what each holds, how far it has come, its stored build, who has loaded it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.tables import Base
from language.moments import Instant


class ReleaseState(StrEnum):
    """How far a release has come. One is current; what was current before is past."""

    QUEUED = "queued"
    BUILDING = "building"
    REFUSED = "refused"  # does worse on the gold set than the margin allows
    READY = "ready"
    SCHEDULED = "scheduled"
    CURRENT = "current"
    PAST = "past"
    FAILED = "failed"  # or called off: the error says which


# What may still become current.
PENDING = (
    ReleaseState.QUEUED,
    ReleaseState.BUILDING,
    ReleaseState.REFUSED,
    ReleaseState.READY,
    ReleaseState.SCHEDULED,
)


class ReleaseKind(StrEnum):
    """Where a release's changes come from."""

    EDITS = "edits"  # approved revisions
    ROLLBACK = "rollback"
    IMPORT = "import"  # by the operator, current at once
    SHIPPED = "shipped"  # with Linli itself, current at once


class ReleaseRow(Base):
    """A release. Its set applies to `base`, the release before it: it is made anew when that moves on."""

    __tablename__ = "releases"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(12), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    base: Mapped[int] = mapped_column(Integer)
    goes_back_to: Mapped[int | None] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(String(20))
    progress: Mapped[float] = mapped_column(Float)
    attempts: Mapped[int] = mapped_column(Integer)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    build: Mapped[str | None] = mapped_column(String(64))
    gate: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    override_by: Mapped[str | None] = mapped_column(String(64))
    override_why: Mapped[str | None] = mapped_column(Text)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    not_before: Mapped[date | None] = mapped_column(Date)
    becomes_current_at: Mapped[datetime | None] = mapped_column(Instant)
    published_by: Mapped[str | None] = mapped_column(String(64))


class ReleaseGuideRow(Base):
    """One guide of a release and the revision of it that residents see."""

    __tablename__ = "release_guides"
    __table_args__ = (
        ForeignKeyConstraint(
            ["guide_id", "revision"], ["guide_revisions.guide_id", "guide_revisions.revision"]
        ),
    )

    release: Mapped[int] = mapped_column(ForeignKey("releases.number"), primary_key=True, autoincrement=False)
    guide_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)


class ReleaseChangeRow(Base):
    """One guide that a release changes against its base.

    `to_revision` is the revision that withdraws the guide where `withdraws` is set.
    """

    __tablename__ = "release_changes"

    release: Mapped[int] = mapped_column(ForeignKey("releases.number"), primary_key=True, autoincrement=False)
    guide_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    from_revision: Mapped[int | None] = mapped_column(Integer)
    to_revision: Mapped[int] = mapped_column(Integer)
    withdraws: Mapped[bool] = mapped_column(Boolean)


class BuildRow(Base):
    """A stored build. Its name says everything that it depends on; `signature` covers name and bytes."""

    __tablename__ = "release_builds"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    chunks: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    signature: Mapped[str] = mapped_column(String(100))


class BuildChunkRow(Base):
    """A piece of a stored build."""

    __tablename__ = "release_build_chunks"

    build: Mapped[str] = mapped_column(
        ForeignKey("release_builds.name", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class WorkerRow(Base):
    """A process that answers residents. One that no longer says so by `expires_at` counts as dead."""

    __tablename__ = "release_workers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class LoadRow(Base):
    """A release that a worker has in memory, in the build that it read."""

    __tablename__ = "release_loads"

    worker: Mapped[str] = mapped_column(
        ForeignKey("release_workers.id", ondelete="CASCADE"), primary_key=True
    )
    release: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    build: Mapped[str] = mapped_column(String(64))
