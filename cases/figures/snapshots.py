"""The three lists of evaluation as they stood: open problems, duties and results (问题、权责、绩效清单).

A snapshot is JSON that nothing changes, with its hash; what becomes of the cases later does not touch it.
It holds no word of a resident and no contact; names of departments and grids are those of its time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.arrivals.categories import load_categories
from cases.case import AT_REST, CaseError
from cases.figures.measures import Result
from cases.figures.names import Names, name_of, read_names
from cases.figures.periods import Period
from cases.figures.rates import Dimension, Figures
from cases.figures.tables import SnapshotRow
from cases.store import Store
from cases.tables import CaseRow
from cases.work.tables import DepartmentRow

PAGE_MAX = 200
_WHERE = (Dimension.CATEGORY, Dimension.GRID, Dimension.DEPARTMENT)
_ROWS_AT_ONCE = 1000

Value = str | int | float | bool | None


class Kind(StrEnum):
    """Which list."""

    PROBLEMS = "problems"  # 问题清单: what is open, and since when
    DUTIES = "duties"  # 权责清单: which department answers for which category, and by when
    PERFORMANCE = "performance"  # 绩效清单: the rates of each department


class NoSuchSnapshot(CaseError):
    """Nobody took this one."""

    def __init__(self, snapshot: int) -> None:
        super().__init__(f"there is no snapshot {snapshot}: choose one of the list")


class Altered(CaseError):
    """What is stored is not what was taken."""

    def __init__(self, snapshot: int) -> None:
        super().__init__(f"snapshot {snapshot} was altered after it was taken: its hash does not fit")


class DayAhead(CaseError):
    """Nobody knows what will be."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} lies ahead: a list can be taken for today or for a day before")


@dataclass(frozen=True)
class Heading:
    """What a snapshot is of. `first` and `last` are the days of its figures, where it has some."""

    id: int
    kind: Kind
    as_of: date
    first: date | None
    last: date | None
    taken_at: datetime
    taken_by: str
    digest: str


@dataclass(frozen=True)
class Snapshot:
    """A list as it stood: ids of columns and one tuple a row. `sheets.title` and `sheets.shown` word them."""

    heading: Heading
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


COLUMNS: dict[Kind, tuple[str, ...]] = {
    Kind.PROBLEMS: ("number", "category", "grid", "department", "status", "since", "due", "is_overdue"),
    Kind.DUTIES: ("category", "department", "respond", "resolve", "phone", "answers"),
    Kind.PERFORMANCE: (
        "department",
        "filed",
        "excluded",
        "counted",
        "reopened",
        "responded",
        "response_due",
        "response",
        "resolved",
        "resolution",
        "on_time",
        "resolution_due",
        "timeliness",
        "content",
        "rated",
        "satisfaction",
    ),
}


