"""Answers to the questions for a contact: what is agreed to, a name, a number, or none of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from cases import request_form
from cases.case import CaseKind
from cases.corrections import is_wrong
from cases.early import told_contact
from cases.field_rules import read_consent
from cases.kinds import detect_kind
from cases.request_form import CONTACT, NO, SKIPPED, YES, Field, Refusal

Changes = dict[str, str | None]
_WORDS = Path(__file__).with_name("intake_words.yml")


def take_consent(text: str, intent: str, *, is_phone_only: bool = False) -> Changes | Refusal:
    """Return what an answer to the question for a contact keeps: a name or number in it is a yes.

    `is_phone_only` tells that the choice without a name was touched.
    """
    told = told_contact(text)
    agreed = Field.CONTACT_PHONE.value if is_phone_only else read_consent(text)
    if agreed is None and not told:
        # A deny alone may be 不对: it says that something is wrong, not that nothing may be kept.
        agreed = {"affirm": YES, "skip": NO}.get(intent) if not is_wrong(text) else None
    changes: Changes = {Field.CONSENT.value: YES, **told}
    if agreed == Field.CONTACT_PHONE:
        return {**changes, Field.CONTACT_NAME.value: SKIPPED}
    if agreed == Field.CONTACT_NAME:
        return {**changes, Field.CONTACT_PHONE.value: SKIPPED}
    if told or agreed == YES:
        return changes
    return {Field.CONSENT.value: NO} if agreed == NO else Refusal("refuse_consent")


def take_contact(
    values: Mapping[str, str | None], asked: Field, text: str, *, is_skip: bool
) -> Changes | Refusal:
    """Return what an answer to the question for a name or a number fills: one of them, or both."""
    told = told_contact(text)
    other = CONTACT[0] if asked is CONTACT[1] else CONTACT[1]
    is_open = values.get(other) in (None, SKIPPED)
    fresh: Changes = {other.value: told[other]} if other in told and is_open else {}
    if read_consent(text) == NO and _neither().search(text):
        return {Field.CONSENT.value: NO}
    if is_skip and asked not in told:
        return {**fresh, asked.value: SKIPPED}
    if asked in told:
        return {**fresh, asked.value: told[asked]}
    # 水管漏了 is nobody's name.
    is_story = asked is Field.CONTACT_NAME and detect_kind(text) is not CaseKind.OTHER
    accepted = Refusal("refuse_contact_name") if is_story else request_form.validate(asked, text)
    if isinstance(accepted, Refusal):
        return fresh or accepted
    return {**fresh, asked.value: accepted}


@cache
def _neither() -> re.Pattern[str]:
    return re.compile(yaml.safe_load(_WORDS.read_text("utf-8"))["neither"], re.IGNORECASE)
