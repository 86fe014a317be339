"""The chat page on phones and desks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, ServedHall, Visitor
from tests.kiosk.fakes import HOSTILE, answer

pytestmark = pytest.mark.browser

SIZES = {"phone": (390, 844), "small": (320, 640), "desk": (1280, 800)}


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def open_chat(visitor: Opener, served: ServedHall, size: tuple[int, int] = (390, 844)) -> Visitor:
    window = visitor(served, {"width": size[0], "height": size[1]})
    window.open("/chat")
    return window


@pytest.mark.parametrize("size", SIZES)
def test_the_chat_fits_and_is_accessible(size: str, visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served, SIZES[size])
    window.keep(f"chat-{size}-start")
    assert window.clipped() == []
    assert window.axe() == []
    say(window.page, "居住证怎么办？")
    expect(window.page.locator(".message.reply")).to_have_count(2)
    window.keep(f"chat-{size}-answer")
    say(window.page, "居住证")
    expect(window.page.locator(".message.reply")).to_have_count(3)
    window.keep(f"chat-{size}-clarify")
    assert window.clipped() == []
    assert window.axe() == []


def test_it_says_that_it_is_a_machine_and_shows_the_way_to_a_person(
    visitor: Opener, served: ServedHall
) -> None:
    window = open_chat(visitor, served)
    expect(window.page.locator("header")).to_contain_text("我是智能助手，不是真人")
    window.page.click("#person")
    expect(window.page.locator(".mine")).to_contain_text("转人工")
    expect(window.page.locator(".message.reply")).to_have_count(2)
    assert served.hall.conversation.turns[-1].text == "人工"


def test_every_answer_carries_source_date_and_check(visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served)
    say(window.page, "居住证怎么办？")
    source = window.page.locator(".source")
    expect(source).to_contain_text("2022-03-08")
    expect(source).to_contain_text("待工作人员核对")
    expect(source.locator("a")).to_have_attribute("rel", "noopener noreferrer")


def test_the_conversation_has_an_id_of_128_random_bits(visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served)
    say(window.page, "居住证怎么办？")
    window.page.wait_for_selector(".source")
    first = served.hall.conversation.turns[-1].conversation
    assert re.fullmatch("[0-9a-f]{32}", first)
    with window.page.expect_navigation():  # and its scripts listen again
        window.page.click("#clear")
    window.page.click("[data-example] >> nth=0")
    window.page.wait_for_selector(".source")
    assert served.hall.conversation.turns[-1].conversation != first


def test_a_choice_is_sent_by_its_id_and_cannot_be_sent_twice(visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served)
    say(window.page, "居住证")
    window.page.click(".choices .choice:has-text('居住证签注')")
    expect(window.page.locator(".message.reply")).to_have_count(3)
    assert served.hall.conversation.turns[-1].choice in served.hall.conversation.issued
    expect(window.page.locator(".choices >> nth=0").locator(".choice:enabled")).to_have_count(0)


def test_an_answer_is_rated_with_a_reason(visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served)
    say(window.page, "居住证怎么办？")
    window.page.click(".rating button:has-text('没帮上')")
    window.page.click(".rating button:has-text('过时了')")
    expect(window.page.locator(".rating")).to_contain_text("谢谢")
    assert served.hall.conversation.rated[-1][1] == 1


def test_waiting_is_seen_at_once(visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served)
    served.hall.conversation.go_on.clear()
    say(window.page, "慢")
    expect(window.page.locator("#typing")).to_be_visible()
    served.hall.conversation.go_on.set()
    window.page.wait_for_selector(".source")
    assert window.page.locator("#typing").is_hidden()


def test_a_lost_message_is_kept_and_sent_again_with_the_same_id(visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served)
    sent: list[str] = []
    window.page.on("request", lambda r: sent.append(r.post_data or "") if "/api/chat" in r.url else None)
    window.page.route("**/api/chat", lambda route: route.abort())
    say(window.page, "居住证怎么办？")
    window.page.wait_for_selector(".failed")
    window.keep("chat-failed")
    assert window.axe() == []
    window.page.unroute("**/api/chat")
    window.page.click(".failed button")
    window.page.wait_for_selector(".source")
    assert len(sent) == 2
    assert sent[0] == sent[1]


def test_a_late_reply_is_shown_once(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served, {"width": 390, "height": 844})
    window.page.clock.install()
    window.open("/chat")
    say(window.page, "着火了")
    window.page.wait_for_selector(".emergency")
    served.hall.conversation.late.append((7, answer()))
    try:
        window.page.clock.run_for(6000)
        window.page.wait_for_selector(".source")
        with window.page.expect_response(re.compile("after=7")):
            window.page.clock.run_for(6000)
        expect(window.page.locator(".source")).to_have_count(1)
    finally:
        served.hall.conversation.late.clear()


def test_news_that_came_meanwhile_is_shown_when_the_page_is_opened_again(
    visitor: Opener, served: ServedHall
) -> None:
    window = open_chat(visitor, served)
    say(window.page, "着火了")
    window.page.wait_for_selector(".emergency")
    served.hall.conversation.late.append((8, answer()))
    try:
        window.page.reload()
        expect(window.page.locator(".source")).to_have_count(1)
    finally:
        served.hall.conversation.late.clear()


def test_what_anybody_writes_is_text_and_never_markup(visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served)
    say(window.page, HOSTILE)
    expect(window.page.locator(".mine")).to_contain_text("<script>")
    expect(window.page.locator(".message.reply")).to_have_count(2)
    say(window.page, "坏")
    expect(window.page.locator(".caution").last).to_contain_text("<script>")
    assert window.page.locator("#log img, #log script").count() == 0


def test_english_is_one_tap_away(visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served)
    window.page.click("text=English")
    expect(window.page.locator("header")).to_contain_text("not a person")
    window.page.wait_for_load_state()  # the words are there before the script is
    say(window.page, "居住证怎么办？")
    window.page.wait_for_selector(".source")
    assert served.hall.conversation.turns[-1].locale == "en"


def test_a_reply_that_was_promised_comes_by_itself_and_once(visitor: Opener, served: ServedHall) -> None:
    window = open_chat(visitor, served)
    say(window.page, "晚")
    expect(window.page.locator(".message.reply")).to_have_count(2)
    expect(window.page.locator(".message.reply").last).to_contain_text("还在办。")
    served.hall.conversation.keep_promises()
    expect(window.page.locator(".message.reply")).to_have_count(3)
    expect(window.page.locator(".message.reply").last).to_contain_text("居住证")
    with window.page.expect_response(re.compile("after=1")):
        pass  # it goes on asking, and shows nothing twice
    expect(window.page.locator(".message.reply")).to_have_count(3)
