"""Which of the choices on offer a person means who does not touch one: 第一个, 居住证那个, the last one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz.fuzz import ratio

from bot.screening import asks_something
from bot.talk import Offered
from language.normalise import fold, normalise, with_digits

_WORDS = Path(__file__).with_name("picking.yml")
# Asides in brackets are nobody's name for a thing.
_ASIDE = re.compile(r"[（(][^（）()]*[)）]")
# One character in eight heard wrong still names a choice; 居住证补办 and 居住证换领 are further apart.
_NEARLY = 87.5
_LEAST_NEARLY_CHARS = 4
_MOST_NAME_CHARS = 12
# A larger number alone is an age, a sum or a house rather than a slip.
_MOST_CHOICES = 20

Choice = Mapping[str, Any]


@dataclass(frozen=True)
class Picked:
    """The choice that is meant, what was asked of it (第一个要多少钱), and a second one picked as well."""

    choice: Choice
    rest: str = ""
    second: Choice | None = None


@dataclass(frozen=True)
class NoSuchChoice:
    """A number was said that nothing bears: there are only `count` choices, perhaps none."""

    count: int


def pick(text: str, offered: Offered, asks: str | None, at: datetime) -> Picked | NoSuchChoice | None:
    """Return what of `offered` a text picks, None where it picks nothing.

    In a form (`asks`, the field asked) a text is a value first: only an ordinal with its word (第一个) or the
    exact label picks there.
    """
    choices = offered.choices if at.timestamp() <= offered.until else ()
    said = _core(text)
    if asks is None and offered.is_last and choices and _accepts_offers(choices[0]) and _is_yes(text):
        return Picked(choices[0])
    by_number = _by_number(said, len(choices), is_bare_allowed=asks is None)
    if by_number is not None:
        return _at(by_number, choices, is_in_form=asks is not None)
    if not choices:
        return None
    exact = [choice for choice in choices if normalise(said) and normalise(said) in _names(choice)]
    if exact:
        return Picked(exact[0])
    return None if asks is not None else _by_part(text, said, choices, offered.asked_back)


@dataclass(frozen=True)
class _Numbers:
    numbers: tuple[int, ...]  # from 1; negative from the end; 0 is the middle
    is_bare: bool = False
    rest: str = ""


def _at(said: _Numbers, choices: Sequence[Choice], is_in_form: bool) -> Picked | NoSuchChoice | None:
    if not choices:
        # "1" may be anything; 第一个 where nothing was offered is a slip that deserves an answer.
        return None if said.is_bare or is_in_form or said.rest else NoSuchChoice(0)
    # Where five levels are offered, whatever else is, a number means points and not a place.
    by_points = said.is_bare and any("stars" in choice for choice in choices)
    places = [_place(number, len(choices)) for number in said.numbers]
    if by_points:
        by_stars = {choice["stars"]: place for place, choice in enumerate(choices) if "stars" in choice}
        places = [by_stars.get(number) for number in said.numbers]
    picked = [choices[place] for place in places if place is not None]
    if len(picked) < len(said.numbers):
        is_no_pick = is_in_form or (said.is_bare and max(said.numbers) > _MOST_CHOICES)
        return None if is_no_pick else NoSuchChoice(len(choices))
    return Picked(picked[0], said.rest, picked[1] if len(picked) > 1 else None)


def _place(number: int, count: int) -> int | None:
    if number == 0:
        return (count - 1) // 2 if count % 2 else None
    place = number - 1 if number > 0 else count + number
    return place if 0 <= place < count else None


def _by_number(said: str, count: int, is_bare_allowed: bool) -> _Numbers | None:
    words = _patterns()
    if words["both"].fullmatch(said):
        return _Numbers((1, 2)) if is_bare_allowed and count == 2 else None
    parts = words["joint"].split(said)
    if len(parts) == 2:
        both = [_number(_core(part)) for part in parts]
        if all(number is not None for number in both):
            numbers = tuple(number for found in both if found is not None for number in found.numbers)
            is_bare = all(found is not None and found.is_bare for found in both)
            return _Numbers(numbers, is_bare) if is_bare_allowed or not is_bare else None
    found = _number(said)
    if found is not None and found.is_bare and not is_bare_allowed:
        return None
    return found or (_leading(said) if is_bare_allowed else None)


def _number(said: str) -> _Numbers | None:
    words = _patterns()
    for name in ("ordinal", "numbered"):
        match = words[name].fullmatch(said)
        if match:
            return _Numbers((_value(match["number"]),))
    match = words["english"].fullmatch(said)
    if match:
        return _Numbers((_raw()["words"][match["word"]],))
    for name, number in (("first", 1), ("last", -1), ("middle", 0)):
        if words[name].fullmatch(said):
            return _Numbers((number,))
    match = words["bare"].fullmatch(said)
    return _Numbers((_value(match["number"]),), is_bare=True) if match else None


def _leading(said: str) -> _Numbers | None:
    """Return an ordinal with a question after it: 第二个要带什么."""
    match = _patterns()["ordinal_then"].match(said)
    if match is None or not match["rest"].strip(" ,，"):
        return None
    return _Numbers((_value(match["number"]),), rest=match["rest"].strip(" ,，"))


def _value(numeral: str) -> int:
    if numeral.isdecimal():
        return int(numeral)
    if numeral in _raw()["words"]:
        return int(_raw()["words"][numeral])
    return 10 if numeral == "十" else int(with_digits(numeral))


def _by_part(text: str, said: str, choices: Sequence[Choice], asked_back: bool) -> Picked | None:
    """Return the only choice that a short text names by a part of it, or nearly by the whole."""
    points = _patterns()["pointing_end"].search(said) is not None
    name = normalise(_patterns()["pointing_end"].sub("", said))
    if len(name) < 2 or len(name) > _MOST_NAME_CHARS or asks_something(text):
        return None
    if points or asked_back:
        holding = [choice for choice in choices if any(name in known for known in _all_names(choice))]
        if len(holding) == 1:
            return Picked(holding[0])
    if len(name) < _LEAST_NEARLY_CHARS:
        return None
    near = sorted(((max(ratio(name, known) for known in _names(c)), i) for i, c in enumerate(choices)))
    if near[-1][0] >= _NEARLY and (len(near) == 1 or near[-2][0] < _NEARLY):
        return Picked(choices[near[-1][1]])
    return None


def _names(choice: Choice) -> set[str]:
    """Return what a choice is called, normalised: its label with and without asides, its guide's title."""
    label, title = str(choice.get("label", "")), str(choice.get("guide_title") or "")
    # 要带什么材料 is a choice of the guide 居住证; its guide's name picks the guide, not that choice.
    is_of_guide = choice.get("aspect") in (None, "overview")
    named = (label, _ASIDE.sub("", label), *((title, _ASIDE.sub("", title)) if is_of_guide else ()))
    return {normalise(name) for name in named if normalise(name)}


