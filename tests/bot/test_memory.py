"""What is remembered between turns, also when many speak at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from bot.memory import Memory, Talk, TurnRecord, TurnUnknown
from bot.recording import Entry, Recorder
from bot.tables import Base, RatingRow, TurnRow
from cases.sealing import Sealer
from hall.database import open_engine, open_sessions
from language.reply import Decision, Reply, text_block

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    engine = open_engine(f"sqlite:///{tmp_path / 'linli.db'}")
    Base.metadata.create_all(engine)
    yield open_sessions(engine)
    engine.dispose()


def memory_of(sessions: sessionmaker[Session], clock: Callable[[], datetime] = lambda: NOON) -> Memory:
    return Memory(sessions, Sealer((b"k" * 32,)), clock)


def turn(number: int, key: str = "someone", message_id: str | None = None) -> TurnRecord:
    return TurnRecord(f"{number:032x}", key, message_id, "chat", 12)


def reply(text: str) -> Reply:
    return Reply(Decision.ANSWER, (text_block(text),))


def test_a_talk_stands_where_its_last_turn_left_it(sessions: sessionmaker[Session]) -> None:
    memory = memory_of(sessions)
    memory.record(turn(1), reply("a"), Talk("senior-card", None))
    memory.record(turn(2), reply("b"), Talk("senior-card", "place"))
    assert memory.recall("someone") == Talk("senior-card", "place")
    assert memory.recall("another") == Talk()


def test_after_half_an_hour_a_talk_begins_afresh(sessions: sessionmaker[Session]) -> None:
    memory_of(sessions).record(turn(1), reply("a"), Talk("senior-card", None))
    later = NOON + timedelta(minutes=31)
    assert memory_of(sessions, lambda: later).recall("someone") == Talk()


def test_a_message_that_is_recorded_already_keeps_its_first_reply(sessions: sessionmaker[Session]) -> None:
    memory = memory_of(sessions)
    memory.record(turn(1, message_id="m1"), reply("first"), Talk())
    memory.record(turn(2, message_id="m1"), reply("second"), Talk())
    answered = memory.answered("someone", "m1")
    assert answered is not None
    assert answered.text == "first"


def test_eight_who_speak_at_once_are_all_recorded(sessions: sessionmaker[Session]) -> None:
    one_process, another = memory_of(sessions), memory_of(sessions)

    def speak(number: int) -> None:
        memory = one_process if number % 2 else another
        memory.recall(f"talk-{number % 8}")
        memory.record(turn(number, key=f"talk-{number % 8}"), reply("a"), Talk(f"guide-{number}"))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(speak, range(200)))
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(TurnRow)) == 200
    assert one_process.recall("talk-3").guide in {f"guide-{number}" for number in range(3, 200, 8)}


def test_an_entry_that_cannot_be_written_takes_no_other_with_it(sessions: sessionmaker[Session]) -> None:
    engine = sessions().get_bind()
    assert isinstance(engine, Engine)
    recorder = Recorder(engine)

    def entry(number: int, channel: str | None) -> Entry:
        columns = {"id": f"{number:032x}", "key": "k", "at": NOON, "channel": channel, "milliseconds": 1}
        return Entry(
            {**columns, "decision": "answer", "handled_by": "rasa"},
            {"key": f"talk-{number}", "guide": None, "asks": None, "updated_at": NOON},
        )

    def write(number: int) -> str:
        try:
            recorder.write(entry(number, None if number == 7 else "chat"))
        except IntegrityError:
            return "refused"
        return "written"

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(write, range(40)))
    assert [number for number, outcome in enumerate(outcomes) if outcome == "refused"] == [7]
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(TurnRow)) == 39


def test_a_second_rating_replaces_the_first(sessions: sessionmaker[Session]) -> None:
    memory = memory_of(sessions)
    memory.record(turn(1), reply("a"), Talk())
    memory.rate("someone", f"{1:032x}", 2, "")
    memory.rate("someone", f"{1:032x}", 5, "")
    with sessions() as session:
        assert session.scalars(select(RatingRow.stars)).all() == [5]


def test_nobody_rates_a_turn_of_another_talk(sessions: sessionmaker[Session]) -> None:
    memory = memory_of(sessions)
    memory.record(turn(1), reply("a"), Talk())
    with pytest.raises(TurnUnknown):
        memory.rate("another", f"{1:032x}", 5, "")
