"""What staff switch off is off in every process of a hall in a moment."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hall.database import open_engine, open_sessions
from knowledge.switches import Switches
from tests.conftest import ROOT
from tests.running_hall import RunningHall

pytestmark = pytest.mark.serve

TEXT = "系统正在维护，请拨打12345。"
SECOND = 1.0


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RunningHall]:
    hall = RunningHall.start(ROOT, tmp_path, LINLI_HALL_WORKERS="3", LINLI_WITHOUT_RASA="1")
    yield hall
    hall.stop()


@pytest.fixture
def switches(hall: RunningHall) -> Iterator[Switches]:
    engine = open_engine(f"sqlite:///{hall.folder / 'linli.db'}")
    yield Switches(open_sessions(engine), lambda: datetime.now(UTC))
    engine.dispose()


def answers(hall: RunningHall) -> set[bool]:
    """Talk from four sides for a second; return whether what was asked was withheld."""
    begun = time.monotonic()

    def talk(_side: int) -> set[bool]:
        seen: set[bool] = set()
        while not seen or time.monotonic() - begun < SECOND:
            # A new connection each time: the kernel gives it to any of the processes.
            answer = hall.post(
                {"conversation": secrets.token_hex(16), "text": "几点下班"}, headers={"connection": "close"}
            )
            assert answer.status_code == 200, answer.text
            seen.add(TEXT in answer.json()["text"])
        return seen

    with ThreadPoolExecutor(4) as sides:
        return set().union(*sides.map(talk, range(4)))


def settles_on(hall: RunningHall, is_withheld: bool) -> bool:
    """Return whether every process comes to answer so: alone within a second, on a busy machine later."""
    return any(answers(hall) == {is_withheld} for _ in range(20))


def test_all_processes_withhold_and_answer_again(hall: RunningHall, switches: Switches) -> None:
    switches.set("assistant", "", TEXT, "", None, "li")
    assert settles_on(hall, True)
    assert answers(hall) == {True}, "one of the processes went back"
    switches.clear("assistant", "")
    assert settles_on(hall, False)
    # One that ends by itself needs nobody to clear it.
    switches.set("door", "chat", TEXT, "", datetime.now(UTC) + timedelta(seconds=5), "li")
    assert True in answers(hall)
    assert settles_on(hall, False)
