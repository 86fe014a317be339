"""The staff of a real hall at work: from the first administrator to an answer that residents get."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hall.settings import read_settings
from hall.wiring import Wiring
from knowledge.beforehand import learned_beforehand
from knowledge.editorial import Editorial
from knowledge.learned import digest_of
from knowledge.library import load_shipped
from knowledge.matching import entries_of
from tests.browser.conftest import Opener, Visitor
from tests.running_hall import RunningHall
from tests.staff.served import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.serve]

ROOT = Path(__file__).resolve().parents[2]
DESK = {"width": 1280, "height": 900}
GUIDE, TITLE = "residence-permit-first", "上海市居住证申领(首次)"
FEE = "首次办理免工本费，遗失补办收27元"
SWITCHED = "居住证业务正在调整，请到窗口咨询。"
# Nobody says it like this, so nothing answers it.
IN_VAIN = "沪漂小卡咋弄"
# A build that need not learn takes seconds; on a busy machine many.
BUILT_MS = 120_000


@dataclass
class Place:
    """A hall with two workers, and its database as seen from here."""

    hall: RunningHall
    wiring: Wiring

    @property
    def url(self) -> str:
        """Where the hall is."""
        return self.hall.url

    def ask(self, text: str) -> dict[str, Any]:
        """Ask in a conversation of its own."""
        return self.hall.say(secrets.token_hex(8), text)

    def spare_learning(self) -> None:
        """Have the next release take the live one's numbers: learning its own would take half a minute."""
        editorial, library = Editorial(self.wiring.sessions, self.wiring.clock), self.wiring.library
        guides = {guide.id: guide for guide, _ in library.published()}
        for info in editorial.approved():
            guides[info.guide_id] = editorial.revision(info.guide_id, info.revision)
        digest = digest_of(entries_of([guides[guide_id] for guide_id in sorted(guides)]))
        learned = learned_beforehand(digest_of(entries_of(load_shipped())))
        assert learned is not None
        library.keep_learned(digest, learned.to_mapping())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    settings = {"LINLI_WITHOUT_RASA": "1", "LINLI_HALL_WORKERS": "2", "LINLI_GOLD_MARGIN_PERCENT": "0"}
    hall = RunningHall.start(ROOT, tmp_path, **settings)
    wiring = Wiring(read_settings({"LINLI_FOLDER": str(tmp_path)}))
    yield Place(hall, wiring)
    wiring.engine.dispose()
    hall.stop()


def confirm(page: Page) -> None:
    page.click("#confirm button:has-text('确定')")


def set_up(window: Visitor, code: str) -> Page:
    """The first administrator."""
    page = window.open("/staff")
    expect(page.locator("h1")).to_have_text("第一次设置")
    for field, value in (("code", code), ("login", "zhang"), ("name", "张敏")):
        page.fill(f"#{field}", value)
    page.fill("#password", PASSWORD)
    page.fill("#password_again", PASSWORD)
    page.click("button:has-text('完成设置')")
    expect(page.locator("h1")).to_have_text("张敏，您好")
    return page


def add_member(admin: Page, url: str, login: str, role: str) -> str:
    """Add a member; return the one-time code that the administrator reads out."""
    admin.goto(url + "/staff/members/new")
    admin.fill("#name", login)
    admin.fill("#login", login)
    admin.check(f"[name=roles][value={role}]")
    admin.click("button:has-text('添加')")
    return admin.locator(".code").inner_text()