def _all_names(choice: Choice) -> set[str]:
    note = normalise(str(choice.get("note") or ""))
    return _names(choice) | ({note} if note else set())


def _accepts_offers(choice: Choice) -> bool:
    """Return whether a plain yes takes this choice: the hall asked whether to go on with it."""
    return bool(choice.get("asks") or choice.get("yes"))


def _is_yes(text: str) -> bool:
    return normalise(text) in _agreed()


def _core(text: str) -> str:
    """Return a folded text without what people say around a pick."""
    said = fold(text).strip(" ,，。.!！~～…、？?")
    patterns = _patterns()
    while True:
        shorter = (
            patterns["tail_end"].sub("", patterns["lead_start"].sub("", said, count=1)).strip(" ,，。.!！")
        )
        # 要 alone, or 是的, is a word of its own.
        if shorter == said or not shorter:
            return said
        said = shorter


@cache
def _raw() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_WORDS.read_text("utf-8"))
    return words


@cache
def _agreed() -> frozenset[str]:
    return frozenset(normalise(word) for word in _raw()["agreed"])


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    raw = _raw()
    names = ("ordinal", "numbered", "english", "first", "last", "middle", "bare", "both", "joint")
    patterns = {name: re.compile(raw[name]) for name in names}
    point = raw["pointing"]
    for name in ("ordinal", "first", "last", "middle", "english"):
        patterns[name] = re.compile(rf"(?:{raw[name]})\s*(?:{point})?\s*(?:one)?")
    patterns["lead_start"] = re.compile(rf"^(?:{raw['lead']})[\s,，]*")
    patterns["tail_end"] = re.compile(rf"(?:[\s,，]*{raw['tail']})$")
    patterns["pointing_end"] = re.compile(rf"(?:{point})$")
    patterns["ordinal_then"] = re.compile(rf"(?:{raw['counted']})\s*(?:{point})?(?P<rest>.+)$")
    return patterns
