"""The tables of measured results: sums of settled cases, exclusions, snapshots, and what is proposed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cases.tables import Base
from language.moments import Instant


class TallyGroupRow(Base):
    """A department, grid and category whose cases are summed together; "" where a case has none."""

    __tablename__ = "case_tally_group"
    __table_args__ = (UniqueConstraint("department", "grid", "category"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    department: Mapped[str] = mapped_column(String(64))
    grid: Mapped[str] = mapped_column(String(64))
    category: Mapped[str] = mapped_column(String(64))


class TallyRow(Base):
    """How many settled cases of a group were filed on a day, or in a month, and what became of them."""

    __tablename__ = "case_tally"

    span: Mapped[str] = mapped_column(String(8), primary_key=True)  # day or month
    first_day: Mapped[date] = mapped_column(Date, primary_key=True)  # in the hall's zone
    group: Mapped[int] = mapped_column(ForeignKey("case_tally_group.id"), primary_key=True)
    # One for each measure that is kept: cases/figures/measures.py.
    filed: Mapped[int] = mapped_column(Integer)
    excluded: Mapped[int] = mapped_column(Integer)
    reopened: Mapped[int] = mapped_column(Integer)
    response_due: Mapped[int] = mapped_column(Integer)
    responded: Mapped[int] = mapped_column(Integer)
    resolved: Mapped[int] = mapped_column(Integer)
    resolution_due: Mapped[int] = mapped_column(Integer)
    on_time: Mapped[int] = mapped_column(Integer)
    rated: Mapped[int] = mapped_column(Integer)
    content: Mapped[int] = mapped_column(Integer)


class ExclusionRow(Base):
    """A department's request to leave a case out of its figures (剔除), and its appeal (申诉).

    What was said stands, sealed, in the entries of the history that are named here by sequence.
    """

    __tablename__ = "case_exclusion"
    __table_args__ = (
        UniqueConstraint("number", "department"),
        Index("ix_case_exclusion_state", "state", "asked_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("cases.number"))
    department: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    is_granted: Mapped[bool]  # as it stands now
    asked_by: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_entry: Mapped[int] = mapped_column(Integer)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_entry: Mapped[int | None] = mapped_column(Integer)
    appealed_by: Mapped[str | None] = mapped_column(String(64))
    appealed_at: Mapped[datetime | None] = mapped_column(Instant)
    appealed_entry: Mapped[int | None] = mapped_column(Integer)
    settled_by: Mapped[str | None] = mapped_column(String(64))
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_entry: Mapped[int | None] = mapped_column(Integer)


class SnapshotRow(Base):
    """A list as it stood when it was taken. `content` is JSON and never changes; `digest` is its SHA-256."""

    __tablename__ = "case_snapshot"
    __table_args__ = (Index("ix_case_snapshot_kind_taken_at", "kind", "taken_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    as_of: Mapped[date] = mapped_column(Date)
    first: Mapped[date | None] = mapped_column(Date)  # of the period, where the list has one
    last: Mapped[date | None] = mapped_column(Date)
    taken_at: Mapped[datetime] = mapped_column(Instant)
    taken_by: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)


class ProposalRow(Base):
    """Something that the figures propose to staff, and what they made of it.

    A burst has its grid and category as key, and the numbers of its cases; a gap in the guides has its
    category as key.
    """

    __tablename__ = "case_proposal"
    __table_args__ = (
        Index("ix_case_proposal_kind_state", "kind", "state"),
        Index("ix_case_proposal_kind_key", "kind", "key"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(140))
    state: Mapped[str] = mapped_column(String(16))
    numbers: Mapped[list[str]] = mapped_column(JSON)
    follows: Mapped[int | None] = mapped_column(Integer)  # a dismissed one that grew
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    master: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
