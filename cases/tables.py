"""The tables that every case has rows in. Portable between SQLite and PostgreSQL; contact fields are sealed.

The other tables stand with their subject, in tables.py of work, places and arrivals.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from language.moments import Instant


class Base(DeclarativeBase):
    """The metadata of this room."""


class NoticeState(StrEnum):
    """How far a notice has come on its way to the resident."""

    PENDING = "pending"
    LEFT = "left"  # in its talk, until the page or program that holds the talk fetches it
    SENT = "sent"  # handed to a channel, or fetched
    KEPT = "kept"  # there for who looks the case up; nobody is told of it
    CALL = "call"  # to be told by phone
    TOLD = "told"  # a member of staff has told it by phone
    DEAD = "dead"


class EventKind(StrEnum):
    """What an entry of the history tells."""

    FILED = "filed"
    MOVED = "moved"
    REVEALED = "revealed"  # somebody read contact fields, for the reason in the note
    NOTED = "noted"
    SORTED = "sorted"  # another category, place or answerable person
    ATTACHED = "attached"
    ASSISTED = "assisted"  # an assisting department was called in, accepted, finished or was released
    WHISTLED = "whistled"
    CAME = "came"  # a department answered the whistle
    ESCALATED = "escalated"
    EXCLUDED = "excluded"  # leaving it out of the figures was asked for, decided, or appealed against
    LINKED = "linked"
    FOLLOWED = "followed"  # the master that it was merged into came to its end
    REMINDED = "reminded"
    PHONED = "phoned"  # somebody told the resident by phone
    ERASED = "erased"
    EXPORTED = "exported"


# What a resident is told of.
OWES_NOTICE = frozenset({EventKind.FILED, EventKind.MOVED, EventKind.FOLLOWED, EventKind.REMINDED})


class CaseRow(Base):
    """A filed request. Sealed columns are bound to the number and to their own name."""

    __tablename__ = "cases"  # not "case": that is a word of SQL
    __table_args__ = (
        # The desk's queues; the duplicate hint; figures and the map.
        Index("ix_cases_status_department_due_at", "status", "department", "due_at"),
        Index("ix_cases_department_status_due_at", "department", "status", "due_at"),
        Index("ix_cases_building_category_created_at", "building", "category", "created_at"),
        Index("ix_cases_grid_category_created_at", "grid", "category", "created_at"),
        Index("ix_cases_answerable_status", "answerable", "status"),
        Index("ix_cases_hotline_ref", "hotline_ref", unique=True),
        Index(
            "ix_cases_not_counted",
            "created_at",
            sqlite_where=text("counted_group IS NULL"),
            postgresql_where=text("counted_group IS NULL"),
        ),
    )

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(80))  # keyed; the clear code is stored nowhere
    request_key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    category: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    # Nullable, because erasure on request empties them and keeps the case.
    description: Mapped[bytes | None] = mapped_column(LargeBinary)
    place: Mapped[bytes | None] = mapped_column(LargeBinary)
    details: Mapped[bytes | None] = mapped_column(LargeBinary)  # answers to the category's questions
    contact_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    channel: Mapped[str] = mapped_column(String(32))
    conversation: Mapped[str] = mapped_column(String(128))
    locale: Mapped[str | None] = mapped_column(String(8))  # the language it was filed in
    department: Mapped[str | None] = mapped_column(String(64))
    grid: Mapped[str | None] = mapped_column(String(64))
    building: Mapped[str | None] = mapped_column(String(64))
    # Of the clock that runs for the whole case; empty while it stands still, so that a range of this column
    # is the list of what is overdue at any second.
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    hotline_ref: Mapped[str | None] = mapped_column(String(64))  # the 12345 hotline's own number
    receiver: Mapped[str | None] = mapped_column(String(64))  # the first one who received it, by login
    answerable: Mapped[str | None] = mapped_column(String(64))  # who answers for it now, by login
    paused_from: Mapped[str | None] = mapped_column(String(16))
    paused_until: Mapped[datetime | None] = mapped_column(Instant, index=True)
    pause_reason: Mapped[str | None] = mapped_column(String(16))
    master: Mapped[str | None] = mapped_column(String(16), index=True)
    reopened: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # how often
    responded_at: Mapped[datetime | None] = mapped_column(Instant)
    # What was promised, kept when the clocks have ended: figures compare with it, without the clocks.
    response_due_at: Mapped[datetime | None] = mapped_column(Instant)
    promised_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    rating: Mapped[int | None] = mapped_column(Integer)  # 1 (worst) to 5, the national levels
    reminded_at: Mapped[datetime | None] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    # By decision its figures leave it out as long as this department leads it: cases.figures.exclusions.
    excluded_for: Mapped[str | None] = mapped_column(String(64))
    # In which daily sum it is counted, and as what: kept by cases.figures.tallies alone.
    counted_group: Mapped[int | None] = mapped_column(Integer)
    counted_as: Mapped[int | None] = mapped_column(Integer)


class CaseEventRow(Base):
    """One entry of the append-only history; `sequence` has no gaps over all cases, so a lost entry shows."""

    __tablename__ = "case_event"

    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(ForeignKey("cases.number"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    from_status: Mapped[str | None] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(64))
    role: Mapped[str | None] = mapped_column(String(16))  # in which the author acted
    # What stays when a note is erased: a department, another case, a category; never a person's words.
    about: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed
    # The chain covers this hash, not the note: a note can be erased or sealed anew without breaking it.
    note_hash: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
    prev_hash: Mapped[str] = mapped_column(String(80))
    hash: Mapped[str] = mapped_column(String(80))


class NoticeRow(Base):
    """A message owed to the resident of a case; written with the event that owes it, sent later."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_state_due", "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("cases.number"), index=True)
    sequence: Mapped[int] = mapped_column(ForeignKey("case_event.sequence"), unique=True)
    kind: Mapped[str] = mapped_column(String(16))  # the status it tells of
    state: Mapped[str] = mapped_column(String(16), default=NoticeState.PENDING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime] = mapped_column(Instant)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    problem: Mapped[str | None] = mapped_column(String(200))  # why it could not be sent, never its words
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)


