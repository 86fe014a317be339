"""The lists of cases: what narrows them down, what the search finds, and one act on many cases."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest

from cases.case import CaseKind, Request
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.work.department_file import SAMPLE as DEPARTMENTS
from cases.work.department_file import read_departments
from staff.roles import Role
from tests.cases.test_places import SAMPLE
from tests.staff.served import Browser, ServedConsole, database


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    served = ServedConsole.start(database(tmp_path_factory.mktemp("lists")), "lists")
    served.member("boss", Role.ADMIN)
    casework = served.means.casework
    casework.departments.replace(read_departments(DEPARTMENTS))
    Places(casework.desk.store).replace(read_registry(SAMPLE))
    yield served
    served.close()


def file(console: ServedConsole, description: str, place: str = "梧桐苑2号楼", **more: str) -> str:
    kind = CaseKind.REPAIR
    request = Request(secrets.token_hex(16), kind, description, place, None, None, "chat", "talk", **more)
    return console.means.casework.desk.file_case(request).number


def clerk(console: ServedConsole) -> Browser:
    return console.signed_in("clerk", Role.CASE_STAFF)


def listed(browser: Browser, **asked: str) -> list[str]:
    """Return the numbers of a list's rows."""
    page = browser.http.get("/staff/cases", params={"which": "all", "size": "200", **asked}).text
    return re.findall(r'name="number" value="([\d-]+)"', page)


def test_words_find_categories_buildings_and_grids_and_nothing_that_is_sealed(
    console: ServedConsole,
) -> None:
    lift = file(console, "电梯坏了，王小明家老人下不了楼")
    lamp = file(console, "全楼停电", "梧桐苑1号楼", hotline_ref="SH2611210001")
    browser = clerk(console)
    assert lift in listed(browser, q="电梯")
    assert lamp not in listed(browser, q="电梯")
    assert {lift, lamp} <= set(listed(browser, q="梧桐苑"))
    assert listed(browser, q="梧桐苑 停电") == [lamp]
    assert listed(browser, q="SH2611210001") == [lamp]
    assert listed(browser, q="王小明") == listed(browser, q="%") == []


def test_a_number_opens_its_case_and_a_piece_of_it_narrows_the_list(console: ServedConsole) -> None:
    number = file(console, "电梯坏了")
    browser = clerk(console)
    for typed in (number, number.replace("-", ""), f" {number} "):
        opened = browser.http.get("/staff/cases", params={"q": typed})
        assert opened.headers["location"] == f"/staff/cases/{number}"
    assert listed(browser, q=number.lstrip("0")[-3:]) == [number]
    assert number in listed(browser, q=number[:6])
    assert listed(browser, q="260230") == []


def test_each_list_says_how_many_stand_in_it(console: ServedConsole) -> None:
    number = file(console, "电梯坏了")
    console.clock.turn(days=1)
    browser = clerk(console)
    assert number in listed(browser, which="soon")
    assert number not in listed(browser, which="overdue")
    console.clock.turn(days=10)
    browser = clerk(console)
    assert number in listed(browser, which="overdue")
    count = len(listed(browser, which="overdue"))
    assert re.search(rf'已超期 <span class="badge bad">{count}</span>', browser.get("/staff/cases").text)


def test_many_are_dispatched_each_to_the_department_of_its_category(console: ServedConsole) -> None:
    lift, power, unknown = file(console, "电梯坏了"), file(console, "停电了"), file(console, "说不清的事")
    browser = clerk(console)
    browser.get("/staff/cases")
    sent = {"act": "dispatch", "department": "-", "number": [lift, power, unknown]}
    page = browser.post("/staff/cases/-/many", sent).text
    assert "办了 2 件，没动 1 件" in page
    lines = console.means.casework.queues.lines([lift, power, unknown])
    assert [lines[n].department for n in (lift, power, unknown)] == ["property", "utilities", None]
    again = browser.post("/staff/cases/-/many", {**sent, "department": "no such", "number": [unknown]}).text
    assert "请从列表里选一个部门" in again


def test_many_are_closed_with_a_reason_and_noted_without_one_case_stopping_another(
    console: ServedConsole,
) -> None:
    numbers = [file(console, "电梯坏了") for _ in range(3)]
    browser = clerk(console)
    browser.get("/staff/cases")
    page = browser.post(
        "/staff/cases/-/many", {"act": "note", "own_note": "重复来电", "number": numbers}
    ).text
    assert "办了 3 件" in page
    page = browser.post("/staff/cases/-/many", {"act": "close", "number": numbers}).text
    assert "办了 0 件，没动 3 件" in page
    assert "还有必填的没填" in page
    wrong = [*numbers[:2], "260101-9999"]
    sent = {"act": "close", "close_note": "不归本街道", "number": wrong}
    page = browser.post("/staff/cases/-/many", sent).text
    assert "办了 2 件，没动 1 件" in page
    assert "没有这个编号的工单" in page


def test_a_supervisor_says_who_answers_and_nobody_else_does(console: ServedConsole) -> None:
    numbers = [file(console, "电梯坏了") for _ in range(2)]
    browser, chief = clerk(console), console.signed_in("chief", Role.SUPERVISOR)
    console.member("other", Role.CASE_STAFF)
    browser.get("/staff/cases")
    browser.post("/staff/cases/-/many", {"act": "accept", "number": numbers[:1]})
    sent = {"act": "assign", "answerable": "other", "number": numbers}
    assert "请选要做什么" in browser.get(browser.post("/staff/cases/-/many", sent).headers["location"]).text
    chief.get("/staff/cases")
    assert "办了 1 件，没动 1 件" in chief.post("/staff/cases/-/many", sent).text
    lines = console.means.casework.queues.lines(numbers)
    assert [lines[n].answerable for n in numbers] == ["other", None]
    assert "还有必填的没填" in chief.post("/staff/cases/-/many", {**sent, "answerable": "boss"}).text


def test_a_department_acts_on_its_own_cases_alone_and_sees_where_it_assists(
    console: ServedConsole,
) -> None:
    mine, other = file(console, "电梯坏了"), file(console, "停电了")
    browser = clerk(console)
    browser.get("/staff/cases")
    sent = {"act": "dispatch", "department": "-", "number": [mine, other]}
    browser.post("/staff/cases/-/many", sent)
    handler = console.signed_in("at-property", Role.CASE_STAFF)
    console.means.accounts.change("at-property", "物业", [Role.CASE_STAFF], "property")
    assert mine in listed(handler)
    assert other not in listed(handler)
    handler.get("/staff/cases")
    page = handler.post("/staff/cases/-/many", {"act": "begin", "number": [mine, other]}).text
    assert "办了 1 件，没动 1 件" in page
    page = handler.post("/staff/cases/-/many", {"act": "note", "own_note": "偷看", "number": [other]}).text
    assert "办了 0 件" in page
    browser.get(f"/staff/cases/{other}")
    browser.post(f"/staff/cases/{other}/call-in", {"department": "property"})
    assert other in listed(handler)


def test_a_page_of_a_list_keeps_what_narrows_it(console: ServedConsole) -> None:
    for _ in range(21):
        file(console, "电梯坏了")
    browser = clerk(console)
    page = browser.http.get("/staff/cases?which=all&size=20&category=lift").text
    assert "which=all&amp;category=lift&amp;size=20&amp;page=2" in page
    assert len(listed(browser, size="20", category="lift")) == 20
    assert listed(browser, sort="oldest", category="lift") == listed(browser, category="lift")[::-1]
