"""The cases behind a figure: exactly those that it counts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from cases.figures.measures import Measure, conditions
from cases.figures.periods import Period
from cases.figures.rates import ALL, Scope
from cases.store import Store
from cases.tables import CaseRow
from cases.work.queues import PAGE_MAX, Line, line_of


@dataclass(frozen=True)
class Behind:
    """Which number is meant, and which page of its cases."""

    measure: Measure
    period: Period
    within: Scope = ALL
    limit: int = 50
    offset: int = 0


class Cases:
    """Lists the cases that a figure counts; for who may see the cases."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self, behind: Behind) -> tuple[Line, ...]:
        """Return one page of them, the newest first."""
        row, now = CaseRow, self._store.clock()
        page = select(row).where(*self._conditions(behind)).order_by(row.created_at.desc(), row.number.desc())
        page = page.limit(min(behind.limit, PAGE_MAX)).offset(behind.offset)
        with self._store.sessions() as session:
            return tuple(line_of(found, now) for found in session.scalars(page, {"now": now}))

    def count(self, behind: Behind) -> int:
        """Return how many there are, counted one by one; the figures say the same, and faster."""
        counted = select(func.count()).select_from(CaseRow).where(*self._conditions(behind))
        with self._store.sessions() as session:
            return session.scalar(counted, {"now": self._store.clock()}) or 0

    def _conditions(self, behind: Behind) -> tuple[ColumnElement[bool], ...]:
        since, until = behind.period.instants(self._store.zone)
        return (
            CaseRow.created_at >= since,
            CaseRow.created_at < until,
            *behind.within.conditions(CaseRow),
            conditions()[behind.measure],
        )
