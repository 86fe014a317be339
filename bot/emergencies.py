"""Sees in a text that someone is in danger, and says the right number first.

A missed emergency is worse than a false one, but a hall is asked every day about gas bills, injuries at work
and fraud lectures. So a sign of danger counts unless its clause denies it, supposes it or puts it behind,
or the message is about paper work; the words that do so are data, in emergencies.yml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from language.reply import Decision, HandledBy, Reply, text_block

_FILE = Path(__file__).with_name("emergencies.yml")
_BETWEEN_CHARACTERS = re.compile(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])")
_CLAUSE = re.compile(r"[^,，。.!！?？;；:：\n]+[,，。.!！?？;；:：\n]?")
# "晕倒过" tells of the past, "晕过去" does not.
_EXPERIENCED = re.compile(r"^了?过(?!去|来|敏)")


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


@dataclass(frozen=True)
class _Signs:
    signs: re.Pattern[str]
    ordinary: re.Pattern[str]
    despite: frozenset[str]
    call: dict[str, str]
    do: dict[str, str]


@dataclass(frozen=True)
class _Rules:
    kinds: dict[EmergencyKind, _Signs]
    negated: re.Pattern[str]
    hypothetical: re.Pattern[str]
    past: re.Pattern[str]
    paper: re.Pattern[str]
    now: re.Pattern[str]


def detect(text: str) -> Emergency | None:
    """Return the emergency that a text tells of, or None."""
    folded = _BETWEEN_CHARACTERS.sub("", unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
    for kind, signs in _rules().kinds.items():
        if _tells_of(folded, signs):
            return Emergency(kind)
    return None


def reply(emergency: Emergency, locale: str) -> Reply:
    """Return what to do at once: the number to call, then two or three calm sentences."""
    words = _rules().kinds[emergency.kind]
    call = words.call.get(locale, words.call["zh"])
    do = words.do.get(locale, words.do["zh"])
    speech = call + do if locale == "zh" else f"{call} {do}"
    return Reply(
        Decision.EMERGENCY, (text_block(call), text_block(do)), speech=speech, handled_by=HandledBy.SCREEN
    )


def _tells_of(text: str, words: _Signs) -> bool:
    rules = _rules()
    if words.ordinary.search(text):
        return False
    if "paper" not in words.despite and rules.paper.search(text) and not rules.now.search(text):
        return False
    return any(_is_said(clause.group(), words) for clause in _CLAUSE.finditer(text))


def _is_said(clause: str, words: _Signs) -> bool:
    rules = _rules()
    if "hypothetical" not in words.despite and rules.hypothetical.search(clause):
        return False
    if "past" not in words.despite and rules.past.search(clause):
        return False
    for sign in words.signs.finditer(clause):
        is_over = "past" not in words.despite and _EXPERIENCED.match(clause[sign.end() :])
        if not is_over and not rules.negated.search(clause[: sign.start()]):
            return True
    return False


@cache
def _rules() -> _Rules:
    file: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    kinds = {
        EmergencyKind(name): _Signs(
            _any(entry["signs"]),
            _any(entry["ordinary"]),
            frozenset(entry.get("despite", ())),
            entry["call"],
            entry["do"],
        )
        for name, entry in file["kinds"].items()
    }
    names = ("negated", "hypothetical", "past", "paper", "now")
    return _Rules(kinds, *(_any(file[name]) for name in names))


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
