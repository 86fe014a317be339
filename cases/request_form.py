"""The form of a request: what is asked in which order, what is accepted, and how it is read back.

Pure functions, shared by the conversation's form and the kiosk's touch form. Values are clear text, or hold
vault tokens where the caller reveals them later; a field that was left out has the value SKIPPED.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from cases import field_rules, questions
from cases.arrivals.categories import Category
from cases.case import CaseKind, Request
from cases.field_rules import NO as NO
from cases.field_rules import SKIPPED as SKIPPED
from cases.field_rules import YES as YES
from cases.field_rules import Refusal as Refusal
from cases.fields import CONTACT as CONTACT
from cases.fields import SHOWN as SHOWN
from cases.fields import Field as Field
from cases.fields import next_field as next_field
from cases.fields import settle as settle
from cases.fields import shown as shown
from cases.kinds import detect_kind as detect_kind
from cases.kinds import is_place_needed, kind_of
from cases.masks import mask, mask_text
from cases.receipts import cancelled as cancelled
from cases.receipts import filed as filed
from cases.receipts import offer_second as offer_second
from language.reply import Block, BlockKind, Choice, Decision, Item, Reply, text_block
from language.texts import Texts

_SPOKEN_DESCRIPTION_CHARS = 60  # nobody listens to more; the screen shows all of it


_ACCEPT = {
    Field.DESCRIPTION: field_rules.accept_description,
    Field.PLACE: field_rules.accept_place,
    Field.DETAILS: field_rules.accept_answer,
    Field.CONSENT: field_rules.accept_consent,
    Field.CONTACT_NAME: field_rules.accept_name,
    Field.CONTACT_PHONE: field_rules.accept_phone,
    Field.CONFIRMED: field_rules.accept_confirmed,
}


def may_skip(field: str, kind: CaseKind) -> bool:
    """Return whether a field may be left out in a request of this kind."""
    if field in (Field.DETAILS, Field.CONSENT, *CONTACT):
        return True
    return field == Field.PLACE and not is_place_needed(kind)


def validate(field: str, value: str, kind: CaseKind = CaseKind.OTHER) -> str | Refusal:
    """Return the accepted value of a field, SKIPPED for words such as 匿名, or a Refusal.

    Pass clear text, with tokens revealed. `kind` is that of the request so far (`detect_kind` of its
    description): it decides whether the place may be left out. An answer to a question of the category's own
    is put among the others by `questions.with_answer`.
    """
    is_unknown = field == Field.PLACE and field_rules.is_unknown(value)
    if is_unknown or (field in (Field.PLACE, *CONTACT) and field_rules.is_skip(value)):
        return skip(field, kind)
    return _ACCEPT[Field(field)](value)


def skip(field: str, kind: CaseKind = CaseKind.OTHER) -> str | Refusal:
    """Return SKIPPED (NO for the consent) where a field may be left out, else a Refusal that asks for it."""
    if not may_skip(field, kind):
        return (
            Refusal("refuse_skip_place") if field == Field.PLACE else Refusal("refuse_skip", {"field": field})
        )
    return NO if field == Field.CONSENT else SKIPPED


def ask(field: str, locale: str = "zh", kind: CaseKind = CaseKind.OTHER) -> Reply:
    """Return the question for a field, with the ways out of it as choices."""
    reply = _question(field, _texts().say(f"ask_{field}", locale), locale, kind)
    return replace(reply, speech=_texts().say("speak_consent", locale)) if field == Field.CONSENT else reply


def ask_details(values: Mapping[str, str | None], locale: str = "zh") -> Reply:
    """Return the open question of the category's own, with its answers to touch."""
    question = questions.open_question(values)
    if question is None:  # the questions were changed, or what happened has expired, while it was asked
        return refuse(Field.DETAILS, Refusal("refuse_details_short"), locale)
    sentence = _texts().say("ask_details", locale, question=question.words[locale])
    reply = _question(Field.DETAILS, sentence, locale, CaseKind.OTHER)
    answers = tuple(Choice(label, payload={"intent": "inform"}) for label in question.choices[locale])
    return replace(reply, choices=(*answers, *reply.choices))


def ask_after(field: str, locale: str, kind: CaseKind) -> Reply:
    """Return the question for a field after the answer told something else: it was heard."""
    heard = _texts().say("heard", locale)
    return _question(field, heard + _texts().say(f"ask_{field}", locale), locale, kind)


def ask_consent(values: Mapping[str, str | None], locale: str = "zh", *, in_group: bool = False) -> Reply:
    """Return the question for the consent; it names what was told early, except before the neighbours."""
    texts = _texts()
    told = [_shown(field, values[field], locale) for field in CONTACT if _given(values.get(field))]
    if not told and values.get(Field.CONTACT_NAME) == SKIPPED:
        return _question(Field.CONSENT, texts.say("ask_consent_phone", locale), locale, CaseKind.OTHER)
    if not told:
        return ask(Field.CONSENT, locale)
    what = texts.say("told_contact", locale) if in_group else texts.say("and", locale).join(told)
    reply = _question(Field.CONSENT, texts.say("ask_consent_told", locale, told=what), locale, CaseKind.OTHER)
    return replace(reply, speech=texts.say("speak_consent_told", locale))


def refuse(field: str, refusal: Refusal, locale: str = "zh", kind: CaseKind = CaseKind.OTHER) -> Reply:
    """Return the sentence that says what to enter instead; it asks for the same field."""
    values = dict(refusal.values)
    if "field" in values:
        values["ask"] = _texts().say(f"ask_{field}", locale)
    return _question(field, _texts().say(refusal.reason, locale, **values), locale, kind)


