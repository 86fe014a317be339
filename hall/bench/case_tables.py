"""The tables of the case room: what a filing and what each page took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hall.bench.case_room import StoreFigures

WANTED_MS = 200.0

Rows = list[Sequence[str]]


def filing_rows(stores: Mapping[str, StoreFigures]) -> Rows:
    """Return a row for each database and number of writers."""
    return [
        (
            f"{name}, {store.cases:,} cases in it",
            str(writers),
            f"{f.p50:.1f}",
            f"{f.p99:.1f}",
            f"{f.per_second:.1f}",
        )
        for name, store in stores.items()
        for writers, f in store.filings.items()
    ]


def page_head(stores: Mapping[str, StoreFigures]) -> Sequence[str]:
    """Return the titles of the columns."""
    columns = [title for name, store in stores.items() for title in (f"{name}, {store.cases:,}", "without")]
    return ("Page, ms", *columns)


def page_rows(stores: Mapping[str, StoreFigures]) -> Rows:
    """Return a row for each page: 95th percentile, and the best without our indexes, by database."""
    names = next(iter(stores.values())).pages if stores else {}
    return [
        (name, *(f"{value:.0f}" for store in stores.values() for value in store.pages[name]))
        for name in names
    ]


def slowest(store: StoreFigures) -> tuple[str, float]:
    """Return name and 95th percentile of the slowest page."""
    name = max(store.pages, key=lambda page: store.pages[page][0])
    return name, store.pages[name][0]
