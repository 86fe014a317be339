"""How the map's counts, grids and spans are worded and shaded, on the page and in the workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cases.arrivals.categories import load_categories
from cases.figures.heat import Span, Subject
from cases.figures.hiding import Shown, Telling
from staff.cases.names import Names

# From so many on, a count is one shade darker; the same for every span, so that two maps can be compared.
SHADES = (1, 5, 10, 20, 50, 100)
TILE_SHADES = 5


@dataclass(frozen=True)
class MapWords:
    """Words of texts.yml and names of the case store."""

    say: Callable[..., str]
    names: Names

    def count(self, shown: Shown) -> str:
        """Return a count as it may be told: 12, <5 or ≥12."""
        return self.say(f"map_{shown.telling}", number=shown.number)

    def spoken(self, shown: Shown) -> str:
        """Return a count in words, for who hears the page."""
        return self.say(f"map_{shown.telling}_spoken", number=shown.number)

    def grid(self, grid: str | None, name: str) -> str:
        """Return what a grid is called."""
        return name or grid or self.say("map_no_grid")

    def category(self, category: Subject) -> str:
        """Return what a category is called."""
        return self.names.category(category) or self.say("map_no_category")

    def kind(self, category: Subject) -> str:
        """Return what the kind of a category is called; empty where it has none."""
        found = load_categories().get(category or "")
        return self.say(f"case_kind_{found.kind}") if found else ""

    def spans(self, spans: Sequence[Span]) -> str:
        """Return several months in words."""
        return "、".join(map(self.span, spans))

    def span(self, span: Span) -> str:
        """Return a month or year in words."""
        return self.say("map_month" if span.month else "map_year", year=span.year, month=span.month)


def shade(shown: Shown) -> int:
    """Return how dark a count is, 0 to 6, by what is shown of it."""
    return 1 if shown.telling is Telling.FEW else sum(shown.number >= least for least in SHADES)


def tile_shade(shown: Shown, most: int) -> int:
    """Return how dark a grid's tile is, 0 to 5: in fifths of the grid with the most."""
    return -(-TILE_SHADES * shown.number // most) if most else 0
