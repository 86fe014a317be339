"""The desk's lists: who has what to do, what is overdue, each read from an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, exists, false, func, or_, select

from cases.case import Actor, ActorRole, CaseKind, CaseStatus
from cases.store import Store
from cases.tables import CaseRow
from cases.work.joint import AssistState
from cases.work.tables import AssignmentRow, ClockRow, Purpose, WhistleCallRow, WhistleRow

PAGE_MAX = 200
COUNTED_MAX = 1000
_TO_RECEIVE = (CaseStatus.RECEIVED, CaseStatus.RETURNED)
_WITH_LEAD = (CaseStatus.DISPATCHED, CaseStatus.IN_PROGRESS, CaseStatus.REOPENED, CaseStatus.PAUSED)


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
    """What a list is narrowed down to; `after` continues behind the last line of the page before."""

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
    number_ends: str | None = None
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
        return self._lines(select(CaseRow).where(*self._conditions(wanted)), wanted)

    def lines(self, numbers: Sequence[str]) -> dict[str, Line]:
        """Return the cases with these numbers, by number; those that there are not are left out."""
        wanted = select(CaseRow).where(CaseRow.number.in_(numbers[:PAGE_MAX]))
        return {line.number: line for line in self._lines(wanted, Filter(limit=PAGE_MAX))}

    def count(self, wanted: Filter, most: int | None = None) -> int:
        """Return how many cases a filter lets through; counting stops at `most`."""
        found = select(CaseRow.number).where(*self._conditions(wanted)).limit(most).subquery()
        with self._store.sessions() as session:
            return session.scalar(select(func.count()).select_from(found)) or 0

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
            conditions.append(row.status.in_(_values(wanted.statuses)))
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
        if wanted.number_ends is not None:
            conditions.append(row.number.endswith(wanted.number_ends, autoescape=True))
        conditions += [_fits(words) for words in wanted.words]
        if wanted.since is not None:
            conditions.append(row.created_at >= wanted.since)
        if wanted.until is not None:
            conditions.append(row.created_at < wanted.until)
        return conditions

    def _lines(self, query: Select[CaseRow], wanted: Filter) -> tuple[Line, ...]:
        row = CaseRow
        # What stands still has no deadline and comes last, on both databases.
        order: dict[Order, tuple[UnaryExpression[Any] | ColumnElement[Any], ...]] = {
            Order.DUE: (row.due_at.asc().nulls_last(), row.number),
            Order.NEWEST: (row.created_at.desc(), row.number.desc()),
            Order.OLDEST: (row.created_at, row.number),
        }
        page = query.order_by(*order[wanted.order]).limit(min(wanted.limit, PAGE_MAX)).offset(wanted.offset)
        now = self._store.clock()
        with self._store.sessions() as session:
            return tuple(line_of(found, now) for found in session.scalars(page))


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    row = CaseRow
    if actor.role is ActorRole.HANDLER:
        assists = exists().where(
            AssignmentRow.number == row.number,
            AssignmentRow.department == (actor.department or ""),
            AssignmentRow.state.in_([AssistState.CALLED.value, AssistState.ACCEPTED.value]),
        )
        leads = and_(row.department == (actor.department or ""), row.status.in_(_values(_WITH_LEAD)))
        return or_(leads, assists)
    own = and_(row.answerable == actor.login, row.status.in_(_values((CaseStatus.ACCEPTED, *_WITH_LEAD))))
    if actor.role is ActorRole.RECEIVER:
        return or_(row.status.in_(_values(_TO_RECEIVE)), own)
    return row.due_at.is_not(None)


def _concerns(department: str) -> ColumnElement[bool]:
    assists = exists().where(AssignmentRow.number == CaseRow.number, AssignmentRow.department == department)
    called = exists().where(
        WhistleRow.number == CaseRow.number,
        WhistleCallRow.whistle == WhistleRow.id,
        WhistleCallRow.department == department,
    )
    return or_(CaseRow.department == department, assists, called)


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
