"""Urgent deadlines as people see them: beside the navigation, on the first page, in their list."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest

from cases.case import CaseKind, Request
from cases.work.departments import Department
from staff.roles import Role
from tests.staff.served import Browser, ServedConsole, database

# The button beside each alarm.
CLOCK = re.compile(r'name="clock" value="(\d+)"><input type="hidden" name="seen"')


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    served = ServedConsole.start(database(tmp_path_factory.mktemp("alarms")), "alarms")
    served.member("boss", Role.ADMIN)
    served.means.casework.departments.replace([Department("water", "水务所")])
    yield served
    served.close()


@pytest.fixture
def number(console: ServedConsole) -> str:
    """A leak that nobody receives for a week."""
    request = Request(
        secrets.token_hex(16), CaseKind.REPAIR, "水管漏水", "幸福里小区3号楼", None, None, "chat", "talk"
    )
    number = console.means.casework.desk.file_case(request).number
    console.clock.turn(days=7)
    return number


def badge(browser: Browser) -> int:
    """Return the count beside the navigation."""
    shown = browser.get("/staff/deadlines/count").text
    found = re.search(r"badge bad\">(\d+)", shown)
    return int(found[1]) if found else 0


def test_an_alarm_is_seen_noted_and_gone_when_the_case_is_received(
    console: ServedConsole, number: str
) -> None:
    clerk = console.signed_in("clerk", Role.CASE_STAFF)
    count = badge(clerk)
    assert count >= 1
    assert f"<strong>{count}</strong><span>条期限提醒" in clerk.get("/staff").text
    page = clerk.get("/staff/deadlines").text
    assert number in page
    clocks = CLOCK.findall(page)
    assert len(clocks) == count
    done = clerk.post("/staff/deadlines/know", {"clock": clocks[0]})
    assert "记下了" in clerk.get(done.headers["location"]).text
    assert badge(clerk) == count - 1
    clerk.get("/staff/deadlines")
    clerk.post("/staff/deadlines/know", {"clock": clocks, "seen": "0001-01-01T00:00:00+08:00"})
    assert badge(clerk) == 0
    clerk.get(f"/staff/cases/{number}")
    clerk.post(f"/staff/cases/{number}/move", {"wanted": "accepted"})
    clerk.post(f"/staff/cases/{number}/move", {"wanted": "resolved", "note": "修好了"})
    assert number not in clerk.get("/staff/deadlines").text


def test_an_alarm_is_nobody_elses_to_note(console: ServedConsole, number: str) -> None:
    clerk = console.signed_in("clerk", Role.CASE_STAFF)
    clocks = CLOCK.findall(clerk.get("/staff/deadlines").text)
    water = console.signed_in("at-water", Role.CASE_STAFF)
    console.means.accounts.change("at-water", "水务", [Role.CASE_STAFF], "water")
    assert number not in water.get("/staff/deadlines").text
    refused = water.post("/staff/deadlines/know", {"clock": [*clocks, "9" * 30, "x"]})
    assert "已经没有了" in water.get(refused.headers["location"]).text
    assert clocks == CLOCK.findall(clerk.get("/staff/deadlines").text)


def test_who_works_no_cases_has_no_badge(console: ServedConsole, number: str) -> None:
    assert "case-alarms" not in console.signed_in("writer", Role.EDITOR).get("/staff").text
