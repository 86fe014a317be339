"""The desk's pages: lists, one case, and the acts on it, by the people who work cases."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest

from cases.case import CaseKind, Request
from cases.work.departments import Department
from staff.roles import Role
from tests.staff.served import Browser, ServedConsole, database

WATER = Department("water", "水务所")
PROPERTY = Department("property", "物业科")


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    served = ServedConsole.start(database(tmp_path_factory.mktemp("desk")), "desk")
    served.member("boss", Role.ADMIN)
    served.means.casework.departments.replace([WATER, PROPERTY])
    yield served
    served.close()


@pytest.fixture
def number(console: ServedConsole) -> str:
    """A lamp that somebody reported by chat, with name and phone."""
    request = Request(
        key=secrets.token_hex(16),
        kind=CaseKind.REPAIR,
        description="3号楼二楼的楼道灯不亮了",
        place="幸福里小区3号楼",
        contact_name="王小明",
        contact_phone="13812345678",
        channel="chat",
        conversation="talk",
    )
    return console.means.casework.desk.file_case(request).number


def clerk(console: ServedConsole) -> Browser:
    return console.signed_in("clerk", Role.CASE_STAFF)


def handler(console: ServedConsole, department: Department) -> Browser:
    browser = console.signed_in(f"at-{department.id}", Role.CASE_STAFF)
    console.means.accounts.change(f"at-{department.id}", department.name, [Role.CASE_STAFF], department.id)
    return browser


def act(browser: Browser, number: str, name: str, **fields: object) -> str:
    """Do something to a case and return the page that follows."""
    done = browser.post(f"/staff/cases/{number}/{name}", fields)
    return (browser.get(done.headers["location"]) if done.status_code == 303 else done).text


def test_a_filed_case_waits_for_the_desk_and_is_accepted_there(console: ServedConsole, number: str) -> None:
    browser = clerk(console)
    assert number in browser.get("/staff/cases").text
    page = browser.get(f"/staff/cases/{number}").text
    assert "楼道灯不亮了" in page
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "已受理" in act(browser, number, "move", wanted="accepted")


def test_contact_fields_are_read_for_a_reason_that_is_written_down(
    console: ServedConsole, number: str
) -> None:
    browser = clerk(console)
    refused = browser.post(f"/staff/cases/{number}/reveal", {"reason": " "})
    assert refused.status_code == 422
    assert "13812345678" not in refused.text
    shown = browser.post(f"/staff/cases/{number}/reveal", {"reason": "约上门时间"})
    assert "13812345678" in shown.text
    assert "王小明" in shown.text
    again = browser.get(f"/staff/cases/{number}").text
    assert "13812345678" not in again
    assert "约上门时间" in again


def test_a_department_sees_its_own_cases_only(console: ServedConsole, number: str) -> None:
    browser, water, other = clerk(console), handler(console, WATER), handler(console, PROPERTY)
    act(browser, number, "move", wanted="accepted")
    act(browser, number, "move", wanted="dispatched", department="water")
    assert number in water.get("/staff/cases").text
    assert water.get(f"/staff/cases/{number}").status_code == 200
    assert number not in other.get("/staff/cases?which=all").text
    assert other.get(f"/staff/cases/{number}").status_code == 403
    assert other.post(f"/staff/cases/{number}/move", {"wanted": "in_progress"}).status_code == 403


def test_a_case_is_worked_to_its_end_with_a_whistle(console: ServedConsole, number: str) -> None:
    browser, water, other = clerk(console), handler(console, WATER), handler(console, PROPERTY)
    act(browser, number, "move", wanted="accepted")
    act(browser, number, "move", wanted="dispatched", department="water", assisting=["property"])
    act(water, number, "move", wanted="in_progress")
    page = act(water, number, "whistle", departments=["property"], note="要一起看现场")
    assert "等到场" in page
    whistle = re.search(r'name="whistle" value="(\d+)"', other.get(f"/staff/cases/{number}").text)
    assert whistle is not None
    assert "已到场" in act(other, number, "come", whistle=whistle[1], note="两人到场，灯座烧坏")
    refused = act(water, number, "move", wanted="resolved", note="换了灯")
    assert "还有协办部门没办完" in refused
    act(other, number, "finish-part", note="拆了旧灯座")
    assert "已办结" in act(water, number, "move", wanted="resolved", note="换了灯")
    assert number not in water.get("/staff/cases").text


def test_who_comes_second_is_told_who_was_first(console: ServedConsole, number: str) -> None:
    first = clerk(console)
    second = console.signed_in("second", Role.CASE_STAFF)
    act(first, number, "move", wanted="accepted")
    late = second.post(f"/staff/cases/{number}/move", {"wanted": "accepted"})
    assert late.status_code == 409
    assert console.means.accounts.find("clerk").name in late.text


def test_a_pause_needs_what_it_waits_for_and_why(console: ServedConsole, number: str) -> None:
    browser = clerk(console)
    act(browser, number, "move", wanted="accepted")
    assert "还有必填的没填" in act(browser, number, "move", wanted="paused", pause="material")
    assert "暂停中" in act(browser, number, "move", wanted="paused", pause="material", note="等灯管")
    assert "没有执行" in act(browser, number, "move", wanted="no such status")


def test_many_are_accepted_at_once_but_those_that_somebody_took(console: ServedConsole, number: str) -> None:
    browser = clerk(console)
    act(browser, number, "move", wanted="accepted")
    other = console.means.casework.desk.file_case(
        Request(
            secrets.token_hex(16), CaseKind.SUGGESTION, "多放几把椅子", None, None, None, "kiosk", "somebody"
        )
    )
    page = browser.post("/staff/cases/-/many", {"act": "accept", "number": [number, other.number]}).text
    assert "办了 1 件，没动 1 件" in page
    assert page.index(number) < page.index("改的）") < page.index(other.number)


def test_what_is_taken_down_at_the_window_is_a_case_once(console: ServedConsole) -> None:
    browser = clerk(console)
    form = browser.get("/staff/cases/-/new").text
    key = re.search(r'name="key" value="(\w+)"', form)
    assert key is not None
    typed = {
        "key": key[1],
        "channel": "phone",
        "kind": "repair",
        "description": "楼道灯不亮",
        "place": "幸福里小区2号楼",
        "contact_phone": "13912345678",
    }
    assert "这不像电话号码" in browser.post("/staff/cases/-/new", {**typed, "contact_phone": "12"}).text
    assert "请写清楚地点" in browser.post("/staff/cases/-/new", {**typed, "place": ""}).text
    once = browser.post("/staff/cases/-/new", typed)
    assert "查询码" in browser.get(once.headers["location"]).text
    again = browser.post("/staff/cases/-/new", typed)
    assert again.headers["location"] == once.headers["location"]


def test_an_unknown_number_says_so(console: ServedConsole) -> None:
    browser = clerk(console)
    assert browser.get("/staff/cases/260101-9999").status_code == 404
    assert browser.get("/staff/cases?number=260101-9999").status_code == 303
    assert browser.get("/staff/cases?which=overdue&status=nonsense&page=99999999").status_code == 200


def test_the_sheet_for_the_spot_holds_no_contact_fields(console: ServedConsole, number: str) -> None:
    sheet = clerk(console).get(f"/staff/cases/{number}/sheet").text
    assert "楼道灯不亮了" in sheet
    assert "王小明" not in sheet
    assert "5678" not in sheet


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.REVIEWER, Role.ADMIN])
def test_others_see_no_cases(console: ServedConsole, number: str, role: Role) -> None:
    browser = console.signed_in(f"is-{role}", role)
    assert browser.get(f"/staff/cases/{number}").status_code == 403


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-11-20T09:00", "已经过去了"),
        ("0001-01-01T00:00", "已经过去了"),
        ("2126-01-01T09:00", "最多一年"),
        ("gestern", "读不懂"),
        ("275760-09-13T00:00", "读不懂"),
    ],
)
def test_a_pause_until_no_sensible_time_is_refused_and_what_was_typed_stays(
    console: ServedConsole, number: str, until: str, said: str
) -> None:
    browser = clerk(console)
    act(browser, number, "move", wanted="accepted")
    page = act(browser, number, "move", wanted="paused", pause="material", note="等新灯管", until=until)
    assert said in page
    assert "等新灯管" in page


def test_what_is_wrong_with_an_act_is_said_and_nothing_is_done(console: ServedConsole, number: str) -> None:
    browser = clerk(console)
    act(browser, number, "move", wanted="accepted")
    assert "请从列表里选一个部门" in act(browser, number, "move", wanted="dispatched", department="nobody")
    assert "没有这个编号" in act(browser, number, "move", wanted="merged", master="260101-9999")
    ended = console.means.casework.desk.file_case(
        Request(secrets.token_hex(16), CaseKind.SUGGESTION, "多放椅子", None, None, None, "chat", "talk")
    ).number
    act(browser, ended, "move", wanted="closed", note="不归本街道")
    browser.get(f"/staff/cases/{number}")
    assert "请换一件还在办的" in act(browser, number, "move", wanted="merged", master=ended)
    assert "写得太长" in act(browser, number, "note", note="长" * 1001)
    assert console.means.casework.queues.lines([number])[number].status == "accepted"


def test_a_hall_without_departments_says_what_is_missing(served: ServedConsole) -> None:
    served.member("boss", Role.ADMIN)
    number = served.means.casework.desk.file_case(
        Request(secrets.token_hex(16), CaseKind.SUGGESTION, "多放椅子", None, None, None, "chat", "talk")
    ).number
    browser = clerk(served)
    page = act(browser, number, "move", wanted="accepted")
    assert page.count("还没有部门名单") == 3
    assert 'name="department"' not in page
    assert "还没有部门名单" in browser.get("/staff/cases").text