class CounterRow(Base):
    """A number that counts up in the transaction that uses it: cases of a day, entries of the history."""

    __tablename__ = "case_counter"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


class SealedValueRow(Base):
    """One piece of personal data that a conversation mentioned, and the token that stands for it."""

    __tablename__ = "sealed_value"
    __table_args__ = (UniqueConstraint("conversation", "token"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    conversation: Mapped[str] = mapped_column(String(128))
    token: Mapped[str] = mapped_column(String(48))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class LookupAttemptRow(Base):
    """How many look-ups went wrong since `since`, for one number or conversation (a keyed hash)."""

    __tablename__ = "lookup_attempt"

    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(Instant, index=True)


def insert_into(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT, in the dialect of the session's database."""
    make: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement: postgresql.Insert | sqlite.Insert = make(table)
    return statement


# The same words on both databases, and ready: building them anew took a tenth of a filing's time.
_COUNT_UP = text(
    "INSERT INTO case_counter (name, value) VALUES (:name, 1)"
    " ON CONFLICT (name) DO UPDATE SET value = case_counter.value + 1 RETURNING value"
)
_HOLD = text(
    "INSERT INTO case_counter (name, value) VALUES (:name, 0)"
    " ON CONFLICT (name) DO UPDATE SET value = case_counter.value"
)


def count_up(session: Session, name: str) -> int:
    """Return the next value of a counter, from 1, without gaps, and hold its row until the transaction ends.

    Being a write, it also takes SQLite's write lock: call it first, and what is read after it is current.
    """
    value: int = session.execute(_COUNT_UP, {"name": name}).scalar_one()
    return value


def hold_counter(session: Session, name: str) -> None:
    """Hold a counter's row, as `count_up` does, and leave its value."""
    session.execute(_HOLD, {"name": name})
