"""The pages of results: their numbers agree with a count by hand, and each leads to as many cases."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from cases.case import RESIDENT, Actor, ActorRole, CaseKind, CaseStatus, Request
from cases.work.departments import Department
from cases.work.moving import Move
from staff.roles import Role
from tests.staff.served import Browser, ServedConsole, TurnedClock, database

LI = Actor("li", ActorRole.RECEIVER)
PROPERTY = Department("property", "物业科")
WATER = Department("water", "水务所")
NOVEMBER = "from=2026-11-01&to=2026-11-30"


def work_cases(console: ServedConsole) -> dict[str, str]:
    """File six cases on Monday 2 November at 10:00; a lift's terms are 2 hours and 2 days.

    a, b: by the property office, in time; a is content, b is not. c: with the water office, late and open.
    d: accepted too late, with nobody, late and open. e: withdrawn. f: declined.
    """
    desk, clock = console.means.casework.desk, console.clock
    console.means.casework.departments.replace([PROPERTY, WATER])

    def move(key: str, wanted: CaseStatus, actor: Actor, **more: object) -> None:
        desk.move(numbers[key], Move(wanted, actor, "修好了", **more))  # type: ignore[arg-type]

    numbers = {
        key: desk.file_case(
            Request(f"key-{key}", CaseKind.REPAIR, "电梯停了", "梧桐苑1号楼", None, None, "chat", key, "lift")
        ).number
        for key in "abcdef"
    }
    for key, department in (("a", "property"), ("b", "property"), ("c", "water")):
        handler = Actor(f"at-{department}", ActorRole.HANDLER, department)
        move(key, CaseStatus.ACCEPTED, LI)
        move(key, CaseStatus.DISPATCHED, LI, department=department)
        move(key, CaseStatus.IN_PROGRESS, handler)
        if key != "c":
            move(key, CaseStatus.RESOLVED, handler)
    move("a", CaseStatus.RATED, RESIDENT, rating=4)
    move("b", CaseStatus.RATED, RESIDENT, rating=1)
    move("e", CaseStatus.WITHDRAWN, RESIDENT)
    move("f", CaseStatus.CLOSED, LI)
    clock.turn(hours=5)
    move("d", CaseStatus.ACCEPTED, LI)
    clock.turn(days=8)
    return numbers


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    clock = TurnedClock(datetime(2026, 11, 2, 2, 0, tzinfo=UTC))
    served = ServedConsole.start(database(tmp_path_factory.mktemp("results")), "results", clock=clock)
    served.member("first", Role.ADMIN)
    yield served
    served.close()


@pytest.fixture(scope="module")
def numbers(console: ServedConsole) -> dict[str, str]:
    return work_cases(console)


@pytest.fixture(scope="module")
def supervisor(console: ServedConsole, numbers: dict[str, str]) -> Browser:
    return console.signed_in("boss", Role.SUPERVISOR)


def handler(console: ServedConsole, department: Department) -> Browser:
    browser = console.signed_in(f"at-{department.id}", Role.CASE_STAFF)
    console.means.accounts.change(f"at-{department.id}", department.name, [Role.CASE_STAFF], department.id)
    return browser


def tiles(page: str) -> dict[str, tuple[str, ...]]:
    """Return the four rates of a page: the share, its part, its whole and the rest."""
    found = {}
    for ratio, tile in re.findall(r'<div class="card rate (\w+)">(.*?)</dl>', page, re.DOTALL):
        share = re.search(r"<strong>(.*?)</strong>", tile)
        assert share is not None
        counts = [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<dd>(.*?)</dd>", tile)]
        found[ratio] = (share[1], *counts)
    return found


def group_rows(page: str) -> dict[str, list[str]]:
    """Return the cells of the table of groups, by the name that begins each row."""
    table = re.search(r'<table class="groups">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL) if table else []
    cells = [
        [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in rows
    ]
    return {row[0]: row[1:] for row in cells}


def numbers_of(page: str) -> list[str]:
    """Return the numbers of the cases that a list names."""
    return re.findall(r'<th scope="row" class="tight"><a href="/staff/cases/([\d-]+)">', page)


def test_the_numbers_agree_with_a_count_by_hand(supervisor: Browser) -> None:
    page = supervisor.get(f"/staff/results?{NOVEMBER}").text
    assert tiles(page) == {
        "response": ("75%", "3", "4", "1"),
        "resolution": ("50%", "2", "4", "2"),
        "on_time": ("50%", "2", "4", "2"),
        "satisfaction": ("50%", "1", "2", "1"),
    }
    assert group_rows(page) == {
        "还没派单": ["3", "2", "0", "0% 样本少 0 / 1", "0% 样本少 0 / 1", "0% 样本少 0 / 1", "—"],
        "物业科": [
            "2",
            "0",
            "0",
            "100% 样本少 2 / 2",
            "100% 样本少 2 / 2",
            "100% 样本少 2 / 2",
            "50% 样本少 1 / 2",
        ],
        "水务所": ["1", "0", "0", "100% 样本少 1 / 1", "0% 样本少 0 / 1", "0% 样本少 0 / 1", "—"],
    }
    assert "应响应数：计入考核的诉求中，已经有人受理的" in page


@pytest.mark.parametrize("by", ["department", "grid"])
def test_every_number_leads_to_as_many_cases(supervisor: Browser, by: str) -> None:
    page = supervisor.get(f"/staff/results?{NOVEMBER}&by={by}").text
    links = re.findall(r'<a href="([^"]+/results/cases[^"]+)" aria-label="[^"]+ (\d+) 件">(\d+)</a>', page)
    assert len(links) > 15
    for address, told, number in links:
        behind = supervisor.get(html.unescape(address)).text
        assert told == number
        assert len(numbers_of(behind)) == int(number), address
        assert f"：{number} 件" in behind


def test_a_department_sees_its_own_results_and_no_others(
    console: ServedConsole, numbers: dict[str, str]
) -> None:
    water = handler(console, WATER)
    for address in (f"/staff/results?{NOVEMBER}", f"/staff/results?{NOVEMBER}&department=property"):
        page = water.get(address).text
        assert tiles(page)["on_time"] == ("0%", "0", "1", "1")
        assert "物业科" not in page
    for more in ("", "&department=property", "&by=department&group=property", "&by=department&group=-"):
        page = water.get(f"/staff/results/cases?{NOVEMBER}&count=filed{more}").text
        assert set(numbers_of(page)) <= {numbers["c"]}


def test_a_viewer_sees_the_totals_alone(console: ServedConsole, numbers: dict[str, str]) -> None:
    viewer = console.signed_in("viewer", Role.VIEWER)
    page = viewer.get(f"/staff/results?{NOVEMBER}&by=grid").text
    assert tiles(page)["response"] == ("75%", "3", "4", "1")
    assert numbers["a"] not in page
    assert "/staff/results/cases" not in page
    assert group_rows(page) == {}
    assert viewer.get(f"/staff/results/cases?{NOVEMBER}&count=filed").status_code == 403


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("span=last_month", "2026-10-01 至 2026-10-31"),
        ("span=quarter", "2026-10-01 至 2026-11-10"),
        ("from=2026-11-05&to=2026-11-01", "结束要在开始之后"),
        ("from=soon&to=2026-11-01", "请填好起止两个日期"),
        ("span=last_month", "这段时间没有登记工单"),
        ("from=2026-09-01&to=2026-11-10&by=nonsense&ratio=nonsense&department=nobody", "没有登记工单"),
    ],
)
def test_a_span_is_picked_or_said_to_be_wrong(supervisor: Browser, query: str, words: str) -> None:
    answer = supervisor.get(f"/staff/results?{query}")
    assert answer.status_code == 200
    assert words in answer.text
