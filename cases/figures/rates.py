"""Rates with the cases that each counts (绩效评估), and the map of what is filed where (民生地图)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from cases.case import CaseStatus
from cases.store import Store
from cases.tables import CaseRow
from cases.work.tables import ClockRow, Purpose

# A count below this could tell a neighbour who filed.
SMALLEST_SHOWN = 5
_LEAST_CONTENT = 3  # 基本满意, the third of the five national levels, counts as satisfied


class Dimension(StrEnum):
    """What rates are told apart by."""

    DEPARTMENT = "department"
    GRID = "grid"
    CATEGORY = "category"


@dataclass(frozen=True)
class Period:
    """Cases filed from `since` until before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Rate:
    """So many of so many; `share` is None where there is nothing to count."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """The rate, 0 to 1."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Result:
    """What became of the cases of one group.

    `filed` are all; `excluded` of them were withdrawn, merged or declined, and count in no rate.
    `response`: accepted in time, of those accepted or whose time to respond is over. `resolution`: resolved,
    of those that count. `on_time`: resolved in time, of those resolved or whose time is over; for a case that
    was opened again the last time counts. `satisfaction`: rated 基本满意 or better, of those rated.
    """

    group: str | None
    filed: int
    excluded: int
    reopened: int
    response: Rate
    resolution: Rate
    on_time: Rate
    satisfaction: Rate


class Figures:
    """Rates and the map over the case store, computed when they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rates(self, period: Period, by: Dimension | None = None) -> tuple[Result, ...]:
        """Return the results of a period by group, the largest first; without `by`, one for all."""
        column = getattr(CaseRow, by.value) if by else None
        counts = self._counts(period, column)
        timely = {
            purpose: self._timely(period, column, purpose) for purpose in (Purpose.RESPOND, Purpose.RESOLVE)
        }
        results = [
            Result(
                group=group,
                filed=filed,
                excluded=excluded,
                reopened=reopened,
                response=timely[Purpose.RESPOND].get(group, Rate(0, 0)),
                resolution=Rate(resolved, filed - excluded),
                on_time=timely[Purpose.RESOLVE].get(group, Rate(0, 0)),
                satisfaction=Rate(content, rated),
            )
            for group, filed, excluded, reopened, resolved, content, rated in counts
        ]
        return tuple(sorted(results, key=lambda result: (-result.filed, result.group or "")))

    def heat_map(self, period: Period) -> dict[tuple[str, str], int | None]:
        """Return how many cases were filed by grid and category; None stands for 1 to 4."""
        row = CaseRow
        counted = (
            select(row.grid, row.category, func.count())
            .where(_is_in(period), row.grid.is_not(None), row.category.is_not(None))
            .group_by(row.grid, row.category)
        )
        with self._store.sessions() as session:
            return {
                (str(grid), str(category)): count if count >= SMALLEST_SHOWN else None
                for grid, category, count in session.execute(counted)
            }

    def _counts(self, period: Period, column: Any) -> list[tuple[Any, ...]]:
        row = CaseRow
        counted = [
            func.count(),
            _sum(_is_excluded()),
            _sum(row.reopened > 0),
            _sum(and_(~_is_excluded(), row.resolved_at.is_not(None))),
            _sum(row.rating >= _LEAST_CONTENT),
            _sum(row.rating.is_not(None)),
        ]
        return self._grouped(select(*_group(column), *counted).where(_is_in(period)), column)

    def _timely(self, period: Period, column: Any, purpose: Purpose) -> dict[str | None, Rate]:
        clock = ClockRow
        now = self._store.clock()
        is_done = clock.ended_at.is_not(None)
        is_late = and_(clock.due_at.is_not(None), func.coalesce(clock.ended_at, now) > clock.due_at)
        later = aliased(ClockRow)
        is_last = ~exists().where(later.number == clock.number, later.purpose == purpose, later.id > clock.id)
        counted = (
            select(*_group(column), _sum(and_(is_done, ~is_late)), _sum(or_(is_done, is_late)))
            .select_from(CaseRow)
            .join(clock, clock.number == CaseRow.number)
            .where(_is_in(period), ~_is_excluded(), clock.purpose == purpose, is_last)
        )
        return {group: Rate(part, whole) for group, part, whole in self._grouped(counted, column)}

    def _grouped(self, counted: Any, column: Any) -> list[tuple[Any, ...]]:
        if column is not None:
            counted = counted.group_by(column)
        with self._store.sessions() as session:
            found = session.execute(counted).all()
        return [(row[0], *(value or 0 for value in row[1:])) for row in found]


def _group(column: Any) -> list[Any]:
    # One group for all has no name.
    return [column if column is not None else func.nullif("", "")]


def _is_in(period: Period) -> ColumnElement[bool]:
    return and_(CaseRow.created_at >= period.since, CaseRow.created_at < period.until)


def _is_excluded() -> ColumnElement[bool]:
    row = CaseRow
    is_declined = and_(row.status == CaseStatus.CLOSED, row.resolved_at.is_(None))
    return or_(row.status.in_([CaseStatus.WITHDRAWN.value, CaseStatus.MERGED.value]), is_declined)


def _sum(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))
