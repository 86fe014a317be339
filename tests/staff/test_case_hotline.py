"""The hotline's sheet on the console: looked at, brought in, told row by row, and the answers handed back."""

from __future__ import annotations

import io
from collections.abc import Iterator

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from cases.work.departments import Department
from staff.audit import Wanted
from staff.roles import Role
from tests.staff.served import Browser, ServedConsole, database

TITLES = ["工单编号", "受理时间", "诉求类型", "诉求内容", "诉求地址", "联系人", "联系电话"]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    served = ServedConsole.start(database(tmp_path_factory.mktemp("hotline")), "hotline")
    served.member("boss", Role.ADMIN)
    served.means.casework.departments.replace([Department("water", "水务所")])
    yield served
    served.close()


def sheet(*rows: list[object]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (TITLES, *rows):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def good(reference: str) -> list[object]:
    return [reference, "2026-11-20 09:30", "投诉", "楼上装修太吵", "梧桐苑3号楼", "王女士", "13812345678"]


def clerk(console: ServedConsole) -> Browser:
    browser = console.signed_in("clerk", Role.CASE_STAFF)
    browser.get("/staff/cases/-/hotline")
    return browser


def send(browser: Browser, content: bytes, act: str, **headers: str) -> httpx.Response:
    files = {"sheet": ("12345.xlsx", content, "application/octet-stream")}
    return browser.post("/staff/cases/-/hotline", {"act": act}, files=files, headers=headers)


def test_a_sheet_is_looked_at_row_by_row_and_then_brought_in_once(console: ServedConsole) -> None:
    browser = clerk(console)
    bad = ["SH-2", "2027-01-01", "闲聊", *good("")[3:]]
    content = sheet(good("SH-1"), bad, good("SH-1"), ["", *good("")[1:]])
    looked = send(browser, content, "check").text
    assert "可以登记 1 件，以前登记过 0 件，3 行要改" in looked
    assert "受理时间：这个时间还没有到；诉求类型：请写报修" in looked
    assert "这个编号前面已经有一行" in looked
    assert console.means.casework.queues.lines([]) == {}
    filed = send(browser, content, "import").text
    assert "新登记 1 件" in filed
    again = send(browser, content, "check", **{"x-fragment": "yes"}).text
    assert "可以登记 0 件，以前登记过 1 件" in again
    assert "<html" not in again
    assert "13812345678" not in looked + filed + again


def test_what_is_no_sheet_is_refused_in_words(console: ServedConsole) -> None:
    browser = clerk(console)
    for content in (b"PK no workbook", sheet()[:200], b"<html>"):
        refused = send(browser, content, "import")
        assert refused.status_code == 422
        assert "这份文件读不了" in refused.text
    assert "没有收到表格" in browser.post("/staff/cases/-/hotline", {"act": "import"}).text


def test_the_answers_go_back_as_a_sheet_and_that_is_written_down(console: ServedConsole) -> None:
    browser = clerk(console)
    send(browser, sheet(good("SH-9")), "import")
    answer = browser.post("/staff/cases/-/hotline/answers", {"since": ""})
    page = load_workbook(io.BytesIO(answer.content)).active
    assert page is not None
    assert "SH-9" in [row[0] for row in page.iter_rows(values_only=True)]
    assert "attachment" in answer.headers["content-disposition"]
    acts = console.means.audit.find(Wanted(login="clerk", act="case.hotline-out"))[0]
    assert len(acts) == 1
    for day in ("2027-01-01", "gestern", "0001-01-01"):
        refused = browser.post("/staff/cases/-/hotline/answers", {"since": day})
        assert refused.status_code == 422
        assert "请选今天或者以前的一天" in refused.text


def test_departments_leave_the_hotline_to_the_hall(console: ServedConsole) -> None:
    water = console.signed_in("at-water", Role.CASE_STAFF)
    console.means.accounts.change("at-water", "水务", [Role.CASE_STAFF], "water")
    assert water.get("/staff/cases/-/hotline").status_code == 403
    water.get("/staff/cases")
    assert send(water, sheet(good("SH-10")), "import").status_code == 403
    assert water.post("/staff/cases/-/hotline/answers", {}).status_code == 403
