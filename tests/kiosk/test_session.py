"""A visitor's session: what it keeps, where it rests, and when it is gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

from hall.database import open_engine, open_sessions
from kiosk.session import ANSWERS_KEPT, Draft, KioskSession, KioskSessions, Shown
from kiosk.tables import Base, KioskSessionRow

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SECRET = "我叫王建国，住幸福路100弄"


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database() -> sessionmaker[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    return sessionmaker(engine)


@pytest.fixture
def sessions(database: sessionmaker[Session], clock: Clock) -> KioskSessions:
    return KioskSessions(database, clock, timedelta(minutes=5))


def rows(database: sessionmaker[Session]) -> list[KioskSessionRow]:
    with database() as session:
        return list(session.scalars(select(KioskSessionRow)))


def test_a_session_comes_back_as_it_was_left(sessions: KioskSessions) -> None:
    visit = sessions.open(None)
    visit.session.draft = Draft("key", values={"description": SECRET})
    visit.session.keep(Shown("居住证怎么办", {"decision": "answer"}))
    sessions.save(visit)
    assert sessions.open(visit.token).session == visit.session


def test_tokens_and_conversations_are_128_random_bits(sessions: KioskSessions) -> None:
    first, second = sessions.open(None), sessions.open(None)
    assert len(bytes.fromhex(first.token)) == len(bytes.fromhex(first.session.conversation)) == 16
    assert first.token != second.token
    assert first.token != first.session.conversation


def test_nothing_of_it_can_be_read_without_the_cookie(
    sessions: KioskSessions, database: sessionmaker[Session]
) -> None:
    visit = sessions.open(None)
    visit.session.draft = Draft("key", values={"contact_name": SECRET})
    sessions.save(visit)
    (row,) = rows(database)
    assert SECRET.encode() not in row.body
    assert visit.token not in row.key_digest
    assert sessions.open("0" * 32).session.draft is None


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "' OR 1=1 --", "\u0000", "９" * 500])
def test_a_token_that_nobody_was_given_opens_a_fresh_session(token: str, sessions: KioskSessions) -> None:
    visit = sessions.open(token)
    assert visit.before is None
    assert visit.token != token


def test_an_idle_session_is_gone(sessions: KioskSessions, clock: Clock) -> None:
    visit = sessions.open(None)
    sessions.save(visit)
    clock.now += timedelta(minutes=6)
    assert sessions.open(visit.token).token != visit.token


def test_being_there_keeps_it_alive(sessions: KioskSessions, clock: Clock) -> None:
    visit = sessions.open(None)
    sessions.save(visit)
    for _ in range(3):
        clock.now += timedelta(minutes=4)
        visit = sessions.open(visit.token)
        sessions.save(visit)
    assert sessions.open(visit.token).before is not None


def test_an_ended_session_stays_ended_even_for_a_request_on_its_way(
    sessions: KioskSessions, database: sessionmaker[Session]
) -> None:
    visit = sessions.open(None)
    sessions.save(visit)
    late = sessions.open(visit.token)
    sessions.end(visit.token)
    late.session.elder = True
    sessions.save(late)
    assert rows(database) == []


def test_ending_one_sweeps_up_those_left_idle(
    sessions: KioskSessions, database: sessionmaker[Session], clock: Clock
) -> None:
    forgotten = sessions.open(None)
    sessions.save(forgotten)
    clock.now += timedelta(minutes=6)
    sessions.end("0" * 32)
    assert rows(database) == []


def test_sweeping_up_takes_the_idle_and_leaves_the_others(
    sessions: KioskSessions, database: sessionmaker[Session], clock: Clock
) -> None:
    sessions.save(sessions.open(None))
    clock.now += timedelta(minutes=6)
    present = sessions.open(None)
    sessions.save(present)
    sessions.purge_idle()
    assert len(rows(database)) == 1
    assert sessions.open(present.token).before is not None


def test_requests_of_a_fast_typist_are_kept_side_by_side(tmp_path: Path, clock: Clock) -> None:
    # Several requests at a time failed with "database is locked": each had read before it wrote.
    engine = open_engine(f"sqlite:///{tmp_path / 'hall.db'}")
    Base.metadata.create_all(engine)
    sessions = KioskSessions(open_sessions(engine), clock, timedelta(minutes=5))
    first = sessions.open(None)
    sessions.save(first)

    def type_a_letter(_: int) -> None:
        visit = sessions.open(first.token)
        visit.session.volume = 3
        sessions.save(visit)

    with ThreadPoolExecutor(8) as fingers:
        list(fingers.map(type_a_letter, range(80)))
    assert sessions.open(first.token).session.volume == 3
    engine.dispose()


def test_going_to_the_screen_before_is_going_back() -> None:
    session = KioskSession("c")
    for path in ("/", "/kiosk/all", "/kiosk/answer/1"):
        session.visit(path)
    assert session.previous() == "/kiosk/all"
    session.visit("/kiosk/all")
    assert session.trail == ["/", "/kiosk/all"]
    session.visit("/kiosk/all")
    assert session.previous() == "/"


def test_only_the_last_answers_are_kept() -> None:
    session = KioskSession("c")
    numbers = [session.keep(Shown(f"question {n}", {})) for n in range(ANSWERS_KEPT + 3)]
    assert list(session.answers) == numbers[3:]


def test_the_voice_moves_a_step_at_a_time_and_never_falls_silent() -> None:
    session = KioskSession("talk")
    for wish, pace, volume in (
        ("slower", "slow", 2), ("slower", "slow", 2), ("faster", "normal", 2), ("faster", "fast", 2),
        ("faster", "fast", 2), ("louder", "fast", 3), ("louder", "fast", 3), ("softer", "fast", 2),
        ("softer", "fast", 1), ("softer", "fast", 1), ("unheard-of", "fast", 1),
    ):  # fmt: skip
        session.adjust_voice(wish)
        assert (session.pace, session.volume) == (pace, volume), wish
