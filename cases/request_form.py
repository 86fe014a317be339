"""The form of a request: what is asked in which order, what is accepted, and how it is read back.

Pure functions, shared by the conversation's form and the kiosk's touch form. Values are clear text, or hold
vault tokens where the caller reveals them later; a field that was left out has the value SKIPPED.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from cases import field_rules
from cases.case import CaseKind, Receipt, Request
from cases.field_rules import NO as NO
from cases.field_rules import SKIPPED as SKIPPED
from cases.field_rules import YES as YES
from cases.field_rules import Refusal as Refusal
from cases.kinds import detect_kind as detect_kind
from cases.kinds import is_place_needed
from cases.masks import mask, mask_text
from language.reply import Block, BlockKind, CaseRef, Choice, Decision, Item, Reply, text_block
from language.texts import Texts

_SPOKEN_DESCRIPTION_CHARS = 60  # nobody listens to more; the screen shows all of it


class Field(StrEnum):
    """A field of the form, in the order of asking; its value names the slot and `Reply.asks`."""

    DESCRIPTION = "description"
    PLACE = "place"
    CONTACT_NAME = "contact_name"
    CONTACT_PHONE = "contact_phone"
    CONFIRMED = "confirmed"


_ACCEPT = {
    Field.DESCRIPTION: field_rules.accept_description,
    Field.PLACE: field_rules.accept_place,
    Field.CONTACT_NAME: field_rules.accept_name,
    Field.CONTACT_PHONE: field_rules.accept_phone,
    Field.CONFIRMED: field_rules.accept_confirmed,
}


def next_field(values: Mapping[str, str | None]) -> Field | None:
    """Return the first field without a value, or None when the form is full."""
    return next((field for field in Field if not values.get(field)), None)


def may_skip(field: str, kind: CaseKind) -> bool:
    """Return whether a field may be left out in a request of this kind."""
    if field in (Field.CONTACT_NAME, Field.CONTACT_PHONE):
        return True
    return field == Field.PLACE and not is_place_needed(kind)


def validate(field: str, value: str, kind: CaseKind = CaseKind.OTHER) -> str | Refusal:
    """Return the accepted value of a field, SKIPPED for words such as 匿名, or a Refusal.

    Pass clear text, with tokens revealed. `kind` is that of the request so far (`detect_kind` of its
    description): it decides whether the place may be left out.
    """
    if field not in (Field.DESCRIPTION, Field.CONFIRMED) and field_rules.is_skip(value):
        return skip(field, kind)
    return _ACCEPT[Field(field)](value)


def skip(field: str, kind: CaseKind = CaseKind.OTHER) -> str | Refusal:
    """Return SKIPPED where a field may be left out, else a Refusal that asks for it."""
    return SKIPPED if may_skip(field, kind) else Refusal("refuse_skip", {"field": field})


def ask(field: str, locale: str = "zh", kind: CaseKind = CaseKind.OTHER) -> Reply:
    """Return the question for a field, with the ways out of it as choices."""
    return _question(field, _texts().say(f"ask_{field}", locale), locale, kind)


def refuse(field: str, refusal: Refusal, locale: str = "zh", kind: CaseKind = CaseKind.OTHER) -> Reply:
    """Return the sentence that says what to enter instead; it asks for the same field."""
    values = dict(refusal.values)
    if "field" in values:
        values["ask"] = _texts().say(f"ask_{field}", locale)
    return _question(field, _texts().say(refusal.reason, locale, **values), locale, kind)


def confirm(values: Mapping[str, str | None], locale: str = "zh") -> Reply:
    """Return the read-back: everything that was entered, numbers masked, with submit, change and stop.

    `values` is by field; `kind` may be given, else it is heard from the description. Masked values stay
    masked.
    """
    texts = _texts()
    kind = _kind_of(values)
    kind_name = texts.say(f"kind_{kind}", locale)
    description = mask_text(values.get(Field.DESCRIPTION) or "")
    shown = {field: _shown(field, values.get(field), locale) for field in Field if field != Field.CONFIRMED}
    facts = (
        Item(kind_name, label=texts.say("label_kind", locale)),
        *(Item(text, label=texts.say(f"label_{field}", locale)) for field, text in shown.items()),
    )
    spoken = description[:_SPOKEN_DESCRIPTION_CHARS]
    return Reply(
        Decision.FORM,
        blocks=(text_block(texts.say("ask_confirmed", locale)), Block(BlockKind.FACTS, items=facts)),
        speech=texts.say("confirm_speech", locale, kind=kind_name, description=spoken),
        choices=_confirm_choices(locale),
        private=True,
        asks=Field.CONFIRMED.value,
    )


def ask_change(locale: str = "zh") -> Reply:
    """Ask which field to change, after the read-back was denied; a choice's payload names the field."""
    texts = _texts()
    sentence = texts.say("ask_change", locale)
    fields = tuple(
        Choice(texts.say(f"label_{field}", locale), payload={"intent": "change_field", "field": field.value})
        for field in Field
        if field != Field.CONFIRMED
    )
    return Reply(
        Decision.FORM,
        blocks=(text_block(sentence),),
        speech=sentence,
        choices=(*fields, _cancel_choice(locale)),
        private=True,
        asks=Field.CONFIRMED.value,
    )


