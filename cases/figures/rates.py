"""Rates with the cases that each counts (绩效评估), their course in time, and what is filed where."""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Cast,
    ColumnElement,
    Date,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    union_all,
)

from cases.figures.measures import KEPT, Measure, Result, conditions, result_of
from cases.figures.periods import Period, Step
from cases.figures.tables import TallyGroupRow, TallyRow
from cases.store import Store
from cases.tables import CaseRow

_DAY_DIGITS = 6  # of a case's number: it begins with the day of filing, in the hall's zone


class Dimension(StrEnum):
    """What rates are told apart by."""

    DEPARTMENT = "department"
    GRID = "grid"
    CATEGORY = "category"


@dataclass(frozen=True)
class Scope:
    """Which cases are meant: None is all of them, "" those that have no department, grid or category."""

    department: str | None = None
    grid: str | None = None
    category: str | None = None

    def conditions(self, table: type[CaseRow] | type[TallyGroupRow]) -> list[ColumnElement[bool]]:
        """Return it as conditions on a case, or on a group of sums."""
        return [
            column == value if value else func.coalesce(column, "") == ""
            for column, value in (
                (table.department, self.department),
                (table.grid, self.grid),
                (table.category, self.category),
            )
            if value is not None
        ]


ALL = Scope()


@dataclass(frozen=True)
class Report:
    """The results of a period: of all cases, and told apart, the largest group first."""

    total: Result
    departments: tuple[Result, ...]
    grids: tuple[Result, ...]
    categories: tuple[Result, ...]


@dataclass(frozen=True)
class Point:
    """The results of one step of a chart."""

    first: date
    last: date
    result: Result


_Sums = Counter[Measure]
_Line = tuple[tuple[str, ...], _Sums]


class Figures:
    """Rates and their course over the case store, exact at the second they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rates(self, period: Period, by: Dimension | None = None, within: Scope = ALL) -> tuple[Result, ...]:
        """Return the results of a period by group, the largest first; without `by`, one for all."""
        if by is None:
            return (self.report(period, within).total,)
        return _told_apart(self._sums(period, (by,), within), 0)

    def report(self, period: Period, within: Scope = ALL) -> Report:
        """Return all results of a period, all of the same second, so that they add up."""
        lines = self._sums(period, tuple(Dimension), within)
        total: _Sums = Counter()
        for _, sums in lines:
            total.update(sums)
        departments, grids, categories = (_told_apart(lines, place) for place in range(len(Dimension)))
        return Report(result_of(None, total), departments, grids, categories)

    def series(self, period: Period, step: Step, within: Scope = ALL) -> tuple[Point, ...]:
        """Return the results of a period step by step, without gaps."""
        spans = tuple(period.split(step))
        starts = [span.first for span in spans]
        sums: list[_Sums] = [Counter() for _ in spans]
        with self._store.sessions() as session:
            query = select(self._by_day(period, step, within))
            found = session.execute(query, {"now": self._store.clock()}).all()
        for day, digits, *counts in found:
            filed_on = day or datetime.strptime(digits, "%y%m%d").date()  # noqa: DTZ007
            sums[bisect(starts, filed_on) - 1].update(_named(counts))
        return tuple(
            Point(span.first, span.last, result_of(None, each))
            for span, each in zip(spans, sums, strict=True)
        )

    def filed(self, period: Period) -> dict[tuple[str, str], int]:
        """Return how many cases were filed by grid and category, "" for those that have none."""
        lines = self._sums(period, (Dimension.GRID, Dimension.CATEGORY), ALL)
        return {
            (grid, category): sums[Measure.FILED] for (grid, category), sums in lines if sums[Measure.FILED]
        }

    def _sums(self, period: Period, by: Sequence[Dimension], within: Scope) -> list[_Line]:
        """Return the sums by the values of the dimensions, "" where a case has none.

        One statement reads the settled and the others: a case that settles meanwhile counts once.
        """
        settled = _settled([getattr(TallyGroupRow, one) for one in by], _spans(period), within)
        live = self._live([func.coalesce(getattr(CaseRow, one), "") for one in by], period, within)
        both = union_all(settled, live).subquery()
        keys, counts = both.c[: len(by)], both.c[len(by) :]
        with self._store.sessions() as session:
            query = select(*keys, *map(func.sum, counts)).group_by(*keys)
            found = session.execute(query, {"now": self._store.clock()}).all()
        return [(tuple(line[: len(by)]), _named(line[len(by) :])) for line in found]

    def _by_day(self, period: Period, step: Step, within: Scope) -> Subquery:
        spans = _spans(period) if step is Step.MONTH else _days(period)
        settled = _settled([TallyRow.first_day, cast(null(), String)], spans, within)
        live = self._live([cast(null(), Date), func.substr(CaseRow.number, 1, _DAY_DIGITS)], period, within)
        return union_all(settled, live).subquery()

    def _live(self, keys: Sequence[Any], period: Period, within: Scope) -> Any:
        since, until = period.instants(self._store.zone)
        counts = [func.sum(case((conditions()[measure], 1), else_=0)) for measure in KEPT]
        row = CaseRow
        filed = and_(row.created_at >= since, row.created_at < until, row.counted_group.is_(None))
        return select(*keys, *counts).where(filed, *within.conditions(row)).group_by(*_columns(keys))


def _settled(keys: Sequence[Any], spans: ColumnElement[bool], within: Scope) -> Any:
    sums = [func.sum(getattr(TallyRow, measure)) for measure in KEPT]
    query = select(*keys, *sums).join(TallyGroupRow, TallyGroupRow.id == TallyRow.group)
    return query.where(spans, *within.conditions(TallyGroupRow)).group_by(*_columns(keys))


def _columns(keys: Sequence[Any]) -> list[Any]:
    # A typed NULL that keeps two halves of a union alike is no group.
    return [key for key in keys if not isinstance(key, Cast)]


def _spans(period: Period) -> ColumnElement[bool]:
    """Return the sums that make up a period: its whole months as such, its other days one by one."""
    months = period.whole_months()
    if months is None:
        return _days(period)
    first = TallyRow.first_day
    is_month = and_(TallyRow.span == Step.MONTH, first >= months.first, first <= months.last)
    before = and_(first >= period.first, first < months.first)
    behind = and_(first > months.last, first <= period.last)
    return or_(is_month, and_(TallyRow.span == Step.DAY, or_(before, behind)))


def _days(period: Period) -> ColumnElement[bool]:
    return and_(
        TallyRow.span == Step.DAY, TallyRow.first_day >= period.first, TallyRow.first_day <= period.last
    )


def _named(counts: Sequence[Any]) -> _Sums:
    return Counter({measure: int(count or 0) for measure, count in zip(KEPT, counts, strict=True)})


def _told_apart(lines: Sequence[_Line], place: int) -> tuple[Result, ...]:
    groups: defaultdict[str, _Sums] = defaultdict(Counter)
    for key, sums in lines:
        groups[key[place]].update(sums)
    results = [result_of(group or None, sums) for group, sums in groups.items() if sums[Measure.FILED]]
    return tuple(sorted(results, key=lambda result: (-result.filed, result.group or "")))
