"""At the kiosk a resident rates a case, has it opened again, withdraws it, and can read every screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from cases.case import Actor, ActorRole, CaseKind, CaseStatus, Receipt, Request
from cases.desk import Desk
from cases.work.moving import Move
from tests.browser.conftest import LANDSCAPE, Opener, ServedHall, Visitor

pytestmark = pytest.mark.browser

LI = Actor("li", ActorRole.RECEIVER)


def filed(desk: Desk, key: str, *, resolved: bool = False) -> Receipt:
    receipt = desk.file_case(
        Request(key, CaseKind.REPAIR, "3号楼二楼楼道灯不亮", "幸福里3号楼", None, None, "kiosk", "someone")
    )
    if resolved:
        desk.move(receipt.number, Move(CaseStatus.ACCEPTED, LI))
        desk.move(receipt.number, Move(CaseStatus.RESOLVED, LI, "换了灯泡"))
    return receipt


def look_up(window: Visitor, receipt: Receipt) -> None:
    window.open("/kiosk/status")
    window.page.fill("#number", receipt.number)
    window.page.fill("#code", receipt.code)
    window.page.press("#code", "Enter")
    window.page.wait_for_selector(".answering")


def looks_right(window: Visitor, name: str) -> None:
    size = window.page.viewport_size
    assert size is not None
    window.keep(f"case-{name}-portrait")
    assert window.clipped() == []
    assert window.axe() == []
    window.page.set_viewport_size(LANDSCAPE)
    window.keep(f"case-{name}-landscape")
    assert window.clipped() == []
    window.page.set_viewport_size({"width": size["width"], "height": size["height"]})


def test_a_resolved_case_is_rated_by_one_touch_and_opened_again_with_a_reason(
    visitor: Opener, served: ServedHall
) -> None:
    receipt, window = filed(served.hall.needs.desk, "rated", resolved=True), visitor(served)
    page = window.page
    look_up(window, receipt)
    expect(page.locator(".level")).to_have_text(["非常满意", "满意", "基本满意", "不满意", "非常不满意"])
    looks_right(window, "resolved")
    page.click(".level:has-text('不满意') >> nth=0")
    expect(page.locator(".calmly")).to_contain_text("不满意")
    looks_right(window, "rated")
    page.click(".choice:has-text('重新办理')")
    page.wait_for_selector("#reason")
    looks_right(window, "reason")
    page.fill("#reason", "灯还是不亮")
    page.click("#keyboard [data-skbtn='{done}']")
    expect(page.locator(".calmly")).to_contain_text("已经重新办理")
    page.click("button:has-text('看这件事的进度')")
    expect(page.locator(".lead")).to_contain_text("已重新办理")
    expect(page.locator(".level")).to_have_count(0)


def test_a_case_is_withdrawn_only_after_it_was_asked_whether_really(
    visitor: Opener, served: ServedHall
) -> None:
    receipt, window = filed(served.hall.needs.desk, "withdrawn"), visitor(served)
    page = window.page
    look_up(window, receipt)
    looks_right(window, "open")
    page.click(".choice:has-text('我要撤回')")
    page.wait_for_selector(".calmly:has-text('确定撤回')")
    looks_right(window, "sure")
    page.click("button:has-text('不撤回')")
    expect(page.locator(".lead")).to_contain_text("等工作人员受理")
    page.click(".choice:has-text('我要撤回')")
    page.click("button:has-text('确定撤回')")
    expect(page.locator(".calmly")).to_contain_text("已经撤回")
    looks_right(window, "withdrawn")


@pytest.mark.parametrize("look", ["elder", "contrast", "locale"])
def test_the_five_levels_fit_in_every_look(look: str, visitor: Opener, served: ServedHall) -> None:
    receipt, window = filed(served.hall.needs.desk, f"look-{look}", resolved=True), visitor(served)
    window.open()
    window.page.click(f"[data-setting={look}]")
    window.page.wait_for_selector("html.elder, html.contrast, html[lang=en]")
    look_up(window, receipt)
    looks_right(window, f"resolved-{look}")
