"""What the search box and a department's own list find; nothing that is sealed is searched."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cases.case import CaseStatus, Request
from cases.desk import Desk
from cases.work.queues import Filter, Order, Queues, Words
from cases.work.working import Working
from tests.cases.conftest import HandClock
from tests.cases.working import LI, WANG, bring, open_departments


@pytest.fixture
def numbers(desk: Desk, clock: HandClock, make_request: Callable[..., Request]) -> list[str]:
    """A lift, and half an hour later a lamp of the hotline."""
    open_departments(desk)
    lift = desk.file_case(make_request("a", category="lift")).number
    clock.turn(minutes=30)
    return [lift, desk.file_case(make_request("b", category="power", hotline_ref="H-77")).number]


def found(desk: Desk, wanted: Filter) -> list[str]:
    return [line.number for line in Queues(desk.store).find(wanted)]


def test_words_find_what_has_one_of_their_meanings(desk: Desk, numbers: list[str]) -> None:
    lift, lamp = numbers
    assert found(desk, Filter(words=(Words(categories=("lift",)),))) == [lift]
    either = Words(categories=("lift",), hotline_ref="H-77")
    assert set(found(desk, Filter(words=(either,)))) == {lift, lamp}
    assert found(desk, Filter(words=(either, Words(categories=("power",))))) == [lamp]
    assert found(desk, Filter(words=(Words(),))) == []


def test_a_piece_of_a_number_finds_it_and_means_nothing_else(desk: Desk, numbers: list[str]) -> None:
    lift, lamp = numbers
    assert found(desk, Filter(numbers=(lamp, "260101-0001"))) == [lamp]
    assert found(desk, Filter(numbers=())) == []
    assert found(desk, Filter(number_begins=lift[:-1], order=Order.OLDEST)) == [lift, lamp]
    assert found(desk, Filter(number_begins="%")) == []


def test_a_departments_list_holds_what_it_leads_assists_and_was_called_to(
    desk: Desk, numbers: list[str]
) -> None:
    lift, lamp = numbers
    bring(desk, lift, CaseStatus.IN_PROGRESS)
    assert found(desk, Filter(concerned="repairs")) == [lift]
    assert found(desk, Filter(concerned="gardens")) == []
    Working(desk.store).call_in(lift, "gardens", WANG)
    bring(desk, lamp, CaseStatus.ACCEPTED)
    Working(desk.store).whistle(lamp, ["gardens"], LI, "看现场")
    assert found(desk, Filter(concerned="gardens", order=Order.OLDEST)) == [lift, lamp]


def test_counting_stops_where_it_is_told_to(desk: Desk, numbers: list[str]) -> None:
    queues = Queues(desk.store)
    assert queues.count(Filter()) == 2
    assert queues.count(Filter(), most=1) == 1
    assert (queues.count_mine(LI), queues.count_mine(LI, most=1)) == (2, 1)
    assert [line.number for line in queues.mine(LI, limit=1, offset=1)] == [queues.mine(LI)[1].number]
