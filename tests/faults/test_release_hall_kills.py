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
from sqlalchemy import func, select

from hall.database import migrate
from hall.settings import Settings, read_settings
from hall.startup import import_shipped
from hall.wiring import Wiring
from knowledge.learned import digest_of, shipped_learning
from knowledge.matching import entries_of
from knowledge.release_tables import LoadRow
from tests.hall.built import Builder, finish
from tests.knowledge.curation import Room
from tests.running_hall import RunningHall

pytestmark = pytest.mark.serve

ROOT = Path(__file__).resolve().parents[2]
GUIDE = "residence-permit-first"
WORKERS = 2
QUESTION = "上海市居住证申领(首次)"


def start(folder: Path) -> RunningHall:
    return RunningHall.start(ROOT, folder, LINLI_WITHOUT_RASA="1", LINLI_HALL_WORKERS=str(WORKERS))


def kill_whole(hall: RunningHall) -> None:
    """Kill the supervisor and every process that it names, at once."""
    state = hall.state()
    assert state is not None
    for pid in (hall.process.pid, *state["processes"].values()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    hall.process.wait(timeout=10)
    hall.http.close()


def prepare(folder: Path) -> dict[int, str]:
    """Do what a first start does, and make releases 2 and 3; return the build of each."""
    settings = hall_settings(folder)
    migrate(settings)
    import_shipped(settings)
    wiring = Wiring(settings)
    digest = digest_of(entries_of([guide for guide, _ in wiring.library.published()]))
    wiring.library.keep_learned(digest, shipped_learning().to_mapping())
    import_shipped(settings)  # notes that nothing is left to do: each start is quick then
    builder = Builder(wiring)
    builds: dict[int, str] = {}
    for note in ("一", "二"):
        number, name = builder.build_next(GUIDE, note)
        wiring.releases.publish(number, "li")
        builds[number] = name
    wiring.engine.dispose()
    return builds


def ready(wiring: Wiring, to: int, build: str) -> int:
    """Have the way back to an earlier release ready."""
    number = wiring.releases.propose_rollback(to, "admin", "")
    finish(wiring, number, build)
    return number


def kill_while_it_publishes(hall: RunningHall, wiring: Wiring, number: int, after_seconds: float) -> None:
    """Have the hall publish a release by itself, and kill it around that moment."""
    at = wiring.clock() + timedelta(seconds=0.2)
    wiring.releases.schedule(number, at, "admin")
    hall.wait_for(lambda: wiring.clock() >= at, "its time has come")
    time.sleep(after_seconds)
    kill_whole(hall)


def test_five_kills_of_the_whole_hall_while_it_publishes_leave_one_whole_release(tmp_path: Path) -> None:
    builds = prepare(tmp_path)
    hall = start(tmp_path)
    wiring = Wiring(hall_settings(tmp_path))
    room = Room(wiring.sessions)
    chance = random.Random(5)
    try:
        for goal in (2, 3, 2, 3, 2):
            before = wiring.library.release()
            number = ready(wiring, goal, builds[goal])
            hall.wait_for(partial(is_loaded, wiring, number), "both workers have it in memory")
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


def is_loaded(wiring: Wiring, number: int) -> bool:
    with wiring.sessions() as session:
        loads = select(func.count()).select_from(LoadRow).where(LoadRow.release == number)
        return session.scalar(loads) == WORKERS


def is_current(wiring: Wiring, number: int) -> bool:
    return wiring.library.release() == number
