"""The map says how much is filed where, and whatever it shows together gives no small count away."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path

import pytest

import cases.places
from cases.case import RESIDENT, CaseKind, CaseStatus, Request
from cases.desk import Desk
from cases.figures.heat import (
    Heat,
    HeatMap,
    Place,
    Span,
    Subject,
    make_map,
    read_span,
)
from cases.figures.hiding import FEW, NONE, Shown, Telling, together
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.work.moving import Move
from tests.cases.conftest import HandClock

GRIDS = {"g1": "第一网格", "g2": "第二网格"}
CATEGORIES = ("lift", "street-light", "parking")
LATER = Span(2027, 3)
Counts = dict[tuple[Place, Subject], dict[Span, int]]
SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")


def exact(number: int) -> Shown:
    return Shown(Telling.EXACT, number)


def least(number: int) -> Shown:
    return Shown(Telling.LEAST, number)


def year_of(*months: int, running: Span = LATER) -> Shown:
    counts = {("g1", "lift"): {Span(2026, place): count for place, count in enumerate(months, 1)}}
    return make_map(Span(2026), counts, GRIDS, running).cell("g1", "lift")


def told(found: HeatMap) -> object:
    """All that a page, or the workbook, may say of a map."""
    parts = [found, found.only(CaseKind.REPAIR)]
    return [
        (
            part.grids,
            part.categories,
            [[part.cell(grid, category) for category in part.categories] for grid, _ in part.grids],
            [(part.of_grid(grid), part.foremost(grid)) for grid, _ in part.grids],
            [part.of_category(category) for category in part.categories],
            (part.total, part.hidden),
        )
        for part in parts
    ]


def everything(
    counts: Mapping[tuple[Place, Subject], Mapping[Span, int]], is_total_known: bool = False
) -> object:
    """All maps that there will ever be of a year, read while its months ran as well as afterwards."""
    spans = [Span(2026), *(Span(2026, month) for month in (1, 2, 3))]
    maps = [
        told(make_map(span, counts, GRIDS, at, is_total_known))
        for span in spans
        for at in (Span(2026, 3), LATER)
    ]
    totals = [sum(months.get(span, 0) for months in counts.values()) for span in spans]
    return maps, totals if is_total_known else []


def random_counts(chance: random.Random, hidden: int, within: tuple[int, ...] = (1, 2, 3)) -> Counts:
    """Return counts of three months; `hidden` of them, in some, are from 1 to 4, the others none or many."""
    keys = [(grid, category) for grid in GRIDS for category in CATEGORIES]
    places = [(key, month) for key in keys for month in (1, 2, 3)]
    few = set(chance.sample([place for place in places if place[1] in within], hidden))
    counts: Counts = {}
    for key, month in places:
        count = chance.randint(1, 4) if (key, month) in few else chance.choice([0, 0, 5, 6, 9, 14])
        if count:
            counts.setdefault(key, {})[Span(2026, month)] = count
    return counts


def possible_counts(counts: Counts, is_total_known: bool) -> dict[object, set[int]]:
    """Return what each hidden count may be, for who tries all that would look the same."""
    shown = everything(counts, is_total_known)
    hidden = [(key, month) for key, months in counts.items() for month, n in months.items() if n < 5]
    possible: dict[object, set[int]] = {place: set() for place in hidden}
    for guess in product(range(1, 5), repeat=len(hidden)):
        tried = {key: dict(months) for key, months in counts.items()}
        for (key, month), number in zip(hidden, guess, strict=True):
            tried[key][month] = number
        if everything(tried, is_total_known) == shown:
            for place, number in zip(hidden, guess, strict=True):
                possible[place].add(number)
    return possible


@pytest.mark.parametrize("seed", range(6))
def test_no_hidden_count_can_be_worked_out_from_all_that_is_ever_shown(seed: int) -> None:
    chance = random.Random(seed)
    counts = random_counts(chance, hidden=2 + seed % 3)
    if seed % 2:  # the months of one place, which its year holds together
        counts = {("g1", "lift"): {Span(2026, month): chance.randint(1, 4) for month in (1, 2, 3)}}
    possible = possible_counts(counts, is_total_known=False)
    assert set(map(frozenset, possible.values())) == {frozenset({1, 2, 3, 4})}


@pytest.mark.parametrize("seed", range(4))
def test_nor_can_it_by_who_knows_the_total_of_every_month(seed: int) -> None:
    counts = random_counts(random.Random(seed), hidden=4, within=(1,) if seed % 2 else (1, 3))
    left_out = {
        month
        for at in (Span(2026, 3), LATER)
        for month in make_map(Span(2026), counts, GRIDS, at, True).left_out
    }
    possible = possible_counts(counts, is_total_known=True)
    for (_, month), numbers in possible.items():  # type: ignore[misc]
        assert numbers == {1, 2, 3, 4} or month in left_out


def test_a_month_is_left_out_whose_total_would_tell() -> None:
    month = Span(2026, 1)

    def march(*counts: int) -> HeatMap:
        places = ((grid, category) for category in CATEGORIES for grid in GRIDS)
        filed = {place: {month: count} for place, count in zip(places, counts, strict=False)}
        return make_map(month, filed, GRIDS, LATER, is_total_known=True)

    assert march(2, 3).left_out == ()
    assert march(1, 1).left_out == (month,)
    assert march(7, 2).left_out == (month,)
    assert (march(7, 2).total, march(7, 2).categories) == (NONE, ())
    assert march(7, 2, 2, 2, 3).total == least(11)
    assert march(7, 9).total == exact(16)


def test_totals_are_made_of_what_is_shown() -> None:
    assert together([]) == NONE
    assert together([exact(5), NONE, exact(7)]) == exact(12)
    assert together([NONE, FEW]) == FEW
    assert together([FEW, FEW]) == least(2)
    assert together([exact(20), FEW, FEW]) == least(22)


def test_a_year_is_exact_where_that_tells_nothing_of_its_months() -> None:
    assert year_of(5, 0, 7) == exact(12)
    assert year_of(3) == FEW
    assert year_of(9, 3) == least(10)
    assert year_of(1, 1) == least(2)
    assert year_of(2, 3) == exact(5)
    assert year_of(9, 2, 3) == exact(14)
    assert year_of(4, 4, 4) == least(3)
    assert year_of(*[2] * 12) == exact(24)
    assert year_of(*[1] * 12) == least(12)


def test_a_year_is_not_exact_for_who_knows_the_total_of_its_months() -> None:
    # Three places with 5 in two months each, and one more in the second: all but the last would cancel out.
    one, two = Span(2026, 1), Span(2026, 2)
    keys = [("g1", "lift"), ("g1", "parking"), ("g2", "lift"), ("g2", "parking")]
    counts: Counts = {key: {one: 1, two: 4} for key in keys[:3]}
    counts[keys[0]] = {one: 4, two: 1}
    counts[keys[3]] = {two: 4}
    for is_total_known, shown in ((False, exact(5)), (True, least(2))):
        year = make_map(Span(2026), counts, GRIDS, LATER, is_total_known)
        assert year.left_out == ()
        assert [year.cell(*key) for key in keys] == [shown, shown, shown, FEW]


def test_what_still_runs_goes_up_in_steps() -> None:
    def march(count: int) -> Shown:
        counts = {("g1", "lift"): {LATER: count}}
        return make_map(LATER, counts, GRIDS, LATER).cell("g1", "lift")

    assert [march(count) for count in (4, 5, 9, 10)] == [FEW, least(5), least(5), least(10)]
    assert year_of(7, 8, running=Span(2026, 2)) == least(12)


def test_what_is_foremost_is_ordered_by_what_is_shown() -> None:
    month = Span(2026, 1)
    counts: Counts = {
        ("g1", "parking"): {month: 4},
        ("g1", "lift"): {month: 1},
        ("g1", "rubbish"): {month: 6},
    }
    found = make_map(month, counts, GRIDS, LATER)
    assert found.foremost("g1") == (("rubbish", exact(6)), ("lift", FEW), ("parking", FEW))
    assert found.foremost("g2") == ()
    assert found.only(CaseKind.REPAIR).foremost("g1") == (("lift", FEW),)
    assert found.hidden == 2


def test_the_map_counts_months_of_the_hall_with_every_grid_and_what_has_no_place(
    desk: Desk, clock: HandClock, make_request: Callable[..., Request]
) -> None:
    Places(desk.store).replace(read_registry(SAMPLE))
    assert Heat(desk.store).spans() == (Span(2026, 6), Span(2026))

    def file(key: str, place: str | None, count: int) -> None:
        for number in range(count):
            desk.file_case(make_request(f"{key}{number}", place=place, category="lift"))

    file("a", "梧桐苑1号楼", 6)
    file("b", "银杏家园1号楼", 2)
    file("c", None, 7)
    clock.turn(days=19, hours=14)  # 30 June, 16:00 of the world's time: in the hall July has begun
    file("d", "梧桐苑3号楼", 5)
    heat = Heat(desk.store)
    june = heat.of(Span(2026, 6))
    assert june.is_over
    assert [june.cell(grid, "lift") for grid in ("g1", "g2", "g3", None)] == [exact(6), FEW, NONE, exact(7)]
    assert [grid for grid, _ in june.grids] == ["g1", "g2", "g3", "g4", "g5", "g6", None]
    assert june.total == least(14)
    assert heat.of(Span(2026, 7)).cell("g1", "lift") == least(5)
    assert heat.of(Span(2026)).cell("g1", "lift") == least(11)
    assert heat.spans() == (Span(2026, 7), Span(2026, 6), Span(2026))
    for row in desk.records():  # settled cases are summed and count as before
        desk.move(row.number, Move(CaseStatus.WITHDRAWN, RESIDENT))
    clock.turn(days=200)
    assert heat.of(Span(2026)).cell("g1", "lift") == exact(11)
    assert told(heat.of(Span(2026, 6))) == told(june)


@pytest.mark.parametrize("text", ["", "2026-13", "2026-6", "26", "2026-06-01", "１２３４", "0000-01"])
def test_an_address_that_names_no_span_is_not_read(text: str) -> None:
    assert read_span(text) is None


def test_a_span_is_read_as_it_is_written() -> None:
    for span in (Span(2026), Span(2026, 1), Span(2026, 12)):
        assert read_span(str(span)) == span
