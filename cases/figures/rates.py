"""Rates with the cases that each counts (绩效评估), and the map of what is filed where (民生地图)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from cases.case import CaseStatus
from cases.store import Store
from cases.tables import CaseRow

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
        results = [
            Result(
                group=group,
                filed=filed,
                excluded=excluded,
                reopened=reopened,
                response=Rate(*response),
                resolution=Rate(resolved, filed - excluded),
                on_time=Rate(*on_time),
                satisfaction=Rate(content, rated),
            )
            for group, filed, excluded, reopened, resolved, content, rated, response, on_time in counts
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
            *self._timely(row.responded_at, row.response_due_at),
            *self._timely(row.resolved_at, row.promised_at),
        ]
        query = select(*_group(column), *counted).where(_is_in(period))
        if column is not None:
            query = query.group_by(column)
        with self._store.sessions() as session:
            found = session.execute(query).all()
        lines = [(group, *(value or 0 for value in values)) for group, *values in found]
        return [(*line[:7], line[7:9], line[9:11]) for line in lines]

    def _timely(self, done_at: Any, due_at: Any) -> tuple[Any, Any]:
        """Count what was done in time, and what was done or is late; what stands still is not late."""
        is_done = done_at.is_not(None)
        is_late = func.coalesce(done_at, self._store.clock()) > due_at
        is_in_time = or_(due_at.is_(None), ~is_late)
        return (
            _sum(and_(~_is_excluded(), is_done, is_in_time)),
            _sum(and_(~_is_excluded(), or_(is_done, is_late))),
        )


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
