"""The pages of results: their numbers agree with a count by hand, and each leads to as many cases."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

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
        desk.move(filed[key], Move(wanted, actor, "修好了", **more))  # type: ignore[arg-type]

    filed = {
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
    return filed


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
    page = viewer.get(f"/staff/results?{NOVEMBER}&by=grid&department=water").text
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


def test_a_list_that_was_taken_stays_as_it_was(
    console: ServedConsole, supervisor: Browser, numbers: dict[str, str]
) -> None:
    supervisor.get("/staff/results/lists")
    done = supervisor.post("/staff/results/lists/take")
    page = supervisor.get(done.headers["location"]).text
    assert "2026-11-10 的问题清单、权责清单、绩效清单已生成" in page
    named = re.findall(r'<a href="(/staff/results/lists/\d+)">(.{4})</a>', page)
    addresses = {kind: path for path, kind in named}
    assert set(addresses) == {"问题清单", "权责清单", "绩效清单"}
    problems = supervisor.get(addresses["问题清单"]).text
    assert [key for key in "abcdef" if numbers[key] in problems] == ["c", "d"]
    console.means.casework.desk.move(numbers["d"], Move(CaseStatus.RESOLVED, LI, "答复了居民"))
    assert numbers["d"] in supervisor.get(addresses["问题清单"]).text
    assert "50%" in supervisor.get(addresses["绩效清单"]).text  # satisfaction of the property office
    book = load_workbook(io.BytesIO(supervisor.get(addresses["问题清单"] + "/sheet").content))
    assert [row[0].value for row in book["问题清单"].iter_rows(min_row=2)] == [numbers["c"], numbers["d"]]
    supervisor.get("/staff/results/lists")
    again = supervisor.get(supervisor.post("/staff/results/lists/take").headers["location"]).text
    assert (
        numbers["d"]
        not in supervisor.get(re.findall(r'"(/staff/results/lists/\d+)">问题清单', again)[0]).text
    )


def test_last_months_results_are_a_list_as_well(supervisor: Browser) -> None:
    supervisor.get("/staff/results/lists")
    done = supervisor.post("/staff/results/lists/take", {"of": "last_month"})
    page = supervisor.get(done.headers["location"]).text
    assert "2026-10-31 的绩效清单已生成" in page
    assert "2026-10-01 至 2026-10-31" in page


def test_the_lists_are_the_halls_and_only_a_supervisor_takes_them(console: ServedConsole) -> None:
    water, clerk = handler(console, WATER), console.signed_in("clerk", Role.CASE_STAFF)
    assert water.get("/staff/results/lists").status_code == 403
    assert water.get("/staff/results/lists/1").status_code == 403
    assert clerk.get("/staff/results/lists").status_code == 200
    assert clerk.post("/staff/results/lists/take").status_code == 403


def test_the_workbook_holds_what_the_page_shows(console: ServedConsole, supervisor: Browser) -> None:
    answer = supervisor.get(f"/staff/results.xlsx?{NOVEMBER}")
    book = load_workbook(io.BytesIO(answer.content))
    by = {row[0]: row[1] for row in book["按部门"].iter_rows(min_row=2, values_only=True)}
    assert by == {"（无）": 3, "物业科": 2, "水务所": 1}
    own = load_workbook(io.BytesIO(handler(console, WATER).get(f"/staff/results.xlsx?{NOVEMBER}").content))
    assert [row[0].value for row in own["按部门"].iter_rows(min_row=2)] == ["水务所"]


def test_a_granted_exclusion_leaves_the_rates_and_an_appeal_needs_other_eyes(
    console: ServedConsole, supervisor: Browser, numbers: dict[str, str]
) -> None:
    water, other = handler(console, WATER), console.signed_in("other", Role.SUPERVISOR)
    case = numbers["c"]

    def on_time() -> tuple[str, ...]:
        return tiles(supervisor.get(f"/staff/results?{NOVEMBER}").text)["on_time"]

    before = on_time()
    assert f"/staff/results/exclusions/of/{case}" in water.get(f"/staff/cases/{case}").text
    asking = f"/staff/results/exclusions/of/{case}"
    assert "请写明情况" in water.post(asking, {"reason": "force_majeure", "words": " "}).text
    assert "请选一个理由" in water.post(asking, {"reason": "no such", "words": "台风"}).text
    done = water.post(asking, {"reason": "force_majeure", "words": "台风停工两天"})
    assert done.headers["location"].endswith(f"/cases/{case}")
    assert "已经为这件工单申请过" in water.post(asking, {"reason": "repeated", "words": "再来"}).text
    assert "等主管决定" in water.get(f"/staff/cases/{case}").text

    assert "份剔除申请等您决定" in supervisor.get("/staff").text
    assert "份剔除申请等您决定" not in water.get("/staff").text
    pending = supervisor.get("/staff/results/exclusions").text
    assert "台风停工两天" in pending
    found = re.search(r'action="(/staff/results/exclusions/\d+)/decide"', pending)
    assert found is not None
    one = found[1]
    assert water.get(one).status_code == 200
    assert handler(console, PROPERTY).get(one).status_code == 403
    assert water.post(f"{one}/decide", {"granted": "yes", "words": "好"}).status_code == 403
    assert supervisor.post(f"{one}/decide", {"words": "好"}).status_code == 422
    supervisor.post(f"{one}/decide", {"granted": "no", "words": "没有停工通知"})
    assert on_time() == before

    assert "没有停工通知" in water.get(one).text
    water.post(f"{one}/appeal", {"words": "通知补在附件里"})
    refused = supervisor.post(f"{one}/settle", {"granted": "yes", "words": "那就同意"})
    assert refused.status_code == 409
    assert "要由另一位主管决定" in refused.text
    assert on_time() == before
    other.get(one)
    other.post(f"{one}/settle", {"granted": "yes", "words": "看到通知了"})
    assert "刚有了变化" in other.post(f"{one}/settle", {"granted": "no", "words": "又不同意"}).text
    _, part, whole, rest = on_time()
    assert (part, int(whole), int(rest)) == (before[1], int(before[2]) - 1, int(before[3]) - 1)
    assert case in numbers_of(supervisor.get(f"/staff/results/cases?{NOVEMBER}&count=excluded").text)
    assert "已剔除" in water.get(f"/staff/cases/{case}").text
