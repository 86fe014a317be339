"""News that cannot be written to its resident is kept for look-up, and told by phone where it matters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cases.case import RESIDENT, CaseStatus, NotYours, Receipt, Request
from cases.desk import Desk
from cases.notices.book import LastNotice, NoticeBook
from cases.notices.left import LeftNotices
from cases.notices.notice import CALL_AFTER, KEPT_FOR, Notice
from cases.notices.outbox import Handed, NotDelivered, Outbox
from cases.privacy.erasing import erase
from cases.status import status_reply
from cases.tables import NoticeState
from cases.work.dossier import Dossiers
from cases.work.moving import Move, PauseReason
from tests.cases.conftest import HandClock
from tests.cases.working import BOSS, LI, WANG, ZHOU, a_move, bring, open_departments

MakeRequest = Callable[..., Request]


def send(desk: Desk, handed: Handed = Handed.UNREACHABLE) -> None:
    """Send all that is due to a channel that does this with it."""

    def deliver(notice: Notice) -> Handed:
        return handed

    while Outbox(desk.store, "one").send(deliver):
        pass


@pytest.fixture
def number(desk: Desk, make_request: MakeRequest) -> str:
    """A lamp reported at the kiosk, with a phone number, in the hands of a department."""
    filed = desk.file_case(make_request(channel="kiosk", conversation="session")).number
    open_departments(desk)
    bring(desk, filed, CaseStatus.IN_PROGRESS)
    return filed


def test_who_cannot_be_written_to_is_called_about_what_matters_and_nothing_else(
    desk: Desk, number: str
) -> None:
    send(desk)
    book = NoticeBook(desk.store)
    assert book.calls() == ()
    desk.move(number, Move(CaseStatus.RESOLVED, WANG, "灯已换好，找13912345678"))
    send(desk)
    (call,) = book.calls()
    assert (call.number, call.subject, call.channel) == (number, "resolved", "kiosk")
    assert "灯已换好，找139****5678" in call.words["zh"]
    assert book.counts()[NoticeState.CALL] == 1
    assert desk.verify() == []


def test_a_call_is_ticked_off_once_and_stands_in_the_history(desk: Desk, number: str) -> None:
    desk.move(number, Move(CaseStatus.RESOLVED, WANG, "灯已换好"))
    send(desk)
    book = NoticeBook(desk.store)
    (call,) = book.calls("repairs")
    assert book.calls("gardens") == ()
    with pytest.raises(NotYours):
        book.called(call.id, ZHOU)
    assert book.called(call.id, LI, is_told=False)
    assert [call.tries for call in book.calls()] == [1]
    assert book.called(call.id, LI)
    assert not book.called(call.id, BOSS)
    assert book.calls() == ()
    last = Dossiers(desk.store).open(number, BOSS).history[-1]
    assert (last.kind, last.author, last.about) == ("phoned", "li", "resolved")
    assert desk.verify() == []


def test_later_news_of_a_case_takes_the_place_of_earlier_news(desk: Desk, number: str) -> None:
    book = NoticeBook(desk.store)
    desk.move(number, Move(CaseStatus.PAUSED, WANG, "等灯管", pause=PauseReason.MATERIAL))
    send(desk)
    assert [call.subject for call in book.calls()] == ["paused"]
    desk.move(number, Move(CaseStatus.IN_PROGRESS, WANG))
    send(desk)
    assert book.calls() == ()
    desk.move(number, Move(CaseStatus.RESOLVED, WANG, "灯已换好"))
    desk.move(number, a_move(CaseStatus.CLOSED, BOSS))
    send(desk)
    assert [call.subject for call in book.calls()] == ["resolved"]


@pytest.mark.parametrize(
    ("handed", "changes"),
    [(Handed.UNREACHABLE, {"contact_phone": None}), (Handed.KEPT, {}), (Handed.SENT, {})],
    ids=["no number", "told another way", "sent"],
)
def test_nobody_is_called_who_left_no_number_or_hears_of_it_otherwise(
    desk: Desk, make_request: MakeRequest, handed: Handed, changes: dict[str, str | None]
) -> None:
    number = desk.file_case(make_request(channel="kiosk", **changes)).number
    desk.move(number, Move(CaseStatus.CLOSED, LI, "这是别的街道的路"))
    send(desk, handed)
    assert set(NoticeBook(desk.store).counts().values()) == {0}


def test_what_a_talk_does_not_fetch_in_a_day_is_told_by_phone(
    desk: Desk, clock: HandClock, number: str
) -> None:
    left, book = LeftNotices(desk.store), NoticeBook(desk.store)
    desk.move(number, Move(CaseStatus.RESOLVED, WANG, "灯已换好"))
    send(desk, Handed.LEFT)
    assert left.give_up() == 0
    waiting = book.counts()[NoticeState.LEFT]
    clock.turn(seconds=CALL_AFTER.total_seconds())
    assert left.give_up() == 1
    (call,) = book.calls()
    assert (call.subject, book.counts()[NoticeState.LEFT]) == ("resolved", waiting - 1)
    left.fetched([call.id])
    assert book.calls() == ()
    clock.turn(seconds=KEPT_FOR.total_seconds())
    assert left.give_up() == waiting - 1
    assert set(book.counts().values()) == {0}


def test_what_is_untrue_by_now_is_not_told_by_phone(desk: Desk, clock: HandClock, number: str) -> None:
    desk.move(number, Move(CaseStatus.RESOLVED, WANG, "灯已换好"))
    desk.move(number, a_move(CaseStatus.REOPENED, RESIDENT))
    send(desk, Handed.LEFT)
    clock.turn(seconds=CALL_AFTER.total_seconds())
    assert LeftNotices(desk.store).give_up() == 1
    assert NoticeBook(desk.store).calls() == ()


def test_erasing_a_case_takes_it_off_the_list_of_calls(desk: Desk, number: str) -> None:
    desk.move(number, Move(CaseStatus.RESOLVED, WANG, "灯已换好"))
    send(desk)
    (call,) = NoticeBook(desk.store).calls()
    erase(desk.store, number, BOSS, "本人要求")
    assert NoticeBook(desk.store).calls() == ()
    assert LeftNotices(desk.store).read([call.id]) == ()


def test_old_news_is_kept_and_delivered_to_nobody(desk: Desk, clock: HandClock, number: str) -> None:
    clock.turn(seconds=(KEPT_FOR + timedelta(days=1)).total_seconds())

    def deliver(notice: Notice) -> Handed:
        raise NotDelivered("nobody should be asked")

    while Outbox(desk.store, "one").send(deliver):
        pass
    assert set(NoticeBook(desk.store).counts().values()) == {0}


def looked_up(desk: Desk, filed: Receipt) -> str:
    view = desk.look_up(filed.number, filed.code, "kiosk")
    assert view is not None
    return status_reply(view).text


def test_who_looks_a_case_up_reads_what_staff_told_last(desk: Desk, make_request: MakeRequest) -> None:
    filed = desk.file_case(make_request(channel="kiosk"))
    desk.move(filed.number, Move(CaseStatus.ACCEPTED, LI, "只给同事看"))
    assert "只给同事看" not in looked_up(desk, filed)
    desk.move(filed.number, Move(CaseStatus.PAUSED, LI, "只给同事看", pause=PauseReason.WEATHER))
    assert "在等什么：等天气好转" in looked_up(desk, filed)
    assert "只给同事看" not in looked_up(desk, filed)
    desk.move(filed.number, Move(CaseStatus.ACCEPTED, LI))
    desk.move(filed.number, Move(CaseStatus.RESOLVED, LI, "灯已换好，找13912345678"))
    desk.move(filed.number, Move(CaseStatus.CLOSED, BOSS, "只给同事看"))
    assert "办理结果：灯已换好，找139****5678" in looked_up(desk, filed)
    assert "只给同事看" not in looked_up(desk, filed)


def test_who_looks_a_declined_case_up_reads_why_and_need_not_be_called(
    desk: Desk, make_request: MakeRequest
) -> None:
    filed = desk.file_case(make_request(channel="kiosk"))
    desk.move(filed.number, Move(CaseStatus.CLOSED, LI, "这是别的街道的路"))
    send(desk)
    book = NoticeBook(desk.store)
    assert book.last(filed.number) == LastNotice("declined", NoticeState.CALL, None)
    assert desk.look_up(filed.number, "000000", "guesser") is None
    assert len(book.calls()) == 1
    text = looked_up(desk, filed)
    assert "报修：这里办不了。" in text
    assert "办不了的原因：这是别的街道的路" in text
    assert book.calls() == ()


def test_who_reported_the_same_thing_is_told_its_result(desk: Desk, make_request: MakeRequest) -> None:
    filed = desk.file_case(make_request("follower", channel="kiosk"))
    master = desk.file_case(make_request("master", conversation="another")).number
    desk.move(filed.number, a_move(CaseStatus.MERGED, LI, master))
    desk.move(master, Move(CaseStatus.ACCEPTED, LI))
    desk.move(master, Move(CaseStatus.RESOLVED, LI, "水管已换好"))
    send(desk)
    calls = {call.number: call.subject for call in NoticeBook(desk.store).calls()}
    assert calls == {filed.number: "followed", master: "resolved"}
    assert "办理结果：水管已换好" in looked_up(desk, filed)
