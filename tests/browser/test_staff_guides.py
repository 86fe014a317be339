"""An editor writes, sees it as residents will, and hands it in; another person approves."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from sanic import Sanic

from kiosk.rendering import FOLDER as KIOSK
from knowledge.revisions import RevisionState
from staff.door import AddPages
from staff.roles import Role
from tests.browser.conftest import ARTIFACTS, CLIPPED, PATIENCE_MS, ROOT
from tests.staff.guide_desk import stock, whole
from tests.staff.served import PASSWORD, ServedConsole, database

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 900}
TABLET = {"width": 820, "height": 1100}
GUIDES = (("card", "老年卡"), ("stay", "居住证"), ("rows", "医保卡"), ("kept", "公积金"))
Opener = Callable[..., "Seat"]


class BesideTheKiosk(ServedConsole):
    """A console with the kiosk's files, which the previews are drawn with."""

    def _make_app(self, modules: Sequence[AddPages]) -> Sanic[Any, Any]:
        app = super()._make_app(modules)
        app.static("/kiosk/static", KIOSK / "static", name="kiosk_files")
        return app


class Seat:
    """A browser window in which a member of staff is signed in."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []

    def open(self, path: str) -> Page:
        """Open a page of the console."""
        self.page.goto(f"{self.url}/staff{path}")
        return self.page

    def look(self, name: str) -> None:
        """Keep a picture; nothing may stick out, and axe finds nothing wrong."""
        ARTIFACTS.mkdir(exist_ok=True)
        session = self.page.context.new_cdp_session(self.page)
        picture = session.send("Page.captureScreenshot", {"format": "png"})
        (ARTIFACTS / f"staff-{name}.png").write_bytes(base64.b64decode(picture["data"]))
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        outside = [
            line
            for line in self.page.evaluate(CLIPPED)
            if line.startswith("outside") and "IFRAME" not in line
        ]
        assert outside == [] or self.page.viewport_size != DESK, outside
        before = list(self.faults)
        self.page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        self.faults[:] = before  # axe brings a style of its own, which the page rightly refuses
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], name


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """A console with two guides, and the kiosk's files beside it for the previews."""
    served = BesideTheKiosk.start(database(tmp_path_factory.mktemp("guides")), "browser_guides")
    stock(served, *(whole(*guide) for guide in GUIDES))
    served.means.gold.add("奶奶的敬老卡丢了咋整", "card", "li")
    served.member("li", Role.EDITOR)
    served.member("zhao", Role.EDITOR)
    served.member("wang", Role.REVIEWER)
    yield served
    served.close()


@pytest.fixture
def sit_down(browser: Browser, desk: ServedConsole) -> Iterator[Opener]:
    """Sign in: `sit_down("li")`; at the end no page may have failed."""
    opened: list[tuple[BrowserContext, Seat]] = []

    def sit(login: str, size: dict[str, int] | None = None) -> Seat:
        context = browser.new_context(viewport=size or DESK, locale="zh-CN")
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        seat = Seat(page, desk.url)
        page.on("pageerror", lambda error: seat.faults.append(str(error)))

        def listen(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text:
                seat.faults.append(message.text)

        page.on("console", listen)
        opened.append((context, seat))
        seat.open("/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        expect(page.locator(".who")).to_be_visible()
        return seat

    yield sit
    for context, seat in opened:
        context.close()
        assert seat.faults == []


def test_an_edit_is_seen_as_residents_will_and_approved_by_another(
    desk: ServedConsole, sit_down: Opener
) -> None:
    li = sit_down("li")
    page = li.open("/guides")
    page.keyboard.press("/")
    page.keyboard.type("敬老")
    page.fill("[type=search]", "老年卡")
    page.keyboard.press("Enter")
    expect(page.get_by_text("找到 1 份")).to_be_visible()
    li.look("guide-list")
    page.locator("body").press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="编辑").first.click()
    page.fill("[name=fee]", "工本费二十元")
    page.fill("[name=phrasings]", page.input_value("[name=phrasings]") + "\n奶奶的敬老卡丢了咋整")
    expect(page.locator("#save-state")).to_contain_text("已存")
    kiosk = page.frame_locator("[data-frame=kiosk] iframe")
    expect(kiosk.get_by_text("工本费二十元").first).to_be_visible()
    page.get_by_role("button", name="手机").click()
    expect(page.frame_locator("[data-frame=phone] iframe").get_by_text("工本费二十元").first).to_be_visible()
    li.look("guide-edit")
    page.get_by_role("link", name="试问草稿").click()
    page.fill("#q", "奶奶的敬老卡丢了咋整")
    page.keyboard.press("Enter")
    expect(page.locator(".answers .card").last).to_contain_text("工本费二十元")
    page.get_by_role("button", name="比一比").click()
    expect(page.locator(".weighed")).to_contain_text("会赢 1 个", timeout=60_000)
    li.look("guide-trial")
    page = li.open("/guides/card/edit")
    page.fill("[name=note]", "收费改了")
    page.get_by_role("button", name="存草稿").click()
    expect(page.locator("#save-state")).to_contain_text("已存")
    page.focus("[name=note]")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".flash.good")).to_contain_text("第 2 版已送审")
    li.look("guide-waiting")

    wang = sit_down("wang", TABLET)
    page = wang.open("/reviews")
    wang.look("reviews-tablet")
    page.get_by_role("link", name="老年卡").click()
    expect(page.locator("ins").first).to_be_visible()
    wang.look("review-tablet")
    page.get_by_role("button", name="通过").click()
    expect(page.locator(".flash.good")).to_contain_text("通过了")
    assert desk.means.editorial.history("card")[0].state is RevisionState.APPROVED


