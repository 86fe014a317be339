"""A category that keeps coming is told of, until somebody says that it needs no guide."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cases.arrivals.categories import UnknownCategory
from cases.case import Request
from cases.desk import Desk
from cases.figures.gaps import LEAST, Coming, Gaps, Needless
from tests.cases.conftest import HandClock


def test_what_keeps_coming_is_told_until_it_is_settled(
    desk: Desk, clock: HandClock, make_request: Callable[..., Request]
) -> None:
    gaps = Gaps(desk.store)

    def file(category: str, count: int) -> None:
        for number in range(count):
            desk.file_case(make_request(f"{category} {clock.now:%d} {number}", category=category))

    file("tree", LEAST - 1)
    file("lift", LEAST + 2)
    assert gaps.coming() == (Coming("lift", LEAST + 2),)
    clock.turn(days=29)
    file("tree", 1)
    assert gaps.coming() == (Coming("lift", LEAST + 2), Coming("tree", LEAST))
    gaps.settle("lift", Needless.CASE_WORK, "li")
    gaps.settle("lift", Needless.HAS_GUIDE, "wang")
    assert [(one.category, one.reason, one.by) for one in gaps.settled()] == [
        ("lift", Needless.HAS_GUIDE, "wang")
    ]
    assert gaps.coming() == (Coming("tree", LEAST),)
    assert gaps.take_back("lift")
    assert not gaps.take_back("lift")
    assert gaps.coming()[0].category == "lift"
    with pytest.raises(UnknownCategory):
        gaps.settle("nothing", Needless.PASSING, "li")
    clock.turn(days=1)
    assert gaps.coming() == ()  # the first day is more than thirty days ago


def test_a_matter_of_these_weeks_is_looked_at_again(
    desk: Desk, clock: HandClock, make_request: Callable[..., Request]
) -> None:
    gaps = Gaps(desk.store)
    gaps.settle("lift", Needless.PASSING, "li")
    gaps.settle("tree", Needless.CASE_WORK, "li")
    clock.turn(days=90)
    assert [one.category for one in gaps.settled()] == ["tree", "lift"]
    clock.turn(seconds=1)
    for number in range(LEAST):
        desk.file_case(make_request(f"{number}", category="lift"))
    assert [one.category for one in gaps.settled()] == ["tree"]
    assert gaps.coming() == (Coming("lift", LEAST),)
