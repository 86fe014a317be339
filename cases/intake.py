"""One step of the request form in a conversation: what was said, and what the form makes of it.

The kiosk's touch form shows the fields and validates each. A conversation fills them one turn at a time,
opens with 灯坏了 as often as with 我要报修, and is corrected at the read-back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml

from cases import request_form
from cases.case import CaseKind
from cases.field_rules import accept_phone
from cases.kinds import detect_kind
from cases.request_form import YES, Field, Refusal
from language.reply import Reply

# Shorter openings ("我要报修", "帮我投诉一下") only name the form.
_LEAST_DESCRIPTION_CHARS = 4
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


def open_form(said: Said, locale: str) -> Step:
    """Return the first step: an opening that already tells what it is about fills the description."""
    told = _without_lead(said.text) if said.intent == "file_request" else ""
    values: dict[str, str | None] = {}
    # "我要投诉" says what kind it is, even where the words that follow sound like a repair.
    if (kind := detect_kind(said.text)) is not CaseKind.OTHER:
        values["kind"] = kind.value
    if len(told) >= _LEAST_DESCRIPTION_CHARS:
        accepted = request_form.validate(Field.DESCRIPTION, said.text)
        if not isinstance(accepted, Refusal):
            values[Field.DESCRIPTION.value] = accepted
    return Step(values, None, request_form.next_field(values))


def advance(values: Mapping[str, str | None], asked: Field, said: Said, locale: str) -> Step:
    """Return what an answer to `asked` does. `values` are the fields so far, in clear or SKIPPED."""
    if asked is Field.CONFIRMED:
        return _at_read_back(values, said, locale)
    kind = kind_of(values)
    if said.intent == "skip":
        accepted = request_form.skip(asked, kind)
    else:
        accepted = request_form.validate(asked, said.text, kind)
    if isinstance(accepted, Refusal):
        return Step({asked.value: None}, request_form.refuse(asked, accepted, locale, kind), asked)
    changes: dict[str, str | None] = {asked.value: accepted}
    return Step(changes, None, request_form.next_field({**values, **changes}))


def kind_of(values: Mapping[str, str | None]) -> CaseKind:
    """Return the kind of the request so far: what it was opened as, else heard from its description."""
    kind = values.get("kind")
    return CaseKind(kind) if kind else detect_kind(values.get(Field.DESCRIPTION.value) or "")


def _at_read_back(values: Mapping[str, str | None], said: Said, locale: str) -> Step:
    forget: dict[str, str | None] = {Field.CONFIRMED.value: None}
    if said.intent == "affirm":
        return Step({Field.CONFIRMED.value: YES})
    wrong = said.field or _field_named(said.text)
    new_phone = accept_phone(said.text)
    if wrong in (None, Field.CONTACT_PHONE) and not isinstance(new_phone, Refusal):
        return Step({**forget, Field.CONTACT_PHONE.value: new_phone}, None, Field.CONFIRMED)
    if wrong is not None:
        return Step({**forget, wrong: None}, None, Field(wrong))
    if said.intent in ("deny", "change_field"):
        return Step(forget, request_form.ask_change(locale), Field.CONFIRMED)
    accepted = request_form.validate(Field.CONFIRMED, said.text)
    if accepted == YES:
        return Step({Field.CONFIRMED.value: YES})
    if isinstance(accepted, Refusal):
        return Step(forget, request_form.refuse(Field.CONFIRMED, accepted, locale), Field.CONFIRMED)
    return Step(forget, request_form.ask_change(locale), Field.CONFIRMED)


def _field_named(text: str) -> str | None:
    for name, words in _words()["fields"].items():
        if any(word in text for word in words):
            return str(name)
    return None


def _without_lead(text: str) -> str:
    for word in _words()["leads"]:
        text = text.replace(word, "")
    return "".join(character for character in text if character.isalnum())


def _words() -> Mapping[str, Mapping[str, list[str]]]:
    return cast("Mapping[str, Mapping[str, list[str]]]", yaml.safe_load(_WORDS.read_text("utf-8")))
