"""One step of the request form in a conversation: what was said, and what the form makes of it.

The kiosk's touch form shows the fields and validates each. A conversation fills them one turn at a time,
opens with 灯坏了 as often as with 我要报修, and is corrected whenever the person sees something wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases import request_form
from cases.case import CaseKind
from cases.contact_answers import take_consent, take_contact
from cases.corrections import (
    fields_named,
    is_wrong,
    mend_place,
    read_correction,
    says_wrong,
    tells_new_value,
    wants_back,
)
from cases.detail_answers import take_details
from cases.early import (
    description_alone,
    place_alone,
    tells_only_besides,
    tells_only_where,
    told_contact,
    told_early,
)
from cases.field_rules import accept_phone, read_consent
from cases.kinds import detect_kind
from cases.kinds import kind_of as kind_of
from cases.openings import heard_request as heard_request
from cases.openings import without_lead
from cases.request_form import CONTACT, NO, SKIPPED, YES, Field, Refusal
from cases.troubles import split_troubles as split_troubles
from language.reply import Reply

Values = Mapping[str, str | None]
Changes = dict[str, str | None]
# What is shorter without its lead ("我要投诉", "可以报修吗") only names the form.
_LEAST_DESCRIPTION_CHARS = 2
_MOST_CHARS_OF_A_YES = 24
_WORDS = Path(__file__).with_name("intake_words.yml")


@dataclass(frozen=True)
class Said:
    """What the person answered.

    `intent` is the kind of turn, `text` the clear words, `field` that of a touched choice, `whole` the
    message where `text` is only its first trouble.
    """

    intent: str
    text: str
    field: str | None = None
    whole: str = ""
    in_group: bool = False


@dataclass(frozen=True)
class Step:
    """What a turn did to the form: changed values (None forgets one), a word on it, and the next field.

    A step always changes something, the field that was asked if nothing else: Rasa takes a form that sets no
    slot for one that did not understand, and answers beside it.
    """

    changes: Changes = field(default_factory=dict)
    reply: Reply | None = None
    next_field: Field | None = None


def open_form(said: Said, locale: str) -> Step:
    """Return the first step: an opening that already tells what it is about fills what it tells."""
    told = without_lead(said.text) if said.intent == "file_request" else ""
    values: Changes = {}
    # "我要投诉" says what kind it is, even where the words that follow sound like a repair.
    kind = detect_kind(said.text)
    if kind is not CaseKind.OTHER:
        values["kind"] = kind.value
    if len(told) >= _LEAST_DESCRIPTION_CHARS:
        early = told_early(said.whole or said.text)
        if tells_only_besides(said.text):
            values |= early
        else:
            accepted = request_form.validate(Field.DESCRIPTION, description_alone(said.text, early))
            if not isinstance(accepted, Refusal):
                values |= {**early, Field.DESCRIPTION.value: accepted}
    return _step({}, values)


def advance(values: Values, asked: Field, said: Said, locale: str) -> Step:
    """Return what an answer to `asked` does. `values` are the fields so far, in clear or SKIPPED."""
    if asked is Field.CONFIRMED:
        return _at_read_back(values, said, locale)
    kind = kind_of(values)
    if wants_back(said.text):
        return _step(values, _before(values, asked))
    if said.field is not None and said.intent == "change_field":
        return _step(values, {said.field: None})
    # What happened, and an answer about it, may sound like a correction: 应该是3号电梯.
    is_story = asked in (Field.DESCRIPTION, Field.DETAILS)
    if not is_story or said.intent == "change_field":
        corrected = _corrected(values, asked, said, kind)
        if corrected is not None:
            return _step(values, corrected)
        if said.intent == "change_field" and is_wrong(said.text) and not fields_named(said.text):
            which = request_form.ask_change(values, locale, asks=asked, in_group=said.in_group)
            return Step(_still_open(values, asked), which, asked)
    if asked in (Field.CONSENT, *CONTACT) and tells_only_where(said.text):
        place = mend_place(values.get(Field.PLACE.value), told_early(said.text)[Field.PLACE.value] or "")
        return _step(values, {Field.PLACE.value: place})
    if asked is Field.CONSENT and says_wrong(said.text):
        which = request_form.ask_change(values, locale, asks=asked, in_group=said.in_group)
        return Step({asked.value: None}, which, asked)
    if asked is Field.CONSENT and accept_phone(said.text) == Refusal("refuse_known_phone"):
        # 就打我尾号1234那个 agrees to be called, at a number that nobody here can see.
        unseen = request_form.refuse(Field.CONTACT_PHONE, Refusal("refuse_known_phone"), locale, kind)
        return Step({Field.CONSENT.value: YES}, unseen, Field.CONTACT_PHONE)
    taken = _take(values, asked, said, kind)
    if isinstance(taken, Refusal):
        changes = {**_still_open(values, asked), **_besides(values, asked, said)}
        return Step(changes, request_form.refuse(asked, taken, locale, kind), asked)
    step = _step(values, taken)
    if asked in (Field.DESCRIPTION, Field.PLACE) and step.next_field is asked:
        return replace(step, reply=request_form.ask_after(asked, locale, kind))  # who speaks was told
    return step


def with_place(values: Values, step: Step, place: str) -> Step:
    """Return a step that told what happened with the place where it did."""
    return replace(_step(values, {**step.changes, Field.PLACE.value: place}), reply=step.reply)


def _take(values: Values, asked: Field, said: Said, kind: CaseKind) -> Changes | Refusal:
    """Return the fields that an answer fills, or why it does not fill the one that was asked."""
    if asked is Field.CONSENT:
        taken = take_consent(said.text, said.intent, is_phone_only=said.field is not None)
        is_refused = isinstance(taken, Refusal) and values.get(Field.CONTACT_NAME.value) == SKIPPED
        return Refusal("refuse_consent_phone") if is_refused else taken
    if asked in CONTACT:
        return take_contact(values, asked, said.text, is_skip=said.intent == "skip")
    if asked is Field.DETAILS:
        return take_details(values, said.text, is_skip=said.intent == "skip")
    early = told_early(said.whole or said.text)
    fresh: Changes = {name: value for name, value in early.items() if not values.get(name)}
    if early and tells_only_besides(said.text):
        given = {name: value for name, value in early.items() if name in CONTACT or name == asked}
        return {**fresh, **given}
    if said.intent == "skip":
        left_out = request_form.skip(asked, kind)
        return left_out if isinstance(left_out, Refusal) else {asked.value: left_out}
    if asked is Field.DESCRIPTION:
        if not without_lead(said.text):
            return Refusal("refuse_description_short")  # 我要投诉, once more
        text = description_alone(said.text, early)
    else:
        text = place_alone(said.text)
        if detect_kind(text) is not CaseKind.OTHER and not _words().place_marks.search(text):
            return Refusal("refuse_place_short")  # 水管漏了 tells what, not where
    accepted = request_form.validate(asked, text, kind)
    return accepted if isinstance(accepted, Refusal) else {**fresh, asked.value: accepted}


def _still_open(values: Values, asked: Field) -> Changes:
    """Return the change that leaves a field as it is: of the category's questions one may be answered."""
    return {asked.value: values.get(asked.value) if asked is Field.DETAILS else None}