def arrive(window: Visitor, login: str, code: str) -> Page:
    """Choose a password with the one-time code, and sign in."""
    page = window.open("/staff/new-password")
    page.fill("#login", login)
    page.fill("#code", code)
    page.fill("#password", PASSWORD)
    page.fill("#password_again", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/sign-in*")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("h1")).to_contain_text("您好")
    return page


def edit(page: Page, url: str, field: str, value: str, note: str) -> None:
    """Change one field of the guide and hand it in."""
    page.goto(f"{url}/staff/guides/{GUIDE}/edit")
    page.fill(f"#{field}", value)
    page.fill("#note", note)
    page.click("#hand-in button:has-text('送审')")
    expect(page.locator(".flash.good")).to_be_visible()


def approve(page: Page, url: str) -> None:
    """Approve what waits."""
    page.goto(url + "/staff/reviews")
    page.locator(f"a[href*='/guides/{GUIDE}/review/']").first.click()
    page.click("#decide button:has-text('通过')")
    expect(page.locator(".flash.good")).to_be_visible()


def prepare(page: Page, place: Place, note: str) -> None:
    """Have a release built and judged, and wait for what comes of it."""
    place.spare_learning()
    page.goto(place.url + "/staff/releases")
    page.fill("#note", note)
    page.click("button:has-text('准备发布')")
    expect(page.locator("#gate-title")).to_be_visible(timeout=BUILT_MS)


def publish(page: Page, place: Place) -> None:
    """Publish once both processes have the release; return when a second has passed since."""
    expect(page.locator(".processes")).to_contain_text("已载入", timeout=BUILT_MS)
    expect(page.locator(".processes")).not_to_contain_text("还没载入", timeout=BUILT_MS)
    page.click("button:has-text('现在发布')")
    confirm(page)
    expect(page.locator(".flash.good")).to_contain_text("已经对外")
    a_second_passes(place)


def a_second_passes(place: Place) -> None:
    """Wait for as long as what staff do may take to hold everywhere."""
    since = time.monotonic()
    place.hall.wait_for(lambda: time.monotonic() - since >= 1.0, "the second has passed")


def test_from_the_first_administrator_to_an_answer_and_back(visitor: Opener, place: Place) -> None:
    place.hall.wait_for(lambda: "enter the code" in place.hall.log, "the code is said")
    code = (place.hall.folder / "set-up.code").read_text().strip()
    at_admin, at_editor, at_reviewer = (visitor(place, DESK) for _ in range(3))
    admin = set_up(at_admin, code)
    editor = arrive(at_editor, "li", add_member(admin, place.url, "li", "editor"))
    reviewer = arrive(at_reviewer, "wang", add_member(admin, place.url, "wang", "reviewer"))

    # A resident asks in vain; an editor makes a phrasing of it.
    before = place.ask("居住证多少钱")
    assert before["guide"]["id"] == GUIDE
    assert FEE not in before["text"]
    talk = secrets.token_hex(8)
    for _ in range(2):
        assert place.hall.say(talk, IN_VAIN)["decision"] in ("decline", "clarify")
    edit(editor, place.url, "fee", FEE, "补办也收费")
    approve(reviewer, place.url)
    editor.goto(place.url + "/staff/unanswered")
    card = editor.locator(f"article:has(h2:text-is('{IN_VAIN}'))")
    card.locator("summary:has-text('另选一份')").click()
    card.locator("[name=other_guide]").fill(TITLE)
    card.locator("button:has-text('加为问法')").click()
    expect(editor.locator("article.done")).to_contain_text(f"已加入《{TITLE}》的草稿")
    editor.click("article.done button:has-text('送审')")
    expect(editor.locator("article.done")).to_contain_text("已送审")

    # Nobody approves their own work; another does, and publishes.
    editor.goto(place.url + "/staff/reviews")
    editor.locator(f"a[href*='/guides/{GUIDE}/review/']").first.click()
    expect(editor.locator("button:has-text('通过')")).to_have_count(0)
    approve(reviewer, place.url)
    prepare(reviewer, place, "居住证补办收费")
    expect(reviewer.locator("#publish-title")).to_be_visible()
    at_reviewer.keep("staff-real-ready")
    publish(reviewer, place)
    for _ in range(8):  # both workers
        reply = place.ask("居住证多少钱")
        assert reply["decision"] == "answer"
        assert FEE in reply["text"]
        assert place.ask(IN_VAIN)["guide"]["id"] == GUIDE

    # An edit that would lose that question is refused by the gold set.
    phrasings = editor.goto(f"{place.url}/staff/guides/{GUIDE}/edit") and editor.input_value("#phrasings")
    kept = "\n".join(line for line in (phrasings or "").splitlines() if line.strip() != IN_VAIN)
    edit(editor, place.url, "phrasings", kept, "删掉怪问法")
    approve(reviewer, place.url)
    prepare(reviewer, place, "整理问法")
    expect(reviewer.locator("#gate-title + .badge")).to_have_text("没有通过")
    expect(reviewer.locator("#refused-title")).to_be_visible()
    expect(reviewer.locator("main")).to_contain_text(IN_VAIN)
    expect(reviewer.locator("button:has-text('现在发布')")).to_have_count(0)
    at_reviewer.keep("staff-real-refused")
    assert place.ask(IN_VAIN)["guide"]["id"] == GUIDE
    reviewer.click("button:has-text('取消这次发布')")
    confirm(reviewer)
    expect(reviewer.locator("h1")).to_have_text("发布")

    # Back to what residents saw at first.
    first = reviewer.locator("tbody a:text-is('第 1 次发布')")
    first.click()
    reviewer.fill("#note", "收费写错了")
    reviewer.click("button:has-text('恢复到第 1 次发布')")
    confirm(reviewer)
    expect(reviewer.locator("#publish-title")).to_be_visible(timeout=BUILT_MS)
    publish(reviewer, place)
    for _ in range(8):
        assert FEE not in place.ask("居住证多少钱")["text"]
    assert place.ask(IN_VAIN)["decision"] in ("decline", "clarify")

    # Whatever goes wrong, the administrator has residents read a text of the hall's own.
    admin.goto(f"{place.url}/staff/switches?guide={GUIDE}")
    admin.fill("#text_zh", SWITCHED)
    admin.click("#switch-form button:has-text('关停')")
    confirm(admin)
    expect(admin.locator(".switched-off")).to_contain_text(TITLE)
    a_second_passes(place)
    for _ in range(4):
        assert SWITCHED in place.ask("居住证多少钱")["text"]
    admin.click("button:has-text('恢复')")
    confirm(admin)
    expect(admin.locator(".switched-off")).to_have_count(0)
    a_second_passes(place)
    assert SWITCHED not in place.ask("居住证多少钱")["text"]

    # What was done is in the trail, and what was typed is in no log.
    admin.goto(place.url + "/staff/audit")
    for act in ("恢复旧内容", "发布", "处理没答上的问题", "添加人员", "关停"):
        expect(admin.locator("tbody")).to_contain_text(act)
    for secret in (PASSWORD, IN_VAIN, FEE):
        assert secret not in place.hall.log
