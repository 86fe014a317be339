"""Sees in a text that someone is in danger, and says the right number first.

A missed emergency is worse than a false one, but a hall is asked every day about gas bills, injuries at work
and fraud lectures. So a sign of danger counts unless its clause denies it, supposes it or puts it behind, or
paper work is asked for in the same clause or a later one. The words that do so are data, in emergencies.yml;
what the hall says, and where its numbers come from, in emergency_replies.yml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.hunches import guess
from bot.screening import is_short
from language.pinyin import syllables
from language.reply import Decision, HandledBy, Reply, text_block
from language.script import simplified

_SIGNS_FILE = Path(__file__).with_name("emergencies.yml")
_REPLIES_FILE = Path(__file__).with_name("emergency_replies.yml")
# 着 火 了 is one word; a blank between longer pieces ends a clause.
_BETWEEN_CHARACTERS = re.compile(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])")
_BETWEEN_CLAUSES = re.compile(r"(?<=[\u4e00-\u9fff]{3}) +(?=[\u4e00-\u9fff]{3})")
_CLAUSE = re.compile(r"[^,，。.!！?？;；:：、\n]+[,，。.!！?？;；:：、\n]*")
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
_WORD = re.compile(r"<([a-z_]+)>")
# "晕倒过" tells of the past, "晕过去" does not.
_EXPERIENCED = re.compile(r"^了?过(?!去|来|敏)")
# Stands where a harmless word was taken out, so that what is left of it does not meet what is right of it.
_TAKEN_OUT = "、"


class EmergencyKind(StrEnum):
    """What has happened; the keys of emergencies.yml, which also holds the order of trying."""

    SELF_HARM = "self_harm"
    FIRE = "fire"
    LIFT = "lift"
    POISONING = "poisoning"
    GAS = "gas"
    VIOLENCE = "violence"
    ILLNESS = "illness"
    INJURY = "injury"
    FRAUD = "fraud"
    LOST_PERSON = "lost_person"


@dataclass(frozen=True)
class Emergency:
    """Someone is in danger, or says so."""

    kind: EmergencyKind


# Of 5,000 things said to the hall hunches took 17 wrongly: nearly all of them short ones, at .33 to .63.
_SURE_HUNCH = 0.5


@dataclass(frozen=True)
class _Signs:
    signs: re.Pattern[str]
    across: re.Pattern[str] | None  # signs that run over several clauses
    ordinary: re.Pattern[str]
    despite: frozenset[str]
    heard: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Rules:
    kinds: dict[EmergencyKind, _Signs]
    dialect: tuple[tuple[re.Pattern[str], str], ...]
    aside: re.Pattern[str]
    negated: re.Pattern[str]
    hypothetical: re.Pattern[str]
    past: re.Pattern[str]
    paper: re.Pattern[str]
    now: re.Pattern[str]


@lru_cache(maxsize=64)  # a turn asks twice: whether it may overtake others, and what to answer
def detect(text: str, *, in_form: bool = False) -> Emergency | None:
    """Return the emergency that a text tells of, or None. Understands traditional characters.

    A short answer to a form (在电梯里, 号码想不起来了) is no call for help for a mere resemblance.
    """
    plain = folded(text)
    for kind, signs in _rules().kinds.items():
        if _tells_of(plain, signs):
            return Emergency(kind)
    for kind, signs in _rules().kinds.items():
        if _sounds_of(plain, signs):
            return Emergency(kind)
    hunch = guess(plain)
    if in_form and (is_short(plain) or hunch is None or hunch.likelihood < _SURE_HUNCH):
        return None
    if hunch is None or _is_ordinary(plain, _rules().kinds[EmergencyKind(hunch.kind)]):
        return None
    return Emergency(EmergencyKind(hunch.kind))


def reply(emergency: Emergency, locale: str) -> Reply:
    """Return what to do at once: the number to call, then two or three calm sentences."""
    words = _replies()[emergency.kind]
    call = words["call"].get(locale, words["call"]["zh"])
    do = words["do"].get(locale, words["do"]["zh"])
    speech = call + do if locale == "zh" else f"{call} {do}"
    return Reply(
        Decision.EMERGENCY, (text_block(call), text_block(do)), speech=speech, handled_by=HandledBy.SCREEN
    )


def folded(text: str) -> str:
    """Return a text as the signs are looked for in: plain characters, standard words, harmless ones gone."""
    plain = simplified(unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
    plain = _BETWEEN_CHARACTERS.sub("", _BETWEEN_CLAUSES.sub(",", plain))
    for said, read in _rules().dialect:
        plain = said.sub(read, plain)
    return _rules().aside.sub(_TAKEN_OUT, plain)


def _tells_of(text: str, words: _Signs) -> bool:
    if words.ordinary.search(text):
        return False
    if any(_is_said(match, text, words) for match in _CLAUSE.finditer(text)):
        return True
    across = words.across.search(text) if words.across else None
    return across is not None and _counts(text, across.end(), text, words)


def _is_said(clause: re.Match[str], text: str, words: _Signs) -> bool:
    said = clause.group()
    for sign in words.signs.finditer(said):
        is_over = "past" not in words.despite and _EXPERIENCED.match(said[sign.end() :])
        is_denied = "negated" not in words.despite and _rules().negated.search(said[: sign.start()])
        if not is_over and not is_denied:
            return _counts(said, clause.start(), text, words)
    return False


def _counts(said: str, start: int, text: str, words: _Signs) -> bool:
    """Return whether a sign is meant: it neither supposed nor over, nor of papers."""
    rules = _rules()
    if "hypothetical" not in words.despite and rules.hypothetical.search(said):
        return False
    if "past" not in words.despite and rules.past.search(said):
        return False
    asks_for_papers = "paper" not in words.despite and rules.paper.search(text, start)
    return not asks_for_papers or rules.now.search(text) is not None


def _sounds_of(text: str, words: _Signs) -> bool:
    """Return whether speech recognition may have written a call for help with other characters."""
    if _is_ordinary(text, words):
        return False
    return any(_holds(run.group(), cry) for run in _HAN_RUN.finditer(text) for cry in words.heard)


def is_excused(text: str) -> bool:
    """Return whether a folded text speaks of what may happen or did once, or of papers."""
    rules = _rules()
    return any(rule.search(text) for rule in (rules.paper, rules.hypothetical, rules.past))


def _is_ordinary(text: str, words: _Signs) -> bool:
    """Return whether a text without a sign can do without an answer to this kind of emergency."""
    return bool(words.ordinary.search(text)) or ("past" not in words.despite and is_excused(text))


def _holds(run: str, cry: Sequence[str]) -> bool:
    return any(
        all(said in syllables(character) for said, character in zip(cry, run[start:], strict=False))
        for start in range(len(run) - len(cry) + 1)
    )


@cache
def _replies() -> Mapping[EmergencyKind, Mapping[str, Any]]:
    file: dict[str, Any] = yaml.safe_load(_REPLIES_FILE.read_text("utf-8"))
    return {EmergencyKind(name): entry for name, entry in file["kinds"].items()}


@cache
def _rules() -> _Rules:
    file: dict[str, Any] = yaml.safe_load(_SIGNS_FILE.read_text("utf-8"))
    words: dict[str, str] = file["words"]
    kinds = {
        EmergencyKind(name): _Signs(
            _any(entry["signs"], words),
            _any(entry["across"], words) if "across" in entry else None,
            _any(entry["ordinary"], words),
            frozenset(entry.get("despite", ())),
            tuple(tuple(cry.split()) for cry in file["heard"][name]),
        )
        for name, entry in file["kinds"].items()
    }
    dialect = tuple((re.compile(said), read) for said, read in file["dialect"])
    names = ("aside", "negated", "hypothetical", "past", "paper", "now")
    return _Rules(kinds, dialect, *(_any(file[name], words) for name in names))


def _any(patterns: Sequence[str], words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_spelled_out(pattern, words)})" for pattern in patterns))


def _spelled_out(pattern: str, words: Mapping[str, str]) -> str:
    """Return `pattern` with <person> and the like replaced by what they stand for."""
    return _WORD.sub(lambda word: f"(?:{_spelled_out(words[word.group(1)], words)})", pattern)