def confirm(
    values: Mapping[str, str | None],
    locale: str = "zh",
    *,
    in_group: bool = False,
    reported: Category | None = None,
) -> Reply:
    """Return the read-back: everything that was entered, numbers masked, with submit, change and stop.

    `values` is by field; `kind` may be given, else it is heard from the description. Masked values stay
    masked. In a group only what is filled in and what is not is shown. `reported` is what somebody in the
    same building reported a few days ago (arrivals.duplicates.already_reported); it may be filed again.
    """
    texts = _texts()
    kind_name = texts.say(f"kind_{kind_of(values)}", locale)
    description = mask_text(values.get(Field.DESCRIPTION) or "")[:_SPOKEN_DESCRIPTION_CHARS]
    speech = texts.say("confirm_speech", locale, kind=kind_name, description=description)
    sentence = texts.say("ask_confirmed_in_group" if in_group else "ask_confirmed", locale)
    hint = texts.say("already_reported", locale, category=reported.name[locale]) if reported else ""
    notices = (Block(BlockKind.NOTICE, hint),) if hint else ()
    return Reply(
        Decision.FORM,
        blocks=(text_block(sentence), *notices, _facts(values, locale, in_group, shown(values))),
        speech=hint + (sentence if in_group else speech),
        choices=_confirm_choices(locale, "choice_leave_it" if hint else "choice_cancel"),
        private=True,
        asks=Field.CONFIRMED.value,
    )


def ask_change(
    values: Mapping[str, str | None],
    locale: str = "zh",
    *,
    asks: Field = Field.CONFIRMED,
    in_group: bool = False,
) -> Reply:
    """Ask which field to change, with what they hold; a choice's payload names the field.

    `asks` is the field that is asked for in the meantime: a correction may be wanted before the read-back.
    """
    texts = _texts()
    sentence = texts.say("ask_change", locale)
    told = tuple(field for field in shown(values) if asks is Field.CONFIRMED or values.get(field))
    fields = tuple(
        Choice(texts.say(f"label_{field}", locale), payload={"intent": "change_field", "field": field.value})
        for field in told
    )
    return Reply(
        Decision.FORM,
        blocks=(text_block(sentence), _facts(values, locale, in_group, told)),
        speech=sentence,
        choices=(*fields, _cancel_choice(locale)),
        private=True,
        asks=asks.value,
    )


def request_from(
    values: Mapping[str, str | None], key: str, channel: str, conversation: str, locale: str = "zh"
) -> Request:
    """Return the Request of a full form, tokens already revealed. Raises InvalidRequest."""
    given = {field: _given({**values, **settle(values)}.get(field)) for field in Field}
    return Request(
        key=key,
        kind=kind_of(values),
        description=given[Field.DESCRIPTION] or "",
        place=given[Field.PLACE],
        contact_name=given[Field.CONTACT_NAME],
        contact_phone=given[Field.CONTACT_PHONE],
        channel=channel,
        conversation=conversation,
        locale=locale,
        details=questions.told(values),
    )


def _question(field: str, sentence: str, locale: str, kind: CaseKind) -> Reply:
    if field == Field.CONFIRMED:
        choices = _confirm_choices(locale)
    else:
        choices = (*_ways_around(field, locale, kind), _cancel_choice(locale))
    return Reply(
        Decision.FORM,
        blocks=(text_block(sentence),),
        speech=sentence,
        choices=choices,
        private=True,
        asks=Field(field).value,
    )


def _ways_around(field: str, locale: str, kind: CaseKind) -> tuple[Choice, ...]:
    texts = _texts()
    skip = {"intent": "skip"}
    nameless = {**skip, "field": Field.CONTACT_NAME.value}
    if field == Field.CONSENT:
        return (
            Choice(texts.say("choice_agree", locale), payload={"intent": "affirm"}),
            Choice(texts.say("choice_phone_only", locale), payload=nameless),
            Choice(texts.say("choice_skip_consent", locale), payload=skip),
        )
    if not may_skip(field, kind):
        return ()
    return (Choice(texts.say(f"choice_skip_{field}", locale), payload=skip),)


def _facts(values: Mapping[str, str | None], locale: str, in_group: bool, fields: tuple[Field, ...]) -> Block:
    texts = _texts()
    kind = Item(texts.say(f"kind_{kind_of(values)}", locale), label=texts.say("label_kind", locale))
    told = {**values, Field.DETAILS.value: " ".join((questions.told(values, locale) or "").splitlines())}
    lines = [(field, _shown(field, told.get(field), locale)) for field in fields]
    if in_group:
        noted, left_out = texts.say("noted", locale), texts.say("left_out", locale)
        lines = [(field, noted if text != left_out else left_out) for field, text in lines]
    items = (kind, *(Item(text, label=texts.say(f"label_{field}", locale)) for field, text in lines))
    return Block(BlockKind.FACTS, items=items)


def _confirm_choices(locale: str, leave: str = "choice_cancel") -> tuple[Choice, ...]:
    texts = _texts()
    return (
        Choice(texts.say("choice_submit", locale), payload={"intent": "affirm"}),
        Choice(texts.say("choice_change", locale), payload={"intent": "deny"}),
        _cancel_choice(locale, leave),
    )


def _cancel_choice(locale: str, key: str = "choice_cancel") -> Choice:
    return Choice(_texts().say(key, locale), payload={"intent": "cancel"})


def _shown(field: Field, value: str | None, locale: str) -> str:
    given = _given(value)
    if given is None:
        return _texts().say("left_out", locale)
    return mask("phone", given) if field is Field.CONTACT_PHONE else mask_text(given)


def _given(value: str | None) -> str | None:
    return None if not value or value == SKIPPED else value


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_name("texts.yml"))