def test_two_editors_at_once_see_both_versions(desk: ServedConsole, sit_down: Opener) -> None:
    first, second = sit_down("li"), sit_down("zhao", TABLET)
    mine, theirs = first.open("/guides/stay/edit"), second.open("/guides/stay/edit")
    mine.fill("[name=fee]", "十元")
    expect(mine.locator("#save-state")).to_contain_text("已存")
    theirs.fill("[name=audience]", "外地来的人")
    expect(theirs.locator("h1")).to_contain_text("有人和您同时在改")
    second.look("conflict-tablet")
    theirs.get_by_role("button", name="按上面选的存下").click()
    expect(theirs.locator("[name=fee]")).to_have_value("十元")
    expect(theirs.locator("[name=audience]")).to_have_value("外地来的人")
    expect(theirs.locator(".flash.warn")).to_have_count(0)


def test_rows_are_added_moved_and_taken_away_and_problems_stand_beside_their_fields(
    desk: ServedConsole, sit_down: Opener
) -> None:
    seat = sit_down("li", TABLET)
    page = seat.open("/guides/rows/edit")
    rows = page.locator("[data-rows=materials]")
    rows.locator("[data-add]").click()
    page.keyboard.type("照片")
    page.fill("[name='materials.2.count']", "两张")
    expect(page.locator("[data-error='materials.2.count']")).to_contain_text("1 到 99")
    seat.look("guide-problems-tablet")
    page.fill("[name='materials.2.count']", "2")
    rows.locator("[data-act=up]").last.click()
    rows.locator("[data-act=remove]").first.click()
    expect(page.locator("#problem-summary")).to_contain_text("可以送审")
    names = [row["name"] for row in desk.means.editorial.open_draft("rows", "").content["materials"]]
    assert names == ["照片", "户口簿"]


def test_a_sheet_is_checked_and_then_handed_in_without_choosing_it_again(
    desk: ServedConsole, sit_down: Opener, tmp_path: Path
) -> None:
    seat = sit_down("zhao")
    page = seat.open("/guides/-/sheets?words=医保卡")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=".jsonl").click()
    sheet = tmp_path / "改.jsonl"
    sheet.write_text(Path(waiting.value.path()).read_text("utf-8").replace("免费", "三十元"), "utf-8")
    page.set_input_files("#sheet", sheet)
    page.get_by_role("button", name="先检查").click()
    expect(page.locator("#sheet-result")).to_contain_text("导入后有 1 份送审")
    page.get_by_role("button", name="导入并送审").click()
    expect(page.locator("#sheet-result")).to_contain_text("1 份已送审")
    seat.look("sheet")
    page.get_by_role("button", name="导入并送审").click()
    expect(page.locator("#sheet-result")).to_contain_text("什么也不用做")


def test_nothing_typed_is_lost_when_the_session_ends(desk: ServedConsole, sit_down: Opener) -> None:
    seat = sit_down("li")
    page = seat.open("/guides/kept/edit")
    desk.clock.turn(hours=30)
    page.fill("[name=fee]", "四十元")
    expect(page.locator("#save-state")).to_contain_text("登录已经结束")
    page.locator("[data-rows=materials] [data-add]").click()
    page.keyboard.type("结婚证")
    page.get_by_role("button", name="存草稿").click()
    page.fill("[name=login]", "li")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.locator("[name=fee]")).to_have_value("四十元")
    expect(page.locator("[name='materials.2.name']")).to_have_value("结婚证")
    expect(page.locator("#save-state")).to_contain_text("已存")
    assert desk.means.editorial.open_draft("kept", "").content["fee"] == "四十元"
