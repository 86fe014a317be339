"""The map of what is filed where (民生地图): cases by grid and category, without telling who filed.

What is told of each count, and why nothing more can be worked out, stands in hiding.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import case, func, literal, select, union_all

from cases.arrivals.categories import load_categories
from cases.case import CaseKind
from cases.figures.hiding import NONE, Shown, Telling, is_free, of_month, of_year, together
from cases.figures.periods import Period, Step
from cases.figures.tables import TallyGroupRow, TallyRow
from cases.places.tables import GridRow
from cases.store import Store
from cases.tables import CaseRow

MOST_YEARS = 5
Place = str | None  # the id of a grid; None where nobody knows
Subject = str | None  # the id of a category; None where none was heard


@dataclass(frozen=True)
class Span:
    """A calendar month of the hall's zone, or a whole year where `month` is None."""

    year: int
    month: int | None = None

    def __str__(self) -> str:
        """Return it as an address carries it: 2026-06, or 2026."""
        return f"{self.year:04}-{self.month:02}" if self.month else f"{self.year:04}"

    @property
    def months(self) -> tuple[Span, ...]:
        """The months that it is made of."""
        return (self,) if self.month else tuple(Span(self.year, month) for month in range(1, 13))

    @property
    def next(self) -> Span:
        """The month after this one."""
        return Span(self.year + 1, 1) if self.month == 12 else Span(self.year, (self.month or 0) + 1)


def read_span(text: str) -> Span | None:
    """Return the span that an address names, None where it names none."""
    year, _, month = text.partition("-")
    if not (text.isascii() and len(year) == 4 and year.isdigit() and int(year) > 2000):
        return None
    if text == year:
        return Span(int(year))
    is_month = len(month) == 2 and month.isdigit() and 1 <= int(month) <= 12
    return Span(int(year), int(month)) if is_month else None


@dataclass(frozen=True)
class HeatMap:
    """The counts of a span; a grid or category that is not in `cells` has none."""

    span: Span
    is_over: bool
    grids: tuple[tuple[Place, str], ...]  # with their names; "" where the registry has none
    categories: tuple[Subject, ...]
    cells: Mapping[tuple[Place, Subject], Shown]
    left_out: tuple[Span, ...] = ()  # months of which nothing is shown

    def cell(self, grid: Place, category: Subject) -> Shown:
        """Return the count of a category in a grid."""
        return self.cells.get((grid, category), NONE)

    def of_grid(self, grid: Place) -> Shown:
        """Return the counts of a grid together."""
        return together(self.cell(grid, category) for category in self.categories)

    def of_category(self, category: Subject) -> Shown:
        """Return the counts of a category together."""
        return together(self.cell(grid, category) for grid, _ in self.grids)

    @property
    def total(self) -> Shown:
        """All counts together."""
        return together(self.cell(grid, category) for grid, _ in self.grids for category in self.categories)

    @property
    def hidden(self) -> int:
        """How many counts are hidden."""
        return sum(shown.telling is Telling.FEW for shown in self.cells.values())

    def foremost(self, grid: Place, most: int = 3) -> tuple[tuple[str, Shown], ...]:
        """Return the most frequent categories of a grid; of equal ones the first of the file goes first."""
        found = [(category, self.cell(grid, category)) for category in self.categories if category]
        filled = [(category, shown) for category, shown in found if shown.number]
        return tuple(sorted(filled, key=lambda one: -one[1].number)[:most])

    def only(self, kind: CaseKind) -> HeatMap:
        """Return the part of the map with the categories of a kind; those without one are of kind OTHER."""
        return replace(self, categories=tuple(one for one in self.categories if _kind_of(one) is kind))


