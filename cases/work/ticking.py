"""What the hall does by itself when a time has passed: it tells of deadlines, goes on, reminds and closes.

No list waits for this: what is overdue is read from stored instants. Each act is a transaction of its own and
checks again inside it, so any number of workers may tick at once, and a tick that was missed is made up for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from sqlalchemy import ColumnElement, and_, or_, select

from cases.case import CLOCK, CaseStatus
from cases.figures.tallies import count_waiting
from cases.store import Store, Told, Writing
from cases.tables import CaseRow, EventKind
from cases.work.moving import Move, make_move
from cases.work.tables import ClockRow, Purpose

_AT_ONCE = 200


class Level(IntEnum):
    """How urgent a deadline has become."""

    RUNNING = 0
    WARNED = 1  # most of the term is used up
    OVERDUE = 2  # it goes to the department's supervisor
    ESCALATED = 3  # and on to the hall's


@dataclass(frozen=True)
class Alarm:
    """A deadline that became more urgent: what staff must be told of."""

    number: str
    purpose: Purpose
    department: str | None
    level: Level


def level_at(clock: ClockRow, now: datetime) -> Level:
    """Return how urgent a running deadline is at an instant."""
    passed = (clock.warn_at, clock.due_at, clock.escalate_at)
    return Level(sum(at is not None and at <= now for at in passed))


def tick(store: Store) -> list[Alarm]:
    """Do all that time has brought, and return what staff must be told of."""
    close_resolved(store)
    remind_of_rating(store)
    count_waiting(store)
    return keep_time(store)


def keep_time(store: Store) -> list[Alarm]:
    """Do what cannot wait: paused cases go on, and alarms enter the history. Two short ranges of an index."""
    take_up_paused(store)
    return raise_alarms(store)


def raise_alarms(store: Store) -> list[Alarm]:
    """Write down, once each, which deadlines became more urgent; return them for whoever tells staff."""
    now = store.clock()
    row = ClockRow
    late = or_(
        row.level < Level.WARNED,
        and_(row.level < Level.OVERDUE, row.due_at <= now),
        and_(row.level < Level.ESCALATED, row.escalate_at <= now),
    )
    # A warning never comes after what follows it: one range holds all three levels.
    is_urgent = and_(row.ended_at.is_(None), row.warn_at <= now, late)
    with store.sessions() as session:
        found = select(row.id).where(is_urgent).order_by(row.warn_at).limit(_AT_ONCE)
        ids = session.scalars(found).all()
    alarms = []
    for clock_id in ids:
        with store.writing() as writing:
            alarm = _raise(writing, clock_id)
        if alarm is not None:
            alarms.append(alarm)
    return alarms


def _raise(writing: Writing, clock_id: int) -> Alarm | None:
    clock = writing.session.get(ClockRow, clock_id)
    if clock is None or clock.ended_at is not None:
        return None
    level = level_at(clock, writing.now)
    if level <= clock.level:
        return None
    clock.level = level.value
    about = " ".join(filter(None, (clock.purpose, level.name.lower(), clock.department)))
    writing.tell(writing.case(clock.number), Told(EventKind.ESCALATED, CLOCK, about=about))
    return Alarm(clock.number, Purpose(clock.purpose), clock.department, level)


def take_up_paused(store: Store) -> int:
    """Let paused cases go on whose day has come; return how many."""
    now = store.clock()
    is_due = and_(CaseRow.status == CaseStatus.PAUSED, CaseRow.paused_until <= now)
    return _each(store, is_due, lambda row: CaseStatus(row.paused_from or CaseStatus.ACCEPTED))


def close_resolved(store: Store) -> int:
    """Close resolved and rated cases that can no longer be opened again; return how many."""
    before = store.clock() - store.rules.reopen_within
    resting = CaseRow.status.in_([CaseStatus.RESOLVED.value, CaseStatus.RATED.value])
    return _each(store, and_(resting, CaseRow.resolved_at < before), lambda row: CaseStatus.CLOSED)


def remind_of_rating(store: Store) -> int:
    """Remind residents, once, to rate a resolved case; return how many."""
    before = store.clock() - store.rules.remind_after
    is_due = and_(
        CaseRow.status == CaseStatus.RESOLVED, CaseRow.resolved_at <= before, CaseRow.reminded_at.is_(None)
    )
    count = 0
    for number in _numbers(store, is_due):
        with store.writing() as writing:
            row = writing.session.scalars(
                select(CaseRow).where(CaseRow.number == number, is_due)
            ).one_or_none()
            if row is not None:
                writing.tell(row, Told(EventKind.REMINDED, CLOCK))
                row.reminded_at = writing.now
                count += 1
    return count


def _each(store: Store, is_due: ColumnElement[bool], wanted: Callable[[CaseRow], CaseStatus]) -> int:
    count = 0
    for number in _numbers(store, is_due):
        with store.writing() as writing:
            row = writing.session.scalars(
                select(CaseRow).where(CaseRow.number == number, is_due)
            ).one_or_none()
            if row is not None:
                make_move(writing, number, Move(wanted(row), CLOCK))
                count += 1
    return count


def _numbers(store: Store, is_due: ColumnElement[bool]) -> Iterator[str]:
    with store.sessions() as session:
        found = select(CaseRow.number).where(is_due).order_by(CaseRow.number).limit(_AT_ONCE)
        numbers = session.scalars(found).all()
    yield from numbers
