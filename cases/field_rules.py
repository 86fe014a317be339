"""What the request form accepts for each field; a refusal says what to enter instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from cases.case import ANSWER_MAX_CHARS, DESCRIPTION_CHARS, NAME_MAX_CHARS, PLACE_CHARS
from cases.phones import read_phones
from language.personal import looks_like_name

SKIPPED = "-"  # a slot that was left out on purpose; an empty one would be asked again
YES, NO = "yes", "no"
_FILE = Path(__file__).with_name("form_words.yml")
_CONSENT_FILE = Path(__file__).with_name("consent_words.yml")

_KNOWN_PHONE = re.compile(
    r"尾号|末尾|后四位|上次|以前留|老号码|这个(?:号|电话|手机)|现在这个|本机|微信|来电显示|ends? (?:in|with)"
)
_UNKNOWN = re.compile(
    r"^.{0,4}(?:不知道|不晓得|不清楚|说不清|讲不清|搞不清|弄不清|不确定|忘了|记不得).{0,4}$"
)
_LEADS_OF_ANSWERS = re.compile(r"^(?:我们?|也|真的?|就|还是?|都|啊|呃|嗯|哎|那|这个|好像)+")
_TAILS_OF_ANSWERS = re.compile(r"(?:啊|呀|呢|哦|了|的|啦|嘛|诶|吧|谢谢)+$")
_CLAUSE_END = re.compile(r"[,，。;；、!！?？\n]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE)
_MARKUP = re.compile(r"</?[A-Za-z!][^<>]{0,200}>")
# Letters of any script, and what stands inside names: 买买提·艾力, O'Neil, Anna-Maria, Dr. Wang.
_NAME_MARKS = frozenset(" ·•・‧.'’-")


@dataclass(frozen=True)
class Refusal:
    """Why a value is not accepted: the key of a sentence in texts.yml and what fills its places."""

    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


def is_skip(value: str) -> bool:
    """Return whether a short answer means: I leave this out."""
    return _short(value) in _words()["skip"] or _bare_answer(value) in _words()["skip"]


def is_plain_no(value: str) -> bool:
    """Return whether a short answer is a no, and no more than that."""
    return _short(value) in _words()["plain_no"] or _bare_answer(value) in _words()["plain_no"]


def is_unknown(value: str) -> bool:
    """Return whether an answer only says that the person does not know (我也说不清楚啊)."""
    return bool(_UNKNOWN.search(value)) and not any(character.isdigit() for character in value)


def read_consent(value: str) -> str | None:
    """Return what an answer to the question for a contact agrees to, or None where it does not say.

    YES or NO to both, by the first clause that tells; else the one field that is wanted: `contact_phone`
    for 匿名, `contact_name` for 名字可以留，电话不留.
    """
    words, wholly = _consent_words(), _short(value)
    for wanted in ("contact_phone", "contact_name"):
        if words[wanted].search(wholly):
            return wanted
    for clause in _CLAUSE_END.split(value):
        short = _short(clause)
        for outcome in (NO, YES):
            if words[outcome].search(short):
                return outcome
        if short in _words()["agree"]:
            return YES
        if short in _words()["skip"]:
            return NO
    return None  # 不对 and 错了 correct something; they refuse nothing


def accept_description(value: str) -> str | Refusal:
    """Return the description on one line, 2 to 500 characters with words in them, or a Refusal."""
    text = _without_markup(_clean(value))
    least, most = DESCRIPTION_CHARS
    if len(text) > most:
        return Refusal("refuse_description_long", {"most": most})
    if _is_link(text):
        return Refusal("refuse_description_link")
    return text if _letters(text) >= least else Refusal("refuse_description_short")


def accept_place(value: str) -> str | Refusal:
    """Return the place as said, 2 to 120 characters, or what is wrong with it."""
    text = _without_markup(_clean(value))
    least, most = PLACE_CHARS
    if len(text) > most:
        return Refusal("refuse_place_long", {"most": most})
    if _is_link(text):
        return Refusal("refuse_place_link")
    if _short(text) in _words()["vague_places"]:
        return Refusal("refuse_place_vague")
    has_word = any(character.isalpha() for character in text)
    return text if has_word and _letters(text) >= least else Refusal("refuse_place_short")


def accept_answer(value: str) -> str | Refusal:
    """Return an answer to a category's own question on one line, SKIPPED for 不清楚 and 跳过, or a Refusal.

    没有 and 不 answer such a question: they leave nothing out.
    """
    text = _without_markup(_clean(value))
    if len(text) > ANSWER_MAX_CHARS:
        return Refusal("refuse_details_long", {"most": ANSWER_MAX_CHARS})
    if is_unknown(text) or (is_skip(text) and not is_plain_no(text)):
        return SKIPPED
    return text if _letters(text) and not _is_link(text) else Refusal("refuse_details_short")


def accept_consent(value: str) -> str | Refusal:
    """Return YES or NO for an answer to the question whether a contact may be kept, or a Refusal."""
    consent = read_consent(value)
    if consent is None:
        return Refusal("refuse_consent")
    return NO if consent == NO else YES


def accept_name(value: str) -> str | Refusal:
    """Return how the person wants to be called, without 我叫 and the like, or what is wrong with it."""
    text = _clean(value)
    pieces = [piece for piece in _CLAUSE_END.split(text) if piece.strip()]
    for piece in pieces[:3]:
        name = _name_alone(piece)
        if name is not None:
            return name
    return Refusal("refuse_contact_name")


def accept_phone(value: str) -> str | Refusal:
    """Return the one telephone number in `value` as digits (`021-12345678` for a landline), or what is wrong.

    Full-width and spoken digits (幺三八), pauses, +86, area codes and extensions are understood.
    """
    text = _clean(value)
    numbers = read_phones(text)
    if len(numbers) > 1:
        return Refusal("refuse_two_phones")
    if numbers:
        return numbers.pop()
    # 打我手机尾号1234那个: nobody here can see which number that is.
    return Refusal("refuse_known_phone" if _KNOWN_PHONE.search(text) else "refuse_contact_phone")


def accept_confirmed(value: str) -> str | Refusal:
    """Return YES or NO for a short answer to the read-back, or a Refusal for anything else."""
    short = _short(value)
    if short in _words()["agree"] or (
        _plain_yes().fullmatch(short) and "?" not in value and "？" not in value
    ):
        return YES
    return NO if short in _words()["disagree"] else Refusal("refuse_confirmed")


def _bare_answer(value: str) -> str:
    """Return a short answer without what is said around it: 我也不知道啊 is 不知道."""
    return _TAILS_OF_ANSWERS.sub("", _LEADS_OF_ANSWERS.sub("", _short(value)))


def _name_alone(text: str) -> str | None:
    """Return the name in one clause, or None."""
    text = text.strip("。，,.!！()（）\"“”'《》: ：")
    for lead in _words()["name_leads"]:
        if text.lower().startswith(lead):
            text = text[len(lead) :].strip(" ，,：:")
            break
    for tail in _words()["name_tails"]:
        if text.endswith(tail) and len(text) > len(tail):
            text = text[: -len(tail)].strip()
            break
    is_name = 0 < len(text) <= NAME_MAX_CHARS and _letters(text) > 0
    is_plain = all(c in _NAME_MARKS or unicodedata.category(c)[0] in "LM" for c in text)
    is_other = text.endswith(_words()["not_a_name"]) or text.lower() in _words()["never_a_name"]
    if not is_name or not is_plain or is_other:
        return None
    # Rare family names and nicknames stay welcome: only what is a sentence is none.
    is_sentence = any(mark in text for mark in _words()["not_in_names"]) and not looks_like_name(text)
    return None if is_sentence else text


def _is_link(text: str) -> bool:
    """Return whether a text says nothing besides a link."""
    return _LINK.search(text) is not None and _letters(_LINK.sub("", text)) < 2


def _without_markup(text: str) -> str:
    """Return a text without its tags; of a script nothing stays, it says nothing to people."""
    if "<" not in text:
        return text
    return " ".join(_MARKUP.sub(" ", _SCRIPT.sub(" ", text)).split())


@cache
def _words() -> dict[str, tuple[str, ...]]:
    words: dict[str, list[str]] = yaml.safe_load(_FILE.read_text("utf-8"))
    # Longest first, so that 我的名字叫 is taken off before 我.
    return {name: tuple(sorted(entries, key=len, reverse=True)) for name, entries in words.items()}


@cache
def _plain_yes() -> re.Pattern[str]:
    """Return what a plain yes is made of: 对，没错; 可以了，谢谢; 好的，帮我提交吧."""
    agreed, filler = ("|".join(map(re.escape, _words()[name])) for name in ("agreed", "beside_a_yes"))
    unsure = "|".join(map(re.escape, _words()["unsure"]))  # 没问题吧 asks rather than agrees
    return re.compile(rf"(?!对了$|.*(?:{unsure})$)(?:{filler})*(?:{agreed})(?:{agreed}|{filler})*")


@cache
def _consent_words() -> dict[str, re.Pattern[str]]:
    patterns: dict[str, str] = yaml.safe_load(_CONSENT_FILE.read_text("utf-8"))
    return {outcome: re.compile(pattern) for outcome, pattern in patterns.items()}


def _clean(value: str) -> str:
    # Control characters and lone surrogates (Cc, Cs) come from broken input; they are never meant.
    kept = (" " if c in "\r\n\t" else c for c in value)
    text = "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join(_to_half_width(text).split())


def _to_half_width(text: str) -> str:
    # Only digits and Latin letters: full-width punctuation belongs to a Chinese sentence.
    return "".join(chr(ord(c) - 0xFEE0) if "０" <= c <= "ｚ" and c.isalnum() else c for c in text)


def _short(value: str) -> str:
    plain = unicodedata.normalize("NFKC", value).lower()
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)
