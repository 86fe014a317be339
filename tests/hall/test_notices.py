"""A notice reaches the talk that filed its case, once, however late it is fetched and whatever dies."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.turn import Channel, Turn
from cases.case import CaseKind, CaseStatus, Request
from cases.notices.book import NoticeBook
from cases.notices.outbox import LEASE, Outbox
from cases.privacy.erasing import erase
from cases.residents import Rating, Residents
from cases.tables import CaseRow, NoticeRow, NoticeState
from cases.work.moving import Move
from hall.housekeeping import clear_up
from hall.notices import Post, send_some
from hall.public_app import make_public_app
from hall.wiring import Wiring
from language.reply import Reply
from tests.bot.small_hall import SmallHall
from tests.cases.working import BOSS, LI
from tests.serving import ServedApp

TALK = Turn(Channel.CHAT, "c")
RESULT = "灯已换好"


@pytest.fixture
def hall(tmp_path: Path, database_url: str) -> SmallHall:
    return SmallHall(tmp_path, database_url)


@pytest.fixture
def here(tmp_path: Path) -> SmallHall:
    """A hall on SQLite alone, for what is the same on both."""
    return SmallHall(tmp_path, f"sqlite:///{tmp_path / 'linli.db'}")


def file(hall: SmallHall, talk: Turn = TALK, **changes: str) -> str:
    """File a case in a talk, as its form does."""
    return hall.wiring.desk.file_case(request_of(hall, talk, **changes)).number


def request_of(hall: SmallHall, talk: Turn = TALK, **changes: str) -> Request:
    values = {"channel": str(talk.channel), "conversation": hall.wiring.conversation.key_of(talk), **changes}
    phone = "13812345678"
    return Request("key", CaseKind.REPAIR, "3号楼楼道灯不亮", "幸福里3号楼", "王小明", phone, **values)


def accept(hall: SmallHall) -> None:
    """File a case and accept it; that it was filed is told, that it is accepted waits to be sent."""
    number = file(hall)
    send_due(hall.wiring)
    hall.wiring.desk.move(number, Move(CaseStatus.ACCEPTED, LI))


def resolve(hall: SmallHall, number: str) -> None:
    hall.wiring.desk.move(number, Move(CaseStatus.ACCEPTED, LI))
    hall.wiring.desk.move(number, Move(CaseStatus.RESOLVED, LI, RESULT))
    send_due(hall.wiring)


def send_due(wiring: Wiring) -> None:
    while send_some(wiring):
        pass


def fetch(wiring: Wiring, talk: Turn = TALK, after: int = 0) -> list[tuple[int, Reply]]:
    return asyncio.run(wiring.conversation.late_replies(talk, after))


def states(hall: SmallHall) -> list[str]:
    with hall.wiring.sessions() as session:
        return list(session.scalars(select(NoticeRow.state).order_by(NoticeRow.id)))


def test_a_talk_fetches_its_notices_in_their_order_and_no_other_talk_does(hall: SmallHall) -> None:
    resolve(hall, file(hall))
    assert fetch(hall.wiring, Turn(Channel.CHAT, "another")) == []
    # That it was filed is on the receipt.
    assert states(hall) == [NoticeState.KEPT, NoticeState.LEFT, NoticeState.LEFT]
    (first, accepted), (second, resolved) = fetch(hall.wiring)
    assert "已受理" in accepted.text
    assert RESULT in resolved.text
    assert states(hall) == [NoticeState.KEPT, NoticeState.SENT, NoticeState.SENT]
    assert [number for number, _ in fetch(hall.wiring, after=first)] == [second]
    assert fetch(hall.wiring, after=second) == []


def test_a_notice_waits_for_weeks_and_through_a_restart(hall: SmallHall) -> None:
    resolve(hall, file(hall))
    for _ in range(3):
        hall.wait(days=18)
        clear_up(hall.wiring)
    reborn = hall.another_process()
    texts = [reply.text for _, reply in fetch(reborn)]
    assert any(RESULT in text for text in texts)
    hall.wait(days=7)
    clear_up(hall.wiring)
    assert fetch(reborn) == []


def test_what_a_killed_worker_had_left_already_is_read_once(hall: SmallHall) -> None:
    accept(hall)
    (claimed,) = Outbox(hall.wiring.desk.store, "killed").claim()
    Post(hall.wiring.talk_notices)(claimed)  # and here it is killed
    hall.wait(seconds=LEASE.total_seconds())
    other = hall.another_process()
    send_due(other)
    assert len(fetch(other)) == 1


def test_what_was_fetched_before_its_worker_could_say_so_is_sent(hall: SmallHall) -> None:
    accept(hall)
    outbox = Outbox(hall.wiring.desk.store, "slow")
    post = Post(hall.wiring.talk_notices)

    def deliver_slowly(notice: object) -> object:
        handed = post(notice)  # type: ignore[arg-type]
        assert len(fetch(hall.wiring)) == 1
        return handed

    outbox.send(deliver_slowly)  # type: ignore[arg-type]
    assert states(hall) == [NoticeState.KEPT, NoticeState.SENT]


def test_a_resolved_case_asks_for_its_rating_in_the_talk_that_filed_it(here: SmallHall) -> None:
    number = file(here)
    resolve(here, number)
    _, asked = fetch(here.wiring)[-1]
    assert [choice.label for choice in asked.choices][:5] == [
        "非常满意",
        "满意",
        "基本满意",
        "不满意",
        "非常不满意",
    ]
    here.wait(days=2)
    here.choose(asked.choices[1].id)
    with here.wiring.sessions() as session:
        case = session.get_one(CaseRow, number)
        assert (case.status, case.rating) == ("rated", 4)
    send_due(here.wiring)
    assert "谢谢您" not in fetch(here.wiring)[-1][1].text  # the reply has said so
    assert fetch(here.wiring)[-1][1].choices == ()


def test_what_was_done_at_another_door_is_told_in_the_talk_that_filed_the_case(here: SmallHall) -> None:
    number = file(here)
    resolve(here, number)
    request_code = here.wiring.desk.file_case(request_of(here)).code
    Residents(here.wiring.desk).rate(number, request_code, "kiosk session", Rating.SATISFIED)
    send_due(here.wiring)
    assert "谢谢您对编号" in fetch(here.wiring)[-1][1].text


def test_who_is_asked_may_answer_in_words(here: SmallHall) -> None:
    number = file(here)
    resolve(here, number)
    fetch(here.wiring)
    here.say("非常满意")
    with here.wiring.sessions() as session:
        assert session.get_one(CaseRow, number).rating == 5


def test_the_reminder_goes_the_same_way_once(here: SmallHall) -> None:
    resolve(here, file(here))
    here.wait(days=4)
    for _ in range(2):
        clear_up(here.wiring)
        send_due(here.wiring)
    (_, result), (_, reminder) = fetch(here.wiring)[-2:]
    assert "只提醒这一次" in reminder.text
    assert (len(reminder.choices) >= 5, result.choices) == (True, ())
    assert [row for row in states(here) if row == NoticeState.PENDING] == []
    assert sum("只提醒这一次" in reply.text for _, reply in fetch(here.wiring)) == 1


def test_who_filed_in_english_reads_english(here: SmallHall) -> None:
    resolve(here, file(here, locale="en"))
    assert "is resolved" in fetch(here.wiring)[-1][1].text


def test_a_group_is_told_that_there_is_news_and_not_which(here: SmallHall) -> None:
    member = Turn(Channel.GROUP, "group", "member")
    resolve(here, file(here, member))
    told = fetch(here.wiring, member)
    assert all(reply.private and "有新进展" in reply.text for _, reply in told)
    assert not any(RESULT in reply.text or reply.choices for _, reply in told)
    assert fetch(here.wiring, Turn(Channel.GROUP, "group", "neighbour")) == []


def test_what_is_erased_is_not_left_in_a_talk(here: SmallHall) -> None:
    number = file(here)
    resolve(here, number)
    erase(here.wiring.desk.store, number, BOSS, "本人要求")
    assert fetch(here.wiring) == []


@pytest.mark.parametrize(
    ("channel", "state"),
    [
        ("window", NoticeState.CALL),
        ("phone", NoticeState.CALL),
        ("open311", NoticeState.CALL),
        ("hotline", NoticeState.KEPT),
    ],
)
def test_where_nobody_can_write_the_phone_or_the_hotlines_sheet_tells(
    here: SmallHall, channel: str, state: NoticeState
) -> None:
    resolve(here, file(here, channel=channel, conversation="staff/li"))
    assert states(here) == [NoticeState.KEPT, NoticeState.KEPT, state]


def test_a_door_that_nobody_knows_is_put_before_staff(here: SmallHall) -> None:
    file(here, channel="pigeon")
    send_due(here.wiring)
    book = NoticeBook(here.wiring.desk.store)
    assert [dead.problem for dead in book.dead_letters()] == ["channel_unknown"]
    assert book.counts()[NoticeState.DEAD] == 1


def test_the_hall_hands_notices_to_the_chat_page_and_counts_them(here: SmallHall) -> None:
    served = ServedApp(make_public_app(here.wiring))
    try:
        with httpx.Client(base_url=served.url, trust_env=False, timeout=30) as http:
            resolve(here, file(here))
            waiting = http.get("/metrics").text
            replies = http.get("/api/chat/replies", params={"conversation": "c"}).json()["replies"]
            after = http.get("/metrics").text
            rest = http.get("/api/chat/replies", params={"conversation": "c", "after": replies[-1]["id"]})
    finally:
        served.close()
    assert RESULT in replies[-1]["text"]
    assert replies[-1]["private"]
    assert all(set(choice) == {"id", "label", "guide", "note"} for choice in replies[-1]["choices"])
    assert rest.json() == {"replies": []}
    assert 'linli_notices{state="left"} 2.0' in waiting
    assert 'linli_notices{state="left"} 0.0' in after


def test_nothing_that_a_person_wrote_is_logged(here: SmallHall, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        resolve(here, file(here))
        here.wait(days=2)
        send_due(here.wiring)
        fetch(here.wiring)
    for word in (RESULT, "13812345678", "王小明", "楼道灯", "幸福里"):
        assert word not in caplog.text
