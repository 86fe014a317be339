"""What a text wants of a case: only of the one that was shown last, or that it names by number and code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.acts import stars_in
from bot.screening import asks_something
from bot.talk import Talk
from cases.lookups import find_number_and_code
from cases.resident_replies import KEEP
from cases.residents import Act
from language.normalise import fold

_WORDS = Path(__file__).with_name("case_words.yml")
INTENTS = frozenset({*Act, KEEP})
# Longer texts tell something of their own; a mark in passing is no rating that stands for good.
_MOST_CHARS, _MOST_CHARS_OF_MARKS = 40, 16


def held_by(choice: Mapping[str, Any]) -> dict[str, str]:
    """Return what of a choice names its case."""
    return {name: str(choice[name]) for name in ("number", "code") if choice.get(name)}


def act_in_focus(text: str, talk: Talk, at: datetime) -> dict[str, Any] | None:
    """Return what a text wants of the case that was the last thing shown, as the payload of a choice."""
    if "[[" in text or len(text) > _MOST_CHARS or find_number_and_code(text)[0] is not None:
        return None  # it names a case of its own, or tells more than a wish
    offered = talk.offered
    is_shown = offered.is_last and at.timestamp() <= offered.until
    acts = {choice["intent"]: choice for choice in offered.choices if choice.get("intent") in INTENTS}
    found = _wanted(text, acts) if acts and is_shown else _wanted_of_filed(text, talk)
    return {**found, "label": text} if found is not None else None


def wants_filed_case(text: str) -> bool:
    """Return whether a text wants something of a case filed before and does not say of which."""
    return len(text) <= _MOST_CHARS and _says("filed_case", fold(text).strip(" ,，。.!！~～"))


def _wanted(text: str, acts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    said, held = fold(text).strip(), held_by(next(iter(acts.values())))
    act, is_asked_sure = act_in_words(text), bool(acts.get(Act.WITHDRAW, {}).get("sure"))
    if KEEP in acts and (leaves_as_it_is(text) or (is_asked_sure and _says("unsure", said))):
        return {**held, "intent": KEEP}
    if is_asked_sure and (act is Act.WITHDRAW or _says("sure", said)):
        return {**held, "intent": Act.WITHDRAW.value, "sure": True}
    if act in (None, Act.RATE) and Act.RATE in acts and (stars := _marks(text)) is not None:
        return {**held, "intent": Act.RATE.value, "stars": stars}
    if act is Act.WITHDRAW and act not in acts and not _says("withdraw_plainly", said):
        return None
    return {**held, "intent": act.value} if act is not None else None


def _wanted_of_filed(text: str, talk: Talk) -> dict[str, Any] | None:
    """Return the wish to withdraw what this talk has filed just now: its number is enough."""
    receipt = ((talk.again or {}).get("reply") or {}).get("case")
    if receipt is None or act_in_words(text) is not Act.WITHDRAW:
        return None
    return {"number": receipt["number"], "intent": Act.WITHDRAW.value}


def act_in_words(text: str) -> Act | None:
    """Return which act on a case a text names, or None."""
    said = fold(text)
    return next((act for act in (Act.REOPEN, Act.WITHDRAW, Act.RATE) if _says(act, said)), None)


def leaves_as_it_is(text: str) -> bool:
    """Return whether a text says no more than: leave it."""
    return _says(KEEP, fold(text).strip())


def _marks(text: str) -> int | None:
    is_remark = len(text) <= _MOST_CHARS_OF_MARKS and not asks_something(text)
    return stars_in(text) if is_remark else None


def _says(name: str, said: str) -> bool:
    return _patterns()[name].search(said) is not None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words: dict[str, str] = yaml.safe_load(_WORDS.read_text("utf-8"))
    return {name: re.compile(pattern) for name, pattern in words.items()}
