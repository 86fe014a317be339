"""The whole hall is killed while clerks file and move cases: what it said was done is done, once."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from cases.case import CaseStatus
from cases.tables import CaseEventRow, CaseRow, EventKind, NoticeRow
from hall.database import migrate
from hall.ports import free_loopback_port
from hall.settings import Settings, read_settings
from hall.staff_wiring import make_accounts
from hall.startup import import_shipped
from hall.wiring import Wiring
from staff.roles import Role
from tests.faults.test_release_hall_kills import kill_whole
from tests.running_hall import RunningHall
from tests.staff.served import PASSWORD, Browser

pytestmark = pytest.mark.serve

ROOT = Path(__file__).resolve().parents[2]
NEW = "/staff/cases/-/new"
KILLS, CLERKS = 5, 3
# So many acts are acknowledged before each kill.
ACTS_BETWEEN = 9
WAY = (CaseStatus.ACCEPTED, CaseStatus.RESOLVED)


@dataclass
class Told:
    """What the hall acknowledged, and whether it can be asked now."""

    filed: dict[str, str] = field(default_factory=dict)  # number by request key
    moved: list[tuple[str, str]] = field(default_factory=list)  # number and status
    serves: threading.Event = field(default_factory=threading.Event)
    is_enough: threading.Event = field(default_factory=threading.Event)

    @property
    def acts(self) -> int:
        return len(self.filed) + len(self.moved)


@dataclass
class Clerk:
    """Files a case and works it to its end, over and over; what was not answered is sent again."""

    browser: Browser
    told: Told

    def work(self) -> None:
        while not self.told.is_enough.is_set():
            key = secrets.token_hex(16)
            sheet = {"key": key, "kind": "other", "description": "一件说不清的事", "place": f"第{key[:6]}处"}
            number = self._send(NEW, sheet).headers["location"].rpartition("/")[2]
            self.told.filed[key] = number
            for wanted in WAY:
                move = {"wanted": wanted.value, "note": "说清楚了"}
                # Refused: an answer was lost, and sent again the move is made already.
                if self._send(f"/staff/cases/{number}/move", move, refused=409).status_code == 303:
                    self.told.moved.append((number, wanted.value))

    def _send(self, path: str, fields: dict[str, str], refused: int = 303) -> httpx.Response:
        """Return the answer, however often the hall is killed before it gives one."""
        while True:
            assert self.told.serves.wait(timeout=120)
            with suppress(httpx.TransportError):
                answer = self.browser.post(path, fields)
                if answer.status_code in (303, refused):
                    return answer
                assert answer.status_code >= 500, answer.text


def test_five_kills_of_the_whole_hall_lose_no_case_and_no_move(tmp_path: Path) -> None:
    settings = read_settings({"LINLI_FOLDER": str(tmp_path)})
    prepare(settings)
    told, port = Told(), str(free_loopback_port())
    hall = start(tmp_path, port)
    with ThreadPoolExecutor(CLERKS) as threads:
        try:
            clerks = [Clerk(signed_in(hall, f"clerk-{number}"), told) for number in range(CLERKS)]
            working = [threads.submit(clerk.work) for clerk in clerks]
            told.serves.set()
            for _ in range(KILLS):
                goal = told.acts + ACTS_BETWEEN
                hall.wait_for(lambda goal=goal: told.acts >= goal, "they work")  # type: ignore[misc]
                told.serves.clear()
                kill_whole(hall)
                hall = start(tmp_path, port)
                told.serves.set()
            told.is_enough.set()
            for one in working:
                one.result(timeout=60)
        finally:
            told.is_enough.set()
            told.serves.set()
            hall.stop()
    assert len(told.filed) > KILLS
    look(settings, told)
    verified = subprocess.run(
        [sys.executable, "-m", "hall.cli", "cases", "verify"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "LINLI_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr


def look(settings: Settings, told: Told) -> None:
    """Compare the store with what was acknowledged."""
    wiring = Wiring(settings)
    with wiring.sessions() as session:
        by_key = dict(session.execute(select(CaseRow.request_key, CaseRow.number)).all())
        told_of = select(CaseEventRow.number, CaseEventRow.to_status)
        made = session.execute(told_of.where(CaseEventRow.kind == EventKind.MOVED)).all()
        entries = set(session.scalars(select(CaseEventRow.sequence)))
        owed = set(session.scalars(select(NoticeRow.sequence)))
    wiring.engine.dispose()
    assert by_key == told.filed  # every sheet was sent until it was filed: none is missing, none is more
    assert len(set(by_key.values())) == len(by_key)
    moves = [(number, status) for number, status in made]
    assert set(told.moved) <= set(moves)
    assert sorted(moves) == sorted((number, status.value) for number in by_key.values() for status in WAY)
    assert owed == entries  # only filing and moving was done, and each owes a notice


def prepare(settings: Settings) -> None:
    """Do what a first start does, so that each start is quick, and let the clerks in."""
    migrate(settings)
    import_shipped(settings)
    wiring = Wiring(settings)
    accounts = make_accounts(wiring)
    accounts.found("boss", "王主任", PASSWORD)
    for number in range(CLERKS):
        login = f"clerk-{number}"
        _, code = accounts.add(login, login, [Role.CASE_STAFF])
        accounts.choose_password(login, code, PASSWORD)
    wiring.engine.dispose()


def start(folder: Path, port: str) -> RunningHall:
    return RunningHall.start(ROOT, folder, LINLI_WITHOUT_RASA="1", LINLI_PORT=port)


def signed_in(hall: RunningHall, login: str) -> Browser:
    browser = Browser(hall.url, {})
    assert browser.sign_in(login).status_code == 303
    return browser
