"""The queue of unanswered questions: what is kept, for how long, and what staff do with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from hall.database import migrate_engine, open_engine, open_sessions
from knowledge.curation_tables import UnansweredRow
from knowledge.unanswered import KEPT, How, Missed, Reason, Unanswered, leave_row, texts_of
from language.moments import utc_now

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def reverse(text: bytes) -> bytes:
    return text[::-1]


@dataclass
class Queue:
    unanswered: Unanswered
    sessions: sessionmaker[Session]
    now: datetime = NOON

    def note(self, text: str, reason: str = "declined", **more: str | None) -> None:
        self.unanswered.note(
            text, reason, more.get("door") or "chat", more.get("guide_id"), self.now, more.get("turn_id")
        )

    def texts(self) -> list[str]:
        return [question.text for question in self.unanswered.waiting()]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    migrate_engine(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def queue(engine: Engine) -> Queue:
    sessions = open_sessions(engine)

    def clock() -> datetime:
        return made.now

    made = Queue(Unanswered(sessions, clock, reverse, reverse), sessions)
    return made


def test_a_question_is_kept_sealed(queue: Queue) -> None:
    queue.note("护照过期了怎么换")
    with queue.sessions() as session:
        (sealed,) = session.scalars(select(UnansweredRow.sealed)).all()
    assert "护照".encode() not in sealed
    assert queue.texts() == ["护照过期了怎么换"]
    assert queue.unanswered.count() == 1


@pytest.mark.parametrize("text", ["", "  ", "？！"])
def test_what_has_no_words_is_not_kept(queue: Queue, text: str) -> None:
    queue.note(text)
    assert queue.texts() == []


def test_one_turn_is_kept_once(queue: Queue) -> None:
    queue.note("护照过期了怎么换", turn_id="t1")
    queue.note("护照过期了怎么换", "rated_badly", turn_id="t1")
    queue.note("护照过期了怎么换", turn_id="t2")
    assert [question.reason for question in queue.unanswered.waiting()] == ["declined", "declined"]


def test_an_unknown_reason_is_refused(queue: Queue) -> None:
    with pytest.raises(ValueError, match="bored"):
        queue.note("护照过期了怎么换", "bored")


def test_like_questions_stand_together_and_are_counted(queue: Queue) -> None:
    queue.note("护照过期了怎么换", guide_id="card")
    queue.now += timedelta(hours=1)
    queue.note("护照到期了在哪换", "clarified_twice", door="kiosk", guide_id="card")
    queue.note("护照到期了在哪换？", guide_id="permit")
    queue.note("想装充电桩")
    passports, charger = queue.unanswered.clusters()
    assert (passports.size, charger.size) == (3, 1)
    assert passports.label == "护照到期了在哪换"
    assert passports.reasons == {"declined": 2, "clarified_twice": 1}
    assert passports.doors == {"chat": 2, "kiosk": 1}
    assert passports.nearest == (("card", 2), ("permit", 1))
    assert (passports.first_at, passports.last_at) == (NOON, queue.now)
    assert texts_of(passports.questions) == ["护照到期了在哪换？", "护照到期了在哪换", "护照过期了怎么换"]
    assert [cluster.size for cluster in queue.unanswered.clusters(limit=1)] == [3]


def test_a_cluster_keeps_its_id_when_more_is_asked(queue: Queue) -> None:
    for text in ("想装充电桩", "护照过期了怎么换"):
        queue.note(text)
    before = {cluster.label: cluster.id for cluster in queue.unanswered.clusters()}
    for text in ("护照到期了怎么换", "护照过期了怎么换", "今天天气怎么样", "充电桩安装"):
        queue.note(text)
    after = {cluster.label: cluster.id for cluster in queue.unanswered.clusters()}
    assert before.items() <= after.items()


def test_what_is_settled_leaves_the_queue(queue: Queue) -> None:
    queue.note("护照过期了怎么换")
    queue.note("想装充电桩")
    ids = [question.id for question in queue.unanswered.waiting() if "护照" in question.text]
    settled = queue.unanswered.settle(ids, How.NOT_OURS, "li")
    assert [question.text for question in settled] == ["护照过期了怎么换"]
    assert queue.texts() == ["想装充电桩"]
    assert queue.unanswered.settle(ids, How.PHRASING, "wang", "card") == []
    with queue.sessions() as session:
        row = session.get(UnansweredRow, ids[0])
        assert row is not None
        assert (row.how, row.settled_by, row.settled_guide) == ("not_ours", "li", None)


def test_after_ninety_days_a_question_is_forgotten(queue: Queue) -> None:
    queue.note("护照过期了怎么换")
    queue.now += KEPT - timedelta(hours=1)
    queue.note("想装充电桩")
    assert queue.unanswered.purge_expired() == 0
    queue.now += timedelta(hours=2)
    assert queue.texts() == ["想装充电桩"]
    assert queue.unanswered.purge_expired() == 1
    assert queue.texts() == ["想装充电桩"]


def test_a_question_whose_key_is_gone_is_left_out(queue: Queue) -> None:
    queue.note("护照过期了怎么换")

    def fail(_sealed: bytes) -> bytes:
        raise RuntimeError("the key is gone")

    other = Unanswered(queue.sessions, lambda: NOON, reverse, fail)
    assert other.waiting() == []
    assert other.clusters() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("充电桩安装", "想装充电桩"),
        ("小孩改名字", "孩子想改个名字怎么弄"),
        ("注册一家公司", "公司注册怎么弄"),
        ("把户口迁到上海什么条件", "户口迁移"),
    ],
)
def test_two_ways_of_asking_meet(queue: Queue, one: str, other: str) -> None:
    queue.note(one)
    queue.note(other)
    assert [cluster.size for cluster in queue.unanswered.clusters()] == [2]


@pytest.mark.parametrize(
    ("one", "other"), [("停车证", "网约车证怎么考"), ("居转户条件", "落户打分"), ("想装充电桩", "停车证")]
)
def test_two_matters_stay_apart(queue: Queue, one: str, other: str) -> None:
    queue.note(one)
    queue.note(other)
    assert [cluster.size for cluster in queue.unanswered.clusters()] == [1, 1]


def test_whoever_settled_a_question_puts_it_back(queue: Queue) -> None:
    queue.note("护照过期了怎么换")
    before = queue.unanswered.mark()
    ids = [question.id for question in queue.unanswered.waiting()]
    queue.unanswered.settle(ids, How.IGNORED, "li")
    assert queue.unanswered.mark() != before
    assert queue.unanswered.reopen(ids, "wang") == []
    assert [question.text for question in queue.unanswered.reopen(ids, "li")] == ["护照过期了怎么换"]
    assert queue.texts() == ["护照过期了怎么换"]
    assert queue.unanswered.mark() == before
    assert queue.unanswered.reopen(ids, "li") == []


def test_a_question_is_left_once_on_either_database(database_url: str) -> None:
    migrate_engine(engine := open_engine(database_url))
    queue = Unanswered(open_sessions(engine), utc_now, seal=lambda text: text, open=lambda sealed: sealed)
    row = queue.row(Missed("彩票去哪里兑", Reason.LEFT), "chat", utc_now(), "t" * 32)
    with engine.begin() as connection:
        assert [leave_row(connection, row), leave_row(connection, row)] == [True, False]
    assert queue.count() == 1
    engine.dispose()
