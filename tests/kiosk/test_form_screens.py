"""The steps of the touch form: consent before the contact, and nothing kept without it."""

from __future__ import annotations

from cases.request_form import NO, SKIPPED, YES
from kiosk.form_screens import current_step, question, step_before, take_consent, take_value
from kiosk.session import Draft

TOLD = {"kind": "repair", "description": "3号楼电梯停了", "place": "幸福路100弄3号楼"}


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
