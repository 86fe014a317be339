"""The tables of working a case: clocks, departments, who assists, whistles, links, announced holidays."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cases.arrivals.tables import PhotoRow
from cases.tables import Base
from language.moments import Instant


class Purpose(StrEnum):
    """What a clock waits for."""

    RESPOND = "respond"  # somebody accepts the case
    RESOLVE = "resolve"
    ASSIST = "assist"  # an assisting department does its part
    ARRIVE = "arrive"  # a department answers a whistle


class ClockRow(Base):
    """A deadline that runs, stands still or has ended; its instants are computed when something changes it.

    What is overdue at an instant is a comparison with `due_at`; nothing has to be swept for it.
    """

    __tablename__ = "case_clock"
    __table_args__ = (
        Index(
            "ix_case_clock_running",
            "purpose",
            "due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_case_clock_department", "department", "purpose", "started_at"),
        # What is urgent is behind its warning, with all that is overdue: the alarms are one range of this.
        Index(
            "ix_case_clock_warned",
            "warn_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("cases.number"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    department: Mapped[str | None] = mapped_column(String(64))
    term: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(Instant)
    warn_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)  # empty while it stands still
    escalate_at: Mapped[datetime | None] = mapped_column(Instant)  # still not done: the next level
    is_provisional: Mapped[bool]
    paused_since: Mapped[datetime | None] = mapped_column(Instant)
    pauses: Mapped[list[list[str]]] = mapped_column(JSON)  # pairs of instants, in ISO 8601
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    level: Mapped[int] = mapped_column(Integer, default=0)  # 1 warned, 2 overdue told, 3 escalated


class AlarmKnownRow(Base):
    """When a member of staff last noted that a deadline is urgent; the alarm itself is the clock."""

    __tablename__ = "case_alarm_known"

    clock: Mapped[int] = mapped_column(ForeignKey("case_clock.id"), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    known_at: Mapped[datetime] = mapped_column(Instant)


class DepartmentRow(Base):
    """Who works cases. Loaded from a file; one that is no longer in it is closed, not deleted."""

    __tablename__ = "case_department"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    phone: Mapped[str | None] = mapped_column(String(32))
    supervisor: Mapped[str | None] = mapped_column(String(64))  # whom an escalation goes to, by login
    is_active: Mapped[bool]


class AssignmentRow(Base):
    """An assisting department (协办) of a case. The lead (主办) is `cases.department`."""

    __tablename__ = "case_assignment"
    __table_args__ = (
        UniqueConstraint("number", "department"),
        Index("ix_case_assignment_department_state", "department", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("cases.number"))
    department: Mapped[str] = mapped_column(ForeignKey("case_department.id"))
    state: Mapped[str] = mapped_column(String(16))
    called_at: Mapped[datetime] = mapped_column(Instant)
    accepted_by: Mapped[str | None] = mapped_column(String(64))
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class WhistleRow(Base):
    """A call of departments to the spot (街道吹哨)."""

    __tablename__ = "case_whistle"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("cases.number"), index=True)
    blown_by: Mapped[str] = mapped_column(String(64))
    blown_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed


class WhistleCallRow(Base):
    """One department that a whistle calls, and how it answered (部门报到)."""

    __tablename__ = "case_whistle_call"
    __table_args__ = (
        UniqueConstraint("whistle", "department"),
        Index("ix_case_whistle_call_department", "department", "came_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    whistle: Mapped[int] = mapped_column(ForeignKey("case_whistle.id"))
    department: Mapped[str] = mapped_column(ForeignKey("case_department.id"))
    clock: Mapped[int] = mapped_column(ForeignKey("case_clock.id"))
    came_by: Mapped[str | None] = mapped_column(String(64))
    came_at: Mapped[datetime | None] = mapped_column(Instant)
    proof: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed
    proof_photo: Mapped[int | None] = mapped_column(ForeignKey(PhotoRow.id))


class LinkRow(Base):
    """Two cases that belong together and are worked apart; `first` is the smaller number."""

    __tablename__ = "case_link"

    first: Mapped[str] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    second: Mapped[str] = mapped_column(ForeignKey("cases.number"), primary_key=True, index=True)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)


class CalendarYearRow(Base):
    """The announced holidays of a year, as staff loaded them."""

    __tablename__ = "case_calendar_year"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    off: Mapped[list[str]] = mapped_column(JSON)
    worked: Mapped[list[str]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(300))
    loaded_by: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime] = mapped_column(Instant)