class Snapshots:
    """Takes and reads snapshots; there is no way to change or delete one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, kind: Kind, as_of: date, by: str, period: Period | None = None) -> Snapshot:
        """Keep a list as it stands now; taken again on the same day it is another one.

        Of the problems: those filed until `as_of` that are open now. Of the results: those of `period`, or of
        the month of `as_of` until that day. Raises DayAhead.
        """
        now = self._store.clock()
        if as_of > now.astimezone(self._store.zone).date():
            raise DayAhead(as_of)
        days = (period or Period(as_of.replace(day=1), as_of)) if kind is Kind.PERFORMANCE else None
        rows = tuple(self._rows(kind, as_of, days, now))
        content = json.dumps(
            {"kind": kind, "as_of": as_of.isoformat(), "columns": COLUMNS[kind], "rows": rows},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        row = SnapshotRow(
            kind=kind.value,
            as_of=as_of,
            first=days and days.first,
            last=days and days.last,
            taken_at=now,
            taken_by=by,
            digest=_digest(content),
            content=content,
        )
        with self._store.sessions.begin() as session:
            session.add(row)
            session.flush()
            return Snapshot(_heading(row), COLUMNS[kind], rows)

    def all(self, kind: Kind | None = None, limit: int = 50, offset: int = 0) -> tuple[Heading, ...]:
        """Return one page of what was taken, the newest first."""
        row = SnapshotRow
        names = [getattr(row, name) for name in Heading.__dataclass_fields__]
        wanted = select(*names).order_by(row.taken_at.desc(), row.id.desc())
        if kind is not None:
            wanted = wanted.where(row.kind == kind)
        with self._store.sessions() as session:
            found = session.execute(wanted.limit(min(limit, PAGE_MAX)).offset(offset)).all()
        return tuple(Heading(line[0], Kind(line[1]), *line[2:]) for line in found)

    def read(self, snapshot: int) -> Snapshot:
        """Return a snapshot as it was taken. Raises NoSuchSnapshot and Altered."""
        with self._store.sessions() as session:
            row = session.get(SnapshotRow, snapshot)
            if row is None:
                raise NoSuchSnapshot(snapshot)
            if _digest(row.content) != row.digest:
                raise Altered(snapshot)
            said = json.loads(row.content)
            return Snapshot(_heading(row), tuple(said["columns"]), tuple(map(tuple, said["rows"])))

    def _rows(
        self, kind: Kind, as_of: date, period: Period | None, now: datetime
    ) -> Iterator[tuple[Value, ...]]:
        with self._store.sessions() as session:
            names = read_names(session)
            if period is not None:
                for result in Figures(self._store).rates(period, Dimension.DEPARTMENT):
                    yield performance(result, name_of(names, Dimension.DEPARTMENT, result.group))
            elif kind is Kind.DUTIES:
                yield from _duties(session)
            else:
                _, until = Period(as_of, as_of).instants(self._store.zone)
                yield from self._problems(session, names, until, now)

    def _problems(
        self, session: Session, names: Names, until: datetime, now: datetime
    ) -> Iterator[tuple[Value, ...]]:
        row = CaseRow
        at_rest = [status.value for status in AT_REST]
        where = [getattr(row, one) for one in _WHERE]
        columns = (row.number, *where, row.status, row.created_at, row.due_at)
        wanted = select(*columns).where(row.status.not_in(at_rest), row.created_at < until)
        some = wanted.order_by(row.created_at, row.number).execution_options(yield_per=_ROWS_AT_ONCE)
        for number, *keys, status, since, due in session.execute(some):
            named = (name_of(names, one, key) for one, key in zip(_WHERE, keys, strict=True))
            is_overdue = due is not None and due <= now
            yield (number, *named, status, self._said(since), due and self._said(due), is_overdue)

    def _said(self, at: datetime) -> str:
        return at.astimezone(self._store.zone).isoformat(timespec="minutes")


def _duties(session: Session) -> Iterator[tuple[Value, ...]]:
    departments = {row.id: row for row in session.scalars(select(DepartmentRow).filter_by(is_active=True))}
    for category in load_categories().values():
        answers = departments.get(category.department)
        yield (
            category.name["zh"],
            answers.name if answers else None,
            str(category.respond),
            str(category.resolve),
            answers.phone if answers else None,
            answers.supervisor if answers else None,
        )


def performance(result: Result, name: str | None) -> tuple[Value, ...]:
    """Return a result as a line of the list, under a name."""
    response, on_time, satisfaction = result.response, result.on_time, result.satisfaction
    return (
        name,
        result.filed,
        result.excluded,
        result.resolution.whole,
        result.reopened,
        response.part,
        response.whole,
        response.share,
        result.resolution.part,
        result.resolution.share,
        on_time.part,
        on_time.whole,
        on_time.share,
        satisfaction.part,
        satisfaction.whole,
        satisfaction.share,
    )


def _heading(row: SnapshotRow) -> Heading:
    return Heading(
        row.id, Kind(row.kind), row.as_of, row.first, row.last, row.taken_at, row.taken_by, row.digest
    )


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