def _besides(values: Values, asked: Field, said: Said) -> Changes:
    """Return what a refused answer tells about fields that are still open."""
    if asked in (Field.CONFIRMED, Field.DETAILS, Field.CONSENT, *CONTACT):
        return {}
    early = told_early(said.whole or said.text)
    return {name: value for name, value in early.items() if name != asked and not values.get(name)}


def _corrected(values: Values, asked: Field, said: Said, kind: CaseKind) -> Changes | None:
    """Return what 地址说错了 or 名字就不留了 changes, said while another field is asked; else None."""
    named = fields_named(said.text)
    answered = (asked, *CONTACT) if asked is Field.CONSENT else (asked,)
    if said.intent == "skip" and named and named[0] not in answered:
        left_out = request_form.skip(named[0], kind)
        if not isinstance(left_out, Refusal):
            return {named[0]: left_out}
    answers = asked is Field.CONSENT and read_consent(said.text) is not None
    if answers and said.intent != "change_field" and not tells_new_value(said.text):
        return None  # 匿名，只留电话 answers the question
    changes = read_correction(values, said.text, kind, is_change=said.intent == "change_field")
    if changes is None:
        return None
    # An answer that names its own field (电话是138…) corrects nothing.
    known = {
        name: value
        for name, value in changes.items()
        if value == SKIPPED or (values.get(name) and name != asked)
    }
    return known or None


