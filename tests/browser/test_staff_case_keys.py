"""A clerk works a list of cases without a mouse, and every page of the desk can be read by everybody."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from cases.case import Actor, ActorRole, CaseKind, CaseStatus, Request
from cases.work.departments import Department
from cases.work.moving import Move
from staff.guard import COOKIE
from staff.roles import Role
from tests.browser.conftest import PATIENCE_MS
from tests.browser.test_staff_guides import DESK, Seat
from tests.staff.served import ServedConsole, database

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """A desk with three leaks; a fourth one is late, and a department was whistled for."""
    served = ServedConsole.start(database(tmp_path_factory.mktemp("keys")), "browser_cases")
    casework = served.means.casework
    casework.departments.replace([Department("water", "水务所"), Department("property", "物业科")])
    late = file(served)
    casework.desk.move(late, Move(CaseStatus.ACCEPTED, Actor("clerk", ActorRole.RECEIVER)))
    casework.working.whistle(late, ["water"], Actor("clerk", ActorRole.RECEIVER), "要一起看现场")
    served.clock.turn(days=6)
    for _ in range(3):
        file(served)
    yield served
    served.close()


def file(served: ServedConsole) -> str:
    request = Request(
        secrets.token_hex(16), CaseKind.REPAIR, "水管漏水", "幸福里3号楼", "王女士", None, "chat", "talk"
    )
    return served.means.casework.desk.file_case(request).number


@pytest.fixture
def seat(browser: Browser, console: ServedConsole) -> Iterator[Seat]:
    """A clerk at the desk; at the end no page may have failed."""
    console.member("clerk", Role.CASE_STAFF)
    member = console.means.accounts.find("clerk")
    assert member is not None
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    context.add_cookies(
        [{"name": COOKIE, "value": console.means.sign_ins.open(member, ""), "url": console.url}]
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    seat = Seat(page, console.url)
    page.on("pageerror", lambda error: seat.faults.append(str(error)))
    yield seat
    context.close()
    assert seat.faults == []


def test_a_list_is_worked_by_keys_alone(seat: Seat) -> None:
    page = seat.open("/cases?sort=newest")
    for key in "jxjx":
        page.keyboard.press(key)
    expect(page.get_by_text("已勾选 2 件")).to_be_visible()
    seat.look("case-list")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="一起受理：办了 2 件")).to_be_visible()
    seat.look("case-many")
    page = seat.open("/cases?sort=newest")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="办理", exact=True)).to_be_visible()
    first = page.url
    page.wait_for_load_state()  # from here on its scripts listen
    page.keyboard.press("t")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    words = page.locator("textarea:focus").input_value()
    assert words.startswith("已于〔日期〕清理完毕")
    assert page.evaluate("document.activeElement.selectionStart") == words.index("〔")
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="上一件")).to_be_visible()
    page.wait_for_load_state()
    assert page.url != first
    page.keyboard.press("k")
    page.wait_for_url(first)  # and for its scripts
    page.keyboard.press("u")
    page.wait_for_url("**/cases?sort=newest")
    page.keyboard.press("?")
    expect(page.get_by_text("勾选这一页")).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/deadlines", "/cases/-/hotline", "/cases/-/new", "/cases?which=all&size=100", "late"]
)
def test_a_page_of_the_desk_is_clear_to_everybody(seat: Seat, console: ServedConsole, path: str) -> None:
    if path == "late":
        number = console.means.casework.alarms.of(Actor("clerk", ActorRole.RECEIVER))[0].number
        path = f"/cases/{number}"
    seat.open(path)
    seat.look("case" + path.replace("/", "-").partition("?")[0])
