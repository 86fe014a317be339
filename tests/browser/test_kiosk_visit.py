"""What a visitor does at the kiosk, and what the kiosk does when the visitor has gone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Opener, ServedHall, cookie
from tests.kiosk.fakes import HOSTILE

pytestmark = pytest.mark.browser


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.click(f'#keyboard [data-skbtn="{key}"]')


def test_a_question_is_typed_in_pinyin_and_answered(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    page = window.open()
    page.click("#question")
    press(page, "jzz")
    page.click("#keyboard .candidates button:has-text('居住证') >> nth=0")
    expect(page.locator("#question")).to_have_value("居住证")
    press(page, "zenmeban")
    page.click("#keyboard .candidates button:text-is('怎么办')")
    window.keep("keyboard")
    page.click('#keyboard [data-skbtn="{done}"]')
    page.wait_for_selector(".screen.answer")
    expect(page.locator(".asked strong")).to_have_text("居住证怎么办")
    assert served.hall.conversation.turns[-1].text == "居住证怎么办"


def test_a_word_tapped_before_its_letters_were_looked_up_takes_them_all(
    visitor: Opener, served: ServedHall
) -> None:
    page = visitor(served).open()
    page.click("#question")
    press(page, "zenmeb")
    page.wait_for_selector("#keyboard .candidates button:text-is('怎么办')")
    held: list[Route] = []
    page.route("**/kiosk/candidates", lambda route: held.append(route))
    press(page, "an")
    page.click("#keyboard .candidates button:text-is('怎么办')")
    held[-1].continue_()
    expect(page.locator("#question")).to_have_value("怎么办")
    expect(page.locator("#keyboard .typed")).to_have_count(0)


def test_the_keyboard_deletes_letters_first_and_then_characters(visitor: Opener, served: ServedHall) -> None:
    page = visitor(served).open()
    page.click("#question")
    press(page, "dibaox")
    page.click('#keyboard [data-skbtn="{bksp}"]')
    page.wait_for_selector("#keyboard .candidates button:text-is('低保')")
    page.click('#keyboard [data-skbtn="{space}"]')
    expect(page.locator("#question")).to_have_value("低保")
    page.click('#keyboard [data-skbtn="{bksp}"]')
    expect(page.locator("#question")).to_have_value("低")
    press(page, "3")
    expect(page.locator("#question")).to_have_value("低3")
    page.click('#keyboard [data-skbtn="{lang}"]')
    press(page, "ok")
    expect(page.locator("#question")).to_have_value("低3ok")


def test_calling_staff_is_never_covered_by_the_keyboard(visitor: Opener, served: ServedHall) -> None:
    page = visitor(served).open()
    page.click("#question")
    page.wait_for_selector("#keyboard:not([hidden])")
    page.click(".tool.staff")
    page.wait_for_selector(".calmly")
    assert page.locator("#keyboard").is_hidden()


def test_a_clarification_leads_to_an_answer_by_touch(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    window.ask("居住证")
    window.page.click(".choice:has-text('居住证签注')")
    window.page.wait_for_selector(".is-answer")
    expect(window.page.locator(".asked strong")).to_have_text("居住证签注")
    window.page.click(".tool:has-text('返回')")
    window.page.wait_for_selector(".is-clarify")


def test_an_answer_shows_source_date_and_that_nobody_checked_it(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    window.ask("居住证怎么办？")
    expect(window.page.locator(".sources")).to_contain_text("2022-03-08")
    expect(window.page.locator(".sources")).to_contain_text("待工作人员核对")
    window.open("/kiosk/guide/guide-1")
    expect(window.page.locator(".sources")).to_contain_text("2026-11-18 核对")


def test_what_the_window_fetches_has_no_tick_box(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    window.ask("居住证怎么办？")
    boxes = window.page.locator(".materials input")
    expect(boxes).to_have_count(3)
    window.page.click(".material:has-text('居民身份证')")
    expect(boxes.first).to_be_checked()
    window.page.locator(".takeaway").scroll_into_view_if_needed()
    window.keep("answer-below")
    expect(window.page.locator(".code svg")).to_be_visible()


def test_reading_aloud_plays_pauses_and_slows_down(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    window.ask("居住证怎么办？")
    with window.page.expect_response(re.compile(r"/kiosk/audio/.*\.wav")) as heard:
        window.page.click("button[data-speak]")
    assert heard.value.headers["content-type"] == "audio/wav"
    assert served.hall.speech.said[-1][0].startswith("带上身份证")
    with window.page.expect_response(re.compile(r"/kiosk/audio/.*slow.*\.wav")):
        window.page.click("[data-slower]")
    assert served.hall.speech.said[-1][1] == served.hall.needs.voices.slow_wpm
    other = visitor(served)
    other.open()
    stolen = other.page.request.get(heard.value.url)
    assert stolen.status == 404, "a sound is bound to the session that asked for it"


def test_a_broken_voice_is_said_and_the_screen_stays(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    window.ask("居住证怎么办？")
    served.hall.speech.is_broken = True
    try:
        window.page.click("button[data-speak]")
        expect(window.page.locator(".speech-status")).to_have_text("现在读不了，请看屏幕上的字。")
    finally:
        served.hall.speech.is_broken = False
    expect(window.page.locator(".answering h1")).to_be_visible()


def test_a_request_is_filed_once_however_often_it_is_tapped(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    page = window.open()
    page.click(".tile:has-text('报修求助')")
    page.click(".choice:has-text('报修')")
    for value in ("3 号楼电梯停了", "幸福路 100 弄 3 号楼", "东边那部"):
        page.wait_for_selector("#value")
        page.fill("#value", value)
        page.click("button[form=field]")
        page.wait_for_function("value => document.querySelector('#value')?.value !== value", arg=value)
    page.click(".choice:has-text('都不留')")  # name and phone may be left out
    page.wait_for_selector(".review")
    page.dblclick(".actions .primary")
    page.wait_for_selector(".receipt")
    numbers = page.locator(".receipt dd").all_inner_texts()
    records = [record.number for record in served.hall.needs.desk.records()]
    assert records.count(numbers[0]) == 1
    page.click(".tool:has-text('结束并清除')")
    page.wait_for_selector(".home")
    page.click(".tile:has-text('查办理进度')")
    page.fill("#number", numbers[0])
    page.fill("#code", numbers[1])
    page.click(".field .button")
    expect(page.locator(".answering")).to_contain_text("已登记")
    window.keep("status-found")


def test_going_back_in_the_form_keeps_what_was_typed(visitor: Opener, served: ServedHall) -> None:
    page = visitor(served).open("/kiosk/form?kind=complaint")
    page.click(".choice:has-text('投诉')")
    page.fill("#value", "半夜施工太吵")
    page.click("button[form=field]")
    page.wait_for_selector("[name=step][value=place]", state="attached")
    page.click(".actions button:has-text('上一步')")
    expect(page.locator("#value")).to_have_value("半夜施工太吵")


def test_something_is_seen_at_once_and_a_slow_answer_still_comes(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    page = window.open()
    served.hall.conversation.go_on.clear()
    page.fill("#question", "慢")
    page.press("#question", "Enter")
    expect(page.locator("#waiting")).to_be_visible()
    window.keep("waiting")
    served.hall.conversation.go_on.set()
    page.wait_for_selector(".screen.answer")
    assert page.locator("#waiting").is_hidden()


def test_no_answer_in_time_offers_another_try(visitor: Opener, hurried: ServedHall) -> None:
    page = visitor(hurried).open()
    page.fill("#question", "慢")
    page.press("#question", "Enter")
    expect(page.locator("#failure")).to_be_visible()
    hurried.hall.conversation.go_on.set()
    page.click("[data-retry]")
    page.wait_for_selector(".screen.answer")


def test_a_lost_line_offers_another_try(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    page = window.open()
    page.route("**/kiosk/ask", lambda route: route.abort())
    page.fill("#question", "居住证怎么办？")
    page.press("#question", "Enter")
    expect(page.locator("#failure")).to_be_visible()
    window.keep("failure")
    assert window.axe() == []
    page.unroute("**/kiosk/ask")
    page.click("[data-retry]")
    page.wait_for_selector(".screen.answer")


def test_a_broken_conversation_shows_a_calm_screen(visitor: Opener, served: ServedHall) -> None:
    page = visitor(served).open()
    page.fill("#question", "错")
    page.press("#question", "Enter")
    expect(page.locator("h1")).to_have_text("这一步没有做成")
    page.click(".calmly .primary")
    page.wait_for_selector(".home")


def test_what_a_visitor_or_a_guide_says_is_text_and_never_markup(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    page = window.open()
    page.fill("#question", HOSTILE)
    page.press("#question", "Enter")
    page.wait_for_selector(".screen.answer")
    expect(page.locator(".asked strong")).to_have_text(HOSTILE)
    window.ask("坏")
    expect(page.locator(".lead, .rest").first).to_contain_text("<script>")
    assert page.locator("main script, main img").count() == 0


def test_language_large_type_and_contrast_switch_and_stay(visitor: Opener, served: ServedHall) -> None:
    page = visitor(served).open()
    page.click("[data-setting=locale]")
    page.wait_for_selector("html[lang=en]")
    expect(page.locator(".tool.staff")).to_have_text("Call staff")
    page.click("[data-setting=elder]")
    page.wait_for_selector("html.elder")
    page.click("[data-setting=contrast]")
    page.wait_for_selector("html.elder.contrast[lang=en]")
    page.click(".tile:has-text('Insurance')")
    page.click(".choice >> nth=0")
    expect(page.locator(".lead")).to_contain_text("Bring your identity card")
    page.reload()
    page.wait_for_selector("html.elder.contrast[lang=en]")


def test_a_rating_reaches_the_hall_and_no_help_leads_to_a_person(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    window.ask("居住证怎么办？")
    window.page.click("button:has-text('有帮助')")
    expect(window.page.locator(".thanks")).to_be_visible()
    assert served.hall.ratings[-1].helpful is True
    window.ask("今天股票涨吗")
    window.page.click("button:has-text('没解决，转人工')")
    expect(window.page.locator("h1")).to_have_text("工作人员帮您")
    assert served.hall.ratings[-1].helpful is False
    window.open("/kiosk/rate")
    window.page.click(".choice:has-text('基本满意')")
    expect(window.page.locator(".flash")).to_contain_text("谢谢")
    assert served.hall.ratings[-1].stars == 3


def test_the_code_leads_to_a_page_for_phones(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served, {"width": 390, "height": 844})
    window.open("/guide/guide-1")
    window.keep("guide-phone")
    assert window.clipped() == []
    assert window.axe() == []
    assert cookie(window) is None
