"""One step of the request form in a conversation: what was said, and what the form makes of it.

The kiosk's touch form shows the fields and validates each. A conversation fills them one turn at a time,
opens with 灯坏了 as often as with 我要报修, and is corrected at the read-back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases import request_form
from cases.case import CaseKind
from cases.early import place_alone, tells_only_who, told_early
from cases.field_rules import accept_phone
from cases.kinds import detect_kind, names_kind
from cases.request_form import YES, Field, Refusal
from language.reply import Reply

# What is shorter without its lead ("我要投诉", "可以报修吗") only names the form.
_LEAST_DESCRIPTION_CHARS = 2
_WORDS = Path(__file__).with_name("intake_words.yml")


@dataclass(frozen=True)
class Said:
    """What the person answered: the kind of turn, the clear text, and the field of a touched correction."""

    intent: str
    text: str
    field: str | None = None


@dataclass(frozen=True)
class Step:
    """What a turn did to the form: changed values (None forgets one), a word on it, and the next field."""

    changes: dict[str, str | None] = field(default_factory=dict)
    reply: Reply | None = None
    next_field: Field | None = None


def heard_request(text: str) -> str | None:
    """Return "named" where a text only asks for the form (我要投诉), "told" where it tells of a trouble."""
    kind = detect_kind(text)
    if kind is CaseKind.OTHER or _words().unwanted.search(text):
        return None
    if not _without_lead(text):
        return "named"
    # 加装电梯 and 独居老人 are services as well as wishes; only what is broken or bears down is plainly told.
    return "told" if kind in (CaseKind.REPAIR, CaseKind.COMPLAINT) or names_kind(text) else None


def open_form(said: Said, locale: str) -> Step:
    """Return the first step: an opening that already tells what it is about fills what it tells."""
    told = _without_lead(said.text) if said.intent == "file_request" else ""
    values: dict[str, str | None] = {}
    # "我要投诉" says what kind it is, even where the words that follow sound like a repair.
    kind = detect_kind(said.text)
    if kind is not CaseKind.OTHER:
        values["kind"] = kind.value
    if len(told) >= _LEAST_DESCRIPTION_CHARS:
        accepted = request_form.validate(Field.DESCRIPTION, said.text)
        if not isinstance(accepted, Refusal):
            values = {**values, **told_early(said.text), Field.DESCRIPTION.value: accepted}
    return Step(values, None, request_form.next_field(values))


def advance(values: Mapping[str, str | None], asked: Field, said: Said, locale: str) -> Step:
    """Return what an answer to `asked` does. `values` are the fields so far, in clear or SKIPPED."""
    if asked is Field.CONFIRMED:
        return _at_read_back(values, said, locale)
    kind = kind_of(values)
    elsewhere = _about_another_field(values, asked, said, kind)
    if elsewhere is not None:
        return elsewhere
    early = told_early(said.text) if asked in (Field.DESCRIPTION, Field.PLACE) else {}
    if early and tells_only_who(said.text):
        return Step(early, None, asked)
    if said.intent == "skip":
        accepted = request_form.skip(asked, kind)
    elif asked is Field.CONTACT_NAME and detect_kind(said.text) is not CaseKind.OTHER:
        accepted = Refusal("refuse_contact_name")  # 水管漏了 is nobody's name
    elif asked is Field.DESCRIPTION and not _without_lead(said.text):
        accepted = Refusal("refuse_description_short")  # 我要投诉, once more
    else:
        accepted = request_form.validate(asked, said.text, kind)
    if isinstance(accepted, Refusal):
        return Step({asked.value: None}, request_form.refuse(asked, accepted, locale, kind), asked)
    changes: dict[str, str | None] = {asked.value: accepted}
    if early and said.intent != "skip":
        if asked is Field.PLACE:
            changes = {Field.PLACE.value: place_alone(accepted)}
        changes = {**{name: value for name, value in early.items() if not values.get(name)}, **changes}
    return Step(changes, None, request_form.next_field({**values, **changes}))


def kind_of(values: Mapping[str, str | None]) -> CaseKind:
    """Return the kind of the request so far: what it was opened as, else heard from its description."""
    kind = values.get("kind")
    return CaseKind(kind) if kind else detect_kind(values.get(Field.DESCRIPTION.value) or "")


def _about_another_field(
    values: Mapping[str, str | None], asked: Field, said: Said, kind: CaseKind
) -> Step | None:
    """Return the step of 地址说错了 or 名字就不留了, said while another field is asked; else None."""
    named = _field_named(said.text)
    if named is None or named == asked:
        return None
    if said.intent == "skip" and not isinstance(skipped := request_form.skip(named, kind), Refusal):
        changes: dict[str, str | None] = {named: skipped}
    elif said.intent == "change_field":
        changes = {named: _new_value(named, said.text, kind)}
    else:
        return None
    return Step(changes, None, request_form.next_field({**values, **changes}))


def _at_read_back(values: Mapping[str, str | None], said: Said, locale: str) -> Step:
    forget: dict[str, str | None] = {Field.CONFIRMED.value: None}
    kind = kind_of(values)
    if said.field is None and _words().keeps.search(said.text) and said.intent != "affirm":
        return Step(forget, None, Field.CONFIRMED)
    wrong = said.field or _field_named(said.text)
    # 对的，就是电话错了 is no yes.
    if said.intent == "affirm" and wrong is None:
        return Step({Field.CONFIRMED.value: YES})
    if said.intent == "skip" and wrong is not None:
        left_out = request_form.skip(wrong, kind)
        if not isinstance(left_out, Refusal):
            return Step({**forget, wrong: left_out}, None, Field.CONFIRMED)
    new_phone = accept_phone(said.text)
    if wrong in (None, Field.CONTACT_PHONE) and not isinstance(new_phone, Refusal):
        return Step({**forget, Field.CONTACT_PHONE.value: new_phone}, None, Field.CONFIRMED)
    if wrong is not None:
        changes = {**forget, wrong: None if said.field else _new_value(wrong, said.text, kind)}
        return Step(changes, None, request_form.next_field({**values, **changes}))
    if said.intent in ("deny", "change_field"):
        return Step(forget, request_form.ask_change(locale), Field.CONFIRMED)
    accepted = request_form.validate(Field.CONFIRMED, said.text)
    if accepted == YES:
        return Step({Field.CONFIRMED.value: YES})
    if isinstance(accepted, Refusal):
        return Step(forget, request_form.refuse(Field.CONFIRMED, accepted, locale), Field.CONFIRMED)
    return Step(forget, request_form.ask_change(locale), Field.CONFIRMED)


def _new_value(field: str, text: str, kind: CaseKind) -> str | None:
    """Return what a correction puts in a field's place (地址错了，是2号楼); None where it does not tell."""
    told = _words().becomes.search(text)
    if told is None:
        return None
    accepted = request_form.validate(field, told.group(1), kind)
    return None if isinstance(accepted, Refusal) else accepted


def _field_named(text: str) -> str | None:
    """Return the field that is named first in a text."""
    found = [
        (text.lower().find(word), name)
        for name, words in _words().fields.items()
        for word in words
        if word in text.lower()
    ]
    return min(found)[1] if found else None


def _without_lead(text: str) -> str:
    for word in _words().leads:
        text = text.replace(word, "")
    return "".join(character for character in text if character.isalnum())


@dataclass(frozen=True)
class _Words:
    leads: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    becomes: re.Pattern[str]
    unwanted: re.Pattern[str]
    keeps: re.Pattern[str]


@cache
def _words() -> _Words:
    file: dict[str, Any] = yaml.safe_load(_WORDS.read_text("utf-8"))
    fields = {name: tuple(words) for name, words in file["fields"].items()}
    # Longest first, so that 我想要 is taken off before 我想.
    leads = tuple(sorted(file["leads"], key=len, reverse=True))
    return _Words(leads, fields, *(re.compile(file[name]) for name in ("becomes", "unwanted", "keeps")))
