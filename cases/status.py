"""What is said about how a case stands, and the two questions before it: number and code."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from cases.case import CaseView
from cases.desk import SHANGHAI
from cases.lookups import CODE_DIGITS, begins_number, find_number_and_code, read_digits, read_number
from cases.notices.wording import DECLINED, say_notice
from language.reply import Block, BlockKind, Choice, Decision, Item, Reply, text_block
from language.texts import Texts


class LookUpField(StrEnum):
    """A field of the look-up; its value names the slot and `Reply.asks`."""

    NUMBER = "case_number"
    CODE = "case_code"


def ask_number(locale: str = "zh") -> Reply:
    """Ask for the case number."""
    return _question(LookUpField.NUMBER, locale)


def ask_code(locale: str = "zh") -> Reply:
    """Ask for the look-up code."""
    return _question(LookUpField.CODE, locale)


def read_answer(asked: LookUpField | None, text: str) -> dict[LookUpField, str | None]:
    """Return number and code as an answer tells them; `asked` helps where it is only one run of digits."""
    number, code = find_number_and_code(text)
    if asked is LookUpField.NUMBER and number is None:
        if begins_number(text):
            code = None  # the first half of a number, and the rest forgotten
        number = read_number(text) if code is None and begins_number(read_digits(text)[:6]) else None
    digits = read_digits(text)
    if asked is LookUpField.CODE and code is None and number is None and len(digits) == CODE_DIGITS:
        code = digits
    return {LookUpField.NUMBER: number, LookUpField.CODE: code}


def refuse(field: LookUpField, locale: str = "zh") -> Reply:
    """Return the word that this is no number or code, what one looks like, and what to do without it."""
    return _question(field, locale, f"refuse_{field}")


def status_reply(view: CaseView, locale: str = "zh", zone: ZoneInfo = SHANGHAI) -> Reply:
    """Return how the case stands, with its dates in the hall's time."""
    texts, told = _texts(), view.outcome
    kind, status = texts.say(f"kind_{view.kind}", locale), texts.say(f"status_{view.status}", locale)
    if told is not None and told.kind == DECLINED:
        status = say_notice("is_declined", locale)
    head = texts.say("status_head", locale, number=view.number, kind=kind, status=status)
    facts = {
        "label_created": _instant(view.created_at, locale, zone),
        "label_updated": _instant(view.updated_at, locale, zone),
        "label_department": view.department or "",
        "label_due": _instant(view.due_at, locale, zone) if view.due_at else "",
    }
    items = tuple(Item(text, label=texts.say(label, locale)) for label, text in facts.items() if text)
    if told is not None:
        result = Item(told.words[locale], label=say_notice(f"outcome_{told.kind}", locale))
        items = (result, *items)
    return Reply(
        Decision.STATUS,
        blocks=(text_block(head), Block(BlockKind.FACTS, items=items)),
        speech=head,
        private=True,
    )


def not_found_reply(locale: str = "zh") -> Reply:
    """Return the one answer to a wrong number and to a wrong code; it does not tell which."""
    sentence = _texts().say("not_found", locale)
    again = Choice(_texts().say("choice_look_up_again", locale), payload={"intent": "check_case"})
    return Reply(
        Decision.STATUS, blocks=(text_block(sentence),), speech=sentence, choices=(again,), private=True
    )


def may_try_again(reply: Reply) -> bool:
    """Return whether a look-up found nothing and another try is open."""
    return any(choice.payload.get("intent") == "check_case" for choice in reply.choices)


def too_many_reply(minutes: int, locale: str = "zh") -> Reply:
    """Return the word that look-up is locked for so many minutes."""
    sentence = _texts().say("too_many", locale, minutes=minutes)
    return Reply(Decision.STATUS, blocks=(text_block(sentence),), speech=sentence, private=True)


def _question(field: LookUpField, locale: str, key: str = "") -> Reply:
    sentence = _texts().say(key or f"ask_{field}", locale)
    cancel = Choice(_texts().say("choice_cancel", locale), payload={"intent": "cancel"})
    return Reply(
        Decision.FORM,
        blocks=(text_block(sentence),),
        speech=sentence,
        choices=(cancel,),
        private=True,
        asks=field.value,
    )


def _instant(at: datetime, locale: str, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return _texts().say(
        "instant",
        locale,
        year=local.year,
        month=local.month,
        day=local.day,
        hour=local.hour,
        minute=local.minute,
    )


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_name("texts.yml"))
