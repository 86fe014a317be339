"""The map of what is filed where (民生地图): cases by grid and category, without telling who filed.

A count of 1 to 4 could tell a neighbour who filed, so it is shown as "fewer than 5". Nothing else that is
shown may give it away:

- Totals, the order of what is foremost and the shades are made of the counts AS SHOWN, never of the true
  ones: whoever subtracts gets back what stands there.
- A kind is a choice of categories, so narrowing counts nothing anew.
- Periods do not slide. There are calendar months, and calendar years made of them; a year's count is exact
  only where it leaves each hidden month free to be anything from 1 to 4 (see `_of_year`), else it says "at
  least".
- While a month runs, its counts go up in steps of 5: who looks each day does not see what a day brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import case, func, literal, select, union_all

from cases.arrivals.categories import load_categories
from cases.case import CaseKind
from cases.figures.periods import Period, Step
from cases.figures.tables import TallyGroupRow, TallyRow
from cases.places.tables import GridRow
from cases.store import Store
from cases.tables import CaseRow

SMALLEST_SHOWN = 5
MOST_YEARS = 5
_MOST_HIDDEN = SMALLEST_SHOWN - 1

Place = str | None  # the id of a grid; None where nobody knows
Subject = str | None  # the id of a category; None where none was heard


class Telling(StrEnum):
    """How much of a count is told."""

    EXACT = "exact"
    FEW = "few"  # 1 to 4
    LEAST = "least"  # at least so many


@dataclass(frozen=True)
class Shown:
    """A count as it is shown; of FEW the number is 1, the least that it can be."""

    telling: Telling
    number: int


NONE = Shown(Telling.EXACT, 0)
FEW = Shown(Telling.FEW, 1)


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

    def of(self, span: Span) -> HeatMap:
        """Return the map of a month or a year."""
        return make_map(span, self._counts(span), self._grids(), self._running())

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
) -> HeatMap:
    """Return the map of true counts by month. Grids without cases are on it; unknown ones come last."""
    is_over = _is_before(span.months[-1], running)
    known = load_categories()
    seen_grids, seen = {grid for grid, _ in counts}, {category for _, category in counts}
    more_grids = sorted(one for one in seen_grids if one is not None and one not in grids)
    return HeatMap(
        span,
        is_over,
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
        {key: _cell(span, months, running) for key, months in counts.items()},
    )


def together(counts: Iterable[Shown]) -> Shown:
    """Return counts as one, made of nothing but what is shown of each."""
    filled = [shown for shown in counts if shown.number]
    if filled == [FEW]:
        return FEW
    is_exact = all(shown.telling is Telling.EXACT for shown in filled)
    return Shown(Telling.EXACT if is_exact else Telling.LEAST, sum(shown.number for shown in filled))


def _cell(span: Span, months: Mapping[Span, int], running: Span) -> Shown:
    counts = [months.get(month, 0) for month in span.months]
    shown = [
        _of_month(count, _is_before(month, running)) for month, count in zip(span.months, counts, strict=True)
    ]
    if span.month:
        return shown[0]
    return _of_year(shown, counts) if span.year < running.year else together(shown)


def _of_month(count: int, is_over: bool) -> Shown:
    if count < SMALLEST_SHOWN:
        return FEW if count else NONE
    step = count - count % SMALLEST_SHOWN
    return Shown(Telling.EXACT, count) if is_over else Shown(Telling.LEAST, step)


def _of_year(shown: Sequence[Shown], counts: Sequence[int]) -> Shown:
    """Return a year's count, exact where that tells nothing of a hidden month.

    The sum of k hidden months leaves each of them free to be 1, 2, 3 or 4 as long as it is at least k + 3
    (the others 1 each, this one 4) and at most 4k - 3 (the others 4 each, this one 1). That it is not told
    because it lies outside leaves them free as well: it may be k, or 4k.
    """
    hidden = [count for one, count in zip(shown, counts, strict=True) if one.telling is Telling.FEW]
    most = _MOST_HIDDEN
    if hidden and len(hidden) + most - 1 <= sum(hidden) <= most * len(hidden) - most + 1:
        return Shown(Telling.EXACT, sum(counts))
    return together(shown)


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
