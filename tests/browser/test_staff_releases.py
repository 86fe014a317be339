"""Releases, gold questions, the unanswered queue, figures and switches in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hall.database import open_sessions
from knowledge.answering import Finding
from knowledge.figures import Figures, RatingCount, TurnCount, make_figures
from knowledge.gold import GateReport, GoldChange, GoldRecord, shipped_gold
from knowledge.library import load_shipped
from knowledge.matching import Match
from knowledge.switches import Scope
from language.reply import Decision
from staff.roles import Role
from tests.browser.conftest import Opener, Visitor
from tests.knowledge.curation import Room
from tests.staff.served import PASSWORD, ServedConsole, database

pytestmark = [pytest.mark.browser]

DESK = {"width": 1280, "height": 900}
TABLET = {"width": 820, "height": 1180}
ELDERS, PERMIT = "elderly-benefit", "residence-permit-first"
GUIDES = load_shipped()
IDS = [guide.id for guide in GUIDES]
ONE, TWO, THREE = IDS[3], IDS[10], IDS[20]
REFUSED = GateReport(
    False,
    177,
    158.5,
    160.5,
    0.0,
    (
        GoldChange("老人坐公交免费吗", ONE, TWO, ONE, "answer", "answer"),
        GoldChange("身份证丢了去哪里补办", TWO, TWO, TWO, "clarify", "answer"),
        GoldChange("护照过期了怎么换", None, THREE, None, "answer", "decline"),
    ),
    (GoldChange("社保卡在哪里换", THREE, THREE, ONE, "answer", "answer"),),
    (GoldRecord("医保个人账户怎么转", "gone"),),
)
PASSED = GateReport(True, 177, 161.0, 160.5, 0.0, won=REFUSED.won)
ASKED = {
    "护照过期了怎么换": ("declined", 7),
    "出国护照到期怎么办": ("declined", 3),
    "老人坐公交还要不要钱": ("clarified_twice", 4),
    "老年人坐公交车要钱吗": ("rated_badly", 2),
    "小区能不能养鸡": ("declined", 2),
    "楼上漏水找谁": ("declined", 1),
}


def judge(text: str) -> Finding:
    """What the little console takes every question for."""
    if "护照" in text:
        return Finding(Decision.DECLINE, (Match(THREE, 0.21), Match(TWO, 0.12)))
    return Finding(Decision.CLARIFY if len(text) % 3 else Decision.ANSWER, (Match(ONE, 0.7), Match(TWO, 0.2)))


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """A console with the shipped guides, its questions, and members."""
    folder: Path = tmp_path_factory.mktemp("staff_releases")

    def figures(first: object, last: object) -> Figures:
        return busy_figures(served, first, last)

    served = ServedConsole.start(database(folder), "staff_release_pictures", judge=judge, figures=figures)
    room = Room(open_sessions(served.engine), served.clock.now)
    room.library.import_shipped(GUIDES)
    served.means.gold.import_shipped(shipped_gold())
    for text, (reason, times) in ASKED.items():
        for number in range(times):
            at = served.clock.now - timedelta(days=number)
            door = ("chat", "kiosk", "group")[number % 3]
            served.means.unanswered.note(text, reason, door, ONE if "公交" in text else None, at)
    served.member("wang", Role.REVIEWER, Role.EDITOR)
    served.member("zhang", Role.ADMIN, Role.SUPERVISOR)
    yield served
    served.close()


def busy_figures(served: ServedConsole, first: object, last: object) -> Figures:
    """Figures of a hall that is busy on weekdays."""
    today = served.clock.now.date()
    turns = []
    for back in range(60):
        day = today - timedelta(days=back)
        busy = 12 if day.weekday() < 5 else 3
        for place, guide in enumerate(GUIDES[:18]):
            turns.append(
                TurnCount(
                    day, ("chat", "kiosk", "group")[place % 3], "answer", guide.id, None, busy - place // 2
                )
            )
        turns.append(TurnCount(day, "chat", "clarify", None, None, busy + back % 7))
        turns.append(TurnCount(day, "kiosk", "decline", None, None, busy // 2 + back % 5))
        turns.append(TurnCount(day, "chat", "smalltalk", None, None, 3))
    within = [one for one in turns if first <= one.day <= last and one.turns > 0]  # type: ignore[operator]
    ratings = [RatingCount(5, None, 40), RatingCount(1, GUIDES[1].id, 6)]
    return make_figures((first, last), within, ratings, GUIDES, {GUIDES[2].id: 9}, today)  # type: ignore[arg-type]


@pytest.fixture
def room(console: ServedConsole) -> Room:
    return Room(open_sessions(console.engine), console.clock.now)


def sign_in(window: Visitor, login: str) -> Page:
    page = window.open("/staff/sign-in")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("h1")).to_contain_text("您好")
    return page


def looks_right(window: Visitor, name: str) -> None:
    """Keep pictures of the whole page at both widths; nothing is cut off, and axe finds nothing."""
    for size, kind in ((DESK, "desk"), (TABLET, "tablet")):
        window.page.set_viewport_size(size)
        whole(window, f"staff-{name}-{kind}")
        assert window.clipped() == [], name
        assert window.axe() == [], name
    window.page.set_viewport_size(DESK)


def whole(window: Visitor, name: str) -> None:
    tall: int = window.page.evaluate("document.documentElement.scrollHeight")
    size = window.page.viewport_size
    assert size is not None
    window.page.set_viewport_size({"width": size["width"], "height": min(max(tall, size["height"]), 5000)})
    window.keep(name)
    window.page.set_viewport_size(size)


def test_a_release_is_prepared_refused_let_pass_and_published(
    visitor: Opener, console: ServedConsole, room: Room
) -> None:
    window = visitor(console, DESK)
    page = sign_in(window, "wang")
    room.approve(ONE, life_events=["退休"])
    room.approve(TWO, life_events=["搬家"])
    page.goto(console.url + "/staff/releases")
    looks_right(window, "releases")
    page.fill("#note", "一月更新")
    page.click("button:has-text('准备发布')")
    expect(page.locator(".making progress")).to_be_visible()
    number = room.queue.claim("builder")
    assert number is not None
    room.queue.report(number, "builder", "learning", 0.46)
    expect(page.locator(".making")).to_contain_text("正在学习怎样判断问题 46%")
    looks_right(window, "release-making")
    room.queue.finish(number, "builder", "b", REFUSED)
    expect(page.locator("#gate-title")).to_be_visible()
    looks_right(window, "release-refused")
    page.emulate_media(media="print")
    whole(window, "staff-release-refused-print")

    admin = visitor(console, DESK)
    page = sign_in(admin, "zhang")
    page.goto(f"{console.url}/staff/releases/{number}")
    page.fill("#reason", "旧问题已经停办，标准问题随后改")
    page.click("button:has-text('放行')")
    expect(page.locator("#confirm")).to_be_visible()
    admin.keep("staff-release-override-asks")
    page.click("#confirm button:has-text('确定')")
    expect(page.locator("#publish-title")).to_be_visible()
    room.presence.say("hall-1", {number: "b"})
    room.presence.say("hall-2", {})
    expect(page.locator(".processes")).to_contain_text("还没载入")
    looks_right(admin, "release-ready")
    room.presence.leave("hall-2")
    page.click("button:has-text('现在发布')")
    page.click("#confirm button:has-text('确定')")
    expect(page.locator(".flash.good")).to_contain_text("已经对外")
    looks_right(admin, "release-current")
    room.presence.leave("hall-1")

    page.goto(f"{console.url}/staff/releases/1")
    looks_right(admin, "release-past")
    page.fill("#note", "津贴写错了")
    page.click("button:has-text('恢复到第 1 次发布')")
    page.click("#confirm button:has-text('确定')")
    expect(page.locator("h1")).to_have_text("第 3 次发布")
    room.build(None)
    expect(page.locator("#publish-title")).to_be_visible()
    page.goto(console.url + "/staff/releases")
    looks_right(admin, "releases-two")


def test_a_wording_typed_when_the_session_ended_is_back_in_its_card(
    visitor: Opener, console: ServedConsole
) -> None:
    window = visitor(console, DESK)
    page = sign_in(window, "wang")
    page.goto(console.url + "/staff/unanswered")
    cards = page.locator("article.question")
    cards.nth(1).locator("[name=text]").first.fill("老人乘公交车收费吗")
    console.clock.turn(hours=13)
    cards.nth(1).locator("button:has-text('加为问法')").click()
    page.wait_for_url("**/staff/sign-in*")
    page.fill("#password", PASSWORD)
    if not page.input_value("#login"):
        page.fill("#login", "wang")
    page.press("#password", "Enter")
    expect(cards.nth(1).locator("[name=text]").first).to_have_value("老人乘公交车收费吗")
    expect(cards.nth(0).locator("[name=text]").first).to_have_value("护照过期了怎么换")
    console.clock.turn(hours=-13)


def test_the_queue_is_worked_through_by_keys(visitor: Opener, console: ServedConsole, room: Room) -> None:
    window = visitor(console, DESK)
    page = sign_in(window, "wang")
    page.goto(console.url + "/staff/unanswered")
    cards = page.locator("article.question")
    looks_right(window, "unanswered")
    page.keyboard.press("j")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("3")
    expect(cards.nth(0)).to_contain_text("不归我们办")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(cards.nth(1)).to_contain_text("公交")
    page.keyboard.press("1")
    expect(cards.nth(1)).to_contain_text("的草稿")
    page.keyboard.press("u")
    expect(cards.nth(1).locator("[data-key='1']")).to_be_visible()
    page.keyboard.press("1")
    expect(cards.nth(1)).to_contain_text("的草稿")
    page.keyboard.press("5")
    expect(cards.nth(1)).to_contain_text("已送审")
    page.keyboard.press("j")
    page.keyboard.press("2")
    expect(cards.nth(2)).to_contain_text("建了新指南的草稿")
    page.keyboard.press("j")
    page.keyboard.press("4")
    expect(cards.nth(3)).to_contain_text("已忽略")
    looks_right(window, "unanswered-done")
    assert len(room.editorial.waiting()) == 1
    page.reload()
    expect(page.locator(".empty")).to_be_visible()


def test_a_guide_is_found_while_its_name_is_typed(visitor: Opener, console: ServedConsole) -> None:
    window = visitor(console, DESK)
    page = sign_in(window, "wang")
    page.goto(console.url + "/staff/gold")
    looks_right(window, "gold")
    page.click("summary:has-text('添加一个')")
    page.fill("#text", "外地户口怎么办居住证")
    page.locator("#guide").press_sequentially("居住证", delay=20)
    expect(page.locator("#guide-options option").first).to_be_attached()
    title = page.locator("#guide-options option").first.get_attribute("value") or ""
    page.fill("#guide", title)
    looks_right(window, "gold-adding")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".flash.good")).to_contain_text("已加入标准问题")
    page.goto(console.url + "/staff/gold/run")
    expect(page.locator(".run-result")).to_be_visible()
    looks_right(window, "gold-run")
    page.goto(console.url + "/staff/gold/1")
    looks_right(window, "gold-one")


def test_figures_are_drawn(visitor: Opener, console: ServedConsole) -> None:
    window = visitor(console, DESK)
    page = sign_in(window, "zhang")
    page.goto(console.url + "/staff/figures")
    looks_right(window, "figures")
    page.emulate_media(media="print")
    whole(window, "staff-figures-print")
    expect(page.locator(".chart table").first).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.locator(".chart table").first).to_be_hidden()
    page.goto(console.url + "/staff/figures?days=90")
    looks_right(window, "figures-weeks")


def test_a_switch_is_set_and_every_page_says_so(visitor: Opener, console: ServedConsole) -> None:
    window = visitor(console, DESK)
    page = sign_in(window, "zhang")
    page.goto(console.url + "/staff/switches")
    looks_right(window, "switches")
    page.check("[name=scope][value=door]")
    expect(page.locator("#guide")).to_be_hidden()
    page.select_option("#door", "kiosk")
    page.fill("#text_zh", "一体机正在维护，请到窗口咨询。")
    page.click("button:has-text('关停')")
    page.click("#confirm button:has-text('确定')")
    expect(page.locator(".switched-off")).to_contain_text("入口：触摸屏")
    console.means.switches.set(Scope.GUIDE, ONE, "政策调整中，请拨 12345。", "Being changed", None, "zhang")
    page.reload()
    looks_right(window, "switches-off")
    page.goto(console.url + "/staff")
    looks_right(window, "home")
    page.goto(console.url + "/staff/switches")
    for _ in range(2):
        page.click("button:has-text('恢复') >> nth=0")
        page.click("#confirm button:has-text('确定')")
        expect(page.locator(".flash.good").first).to_contain_text("已恢复")
    expect(page.locator(".switched-off")).to_have_count(0)
