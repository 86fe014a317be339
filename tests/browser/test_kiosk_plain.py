"""The kiosk without the front-end libraries: plain forms, and the machine's own keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, ServedHall, Visitor

pytestmark = pytest.mark.browser


def open_plain(visitor: Opener, served: ServedHall) -> tuple[Visitor, Page]:
    window = visitor(served)
    window.page.route("**/static/vendor/**", lambda route: route.abort())
    return window, window.open()


def test_a_question_a_choice_and_the_way_back_work_as_plain_forms(
    visitor: Opener, served: ServedHall
) -> None:
    window, page = open_plain(visitor, served)
    page.click("#question")
    assert page.locator("#keyboard").is_hidden()
    assert page.get_attribute("#question", "inputmode") is None, "the machine's own keyboard has to come"
    page.fill("#question", "居住证")
    page.click(".search .button")
    page.click(".choice:has-text('居住证签注')")
    expect(page.locator(".asked strong")).to_have_text("居住证签注")
    page.click(".tool:has-text('返回')")
    expect(page.locator(".is-clarify")).to_be_visible()
    page.click("[data-setting=elder]")
    expect(page.locator("html.elder")).to_be_visible()
    assert window.axe() == []
    page.click(".tool.end")
    expect(page.locator(".home")).to_be_visible()
    expect(page.locator("html.elder")).to_have_count(0)


def test_a_request_is_filed_with_plain_forms(visitor: Opener, served: ServedHall) -> None:
    _, page = open_plain(visitor, served)
    page.click(".tile:has-text('投诉建议')")
    page.click(".choice:has-text('投诉')")
    for value in ("半夜施工太吵", "幸福路 100 弄 3 号楼", "", "王阿姨", "13812345678"):
        if not value:
            page.click(".choice:has-text('可以联系我')")
            continue
        expect(page.locator("#value")).to_have_value("")
        page.fill("#value", value)
        page.click("button[form=field]")
    page.click(".actions .primary")
    expect(page.locator(".receipt dd").first).to_be_visible()
