"""A visitor at the real kiosk: `linli serve` with the real Rasa, the shipped guides and the real voice."""

from __future__ import annotations

import io
import re
import wave

import pytest
from playwright.sync_api import Page, expect

from kiosk.door import COOKIE
from knowledge.library import load_shipped
from tests.browser.conftest import LANDSCAPE, PATIENCE_MS, Opener, Visitor
from tests.running_hall import RunningHall

pytestmark = [pytest.mark.browser, pytest.mark.rasa]

DATE = re.compile(r"\d{4}(-\d{2}){0,2}")


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.click(f'#keyboard [data-skbtn="{key}"]')


def ask_again(page: Page, text: str) -> None:
    """Ask the next question as a visitor does: by the button beside the last one."""
    page.click("[data-ask-again]")
    page.wait_for_selector("#keyboard:not([hidden])")
    page.fill("#question", text)
    page.press("#question", "Enter")
    expect(page.locator(".asked strong")).to_have_text(text)


def looks_right(window: Visitor, name: str) -> None:
    """Keep a picture; nothing is cut off, and axe finds nothing."""
    window.keep(f"real-{name}")
    assert window.clipped() == [], name
    assert window.axe() == [], name


def test_a_visitor_asks_follows_up_and_picks_a_choice(visitor: Opener, running_hall: RunningHall) -> None:
    window = visitor(running_hall)
    page = window.open()
    looks_right(window, "home")
    page.click("#question")
    press(page, "juzhuzheng")
    page.click("#keyboard .candidates button:text-is('居住证')")
    press(page, "zenmeban")
    page.click("#keyboard .candidates button:text-is('怎么办')")
    looks_right(window, "keyboard")
    page.click('#keyboard [data-skbtn="{done}"]')
    expect(page.locator(".answering h1")).to_have_text("上海市居住证申领(首次)")
    expect(page.locator(".sources")).to_contain_text(DATE)
    expect(page.locator(".sources")).to_contain_text("待工作人员核对")
    expect(page.locator(".materials")).to_contain_text("居民身份证")
    looks_right(window, "answer")

    ask_again(page, "多少钱")
    expect(page.locator(".answering h1")).to_have_text("上海市居住证申领(首次)")
    expect(page.locator(".answering .lead")).to_contain_text("免工本费")
    looks_right(window, "follow-up")

    ask_again(page, "补办")
    expect(page.locator(".is-clarify")).to_be_visible()
    looks_right(window, "clarify")
    picked = page.locator(".is-clarify .choice .label").first
    label = picked.evaluate("element => element.firstChild.data")
    picked.click()
    expect(page.locator(".asked strong")).to_have_text(label)
    expect(page.locator(".answering h1")).to_be_visible()
    expect(page.locator(".sources")).to_contain_text(DATE)


def test_a_visitor_browses_to_a_guide_and_asks_about_it(visitor: Opener, running_hall: RunningHall) -> None:
    window = visitor(running_hall)
    page = window.open()
    page.click(".tile:has-text('养老助残')")
    looks_right(window, "theme")
    page.click(".choice:has-text('老年综合津贴') >> nth=0")
    expect(page.locator(".asked small")).to_have_text("您点的是")
    title = page.locator(".answering h1").inner_text()
    ask_again(page, "要带什么材料")
    expect(page.locator(".answering h1")).to_have_text(title)
    expect(page.locator(".materials li").first).to_be_visible()
    page.click(".tool:has-text('返回')")
    expect(page.locator(".home")).to_be_visible()


@pytest.mark.sound
def test_the_real_voice_reads_the_answer_aloud(visitor: Opener, running_hall: RunningHall) -> None:
    window = visitor(running_hall)
    window.page.set_default_timeout(PATIENCE_MS)
    window.ask("居住证怎么办")
    with window.page.expect_response(re.compile(r"/kiosk/audio/.*\.wav")) as heard:
        window.page.click("button[data-speak]")
    sound = window.page.request.get(heard.value.url)
    with wave.open(io.BytesIO(sound.body())) as spoken:
        seconds = spoken.getnframes() / spoken.getframerate()
        loudest = max(abs(int.from_bytes(f, "little", signed=True)) for f in _frames(spoken))
    # The answer's first words are some 60 characters; the voice says about four of them a second.
    assert 6 < seconds < 60
    assert loudest > 3000, "the sound is silence"
    expect(window.page.locator("button[data-speak]")).to_contain_text("暂停朗读")
    window.keep("real-reading")
    window.page.click("button[data-speak]")
    expect(window.page.locator("button[data-speak]")).to_contain_text("继续朗读")


def _frames(spoken: wave.Wave_read) -> list[bytes]:
    data = spoken.readframes(spoken.getnframes())
    return [data[at : at + 2] for at in range(0, len(data), 2)]


def test_a_request_filed_by_touch_is_found_by_number_and_code(
    visitor: Opener, running_hall: RunningHall
) -> None:
    window = visitor(running_hall)
    page = window.open()
    page.click(".tile:has-text('报修求助')")
    page.click(".choice:has-text('报修')")
    for value in ("三楼楼道灯不亮", "幸福路 100 弄 3 号楼", "", "王阿姨", "13812345678"):
        if not value:
            page.click(".choice:has-text('可以联系我')")
            continue
        expect(page.locator("#value")).to_have_value("")
        page.fill("#value", value)
        page.click("button[form=field]")
    expect(page.locator(".review")).to_contain_text("幸福路")
    looks_right(window, "review")
    page.click(".actions .primary")
    page.wait_for_selector(".receipt")
    number, code = page.locator(".receipt dd").all_inner_texts()[:2]
    looks_right(window, "receipt")
    page.click(".tool.end")
    page.click(".tile:has-text('查办理进度')")
    page.fill("#number", number)
    page.fill("#code", "000000" if code != "000000" else "111111")
    page.click(".field .button")
    expect(page.locator("#refusal")).to_contain_text("没有查到")
    expect(page.locator("#number")).to_have_value(number)
    page.fill("#code", code)
    page.click(".field .button")
    expect(page.locator(".answering")).to_contain_text("已登记")
    looks_right(window, "status")


