"""The staff console in a real browser: first administrator, new member, keys, and typing that comes back."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route

from staff.roles import EVERY_ROLE, Role
from tests.browser.conftest import ARTIFACTS, CLIPPED, PATIENCE_MS, ROOT
from tests.staff.served import PASSWORD, SET_UP_CODE, ServedConsole, database

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 860}
TABLET = {"width": 820, "height": 1100}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


class Desk:
    """A browser window at the console, and what went wrong in it."""

    def __init__(self, browser: Browser, served: ServedConsole, **options: Any) -> None:
        self.served = served
        self.faults: list[str] = []
        self.context: BrowserContext = browser.new_context(viewport=DESK, locale="zh-CN", **options)
        self.context.route("**/*", self._guard)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._listen)

    def open(self, path: str) -> Page:
        """Open an address of the console."""
        self.page.goto(self.served.url + path)
        return self.page

    def sign_in(self, login: str, *roles: Role) -> Page:
        """Sign in as a member, made when missing."""
        self.served.member(login, *roles)
        self.open("/staff/sign-in")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_selector("body.inside")
        return self.page

    def check(self, name: str) -> None:
        """Keep a picture at a desk's and a tablet's size; nothing may be cut off, axe finds nothing."""
        for size, kind in ((DESK, "desk"), (TABLET, "tablet")):
            self.page.set_viewport_size(size)
            ARTIFACTS.mkdir(exist_ok=True)
            taken = self.context.new_cdp_session(self.page).send("Page.captureScreenshot", {"format": "png"})
            (ARTIFACTS / f"staff-{name}-{kind}.png").write_bytes(base64.b64decode(taken["data"]))
            assert self.page.evaluate(CLIPPED) == [], f"{name}, {kind}"
            assert self.axe() == [], f"{name}, {kind}"
        self.page.set_viewport_size(DESK)

    def axe(self) -> list[str]:
        """Return what axe finds wrong, one line a finding."""
        before = list(self.faults)
        self.page.evaluate(AXE.read_text("utf-8"))
        result = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        # axe brings a style of its own, which the page rightly refuses.
        self.faults[:] = before
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    def close(self) -> None:
        """Close the window; nothing may have failed in it or left this machine."""
        self.context.close()
        assert self.faults == []

    def _guard(self, route: Route) -> None:
        if route.request.url.startswith((self.served.url, "data:")):
            route.continue_()
        else:
            self.faults.append(f"left this machine: {route.request.url}")
            route.abort()

    def _listen(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedConsole]:
    served = ServedConsole.start(database(tmp_path), "staff_browser")
    yield served
    served.close()


@pytest.fixture
def desk(browser: Browser, served: ServedConsole) -> Iterator[Desk]:
    desk = Desk(browser, served)
    yield desk
    desk.close()


def test_the_first_administrator_adds_a_member_who_chooses_a_password(
    desk: Desk, browser: Browser, served: ServedConsole
) -> None:
    page = desk.open("/staff")
    desk.check("set-up")
    for name, value in (("code", SET_UP_CODE), ("login", "wang"), ("name", "王芳")):
        page.fill(f"#{name}", value)
    page.fill("#password", "1234567890")
    page.fill("#password_again", "1234567890")
    page.click("text=完成设置")
    page.wait_for_selector("#password-error")
    page.wait_for_selector("#password:focus")
    desk.check("set-up-refused")
    page.fill("#password", PASSWORD)
    page.fill("#password_again", PASSWORD)
    page.click("text=完成设置")
    page.wait_for_selector("text=王芳，您好")
    desk.check("home")
    page.click(".side >> text=人员")
    page.click("text=添加人员")
    page.fill("#name", "李明")
    page.fill("#login", "liming")
    page.check("[name=roles][value=editor]")
    page.keyboard.press("Control+Enter")
    code = page.inner_text(".code")
    desk.check("one-time-code")

    other = Desk(browser, served)
    theirs = other.open("/staff")
    other.check("sign-in")
    theirs.click("text=第一次登录")
    for name, value in (("login", "liming"), ("code", code.lower()), ("password", PASSWORD)):
        theirs.fill(f"#{name}", value)
    theirs.fill("#password_again", PASSWORD)
    other.check("new-password")
    theirs.click("button.primary")
    theirs.wait_for_selector("text=密码设好了")
    theirs.fill("#login", "liming")
    theirs.fill("#password", PASSWORD)
    theirs.press("#password", "Enter")
    theirs.wait_for_selector("text=李明，您好")
    assert theirs.query_selector(".side >> text=人员") is None
    refused = other.open("/staff/members")
    assert "管理员" in refused.inner_text("main")
    other.check("not-your-role")
    other.close()


def test_every_page_of_sign_in_fits_and_is_accessible(desk: Desk, served: ServedConsole) -> None:
    served.member("lixiang", Role.EDITOR, Role.REVIEWER)
    served.means.accounts.add("neu", "钱" * 30, EVERY_ROLE)
    desk.sign_in("wang", Role.ADMIN)
    for name, path in (
        ("members", "/staff/members"),
        ("member-new", "/staff/members/new"),
        ("member", "/staff/members/lixiang"),
        ("sessions", "/staff/sessions"),
        ("audit", "/staff/audit"),
        ("audit-empty", "/staff/audit?object=nothing"),
        ("me", "/staff/me"),
        ("lost", "/staff/nothing-here"),
    ):
        desk.open(path)
        desk.check(name)


def test_an_act_that_cannot_be_undone_asks_first(desk: Desk, served: ServedConsole) -> None:
    desk.sign_in("wang", Role.ADMIN)
    served.member("lixiang")
    page = desk.open("/staff/members/lixiang")
    page.click("text=停用账号")
    page.wait_for_selector("#confirm[open]")
    desk.check("confirm")
    page.keyboard.press("Escape")
    page.wait_for_selector("#confirm:not([open])", state="attached")
    assert not served.means.accounts.find("lixiang").is_disabled  # type: ignore[union-attr]
    page.click("text=停用账号")
    page.click("#confirm >> text=确定")
    page.wait_for_selector("text=已停用，并已退出登录")
    assert served.means.accounts.find("lixiang").is_disabled  # type: ignore[union-attr]


def test_the_console_works_by_keyboard(desk: Desk) -> None:
    page = desk.sign_in("wang", Role.ADMIN)
    page.wait_for_load_state()  # from here on its scripts listen
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    assert desk.axe() == []
    page.keyboard.press("Escape")
    desk.open("/staff/audit")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "object"
    page.keyboard.type("a/b?c")
    assert page.input_value("#object") == "a/b?c"
    page.keyboard.press("Enter")
    page.wait_for_selector("text=没有符合条件的记录")


def fill_member(page: Page) -> None:
    page.fill("#name", "赵<敏>")
    page.fill("#login", "zhao min")
    page.check("[name=roles][value=editor]")


def test_what_was_typed_comes_back_after_the_session_has_ended(desk: Desk, served: ServedConsole) -> None:
    desk.sign_in("wang", Role.ADMIN)
    page = desk.open("/staff/members/new")
    fill_member(page)
    served.clock.turn(minutes=31)
    page.click("button.primary >> text=添加")
    page.wait_for_selector("text=您填的内容已经留好")
    desk.check("sign-in-again")
    page.fill("#login", "wang")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("text=已经放回")
    assert page.input_value("#name") == "赵<敏>"
    assert page.input_value("#login") == "zhao min"
    assert page.is_checked("[name=roles][value=editor]")
    assert not page.is_checked("[name=roles][value=viewer]")
    desk.check("typing-is-back")
    page.fill("#login", "zhaomin")
    page.click("button.primary >> text=添加")
    page.wait_for_selector(".code")
    assert served.means.accounts.find("zhaomin").name == "赵<敏>"  # type: ignore[union-attr]


def test_a_page_that_was_left_offers_what_was_typed_in_it(desk: Desk) -> None:
    desk.sign_in("wang", Role.ADMIN)
    page = desk.open("/staff/members/new")
    fill_member(page)
    desk.open("/staff/members")
    desk.open("/staff/members/new")
    assert page.input_value("#name") == ""
    desk.check("typing-is-offered")
    page.click("text=放回来")
    assert page.input_value("#name") == "赵<敏>"
    assert page.is_checked("[name=roles][value=editor]")
    page.fill("#login", "zhaomin")
    page.click("button.primary >> text=添加")
    page.wait_for_selector(".code")
    desk.open("/staff/members/new")
    assert page.query_selector("text=放回来") is None, "it was sent: nothing is left to offer"


def test_typing_comes_back_into_a_form_of_a_member_with_a_chinese_login(
    desk: Desk, served: ServedConsole
) -> None:
    served.member("李明", Role.VIEWER)
    desk.sign_in("wang", Role.ADMIN)
    page = desk.open("/staff/members/李明")
    page.fill("#name", "李明明")
    served.clock.turn(hours=9)
    page.click("text=保存")
    page.fill("#login", "wang")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("text=已经放回")
    assert page.input_value("#name") == "李明明"
    page.click("text=保存")
    page.wait_for_selector("text=李明明 的资料已保存")


def test_signing_out_leaves_nothing_typed_behind(desk: Desk) -> None:
    desk.sign_in("wang", Role.ADMIN)
    page = desk.open("/staff/members/new")
    fill_member(page)
    assert page.evaluate("Object.keys(sessionStorage).length") == 1
    page.click(".who >> text=退出")
    page.wait_for_selector("text=您已退出登录")
    assert page.evaluate("Object.keys(sessionStorage).length") == 0


def test_the_console_works_without_scripts(browser: Browser, served: ServedConsole) -> None:
    desk = Desk(browser, served, java_script_enabled=False)
    desk.sign_in("wang", Role.ADMIN)
    page = desk.open("/staff/members/new")
    page.fill("#name", "李明")
    page.fill("#login", "liming")
    page.check("[name=roles][value=viewer]")
    page.click("button.primary >> text=添加")
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", page.inner_text(".code"))
    desk.close()


def test_on_paper_there_is_the_page_alone(desk: Desk) -> None:
    desk.sign_in("wang", Role.ADMIN)
    page = desk.open("/staff/audit")
    page.emulate_media(media="print")
    for hidden in (".top", ".side", ".filters", ".headline .button"):
        assert not page.is_visible(hidden), hidden
    assert page.is_visible("table")