def _at_read_back(values: Values, said: Said, locale: str) -> Step:
    again: Changes = {Field.CONFIRMED.value: None}
    kind = kind_of(values)
    if said.field is not None:
        return _step(values, {**again, said.field: None})
    if _is_plain_yes(said):
        return Step({Field.CONFIRMED.value: YES})
    if _words().keeps.search(said.text):
        return Step(again, None, Field.CONFIRMED)
    changes = _changed_at_read_back(values, said, kind)
    if changes is not None:
        return _step(values, {**again, **changes})
    accepted = request_form.validate(Field.CONFIRMED, said.text)
    if said.intent in ("deny", "change_field", "skip") or accepted == NO or is_wrong(said.text):
        return Step(again, request_form.ask_change(values, locale, in_group=said.in_group), Field.CONFIRMED)
    refusal = accepted if isinstance(accepted, Refusal) else Refusal("refuse_confirmed")
    return Step(again, request_form.refuse(Field.CONFIRMED, refusal, locale), Field.CONFIRMED)


def _changed_at_read_back(values: Values, said: Said, kind: CaseKind) -> Changes | None:
    """Return what a word at the read-back changes; an empty change reads back once more."""
    if wants_back(said.text):
        return _before(values, Field.CONFIRMED)
    is_change = said.intent in ("change_field", "deny") or _words().holds.search(said.text) is not None
    changes = read_correction(values, said.text, kind, is_change=is_change)
    if changes is not None:
        return changes
    told = told_contact(said.text)
    is_name = Field.CONTACT_NAME in told and values.get(Field.CONTACT_NAME.value) == SKIPPED
    if Field.CONTACT_PHONE in told or is_name:
        return told
    named = fields_named(said.text)
    if said.intent == "skip" and named:
        left_out = request_form.skip(named[0], kind)
        if not isinstance(left_out, Refusal):
            return {named[0]: left_out}
    # 不留, once more, after both were left out: nothing changes, and it is read back again.
    refuses_contact = said.intent == "skip" and _words().leaves_contact.search(said.text)
    return {Field.CONSENT.value: NO} if refuses_contact else None


def _is_plain_yes(said: Said) -> bool:
    """Return whether a word at the read-back files: 对的，就是电话错了 does not, nor 好的，等一下."""
    if request_form.validate(Field.CONFIRMED, said.text) == YES:
        return True
    tells_more = any(c.isdigit() for c in said.text) or told_contact(said.text) or fields_named(said.text)
    is_short = len(said.text) <= _MOST_CHARS_OF_A_YES
    return said.intent == "affirm" and is_short and not tells_more and not _words().holds.search(said.text)


def _step(values: Values, changes: Changes) -> Step:
    """Return the step that makes these changes and what follows from them."""
    changes = dict(changes)
    given = [name for name in CONTACT if changes.get(name) not in (None, SKIPPED)]
    if values.get(Field.CONSENT.value) == NO and (given or _is_asked_again(changes)):
        # Whoever gives a name after all has thought better of it.
        changes.setdefault(Field.CONSENT.value, YES)
    changes |= request_form.settle({**values, **changes})
    return Step(changes, None, request_form.next_field({**values, **changes}))


def _is_asked_again(changes: Changes) -> bool:
    return any(name in changes and changes[name] is None for name in CONTACT)


def _before(values: Values, asked: Field) -> Changes:
    """Return the change that asks for the field before `asked` again."""
    order = [name for name in Field if name is not Field.CONSENT]
    position = order.index(asked) if asked in order else order.index(Field.CONTACT_NAME)
    earlier = [name for name in order[:position] if values.get(name)]
    if not earlier:
        return {}
    return {earlier[-1].value: None}


@dataclass(frozen=True)
class _Words:
    holds: re.Pattern[str]
    keeps: re.Pattern[str]
    leaves_contact: re.Pattern[str]
    place_marks: re.Pattern[str]


@cache
def _words() -> _Words:
    file: dict[str, Any] = yaml.safe_load(_WORDS.read_text("utf-8"))
    names = ("holds", "keeps", "leaves_contact", "place_marks")
    return _Words(*(re.compile(file[name], re.IGNORECASE) for name in names))
