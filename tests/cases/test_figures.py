"""The rates of a month agree with a count by hand, and each says what it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import cases.places
from cases.case import RESIDENT, CaseStatus, Request
from cases.desk import Desk
from cases.figures.bursts import find_bursts
from cases.figures.measures import Rate
from cases.figures.periods import Period
from cases.figures.rates import Dimension, Figures
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.work.moving import Move
from tests.cases.conftest import HandClock
from tests.cases.working import BOSS, LI, WANG, ZHOU, a_move, open_departments

JUNE = Period.month_of(date(2026, 6, 11))
MAY = Period.month_of(date(2026, 5, 31))
SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")


@pytest.fixture
def figures(desk: Desk, clock: HandClock, make_request: Callable[..., Request]) -> Figures:
    """Eight cases: a to d with repairs, e with gardens, f withdrawn, g declined, h waits."""
    open_departments(desk)
    Places(desk.store).replace(read_registry(SAMPLE))
    spots = {"a": "梧桐苑1号楼", "b": "梧桐苑2号楼", "c": "银杏家园1号楼"}
    filed = {
        key: desk.file_case(make_request(key, place=spots.get(key), category="lift")).number
        for key in "abcdefgh"
    }  # Thursday 11 June, 10:00; the lift's terms are 2 hours and 2 days: 13:30, and Monday 15 June, 17:00
    for key in "abcd":
        if key == "d":
            clock.turn(hours=4)  # 14:00, too late
        desk.move(filed[key], Move(CaseStatus.ACCEPTED, LI))
        desk.move(filed[key], Move(CaseStatus.DISPATCHED, LI, department="repairs"))
        desk.move(filed[key], Move(CaseStatus.IN_PROGRESS, WANG))
    for key in "ab":
        desk.move(filed[key], a_move(CaseStatus.RESOLVED, WANG))
    desk.move(filed["a"], Move(CaseStatus.RATED, RESIDENT, rating=3))
    desk.move(filed["b"], Move(CaseStatus.RATED, RESIDENT, rating=2))
    desk.move(filed["e"], Move(CaseStatus.ACCEPTED, LI))  # too late as well
    desk.move(filed["e"], Move(CaseStatus.DISPATCHED, LI, department="gardens"))
    desk.move(filed["e"], Move(CaseStatus.IN_PROGRESS, ZHOU))
    desk.move(filed["f"], Move(CaseStatus.WITHDRAWN, RESIDENT))
    desk.move(filed["g"], Move(CaseStatus.CLOSED, BOSS, "不归我们"))
    clock.turn(days=6)  # Wednesday 17 June: what is not resolved is late
    desk.move(filed["c"], a_move(CaseStatus.RESOLVED, WANG))
    return Figures(desk.store)


def test_the_rates_of_all_agree_with_a_count_by_hand(figures: Figures) -> None:
    (result,) = figures.rates(JUNE)
    assert (result.group, result.filed, result.excluded, result.reopened) == (None, 8, 2, 0)
    assert result.response == Rate(3, 6)  # a b c; d and e too late, h not at all
    assert result.resolution == Rate(3, 6)  # a b c
    assert result.on_time == Rate(2, 6)  # a b; c late, d e h late and open
    assert result.satisfaction == Rate(1, 2)  # a; b is not satisfied
    assert result.satisfaction.share == 0.5


def test_the_rates_by_department_add_up_to_all(figures: Figures) -> None:
    by = {result.group: result for result in figures.rates(JUNE, Dimension.DEPARTMENT)}
    assert set(by) == {"repairs", "gardens", None}
    assert (by["repairs"].filed, by["gardens"].filed, by[None].filed) == (4, 1, 3)
    assert (by["repairs"].response, by["gardens"].response, by[None].response) == (
        Rate(3, 4),
        Rate(0, 1),
        Rate(0, 1),
    )
    assert (by["repairs"].on_time, by["gardens"].on_time) == (Rate(2, 4), Rate(0, 1))
    assert by["gardens"].satisfaction.share is None
    grids = {result.group: result.filed for result in figures.rates(JUNE, Dimension.GRID)}
    assert grids == {"g1": 2, "g2": 1, None: 5}
    assert [(r.group, r.filed) for r in figures.rates(JUNE, Dimension.CATEGORY)] == [("lift", 8)]


def test_a_period_without_cases_has_no_rate(figures: Figures) -> None:
    (result,) = figures.rates(MAY)
    assert (result.filed, result.response.share, result.resolution.share) == (0, None, None)
    assert figures.rates(MAY, Dimension.GRID) == ()


def test_the_same_matter_from_several_people_within_hours_is_proposed_as_one(
    desk: Desk, clock: HandClock, make_request: Callable[..., Request]
) -> None:
    open_departments(desk)
    Places(desk.store).replace(read_registry(SAMPLE))

    def file(key: str, building: str, **changes: object) -> str:
        return desk.file_case(
            make_request(key, place=building, category="water-supply", conversation=key, **changes)
        ).number

    one, two = file("a", "梧桐苑1号楼"), file("b", "梧桐苑2号楼")
    desk.file_case(make_request("c", place="梧桐苑2号楼", category="water-supply", conversation="b"))
    file("d", "银杏家园1号楼")
    assert find_bursts(desk.store) == ()
    clock.turn(hours=6)
    three = file("e", "梧桐苑3号楼")
    (burst,) = find_bursts(desk.store)
    assert (burst.grid, burst.category, len(burst.numbers)) == ("g1", "water-supply", 4)
    assert (burst.numbers[0], burst.numbers[-1]) == (one, three)
    desk.move(two, Move(CaseStatus.MERGED, LI, master=one))
    assert len(find_bursts(desk.store)[0].numbers) == 3  # b's other case still counts b
    clock.turn(seconds=1)
    assert find_bursts(desk.store) == ()