class Heat:
    """Reads maps from the case store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, span: Span, is_total_known: bool = False) -> HeatMap:
        """Return the map of a month or a year; `is_total_known` for who sees totals of the hall, no cases."""
        return make_map(span, self._counts(span), self._grids(), self._running(), is_total_known)

    def spans(self) -> tuple[Span, ...]:
        """Return what there is to show, the newest first: the months of two years, and the years."""
        with self._store.sessions() as session:
            first = session.scalar(select(func.min(CaseRow.created_at)))
        now = self._running()
        if first is None:
            return (now, Span(now.year))
        begin = first.astimezone(self._store.zone)
        months = list(_months(Span(begin.year, begin.month), now))[-24:]
        years = [Span(year) for year in range(max(begin.year, now.year - MOST_YEARS + 1), now.year + 1)]
        return (*reversed(months), *reversed(years))

    def _running(self) -> Span:
        now = self._store.clock().astimezone(self._store.zone)
        return Span(now.year, now.month)

    def _counts(self, span: Span) -> dict[tuple[Place, Subject], dict[Span, int]]:
        """Return the true counts by month.

        One statement reads the sums of settled cases and the other cases: none is missed, or counted twice.
        """
        months, group, row = span.months, TallyGroupRow, CaseRow
        periods = [Period.month_of(date(month.year, month.month or 1, 1)) for month in months]
        firsts = [period.first for period in periods]
        instants = [period.instants(self._store.zone) for period in periods]
        of_settled = case(*((TallyRow.first_day == first, place) for place, first in enumerate(firsts)))
        settled = (
            select(group.grid, group.category, of_settled.label("month"), TallyRow.filed.label("filed"))
            .join(TallyRow, TallyRow.group == group.id)
            .where(TallyRow.span == Step.MONTH, TallyRow.first_day.in_(firsts))
        )
        of_live = case(*((row.created_at < until, place) for place, (_, until) in enumerate(instants)))
        live = (
            select(func.coalesce(row.grid, ""), func.coalesce(row.category, ""), of_live, literal(1))
            .where(row.created_at >= instants[0][0], row.created_at < instants[-1][1])
            .where(row.counted_group.is_(None))
        )
        both = union_all(settled, live).subquery().c
        by = (both.grid, both.category, both.month)
        counts: dict[tuple[Place, Subject], dict[Span, int]] = {}
        with self._store.sessions() as session:
            found = session.execute(select(*by, func.sum(both.filed)).group_by(*by)).all()
        for grid, category, place, count in found:
            if count:
                counts.setdefault((grid or None, category or None), {})[months[place]] = int(count)
        return counts

    def _grids(self) -> dict[str, str]:
        with self._store.sessions() as session:
            return {row.id: row.name for row in session.scalars(select(GridRow).order_by(GridRow.id))}


def make_map(
    span: Span,
    counts: Mapping[tuple[Place, Subject], Mapping[Span, int]],
    grids: Mapping[str, str],
    running: Span,
    is_total_known: bool = False,
) -> HeatMap:
    """Return the map of true counts by month. Grids without cases are on it; unknown ones come last."""
    left_out = tuple(
        month
        for month in span.months
        if is_total_known and not is_free(_counts_of(month, counts), _is_before(month, running))
    )
    shown = [month for month in span.months if month not in left_out]
    told = {
        key: _cell([months.get(month, 0) for month in shown], shown, running, is_total_known)
        for key, months in counts.items()
    }
    cells = {key: one for key, one in told.items() if one.number}
    known = load_categories()
    seen_grids, seen = {grid for grid, _ in cells}, {category for _, category in cells}
    more_grids = sorted(one for one in seen_grids if one is not None and one not in grids)
    return HeatMap(
        span,
        _is_before(span.months[-1], running),
        (
            *grids.items(),
            *((one, "") for one in more_grids),
            *((one, "") for one in [None] if one in seen_grids),
        ),
        (
            *(one for one in known if one in seen),
            *sorted(one for one in seen if one is not None and one not in known),
            *(one for one in [None] if one in seen),
        ),
        cells,
        left_out,
    )


def _cell(counts: Sequence[int], months: Sequence[Span], running: Span, is_total_known: bool) -> Shown:
    shown = [of_month(count, _is_before(month, running)) for count, month in zip(counts, months, strict=True)]
    is_over_year = len(months) > 1 and _is_before(months[-1], running)
    return of_year(shown, counts) if is_over_year and not is_total_known else together(shown)


def _counts_of(month: Span, counts: Mapping[tuple[Place, Subject], Mapping[Span, int]]) -> list[int]:
    return [months.get(month, 0) for months in counts.values()]


def _months(first: Span, last: Span) -> Iterator[Span]:
    month = first
    while not _is_before(last, month):
        yield month
        month = month.next


def _is_before(month: Span, other: Span) -> bool:
    return (month.year, month.month or 0) < (other.year, other.month or 0)


def _kind_of(category: Subject) -> CaseKind:
    found = load_categories().get(category or "")
    return found.kind if found else CaseKind.OTHER