def filed(receipt: Receipt, locale: str = "zh") -> Reply:
    """Return the receipt: number, code, and how to look the case up. The code is shown, not spoken."""
    texts = _texts()
    items = (
        Item(receipt.number, label=texts.say("label_number", locale)),
        Item(receipt.code, label=texts.say("label_code", locale)),
    )
    return Reply(
        Decision.CASE,
        blocks=(
            text_block(texts.say("filed", locale)),
            Block(BlockKind.RECEIPT, title=texts.say("receipt_title", locale), items=items),
            text_block(texts.say("receipt_help", locale)),
        ),
        speech=texts.say("filed_speech", locale),
        case=CaseRef(receipt.number, receipt.code),
        private=True,
    )


def cancelled(locale: str = "zh") -> Reply:
    """Return the word that nothing was submitted."""
    sentence = _texts().say("cancelled", locale)
    return Reply(Decision.SMALLTALK, blocks=(text_block(sentence),), speech=sentence)


def request_from(values: Mapping[str, str | None], key: str, channel: str, conversation: str) -> Request:
    """Return the Request of a full form, tokens already revealed. Raises InvalidRequest."""
    given = {field: _given(values.get(field)) for field in Field}
    return Request(
        key=key,
        kind=_kind_of(values),
        description=given[Field.DESCRIPTION] or "",
        place=given[Field.PLACE],
        contact_name=given[Field.CONTACT_NAME],
        contact_phone=given[Field.CONTACT_PHONE],
        channel=channel,
        conversation=conversation,
    )


def _question(field: str, sentence: str, locale: str, kind: CaseKind) -> Reply:
    if field == Field.CONFIRMED:
        choices = _confirm_choices(locale)
    elif may_skip(field, kind):
        label = _texts().say(f"choice_skip_{field}", locale)
        choices = (Choice(label, payload={"intent": "skip"}), _cancel_choice(locale))
    else:
        choices = (_cancel_choice(locale),)
    return Reply(
        Decision.FORM,
        blocks=(text_block(sentence),),
        speech=sentence,
        choices=choices,
        private=True,
        asks=Field(field).value,
    )


def _confirm_choices(locale: str) -> tuple[Choice, ...]:
    texts = _texts()
    return (
        Choice(texts.say("choice_submit", locale), payload={"intent": "affirm"}),
        Choice(texts.say("choice_change", locale), payload={"intent": "deny"}),
        _cancel_choice(locale),
    )


def _cancel_choice(locale: str) -> Choice:
    return Choice(_texts().say("choice_cancel", locale), payload={"intent": "cancel"})


def _shown(field: Field, value: str | None, locale: str) -> str:
    given = _given(value)
    if given is None:
        return _texts().say("left_out", locale)
    return mask("phone", given) if field is Field.CONTACT_PHONE else mask_text(given)


def _given(value: str | None) -> str | None:
    return None if not value or value == SKIPPED else value


def _kind_of(values: Mapping[str, str | None]) -> CaseKind:
    kind = values.get("kind")
    return CaseKind(kind) if kind else detect_kind(values.get(Field.DESCRIPTION) or "")


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_name("texts.yml"))
