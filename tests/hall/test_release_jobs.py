"""What a worker does for releases beside its work: processes that build, and publishing at a set time."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from hall.database import migrate
from hall.release_build import build
from hall.release_build import main as build_by_hand
from hall.release_jobs import build_queued, publish_scheduled
from hall.settings import read_settings
from hall.wiring import Wiring
from knowledge.release_tables import ReleaseState
from tests.knowledge.curation import Room, small

pytestmark = pytest.mark.serve

PATIENCE_SECONDS = 90.0


@pytest.fixture
def wiring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """A worker of a hall with two guides, in which one change is approved and release 2 is queued."""
    monkeypatch.setenv("LINLI_FOLDER", str(tmp_path))
    made = Wiring(read_settings())
    migrate(made.settings)
    room = Room(made.sessions, made.clock())
    room.library.import_guides([small("one", "老年卡"), small("two", "居住证")], "lin")
    room.approve("one", life_events=["退休"])
    assert made.releases.propose("wang", "") == 2
    yield made
    made.engine.dispose()


def state(wiring: Wiring) -> ReleaseState:
    return wiring.releases.get(2).state


def children() -> list[int]:
    """The process ids of the children that build."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if "hall.release_build" in child.cmdline():
                found.append(child.pid)
    return found


def run_beside(job: Callable[[Wiring], Awaitable[None]], wiring: Wiring, test: Callable[[], None]) -> None:
    """Run a worker's endless job while a test looks on in a thread, then end the job as a worker does."""

    async def both() -> None:
        task = asyncio.ensure_future(job(wiring))
        await asyncio.to_thread(test)
        task.cancel()
        await asyncio.wait([task])

    # In a thread of its own: a browser's driver leaves a running loop in the main one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, both()).result()


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


def test_a_build_whose_process_is_killed_is_begun_again_until_it_is_done(wiring: Wiring) -> None:
    def kill_once() -> None:
        wait_for(children, "a process builds")
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: state(wiring) is ReleaseState.READY, "it is ready")

    run_beside(build_queued, wiring, kill_once)
    info = wiring.releases.get(2)
    assert info.build is not None
    assert wiring.builds.has(info.build)
    assert children() == []


def test_a_worker_that_stops_hands_its_release_back_and_leaves_no_process(wiring: Wiring) -> None:
    run_beside(build_queued, wiring, lambda: wait_for(children, "a process builds"))
    assert state(wiring) is ReleaseState.QUEUED
    wait_for(lambda: not children(), "the child has ended")
    assert wiring.release_queue.claim("another") == 2, "at once, not when the lease has run out"


def test_a_release_called_off_while_it_is_built_stays_so(wiring: Wiring) -> None:
    def call_off() -> None:
        wait_for(children, "a process builds")
        wiring.releases.cancel(2, "li")
        wait_for(lambda: not children(), "the child has ended")

    run_beside(build_queued, wiring, call_off)
    assert state(wiring) is ReleaseState.FAILED


def test_a_scheduled_release_is_published_at_its_time_by_the_worker(wiring: Wiring) -> None:
    assert wiring.release_queue.claim_one(2, "builder")
    assert build(wiring, 2, "builder") == 0
    wiring.releases.schedule(2, wiring.clock() + timedelta(seconds=0.5), "li")
    run_beside(
        publish_scheduled, wiring, lambda: wait_for(lambda: wiring.library.release() == 2, "it is current")
    )
    assert state(wiring) is ReleaseState.CURRENT


def test_a_release_that_does_not_wait_is_not_built_by_hand(
    wiring: Wiring, capsys: pytest.CaptureFixture[str]
) -> None:
    wiring.releases.cancel(2, "li")
    assert build_by_hand(["2"]) == 1
    assert "does not wait" in capsys.readouterr().err
