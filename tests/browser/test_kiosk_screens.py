"""Every screen of the kiosk in a real browser: it fits, it is accessible, and it does what it shows."""

from __future__ import annotations

import pytest

from tests.browser.conftest import LANDSCAPE, Opener, ServedHall, Visitor

pytestmark = pytest.mark.browser


def go_home(window: Visitor) -> None:
    window.open()


def go_answer(window: Visitor) -> None:
    window.ask("居住证怎么办？")


def go_clarify(window: Visitor) -> None:
    window.ask("居住证")


def go_decline(window: Visitor) -> None:
    window.ask("今天股票涨吗")


def go_emergency(window: Visitor) -> None:
    window.ask("着火了")


def go_themes(window: Visitor) -> None:
    window.open("/kiosk/themes")


def go_departments(window: Visitor) -> None:
    window.open("/kiosk/departments")


def go_list(window: Visitor) -> None:
    window.open("/kiosk/all")


def go_theme(window: Visitor) -> None:
    window.open()
    window.page.click(".tile:has-text('社保医保')")
    window.page.wait_for_selector(".choice:has-text('补办医保卡')")


def go_form_kind(window: Visitor) -> None:
    window.open("/kiosk/form?new=1")


def go_form_text(window: Visitor) -> None:
    window.open("/kiosk/form?kind=repair")
    window.page.click(".choice >> nth=0")
    window.page.wait_for_selector("#keyboard:not([hidden])")


def go_form_details(window: Visitor) -> None:
    go_form_text(window)
    fill_fields(window, "厨房漏水", "幸福路 100 弄 3 号楼")


def go_form_consent(window: Visitor) -> None:
    go_form_text(window)
    fill_fields(window, "3 号楼电梯停了", "幸福路 100 弄 3 号楼", "东边那部")


def fill_form(window: Visitor) -> None:
    go_form_consent(window)
    window.page.click(".choice >> nth=0")
    window.page.wait_for_selector("#value")
    fill_fields(window, "王阿姨", "13812345678")
    window.page.wait_for_selector(".review")


def fill_fields(window: Visitor, *values: str) -> None:
    for value in values:
        window.page.fill("#value", value)
        step = window.page.input_value("#field [name=step]")
        window.page.click("button[form=field]")
        window.page.wait_for_selector(f"[name=step]:not([value={step}])", state="attached")


def go_form_refused(window: Visitor) -> None:
    go_form_text(window)
    window.page.fill("#value", "？")
    window.page.click("button[form=field]")
    window.page.wait_for_selector("#refusal")


def go_form_filed(window: Visitor) -> None:
    fill_form(window)
    window.page.click(".actions .primary")
    window.page.wait_for_selector(".receipt")


def go_status(window: Visitor) -> None:
    window.open("/kiosk/status")
    window.page.wait_for_selector(".field")


def go_status_nothing(window: Visitor) -> None:
    go_status(window)
    window.page.fill("#number", "260611-0042")
    window.page.fill("#code", "123456")
    window.page.press("#code", "Enter")
    window.page.wait_for_selector("#refusal")


def go_help(window: Visitor) -> None:
    window.open("/kiosk/help")


def go_rate(window: Visitor) -> None:
    window.open("/kiosk/rate")


def go_results(window: Visitor) -> None:
    go_status(window)
    window.page.click("a:has-text('上个月办得怎么样')")
    window.page.wait_for_selector(".factcards")


def go_lost(window: Visitor) -> None:
    window.open("/kiosk/theme/none")


SCREENS = {
    "home": go_home,
    "answer": go_answer,
    "clarify": go_clarify,
    "decline": go_decline,
    "emergency": go_emergency,
    "themes": go_themes,
    "departments": go_departments,
    "list": go_list,
    "theme": go_theme,
    "form-kind": go_form_kind,
    "form-text": go_form_text,
    "form-refused": go_form_refused,
    "form-details": go_form_details,
    "form-consent": go_form_consent,
    "form-confirm": fill_form,
    "form-filed": go_form_filed,
    "status": go_status,
    "status-nothing": go_status_nothing,
    "help": go_help,
    "rate": go_rate,
    "results": go_results,
    "problem": go_lost,
}


@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_fits_upright_and_lying_and_is_accessible(
    name: str, visitor: Opener, served: ServedHall
) -> None:
    window = visitor(served)
    SCREENS[name](window)
    window.keep(f"{name}-portrait")
    assert window.clipped() == []
    assert window.axe() == []
    window.page.set_viewport_size(LANDSCAPE)
    window.keep(f"{name}-landscape")
    assert window.clipped() == []


@pytest.mark.parametrize("look", ["elder", "contrast", "locale"])
@pytest.mark.parametrize("name", ["home", "answer", "form-text", "list"])
def test_large_type_contrast_and_english_fit_too(
    name: str, look: str, visitor: Opener, served: ServedHall
) -> None:
    window = visitor(served)
    window.open()
    window.page.click(f"[data-setting={look}]")
    window.page.wait_for_selector("html.elder, html.contrast, html[lang=en]")
    SCREENS[name](window)
    window.keep(f"{name}-{look}")
    assert window.clipped() == []
    assert window.axe() == []


SMALL_TYPE = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && !e.closest('.unseen, .skip'))
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 28).map(e => e.outerHTML.slice(0, 90))"""
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, textarea, label.material')]
  .filter(e => e.checkVisibility() && !e.matches('.skip, [type=hidden], [type=checkbox]'))
  .map(e => [e, e.getBoundingClientRect()]).filter(([e, b]) => b.width && (b.height < 87.5 || b.width < 87.5))
  .map(([e, b]) => `${b.width}x${b.height} ${e.outerHTML.slice(0, 90)}`)"""


def test_no_type_is_under_28_px_and_no_target_under_88(visitor: Opener, served: ServedHall) -> None:
    window = visitor(served)
    for name in ("home", "answer", "clarify", "list", "form-text", "status", "rate", "help"):
        SCREENS[name](window)
        assert window.page.evaluate(SMALL_TYPE) == [], name
        assert window.page.evaluate(SMALL_TARGETS) == [], name
