"""What the request form accepts for each field; a refusal says what to enter instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from cases.case import DESCRIPTION_CHARS, NAME_MAX_CHARS, PLACE_CHARS

SKIPPED = "-"  # a slot that was left out on purpose; an empty one would be asked again
YES, NO = "yes", "no"
_FILE = Path(__file__).with_name("form_words.yml")

_SPOKEN_DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")
_SPOKEN_RUN = re.compile("[零〇一幺二两三四五六七八九]{3,}")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86|0086)?[ -]?(1[3-9]\d(?:[ -]?\d){8})(?!\d)")
# Area codes are 010, 02x or 0xxx; numbers behind them have 7 or 8 digits. Without an area code it is local.
_LANDLINE = re.compile(
    r"(?<!\d)(?:(010|02\d|0[3-9]\d\d)[ -]?)?([2-9]\d(?:[ -]?\d){5,6})(?!\d)"
    r"(?:(?:-|转|分机) ?(\d{1,5})(?!\d))?"
)


@dataclass(frozen=True)
class Refusal:
    """Why a value is not accepted: the key of a sentence in texts.yml and what fills its places."""

    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


def is_skip(value: str) -> bool:
    """Return whether a short answer means: I leave this out."""
    return _short(value) in _words()["skip"]


def accept_description(value: str) -> str | Refusal:
    """Return the description on one line, 2 to 500 characters with words in them, or a Refusal."""
    text = _clean(value)
    least, most = DESCRIPTION_CHARS
    if len(text) > most:
        return Refusal("refuse_description_long", {"most": most})
    return text if _letters(text) >= least else Refusal("refuse_description_short")


def accept_place(value: str) -> str | Refusal:
    """Return the place as said, 2 to 120 characters, or what is wrong with it."""
    text = _clean(value)
    least, most = PLACE_CHARS
    if len(text) > most:
        return Refusal("refuse_place_long", {"most": most})
    has_word = any(character.isalpha() for character in text)
    return text if has_word and _letters(text) >= least else Refusal("refuse_place_short")


def accept_name(value: str) -> str | Refusal:
    """Return how the person wants to be called, without 我叫 and the like, or what is wrong with it."""
    text = _clean(value).strip("。，,.!！ ")
    for lead in _words()["name_leads"]:
        if text.lower().startswith(lead):
            text = text[len(lead) :].strip(" ，,：:")
            break
    is_name = 0 < len(text) <= NAME_MAX_CHARS and _letters(text) > 0 and not any(c.isdigit() for c in text)
    is_other = text.endswith(_words()["not_a_name"])
    return text if is_name and not is_other else Refusal("refuse_contact_name")


def accept_phone(value: str) -> str | Refusal:
    """Return the one telephone number in `value` as digits (`021-12345678` for a landline), or what is wrong.

    Full-width and spoken digits (幺三八), spaces, dashes and +86 are understood.
    """
    text = _SPOKEN_RUN.sub(lambda run: run.group().translate(_SPOKEN_DIGITS), _clean(value))
    mobiles = {_digits(number) for number in _MOBILE.findall(text)}
    landlines = {_landline(*parts) for parts in _LANDLINE.findall(_MOBILE.sub("|", text))}
    numbers = mobiles | landlines
    if len(numbers) > 1:
        return Refusal("refuse_two_phones")
    return numbers.pop() if numbers else Refusal("refuse_contact_phone")


def accept_confirmed(value: str) -> str | Refusal:
    """Return YES or NO for a short answer to the read-back, or a Refusal for anything else."""
    short = _short(value)
    if short in _words()["agree"]:
        return YES
    return NO if short in _words()["disagree"] else Refusal("refuse_confirmed")


def _landline(area: str, local: str, extension: str) -> str:
    number = f"{area}-{_digits(local)}" if area else _digits(local)
    return f"{number}转{extension}" if extension else number


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


@cache
def _words() -> dict[str, tuple[str, ...]]:
    words: dict[str, list[str]] = yaml.safe_load(_FILE.read_text("utf-8"))
    # Longest first, so that 我的名字叫 is taken off before 我.
    return {name: tuple(sorted(entries, key=len, reverse=True)) for name, entries in words.items()}


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
