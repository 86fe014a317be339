"""The desk's lists: who has what to do, what is overdue, each read from an index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select, union
from sqlalchemy.orm import aliased

from cases.case import Actor, ActorRole, CaseKind, CaseStatus
from cases.store import Store
from cases.tables import CaseRow
from cases.work.joint import AssistState
from cases.work.tables import AssignmentRow, ClockRow, Purpose, WhistleCallRow, WhistleRow

PAGE_MAX = 200
COUNTED_MAX = 1000
_TO_RECEIVE = (CaseStatus.RECEIVED, CaseStatus.RETURNED)
_WITH_LEAD = (CaseStatus.DISPATCHED, CaseStatus.IN_PROGRESS, CaseStatus.REOPENED, CaseStatus.PAUSED)

Conditions = Sequence[ColumnElement[bool]]

# Cases with a department that was whistled for and has not come; a call that is over has its clock ended.
_WAITED_FOR = select(ClockRow.number).where(
    ClockRow.purpose == Purpose.ARRIVE.value, ClockRow.ended_at.is_(None)
)


class Order(StrEnum):
    """How a list is sorted."""

    DUE = "due"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True)
class Words:
    """What the words of a search stand for: a case that has one of these fits."""

    categories: tuple[str, ...] = ()
    buildings: tuple[str, ...] = ()
    grids: tuple[str, ...] = ()
    hotline_ref: str | None = None


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed down to, and which of its lines are wanted."""

    statuses: tuple[CaseStatus, ...] = ()
    department: str | None = None
    category: str | None = None
    grid: str | None = None
    building: str | None = None
    answerable: str | None = None
    kind: CaseKind | None = None
    channel: str | None = None
    is_overdue: bool = False
    due_before: datetime | None = None  # what is overdue has been due before as well
    due_after: datetime | None = None
    waits_for: Actor | None = None  # to whose desk it has come
    concerned: str | None = None  # a department that leads, assists or is whistled for
    number_begins: str | None = None
    numbers: tuple[str, ...] | None = None  # one of these
    words: tuple[Words, ...] = ()  # each of them
    is_whistled: bool = False  # somebody who was whistled for has not come yet
    since: datetime | None = None
    until: datetime | None = None
    order: Order = Order.DUE
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class Line:
    """One case in a list: nothing of it is sealed."""

    number: str
    kind: str
    category: str | None
    status: CaseStatus
    department: str | None
    grid: str | None
    building: str | None
    answerable: str | None
    channel: str
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    # What was promised and what was done: figures compare the two.
    response_due_at: datetime | None
    responded_at: datetime | None
    promised_at: datetime | None
    resolved_at: datetime | None
    rating: int | None
    is_overdue: bool


