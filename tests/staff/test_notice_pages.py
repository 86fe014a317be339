"""The page about telling residents: whom to call, and what could not be sent."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest

from cases.case import Actor, ActorRole, CaseKind, CaseStatus, Request
from cases.notices.notice import Notice
from cases.notices.outbox import Handed, NotDelivered, Outbox
from cases.work.departments import Department
from cases.work.moving import Move
from staff.home_work import work_for
from staff.roles import Role
from tests.staff.served import ServedConsole, clerk, database, handler

LI = Actor("li", ActorRole.RECEIVER)
WATER = Actor("at-water", ActorRole.HANDLER, "water")


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    served = ServedConsole.start(database(tmp_path_factory.mktemp("notices")), "notices")
    served.member("boss", Role.ADMIN)
    served.means.casework.departments.replace([Department("water", "水务所"), Department("roads", "道路科")])
    yield served
    served.close()


def file(console: ServedConsole, channel: str) -> str:
    request = Request(
        secrets.token_hex(16),
        CaseKind.REPAIR,
        "3号楼水管漏水",
        "幸福里小区3号楼",
        "王小明",
        "13812345678",
        channel,
        "staff/li",
    )
    return console.means.casework.desk.file_case(request).number


def send(console: ServedConsole) -> None:
    def deliver(notice: Notice) -> Handed:
        if notice.channel == "pigeon":
            raise NotDelivered("channel_unknown", is_final=True)
        return Handed.UNREACHABLE

    while Outbox(console.means.casework.desk.store, "one").send(deliver):
        pass


@pytest.fixture
def number(console: ServedConsole) -> str:
    """A case taken down at the window and resolved by the water department: somebody has to call."""
    filed = file(console, "window")
    for move in (
        Move(CaseStatus.ACCEPTED, LI),
        Move(CaseStatus.DISPATCHED, LI, department="water"),
        Move(CaseStatus.IN_PROGRESS, WATER),
        Move(CaseStatus.RESOLVED, WATER, "水管换好了"),
    ):
        console.means.casework.desk.move(filed, move)
    send(console)
    return filed


def call_of(page: str, number: str) -> str | None:
    """Return the id of the call about a case that a page lists."""
    found = re.search(rf'id="notice-(\d+)">\s*<div[^>]*><a href="/staff/cases/{number}"', page)
    return found and found[1]


def test_a_call_says_what_to_tell_and_the_number_is_read_for_a_reason(
    console: ServedConsole, number: str
) -> None:
    browser = clerk(console)
    page = browser.get("/staff/notices").text
    call = call_of(page, number)
    assert "水管换好了" in page
    assert "13812345678" not in page
    refused = browser.post(f"/staff/notices/{call}/phone", {"reason": " "})
    assert (refused.status_code, "13812345678" in refused.text) == (422, False)
    shown = browser.post(f"/staff/notices/{call}/phone", {"reason": "告知办理情况"})
    assert "13812345678" in shown.text
    assert "13812345678" not in browser.get("/staff/notices").text
    assert "告知办理情况" in browser.get(f"/staff/cases/{number}").text


def test_a_call_is_ticked_off_once_and_who_did_it_stands_in_the_case(
    console: ServedConsole, number: str
) -> None:
    browser, second = clerk(console), console.signed_in("second", Role.CASE_STAFF)
    call = call_of(browser.get("/staff/notices").text, number)
    second.get("/staff/notices")
    missed = browser.post(f"/staff/notices/{call}/no-answer")
    assert "打过 1 次没打通" in browser.get(missed.headers["location"]).text
    done = browser.post(f"/staff/notices/{call}/told")
    assert f"{number} 已电话告知" in browser.get(done.headers["location"]).text
    assert call_of(browser.page.text, number) is None
    late = second.post(f"/staff/notices/{call}/told")
    assert "已经有人处理了" in second.get(late.headers["location"]).text
    case = browser.get(f"/staff/cases/{number}").text
    assert case.count("<strong>电话告知</strong>") == 2
    assert case.count("没打通") == 1
    assert console.means.casework.desk.verify() == []


def test_a_department_calls_about_its_own_cases(console: ServedConsole, number: str) -> None:
    water, roads = handler(console, "water"), handler(console, "roads")
    call = call_of(water.get("/staff/notices").text, number)
    assert call is not None
    assert call_of(roads.get("/staff/notices").text, number) is None
    roads.post(f"/staff/notices/{call}/told")
    assert "13812345678" not in roads.post(f"/staff/notices/{call}/phone", {"reason": "好奇"}).text
    assert call_of(water.get("/staff/notices").text, number) == call


def test_what_could_not_be_sent_is_named_in_words_and_tried_again(console: ServedConsole) -> None:
    number = file(console, "pigeon")
    send(console)
    browser = clerk(console)
    page = browser.get("/staff/notices").text
    assert "不知道这个来源的消息往哪里发" in page
    member = console.means.accounts.find("clerk")
    assert member is not None
    waiting = {one.key: one for one in work_for(console.means, member)}
    assert (waiting["notice_dead"].count, waiting["notice_dead"].path) == (1, "/notices")
    notice = re.search(r"/staff/notices/(\d+)/again", page)
    assert notice is not None
    browser.post(notice[0])
    assert console.means.casework.notices.dead_letters() == ()
    send(console)
    assert [dead.number for dead in console.means.casework.notices.dead_letters()] == [number]
    browser.get("/staff/notices")
    browser.post(notice[0].replace("again", "call"))
    assert call_of(browser.get("/staff/notices").text, number) == notice[1]
    assert console.means.casework.notices.dead_letters() == ()
