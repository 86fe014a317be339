"""Whom an urgent deadline concerns: read from the running clocks at any second, so no alarm waits to be sent.

A deadline that ends or stands still is no alarm any more. Only what cannot be computed is kept: who has
noted an alarm. It becomes more urgent: the note is older than that, and the alarm rings anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from cases.case import Actor, ActorRole
from cases.store import Store
from cases.tables import CaseRow
from cases.work.tables import AlarmKnownRow, ClockRow, DepartmentRow, Purpose
from cases.work.ticking import Level, level_at

SHOWN_MAX = 200
COUNTED_MAX = 100
# A clock of its own department is that one's; the case's own clocks are the lead's.
_WHOSE = func.coalesce(ClockRow.department, CaseRow.department)


@dataclass(frozen=True)
class Known:
    """Who has noted an alarm, and when."""

    login: str
    at: datetime


@dataclass(frozen=True)
class UrgentClock:
    """A deadline that concerns a member of staff now. `since` is when it became as urgent as it is."""

    clock: int
    number: str
    purpose: Purpose
    level: Level
    since: datetime
    due_at: datetime
    department: str | None
    category: str | None
    kind: str
    answerable: str | None
    is_known: bool  # by the member who reads
    known_by: tuple[Known, ...]


class Alarms:
    """Tells staff of urgent deadlines.

    WARNED concerns the department's people and whoever answers for the case, OVERDUE also the department's
    supervisor, ESCALATED also the supervisors of the hall. What nobody has received concerns the hall's desk.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, actor: Actor, most: int = SHOWN_MAX) -> tuple[UrgentClock, ...]:
        """Return what concerns a member now: what they have not noted first, then the longest urgent."""
        now = self._store.clock()
        # In the order of the index that they are read from; the noted ones are few, and only fill the rest.
        whole = _concerning(actor, now).with_only_columns(ClockRow, CaseRow).order_by(ClockRow.warn_at)
        is_unknown = _is_unknown(actor.login, now)
        with self._store.sessions() as session:
            pairs: list[tuple[ClockRow, CaseRow]] = []
            for condition in (is_unknown, ~is_unknown):
                some = session.execute(whole.where(condition).limit(most - len(pairs)))
                pairs += [(clock, row) for clock, row in some]
            known = _known_by(session, [clock for clock, _ in pairs], now)
        return tuple(_urgent(clock, row, known.get(clock.id, ()), actor.login, now) for clock, row in pairs)

    def count(self, actor: Actor) -> int:
        """Return how many alarms a member has not noted; counting stops at COUNTED_MAX."""
        now = self._store.clock()
        unknown = _concerning(actor, now).where(_is_unknown(actor.login, now)).limit(COUNTED_MAX)
        with self._store.sessions() as session:
            return session.scalar(select(func.count()).select_from(unknown.subquery())) or 0

    def know(self, clocks: Sequence[int], actor: Actor, seen_at: datetime) -> int:
        """Note what a member knew of alarms when they saw them; return how many concern them, still.

        What became more urgent after that instant rings on.
        """
        with self._store.writing() as writing:
            wanted = _concerning(actor, writing.now).where(ClockRow.id.in_(clocks[:SHOWN_MAX]))
            found = writing.session.scalars(wanted).all()
            for clock in found:
                row = writing.session.get(AlarmKnownRow, (clock, actor.login))
                row = row or AlarmKnownRow(clock=clock, login=actor.login)
                row.known_at = min(seen_at, writing.now)
                writing.session.add(row)
        return len(found)


def _concerning(actor: Actor, now: datetime) -> Select[int]:
    """Return the clocks, with their cases, that are urgent now and concern somebody."""
    urgent = and_(ClockRow.ended_at.is_(None), ClockRow.warn_at <= now)
    whom = select(ClockRow.id).join(CaseRow, CaseRow.number == ClockRow.number)
    return whom.where(urgent, _concerns(actor, now))


def _concerns(actor: Actor, now: datetime) -> ColumnElement[bool]:
    supervised = select(DepartmentRow.id).where(DepartmentRow.supervisor == actor.login)
    whose: list[ColumnElement[bool]] = [
        CaseRow.answerable == actor.login,
        and_(ClockRow.due_at <= now, _WHOSE.in_(supervised)),
    ]
    if actor.role is ActorRole.HANDLER:
        whose.append(_WHOSE.in_((actor.department or "",)))
    if actor.role is ActorRole.RECEIVER:
        whose.append(and_(CaseRow.answerable.is_(None), _WHOSE.is_(None)))
    if actor.role is ActorRole.SUPERVISOR:
        whose.append(ClockRow.escalate_at <= now)
    return or_(*whose)


def _is_unknown(login: str, now: datetime) -> ColumnElement[bool]:
    since = case(
        (ClockRow.escalate_at <= now, ClockRow.escalate_at),
        (ClockRow.due_at <= now, ClockRow.due_at),
        else_=ClockRow.warn_at,
    )
    known = select(true()).where(
        AlarmKnownRow.clock == ClockRow.id, AlarmKnownRow.login == login, AlarmKnownRow.known_at >= since
    )
    return ~known.exists()


def _known_by(session: Session, clocks: list[ClockRow], now: datetime) -> dict[int, tuple[Known, ...]]:
    since = {clock.id: _became(clock, now) for clock in clocks}
    rows = session.scalars(
        select(AlarmKnownRow).where(AlarmKnownRow.clock.in_(since)).order_by(AlarmKnownRow.known_at)
    )
    known: dict[int, tuple[Known, ...]] = {}
    for row in rows:
        if row.known_at >= since[row.clock]:
            known[row.clock] = (*known.get(row.clock, ()), Known(row.login, row.known_at))
    return known


def _became(clock: ClockRow, now: datetime) -> datetime:
    """Return when a clock became as urgent as it is."""
    passed = (clock.warn_at, clock.due_at, clock.escalate_at)
    return max(at for at in passed if at is not None and at <= now)


def _urgent(
    clock: ClockRow, row: CaseRow, known_by: tuple[Known, ...], login: str, now: datetime
) -> UrgentClock:
    return UrgentClock(
        clock=clock.id,
        number=clock.number,
        purpose=Purpose(clock.purpose),
        level=level_at(clock, now),
        since=_became(clock, now),
        due_at=clock.due_at or now,
        department=clock.department or row.department,
        category=row.category,
        kind=row.kind,
        answerable=row.answerable,
        is_known=any(one.login == login for one in known_by),
        known_by=known_by,
    )