class Queues:
    """Lists of cases for the people who work them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def mine(self, actor: Actor, limit: int = 50, offset: int = 0) -> tuple[Line, ...]:
        """Return what waits for this person, the most urgent first."""
        return self.find(Filter(waits_for=actor, limit=limit, offset=offset))

    def count_mine(self, actor: Actor, most: int = COUNTED_MAX) -> int:
        """Return how much waits for this person; counting stops at `most`."""
        return self.count(Filter(waits_for=actor), most)

    def find(self, wanted: Filter) -> tuple[Line, ...]:
        """Return one page of the cases that a filter lets through."""
        conditions = self._conditions(wanted)
        if wanted.order is Order.DUE:
            return self._by_deadline(conditions, wanted)
        row, is_up = CaseRow, wanted.order is Order.OLDEST
        order = (row.created_at, row.number) if is_up else (row.created_at.desc(), row.number.desc())
        return self._lines(conditions, order, wanted.limit, wanted.offset)

    def lines(self, numbers: Sequence[str]) -> dict[str, Line]:
        """Return the cases with these numbers, by number; those that there are not are left out."""
        wanted = CaseRow.number.in_(numbers[:PAGE_MAX])
        return {line.number: line for line in self._lines([wanted], (CaseRow.number,), PAGE_MAX)}

    def count(self, wanted: Filter, most: int | None = None) -> int:
        """Return how many cases a filter lets through; counting stops at `most`."""
        return self._count(self._conditions(wanted), most)

    def overdue(self, purpose: Purpose, department: str | None = None) -> tuple[tuple[str, datetime], ...]:
        """Return number and end of the deadlines for a purpose that have passed at this second."""
        now = self._store.clock()
        late = select(ClockRow.number, ClockRow.due_at).where(
            ClockRow.purpose == purpose, ClockRow.ended_at.is_(None), ClockRow.due_at <= now
        )
        if department is not None:
            late = late.where(ClockRow.department == department)
        with self._store.sessions() as session:
            found = session.execute(late.order_by(ClockRow.due_at).limit(PAGE_MAX))
            return tuple((number, due_at) for number, due_at in found if due_at is not None)

    def whistles_for(self, department: str) -> tuple[tuple[int, str, datetime | None], ...]:
        """Return whistle, case and deadline of the calls that a department has not answered."""
        waiting = (
            select(WhistleCallRow.whistle, WhistleRow.number, ClockRow.due_at)
            .join(WhistleRow, WhistleRow.id == WhistleCallRow.whistle)
            .join(ClockRow, ClockRow.id == WhistleCallRow.clock)
            .where(WhistleCallRow.department == department, WhistleCallRow.came_at.is_(None))
            .where(ClockRow.ended_at.is_(None))
            .order_by(ClockRow.due_at)
        )
        with self._store.sessions() as session:
            return tuple((row[0], row[1], row[2]) for row in session.execute(waiting))

    def _conditions(self, wanted: Filter) -> list[ColumnElement[bool]]:
        row = CaseRow
        conditions = [
            column == value
            for column, value in (
                (row.department, wanted.department),
                (row.category, wanted.category),
                (row.grid, wanted.grid),
                (row.building, wanted.building),
                (row.answerable, wanted.answerable),
                (row.kind, wanted.kind),
                (row.channel, wanted.channel),
            )
            if value is not None
        ]
        if wanted.statuses:
            conditions.append(_has_one_of(wanted.statuses))
        if wanted.is_overdue:
            conditions.append(row.due_at <= self._store.clock())
        if wanted.due_before is not None:
            conditions.append(row.due_at < wanted.due_before)
        if wanted.is_whistled:
            conditions.append(row.number.in_(_WAITED_FOR))
        if wanted.due_after is not None:
            conditions.append(row.due_at > wanted.due_after)
        if wanted.waits_for is not None:
            conditions.append(_waits_for(wanted.waits_for))
        if wanted.concerned is not None:
            conditions.append(_concerns(wanted.concerned))
        if wanted.number_begins is not None:
            conditions.append(row.number.startswith(wanted.number_begins, autoescape=True))
        if wanted.numbers is not None:
            conditions.append(row.number.in_(wanted.numbers))
        conditions += [_fits(words) for words in wanted.words]
        if wanted.since is not None:
            conditions.append(row.created_at >= wanted.since)
        if wanted.until is not None:
            conditions.append(row.created_at < wanted.until)
        return conditions

    def _by_deadline(self, conditions: Conditions, wanted: Filter) -> tuple[Line, ...]:
        """Return what has a deadline, the nearest first, and behind it what stands still or has ended.

        These are two readings: most cases have ended, and an index of deadlines that is walked to its end for
        the few that fit passes every one of them.
        """
        row, limit = CaseRow, min(wanted.limit, PAGE_MAX)
        due = [*conditions, row.due_at.is_not(None)]
        first = self._lines(due, (row.due_at, row.number), limit, wanted.offset)
        if len(first) == limit:
            return first
        others = [*conditions, row.due_at.is_(None)]
        behind = wanted.offset - self._count(due, wanted.offset) if wanted.offset and not first else 0
        return first + self._lines(others, (row.number,), limit - len(first), behind)

    def _lines(
        self, conditions: Conditions, order: Iterable[Any], limit: int, offset: int = 0
    ) -> tuple[Line, ...]:
        page = select(CaseRow).where(*conditions).order_by(*order)
        now = self._store.clock()
        with self._store.sessions() as session:
            found = session.scalars(page.limit(min(limit, PAGE_MAX)).offset(offset))
            return tuple(line_of(row, now) for row in found)

    def _count(self, conditions: Conditions, most: int | None) -> int:
        found = select(CaseRow.number).where(*conditions).limit(most).subquery()
        with self._store.sessions() as session:
            return session.scalar(select(func.count()).select_from(found)) or 0


def _has_one_of(statuses: Sequence[CaseStatus]) -> ColumnElement[bool]:
    """Return which cases have one of these statuses.

    Nearly every case is closed. SQLite, which does not know that, would gather them all by the index of
    statuses and sort them; told which statuses they do not have, it reads in the order that is wanted.
    """
    if CaseStatus.CLOSED not in statuses:
        return CaseRow.status.in_(_values(statuses))
    return CaseRow.status.not_in(_values([one for one in CaseStatus if one not in statuses]))


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    """Return which cases wait for somebody.

    Each half of an OR has an index of its own, and there is none for both: joined by OR they would be looked
    for along the deadlines, through every case that has one or had one.
    """
    one = aliased(CaseRow)
    own = _values((CaseStatus.ACCEPTED, *_WITH_LEAD))
    if actor.role is ActorRole.HANDLER:
        department = actor.department or ""
        led = select(one.number).where(one.department == department, one.status.in_(_values(_WITH_LEAD)))
        assisted = select(AssignmentRow.number).where(
            AssignmentRow.department == department,
            AssignmentRow.state.in_([AssistState.CALLED.value, AssistState.ACCEPTED.value]),
        )
        return CaseRow.number.in_(union(led, assisted))
    if actor.role is ActorRole.RECEIVER:
        new = select(one.number).where(one.status.in_(_values(_TO_RECEIVE)))
        mine = select(one.number).where(one.answerable == actor.login, one.status.in_(own))
        return CaseRow.number.in_(union(new, mine))
    return CaseRow.due_at.is_not(None)


def _concerns(department: str) -> ColumnElement[bool]:
    assisted = select(AssignmentRow.number).where(AssignmentRow.department == department)
    called = select(WhistleRow.number).join(WhistleCallRow, WhistleCallRow.whistle == WhistleRow.id)
    called = called.where(WhistleCallRow.department == department)
    return or_(CaseRow.department == department, CaseRow.number.in_(union(assisted, called)))


def _fits(words: Words) -> ColumnElement[bool]:
    row = CaseRow
    fits: list[ColumnElement[bool]] = [false()]
    for column, ids in (
        (row.category, words.categories),
        (row.building, words.buildings),
        (row.grid, words.grids),
    ):
        if ids:
            fits.append(column.in_(ids))
    if words.hotline_ref:
        fits.append(row.hotline_ref == words.hotline_ref)
    return or_(*fits)


def _values(statuses: Sequence[CaseStatus]) -> list[str]:
    return [status.value for status in statuses]


def line_of(row: CaseRow, now: datetime) -> Line:
    """Return a case as a list shows it."""
    plain = {
        name: getattr(row, name) for name in Line.__dataclass_fields__ if name not in ("status", "is_overdue")
    }
    return Line(
        **plain, status=CaseStatus(row.status), is_overdue=row.due_at is not None and row.due_at <= now
    )
