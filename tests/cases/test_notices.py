"""Each move's notice goes out at least once, in order, by one worker at a time, or lands before staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
import yaml

import cases.notices
from cases.case import CaseStatus, NotYours, Request
from cases.desk import Desk
from cases.notices.book import NoticeBook
from cases.notices.notice import Notice
from cases.notices.outbox import LEASE, MAX_ATTEMPTS, Handed, NotDelivered, Outbox
from cases.notices.wording import word_notice
from cases.tables import EventKind
from cases.work.moving import Move, PauseReason
from tests.cases.conftest import HandClock
from tests.cases.working import BOSS, LI, WANG, bring, open_departments

MakeRequest = Callable[..., Request]


class Letters(list[Notice]):
    """A channel that keeps what it is handed, or refuses."""

    def __init__(self, problem: NotDelivered | None = None) -> None:
        super().__init__()
        self.problem = problem

    def __call__(self, notice: Notice) -> Handed:
        if self.problem is not None:
            raise self.problem
        self.append(notice)
        return Handed.SENT


def test_every_status_has_its_words() -> None:
    file = Path(cases.notices.__file__ or "").with_name("notices.yml")
    texts = yaml.safe_load(file.read_text("utf-8"))
    kinds = {*(status.value for status in CaseStatus), EventKind.FOLLOWED.value, EventKind.REMINDED.value}
    others = {"declined", "no_words", "rate_by_touch", "in_group", "is_declined"}
    others |= {f"outcome_{subject}" for subject in ("resolved", "declined", "paused")}
    assert kinds | others | {f"pause_{reason}" for reason in PauseReason} == set(texts)
    assert all(set(text) == {"zh", "en"} for text in texts.values())


def test_a_notice_quotes_only_what_was_written_for_the_resident() -> None:
    words = word_notice("resolved", "260611-0001", "in_progress", "灯已换好，电话13812345678。", "")
    assert "灯已换好，电话138****5678" in words["zh"]
    assert "灯" not in word_notice("returned", "260611-0001", "dispatched", "灯不归我们", "")["zh"]
    assert "不归我们" in word_notice("closed", "260611-0001", "received", "不归我们", "")["zh"]
    assert "不归我们" not in word_notice("closed", "260611-0001", "rated", "不归我们", "")["zh"]
    assert "天气" in word_notice("paused", "260611-0001", "in_progress", "x", "weather")["zh"]


def test_notices_go_out_in_their_order(desk: Desk, make_request: MakeRequest) -> None:
    number = desk.file_case(make_request()).number
    open_departments(desk)
    bring(desk, number, CaseStatus.IN_PROGRESS)
    desk.move(number, Move(CaseStatus.RESOLVED, WANG, "灯已换好"))
    outbox, letters = Outbox(desk.store, "one"), Letters()
    while outbox.send(letters):
        pass
    assert [letter.kind for letter in letters] == [
        "received",
        "accepted",
        "dispatched",
        "in_progress",
        "resolved",
    ]
    assert {(letter.channel, letter.conversation) for letter in letters} == {("chat", "conversation-1")}
    assert "灯已换好" in letters[-1].words["zh"]
    assert outbox.waiting() == 0
    assert desk.verify() == []


def test_a_notice_that_fails_waits_longer_each_time_and_holds_back_the_next_one(
    desk: Desk, clock: HandClock, make_request: MakeRequest
) -> None:
    number = desk.file_case(make_request()).number
    desk.move(number, Move(CaseStatus.ACCEPTED, LI))
    outbox, broken = Outbox(desk.store, "one"), Letters(NotDelivered("channel away"))
    waits = []
    for _ in range(MAX_ATTEMPTS - 1):
        assert outbox.send(broken) == 0
        waited = timedelta()
        while not (claimed := outbox.claim()):
            clock.turn(seconds=30)
            waited += timedelta(seconds=30)
        waits.append(waited)
        assert [notice.kind for notice in claimed] == ["received"]
        clock.turn(seconds=LEASE.total_seconds())
        # The claim above counted as a try that ended in a crash.
        if claimed[0].attempts >= MAX_ATTEMPTS:
            outbox.fail(claimed[0], NotDelivered("still away"))
            break
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (30, 120, 480, 1920)]
    assert max(waits) == timedelta(hours=1)
    letters = Letters()
    book = NoticeBook(desk.store)
    assert [(dead.number, dead.subject) for dead in book.dead_letters()] == [(number, "received")]
    assert outbox.send(letters) == 1  # the next one is not lost with it
    with pytest.raises(NotYours):
        book.revive(book.dead_letters()[0].id, WANG)
    assert book.revive(book.dead_letters()[0].id, LI)
    assert outbox.send(letters) == 1
    assert [letter.kind for letter in letters] == ["accepted", "received"]
    assert not book.revive(letters[1].id, LI)


def test_a_notice_without_a_way_to_its_resident_is_put_before_staff_at_once(
    desk: Desk, make_request: MakeRequest
) -> None:
    desk.file_case(make_request(channel="window", taken_by="li"))
    outbox = Outbox(desk.store, "one")
    outbox.send(Letters(NotDelivered("no channel: call the resident", is_final=True)))
    dead = NoticeBook(desk.store).dead_letters()
    assert [(letter.channel, letter.attempts, letter.problem) for letter in dead] == [
        ("window", 1, "no channel: call the resident")
    ]


def test_what_a_crashed_worker_claimed_another_one_sends_after_the_lease(
    desk: Desk, clock: HandClock, make_request: MakeRequest
) -> None:
    desk.file_case(make_request())
    crashed, other, letters = Outbox(desk.store, "one"), Outbox(desk.store, "two"), Letters()
    (claimed,) = crashed.claim()
    assert other.send(letters) == 0
    clock.turn(seconds=LEASE.total_seconds())
    assert other.send(letters) == 1
    crashed.fail(claimed, NotDelivered("too late"))  # the first worker wakes up: it is no longer its notice
    assert other.waiting() == 0
    assert letters[0].id == claimed.id
    assert letters[0].attempts == 2


def test_eight_workers_send_each_notice_once(desk: Desk, make_request: MakeRequest) -> None:
    for count in range(24):
        desk.file_case(make_request(f"key {count}"))
    together, letters = Barrier(8), Letters()

    def work(worker: int) -> None:
        outbox = Outbox(desk.store, f"worker {worker}")
        together.wait()
        while outbox.send(letters, most=3):
            pass

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    while Outbox(desk.store, "last").send(letters):  # a round may find all that is left claimed by others
        pass
    assert Counter(letter.id for letter in letters).most_common(1)[0][1] == 1
    assert len(letters) == 24


@pytest.mark.parametrize("actor", [LI, BOSS])
def test_a_declined_case_says_why(actor: object, desk: Desk, make_request: MakeRequest) -> None:
    number = desk.file_case(make_request()).number
    desk.move(number, Move(CaseStatus.CLOSED, actor, "这是别的街道的路"))  # type: ignore[arg-type]
    outbox, letters = Outbox(desk.store, "one"), Letters()
    while outbox.send(letters):
        pass
    assert "这是别的街道的路" in letters[-1].words["zh"]
