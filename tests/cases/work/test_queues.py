"""What a list can be narrowed down to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cases.case import CaseKind, CaseStatus, Request
from cases.desk import Desk
from cases.work.queues import Filter, Order, Queues
from cases.work.working import Working
from tests.cases.conftest import HandClock
from tests.cases.working import WANG, ZHOU, bring, open_departments


@pytest.fixture
def numbers(desk: Desk, clock: HandClock, make_request: Callable[..., Request]) -> list[str]:
    """A repair from the chat, a complaint from the window, and an older repair in progress."""
    open_departments(desk)
    old = desk.file_case(make_request("old")).number
    bring(desk, old, CaseStatus.IN_PROGRESS)
    clock.turn(days=2)
    repair = desk.file_case(make_request("repair")).number
    complaint = make_request("complaint", kind=CaseKind.COMPLAINT, description="有人乱扔", channel="window")
    return [repair, desk.file_case(complaint).number, old]


def test_a_list_is_narrowed_by_kind_channel_and_what_is_due_soon(
    desk: Desk, clock: HandClock, numbers: list[str]
) -> None:
    queues = Queues(desk.store)

    def found(wanted: Filter) -> set[str]:
        lines = {line.number for line in queues.find(wanted)}
        assert queues.count(wanted) == len(lines)
        return lines

    repair, complaint, old = numbers
    assert found(Filter(kind=CaseKind.COMPLAINT)) == {complaint}
    assert found(Filter(channel="chat")) == {repair, old}
    assert found(Filter(channel="chat", kind=CaseKind.COMPLAINT)) == set()
    due = next(line.due_at for line in queues.find(Filter()) if line.number == old)
    assert due is not None
    assert found(Filter(due_before=due)) == set()
    assert found(Filter(due_before=due + timedelta(seconds=1))) == {old}


def test_a_case_is_whistled_until_the_last_who_was_called_has_come(desk: Desk, numbers: list[str]) -> None:
    queues, work, old = Queues(desk.store), Working(desk.store), numbers[2]
    whistled = Filter(is_whistled=True)
    assert queues.find(whistled) == ()
    first = work.whistle(old, ["gardens"], WANG, "树倒了")
    work.whistle(old, ["gardens", "water"], WANG, "又来一次")
    assert [line.number for line in queues.find(whistled)] == [old]
    work.come(first, ZHOU, "到了")
    assert queues.count(whistled) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_the_pages_of_a_list_by_deadline_are_the_list_with_what_has_none_at_its_end(
    desk: Desk, clock: HandClock, make_request: Callable[..., Request], size: int
) -> None:
    open_departments(desk)
    filed = []
    for count, status in enumerate([*[CaseStatus.ACCEPTED] * 3, *[CaseStatus.RESOLVED] * 4]):
        filed.append(desk.file_case(make_request(f"key {count}")).number)
        bring(desk, filed[-1], status)
        clock.turn(days=-1)  # the last one is the most urgent
    queues = Queues(desk.store)
    pages = [queues.find(Filter(limit=size, offset=start)) for start in range(0, len(filed) + size, size)]
    assert [line.number for page in pages for line in page] == [*filed[2::-1], *sorted(filed[3:])]
    assert queues.find(Filter(order=Order.NEWEST, limit=size))[0].number == filed[0]


def test_a_list_of_statuses_holds_these_alone_also_when_the_frequent_one_is_among_them(
    desk: Desk, make_request: Callable[..., Request]
) -> None:
    open_departments(desk)
    by_status = {}
    for status in (CaseStatus.RECEIVED, CaseStatus.ACCEPTED, CaseStatus.RESOLVED, CaseStatus.CLOSED):
        by_status[status] = desk.file_case(make_request(status.value)).number
        bring(desk, by_status[status], status)
    queues = Queues(desk.store)
    for wanted in (
        [CaseStatus.CLOSED],
        [CaseStatus.RECEIVED],
        [CaseStatus.CLOSED, CaseStatus.ACCEPTED],
        [*CaseStatus],
    ):
        found = {line.number for line in queues.find(Filter(statuses=tuple(wanted)))}
        assert found == {number for status, number in by_status.items() if status in wanted}
