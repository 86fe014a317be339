"""A resident is offered what can be done with a case now, and told in plain words what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cases.case import CaseStatus, Receipt, Request
from cases.desk import Desk
from cases.resident_replies import ResidentReplies, Who
from cases.residents import Act, Rating, Residents
from language.reply import Reply
from tests.cases.conftest import HandClock
from tests.cases.working import bring, open_departments

HELD = {"number": "[[field:aaaaaaaaaa]]", "code": "[[field:bbbbbbbbbb]]"}
RATE = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")
REOPEN, WITHDRAW = ("问题没解决，重新办理",), ("我要撤回",)
# What its resident can do while a case has this status.
OFFERED: dict[CaseStatus, tuple[str, ...]] = {
    **dict.fromkeys(CaseStatus, WITHDRAW),
    CaseStatus.RESOLVED: RATE + REOPEN,
    CaseStatus.RATED: REOPEN,
    CaseStatus.CLOSED: REOPEN,
    CaseStatus.WITHDRAWN: (),
    CaseStatus.MERGED: (),
}


@pytest.fixture
def receipt(desk: Desk, make_request: Callable[..., Request]) -> Receipt:
    open_departments(desk)
    return desk.file_case(make_request())


@pytest.fixture
def replies(desk: Desk) -> ResidentReplies:
    return ResidentReplies(Residents(desk))


@pytest.fixture
def who(receipt: Receipt) -> Who:
    return Who(receipt.number, receipt.code, "c", held=HELD)


def labels(reply: Reply) -> tuple[str, ...]:
    return tuple(choice.label for choice in reply.choices)


def test_what_is_offered_is_what_can_be_done_now(
    desk: Desk, receipt: Receipt, replies: ResidentReplies, make_request: Callable[..., Request]
) -> None:
    for status, offered in OFFERED.items():
        filed = desk.file_case(make_request(f"offered-{status}"))
        bring(desk, filed.number, status, master=receipt.number)
        reply = replies.look_up(Who(filed.number, filed.code, "c", held=HELD))
        assert labels(reply) == offered, status
        assert ("请评一评" in reply.text) is (status is CaseStatus.RESOLVED)
        assert all(HELD.items() <= choice.payload.items() for choice in reply.choices)
        assert filed.code not in str(reply.to_wire())


def test_after_fifteen_days_a_case_is_not_offered_to_be_opened_again(
    desk: Desk, receipt: Receipt, replies: ResidentReplies, who: Who, clock: HandClock
) -> None:
    bring(desk, receipt.number, CaseStatus.RATED)
    clock.turn(days=15, seconds=1)
    assert labels(replies.look_up(who)) == ()
    assert "超过15天" in replies.ask_reason(who).text
    assert "超过15天" in replies.reopen(who, "灯又不亮了").text


def test_a_rating_is_thanked_for_and_never_asked_again(
    desk: Desk, receipt: Receipt, replies: ResidentReplies, who: Who
) -> None:
    bring(desk, receipt.number, CaseStatus.RESOLVED)
    assert labels(replies.rate(who, Rating.VERY_SATISFIED)) == REOPEN
    assert "谢谢您的评价：非常满意" in replies.look_up(who).text
    again = replies.rate(who, Rating.DISSATISFIED)
    assert "已经评过了：非常满意" in again.text
    assert labels(again) == REOPEN


def test_whoever_leaves_a_case_as_it_is_can_still_do_what_was_possible(
    desk: Desk, receipt: Receipt, replies: ResidentReplies, who: Who
) -> None:
    assert labels(replies.leave(who)) == WITHDRAW
    bring(desk, receipt.number, CaseStatus.RESOLVED)
    assert labels(replies.leave(who)) == RATE + REOPEN


def test_whoever_is_dissatisfied_is_told_how_to_have_it_opened_again(
    desk: Desk, receipt: Receipt, replies: ResidentReplies, who: Who
) -> None:
    bring(desk, receipt.number, CaseStatus.RESOLVED)
    reply = replies.rate(who, Rating.DISSATISFIED)
    assert "可以重新办理" in reply.text
    assert labels(reply) == REOPEN
    assert "请说一句" in replies.reopen(who, " ").text
    assert "已经重新办理" in replies.reopen(who, "灯还是不亮").text
    assert "还在办" in replies.reopen(who, "灯还是不亮").text


DO: dict[Act, Callable[[ResidentReplies, Who], Reply]] = {
    Act.RATE: lambda replies, who: replies.rate(who, Rating.FAIR),
    Act.REOPEN: lambda replies, who: replies.reopen(who, "没修好"),
    Act.WITHDRAW: lambda replies, who: replies.withdraw(who),
}


@pytest.mark.parametrize("act", Act)
def test_what_cannot_be_done_is_said_in_words_that_name_nobody(
    act: Act, desk: Desk, receipt: Receipt, replies: ResidentReplies, make_request: Callable[..., Request]
) -> None:
    for status in CaseStatus:
        filed = desk.file_case(make_request(f"act-{status}"))
        bring(desk, filed.number, status, master=receipt.number)
        who = Who(filed.number, filed.code, "c", held=HELD)
        is_open = act in {choice.payload["intent"] for choice in replies.look_up(who).choices}
        reply = DO[act](replies, who)
        after = Residents(desk).look_up(filed.number, filed.code, "c")
        assert after is not None
        assert (after.status is not status) is is_open, status
        named = [word for word in ("li", "wang", "boss", "repairs", *CaseStatus) if word in reply.text]
        assert named == [], status


def test_whoever_was_overtaken_reads_how_it_stands_now(desk: Desk, receipt: Receipt, who: Who) -> None:
    residents = Overtaken(desk, receipt.number)
    reply = ResidentReplies(residents).withdraw(who)
    assert "已经办完" in reply.text
    assert labels(reply) == RATE + REOPEN


class Overtaken(Residents):
    """Staff resolve the case between the look at it and the withdrawal."""

    def __init__(self, desk: Desk, number: str) -> None:
        super().__init__(desk)
        self.desk, self.number = desk, number

    def withdraw(self, *args: Any, **more: Any) -> Any:
        bring(self.desk, self.number, CaseStatus.RESOLVED)
        return super().withdraw(*args, **more)


def test_a_wrong_code_an_unknown_number_and_another_talk_learn_nothing(
    desk: Desk, receipt: Receipt, replies: ResidentReplies
) -> None:
    bring(desk, receipt.number, CaseStatus.RESOLVED)
    for act, do in DO.items():
        wrong = do(replies, Who(receipt.number, "000000", f"a {act}"))
        assert wrong == do(replies, Who("260611-0999", "000000", f"a {act}"))
        assert "没有查到" in wrong.text
    stranger = DO[Act.RATE](replies, Who(receipt.number, None, "another talk"))
    assert stranger == DO[Act.RATE](replies, Who("260611-0999", None, "another talk"))
    assert "编号和查询码" in stranger.text


def test_the_talk_that_filed_a_case_rates_it_without_a_code(
    desk: Desk, receipt: Receipt, replies: ResidentReplies
) -> None:
    bring(desk, receipt.number, CaseStatus.RESOLVED)
    reply = replies.rate(Who(receipt.number, None, "conversation-1"), Rating.SATISFIED)
    assert "满意" in reply.text
    assert "请评一评" not in replies.look_up(Who(receipt.number, None, "conversation-1")).text


def test_guesses_by_acts_lock_as_look_ups_do(desk: Desk, receipt: Receipt, replies: ResidentReplies) -> None:
    for act in (Act.RATE, Act.REOPEN, Act.WITHDRAW, Act.RATE, Act.REOPEN):
        DO[act](replies, Who(receipt.number, "000000", "guesser"))
    assert "15分钟" in DO[Act.RATE](replies, Who(receipt.number, receipt.code, "other")).text
