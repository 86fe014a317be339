"""The whole hall is killed while it publishes: after the restart it answers from one whole release."""

from __future__ import annotations

import os
import random
import secrets
import signal
import time
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from hall.database import migrate
from hall.settings import Settings, read_settings
from hall.startup import import_shipped
from hall.wiring import Wiring
from knowledge.learned import digest_of, shipped_learning
from knowledge.matching import entries_of
from knowledge.release_tables import ReleaseState
from tests.knowledge.curation import Room
from tests.running_hall import RunningHall

pytestmark = pytest.mark.serve

ROOT = Path(__file__).resolve().parents[2]
GUIDE = "residence-permit-first"
QUESTION = "上海市居住证申领(首次)"


def start(folder: Path) -> RunningHall:
    return RunningHall.start(ROOT, folder, LINLI_WITHOUT_RASA="1", LINLI_HALL_WORKERS="2")


def kill_whole(hall: RunningHall) -> None:
    """Kill the supervisor and every process that it names, at once."""
    state = hall.state()
    assert state is not None
    for pid in (hall.process.pid, *state["processes"].values()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    hall.process.wait(timeout=10)
    hall.http.close()


def prepare(folder: Path) -> None:
    """Do what a first start does, but for learning from the guides, which takes long."""
    settings = hall_settings(folder)
    migrate(settings)
    import_shipped(settings)
    wiring = Wiring(settings)
    digest = digest_of(entries_of([guide for guide, _ in wiring.library.published()]))
    wiring.library.keep_learned(digest, shipped_learning().to_mapping())
    import_shipped(settings)  # notes that nothing is left to do: each start is quick then
    wiring.engine.dispose()


def ready(wiring: Wiring, to: int | None) -> int:
    """Have the next release ready: an edit, or a rollback that takes a stored build."""
    if to is None:
        room = Room(wiring.sessions, wiring.clock())
        room.approve(GUIDE, notes="改过")  # nothing that is learned from
        number = wiring.releases.propose("wang", "")
    else:
        number = wiring.releases.propose_rollback(to, "admin", "")
    deadline = time.monotonic() + 150
    while (info := wiring.releases.get(number)).state is not ReleaseState.READY:
        assert info.state in (ReleaseState.QUEUED, ReleaseState.BUILDING), info
        assert time.monotonic() < deadline, info
        time.sleep(0.05)
    return number


def kill_while_it_publishes(hall: RunningHall, wiring: Wiring, number: int, after_seconds: float) -> None:
    """Have the hall publish a release by itself, and kill it around that moment."""
    at = wiring.clock() + timedelta(seconds=0.2)
    wiring.releases.schedule(number, at, "admin")
    hall.wait_for(lambda: wiring.clock() >= at, "its time has come")
    time.sleep(after_seconds)
    kill_whole(hall)


def test_five_kills_of_the_whole_hall_while_it_publishes_leave_one_whole_release(tmp_path: Path) -> None:
    prepare(tmp_path)
    hall = start(tmp_path)
    wiring = Wiring(hall_settings(tmp_path))
    room = Room(wiring.sessions)
    chance = random.Random(5)
    try:
        for goal in (None, 1, 2, 1, 2):
            before = wiring.library.release()
            number = ready(wiring, goal)
            kill_while_it_publishes(hall, wiring, number, chance.uniform(0, 1.2))
            assert wiring.library.release() in (before, number)
            room.shown()  # pointer, set and guides agree
            hall = start(tmp_path)
            earlier = room.shown()[GUIDE]
            answers = [hall.say(secrets.token_hex(8), QUESTION) for _ in range(4)]
            later = room.shown()[GUIDE]
            assert {answer["guide"]["revision"] for answer in answers} <= {earlier, later}
            hall.wait_for(partial(is_current, wiring, number), "what was scheduled is published yet")
    finally:
        hall.stop()
        wiring.engine.dispose()


def hall_settings(folder: Path) -> Settings:
    return read_settings({"LINLI_FOLDER": str(folder)})


def is_current(wiring: Wiring, number: int) -> bool:
    return wiring.library.release() == number