def test_a_form_of_the_conversation_is_left_by_asking_something_else(
    visitor: Opener, running_hall: RunningHall
) -> None:
    window = visitor(running_hall)
    page = window.page
    window.ask("我要报修")
    expect(page.locator(".is-form .search.inline")).to_be_visible()
    expect(page.locator(".rating")).to_have_count(0)
    looks_right(window, "asked-in-a-form")
    page.fill(".search.inline [name=text]", "三楼楼道灯不亮")
    page.press(".search.inline [name=text]", "Enter")
    expect(page.locator(".answering .lead")).to_contain_text("什么地方")
    ask_again(page, "谢谢")
    expect(page.locator(".is-form")).to_have_count(0)


def test_a_visitor_who_went_away_leaves_nothing(visitor: Opener, running_hall: RunningHall) -> None:
    window = visitor(running_hall)
    window.page.clock.install()
    window.ask("低保怎么申请")
    old = {entry["name"]: entry["value"] for entry in window.page.context.cookies()}[COOKIE]
    answer = window.page.locator("#screen").get_attribute("data-path") or ""
    window.page.clock.run_for(121_000)
    expect(window.page.locator("#idle")).to_be_visible()
    looks_right(window, "idle")
    with window.page.expect_navigation(url=running_hall.url + "/"):
        window.page.clock.run_for(31_000)
    expect(window.page.locator(".home")).to_be_visible()
    assert window.page.evaluate("sessionStorage.length + localStorage.length") == 0
    assert old not in {entry["value"] for entry in window.page.context.cookies()}
    window.page.go_back()
    assert "低保怎么申请" not in window.page.locator("body").inner_text().replace("低保怎么申请？", "")
    window.page.context.add_cookies([{"name": COOKIE, "value": old, "url": running_hall.url}])
    window.open(answer)
    expect(window.page.locator("h1")).to_have_text("没有这一页")


def test_a_hall_that_is_gone_is_said_and_comes_back(visitor: Opener, running_hall: RunningHall) -> None:
    window = visitor(running_hall)
    window.ask("低保怎么申请")
    window.page.context.set_offline(True)
    window.page.click(".tool:has-text('返回')")
    expect(window.page.locator("#failure")).to_be_visible()
    looks_right(window, "no-answer")
    window.page.click("[data-dismiss]")
    window.page.click(".tool.end")
    expect(window.page.locator("#away")).to_be_visible()
    looks_right(window, "away")
    assert "低保" not in window.page.locator("main").inner_text()
    window.page.context.set_offline(False)
    expect(window.page.locator(".home")).to_be_visible()


def test_the_longest_guides_fit_upright_lying_and_in_large_type(
    visitor: Opener, running_hall: RunningHall
) -> None:
    guides = sorted(load_shipped(), key=lambda guide: -len(repr(guide)))[:6]
    window = visitor(running_hall)
    window.open()
    for elder in (False, True):
        if elder:
            window.open()
            window.page.click("[data-setting=elder]")
            window.page.wait_for_selector("html.elder")
        for guide in guides:
            window.page.set_viewport_size({"width": 1080, "height": 1920})
            window.open(f"/kiosk/guide/{guide.id}")
            assert window.clipped() == [], guide.id
            window.page.set_viewport_size(LANDSCAPE)
            assert window.clipped() == [], guide.id
        looks_right(window, f"longest{'-elder' if elder else ''}")
        expect(window.page.locator("#further")).to_be_visible()


def test_a_resident_talks_to_the_hall_on_the_chat_page(visitor: Opener, running_hall: RunningHall) -> None:
    window = visitor(running_hall, {"width": 390, "height": 844})
    page = window.open("/chat")
    expect(page.locator("header")).to_contain_text("幸福里社区事务受理服务中心")
    expect(page.locator("header")).to_contain_text("不是真人")

    def say(text: str) -> None:
        before = page.locator(".message.reply").count()
        page.fill("#text", text)
        page.press("#text", "Enter")
        expect(page.locator(".message.reply")).to_have_count(before + 1)

    last = page.locator(".message.reply").last
    say("居住证怎么办")
    expect(last.locator(".source")).to_contain_text(DATE)
    looks_right(window, "chat-answer")
    say("要带什么材料")
    expect(last.locator("li").first).to_be_visible()
    last.locator(".rating button:has-text('有帮助')").click()
    expect(last.locator(".rating")).to_contain_text("谢谢")
    say("补办")
    looks_right(window, "chat-clarify")
    last.locator(".choices .choice").first.click()
    expect(last.locator(".source")).to_contain_text(DATE)
    say("我要报修")
    for words in ("三楼楼道灯不亮", "幸福路100弄3号楼", "王阿姨", "13812345678"):
        say(words)
    assert "13812345678" not in last.inner_text()
    looks_right(window, "chat-confirm")
    last.locator(".choices .choice").first.click()
    expect(last.locator(".receipt dd").first).to_contain_text(re.compile(r"\d{6}"))
    looks_right(window, "chat-receipt")
    page.click("#person")
    expect(last).to_contain_text("12345")
    looks_right(window, "chat-person")
