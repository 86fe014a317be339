"""What the kiosk does when the visitor has gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kiosk.door import COOKIE
from tests.browser.conftest import Opener, ServedHall, cookie

pytestmark = pytest.mark.browser


def test_a_kiosk_left_alone_asks_counts_down_and_forgets(visitor: Opener, impatient: ServedHall) -> None:
    window = visitor(impatient)
    page = window.open("/kiosk/form?kind=repair")
    page.click(".choice >> nth=0")
    page.fill("#value", "我家的秘密")
    page.evaluate("sessionStorage.setItem('a', '1')")
    before = cookie(window)
    expect(page.locator("#idle")).to_be_visible()
    window.keep("idle")
    page.wait_for_selector(".home")
    assert page.url == impatient.url + "/"
    assert page.evaluate("sessionStorage.length") == 0
    assert cookie(window) != before
    assert "我家的秘密" not in page.content()
    page.goto(impatient.url + "/kiosk/form")
    expect(page.locator("h1")).to_have_text("是哪一种事？")


def test_somebody_who_is_still_there_may_go_on(visitor: Opener, impatient: ServedHall) -> None:
    window = visitor(impatient)
    window.ask("居住证怎么办？")
    expect(window.page.locator("#idle")).to_be_visible()
    window.page.click("[data-stay]")
    expect(window.page.locator("#idle")).to_be_hidden()
    expect(window.page.locator(".asked strong")).to_have_text("居住证怎么办？")


def test_an_untouched_first_screen_is_left_alone(visitor: Opener, impatient: ServedHall) -> None:
    page = visitor(impatient).open()
    page.wait_for_timeout(1600)  # longer than the time-out: what must not happen has had its time
    assert page.locator("#idle").is_hidden()


def test_ending_the_session_clears_it_on_both_sides(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    window.ask("居住证怎么办？")
    old = cookie(window)
    assert old is not None
    address = window.page.locator("#screen").get_attribute("data-path")
    window.page.click(".tool.end")
    window.page.wait_for_selector(".home")
    assert cookie(window) != old
    window.page.context.add_cookies([{"name": COOKIE, "value": old, "url": served.url}])
    window.open(address or "/")
    expect(window.page.locator("h1")).to_have_text("没有这一页")
