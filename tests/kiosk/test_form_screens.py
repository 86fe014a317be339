"""The steps of the touch form: consent before the contact, and nothing kept without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import cases.places
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.request_form import NO, SKIPPED, YES
from kiosk.form_screens import current_step, question, step_before, steps, take_consent, take_value
from kiosk.session import Draft
from tests.kiosk.fakes import make_hall
from tests.kiosk.served import ServedHall

SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")
TOLD = {"kind": "repair", "description": "3号楼楼道灯不亮", "place": "幸福路100弄3号楼"}


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[httpx.Client]:
    served = ServedHall(make_hall(tmp_path), "kiosk_form_screens")
    with httpx.Client(base_url=served.url, follow_redirects=True, trust_env=False) as client:
        yield client
    served.close()


def draft(**values: str) -> Draft:
    return Draft("key", values={**TOLD, **values})


def test_the_consent_is_asked_before_name_and_phone() -> None:
    form = draft()
    assert current_step(form) == "consent"
    labels = [choice.label for choice in question(form, "consent", "zh").choices]
    assert labels == ["可以联系我", "匿名，只留电话", "都不留", "不办了"]


def test_a_yes_asks_for_the_name() -> None:
    form = draft()
    take_consent(form, "affirm", "")
    assert (form.values["consent"], current_step(form)) == (YES, "contact_name")


def test_a_number_without_a_name_asks_for_the_phone() -> None:
    form = draft()
    take_consent(form, "skip", "contact_name")
    assert (form.values["contact_name"], current_step(form)) == (SKIPPED, "contact_phone")


def test_a_no_leaves_both_out_and_going_back_asks_for_the_consent() -> None:
    form = draft()
    take_consent(form, "skip", "")
    assert (form.values["contact_name"], form.values["contact_phone"]) == (SKIPPED, SKIPPED)
    assert current_step(form) == "confirmed"
    assert step_before(form, "confirmed") == "consent"


def test_whoever_thinks_better_of_it_is_asked_for_both() -> None:
    form = draft(consent=NO, contact_name=SKIPPED, contact_phone=SKIPPED)
    take_consent(form, "affirm", "")
    assert current_step(form) == "contact_name"


def test_a_name_given_at_the_review_is_kept() -> None:
    form = draft(consent=NO, contact_name=SKIPPED, contact_phone=SKIPPED)
    form.step = "contact_name"
    take_value(form, "contact_name", "王阿姨", skipped=False, locale="zh")
    assert (form.values["consent"], current_step(form)) == (YES, "confirmed")


def test_a_tap_without_an_answer_changes_nothing() -> None:
    form = draft()
    take_consent(form, "next", "")
    assert "consent" not in form.values


def test_the_screen_of_the_consent_takes_each_of_its_answers(browser: httpx.Client) -> None:
    answers = (
        ("可以联系我", "affirm", "", "怎么称呼您"),
        ("匿名，只留电话", "skip", "contact_name", "留个电话"),
        ("都不留", "skip", "", "核对"),
    )
    for label, action, value, next_step in answers:
        browser.get("/kiosk/form?kind=repair")
        browser.post("/kiosk/form", data={"step": "kind", "value": "repair"})
        browser.post("/kiosk/form", data={"step": "description", "value": "3号楼楼道灯坏了"})
        page = browser.post("/kiosk/form", data={"step": "place", "value": "幸福路100弄3号楼"})
        assert "加密保存" in page.text
        assert label in page.text
        page = browser.post("/kiosk/form", data={"step": "consent", "action": action, "value": value})
        assert next_step in page.text


def fill(browser: httpx.Client, description: str, place: str) -> httpx.Response:
    """Fill in the form up to the place; return the screen that follows."""
    browser.get("/kiosk/form?kind=repair")
    browser.post("/kiosk/form", data={"step": "kind", "value": "repair"})
    browser.post("/kiosk/form", data={"step": "description", "value": description})
    return browser.post("/kiosk/form", data={"step": "place", "value": place})


def test_the_categorys_own_question_is_touched_shown_and_changed(browser: httpx.Client) -> None:
    page = fill(browser, "厨房漏水", "幸福路100弄3号楼")
    assert "水还在流吗" in page.text
    assert 'value="还在流"' in page.text
    page = browser.post("/kiosk/form", data={"step": "details", "value": "还在流"})
    assert "加密保存" in page.text
    page = browser.post("/kiosk/form", data={"step": "consent", "action": "skip"})
    assert "水还在流吗？ 还在流" in page.text
    page = browser.post("/kiosk/form", data={"step": "confirmed", "action": "change", "field": "details"})
    assert "水还在流吗" in page.text
    assert "water-leak" not in page.text
    page = browser.post("/kiosk/form", data={"step": "details", "action": "skip"})
    assert "还在流" not in page.text
    page = browser.post("/kiosk/form", data={"step": "confirmed", "action": "back"})
    page = browser.post("/kiosk/form", data={"step": "consent", "action": "back"})
    assert "水还在流吗" in page.text
    page = browser.post("/kiosk/form", data={"step": "details", "action": "back"})
    assert "在什么地方" in page.text


def test_a_question_that_nothing_asks_is_no_step() -> None:
    assert "details" not in steps(draft())
    assert step_before(draft(), "consent") == "place"
    leak = draft(description="厨房漏水")
    assert (current_step(leak), step_before(leak, "consent")) == ("details", "details")
    take_value(leak, "details", "？", skipped=False, locale="zh")
    assert "不清楚" in leak.refusal
    take_value(leak, "details", "还在流", skipped=False, locale="zh")
    assert current_step(leak) == "consent"


def test_what_a_neighbour_reported_is_said_before_filing_and_stops_nobody(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    Places(hall.needs.desk.store).replace(read_registry(SAMPLE))
    served = ServedHall(hall, "kiosk_form_reported")
    with httpx.Client(base_url=served.url, follow_redirects=True, trust_env=False) as client:
        seen = []
        for _ in range(2):
            fill(client, "楼道灯不亮了", "梧桐苑3号楼")
            seen.append(client.post("/kiosk/form", data={"step": "consent", "action": "skip"}).text)
            filed = client.post("/kiosk/form", data={"step": "confirmed", "action": "submit"}).text
            assert "查询码" in filed
    served.close()
    assert "已经有人反映过" not in seen[0]
    assert "已经有人反映过楼道照明" in seen[1]
    assert "不提交了" in seen[1]


HOSTILE = {
    # 4 MB as a browser sends it.
    "description": ("漏" * 440_000, "https://example.org/x", "<script>alert(1)</script>", " "),
    "place": ("梧" * 10_000, "<b>", "https://example.org/map"),
    "details": ("水" * 10_000, "https://example.org/x", "<i>"),
    "contact_name": ("王" * 10_000, "<b>王</b><script>", "13812345678"),
    "contact_phone": ("1" * 10_000, "<b>", "123"),
}


def test_what_no_field_takes_is_refused_with_a_word_and_files_nothing(tmp_path: Path) -> None:
    hall = make_hall(tmp_path)
    served = ServedHall(hall, "kiosk_form_hostile")
    good = {"description": "厨房漏水", "place": "梧桐苑3号楼", "details": "还在流"}
    with httpx.Client(base_url=served.url, follow_redirects=True, trust_env=False) as client:
        client.get("/kiosk/form?kind=repair")
        client.post("/kiosk/form", data={"step": "kind", "value": "repair"})
        for step, values in HOSTILE.items():
            for value in values:
                page = client.post("/kiosk/form", data={"step": step, "value": value})
                assert 'id="refusal"' in page.text, f"{step}: {value[:40]}"
                assert len(page.text) < 100_000
                assert "<script>alert" not in page.text
            client.post("/kiosk/form", data={"step": step, "value": good.get(step, "")})
            if step == "details":
                client.post("/kiosk/form", data={"step": "consent", "action": "affirm"})
            if step == "contact_name":
                client.post("/kiosk/form", data={"step": step, "action": "skip"})
    served.close()
    assert list(hall.needs.desk.records()) == []
