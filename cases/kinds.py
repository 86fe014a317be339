"""Which kind of request a description is, from the words in kinds.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from cases.case import CaseKind

_FILE = Path(__file__).with_name("kinds.yml")


@dataclass(frozen=True)
class KindWords:
    """How one kind is heard: words that name it, words that describe its trouble."""

    kind: CaseKind
    place_needed: bool
    says: tuple[str, ...]
    about: tuple[str, ...]


def detect_kind(text: str) -> CaseKind:
    """Return the kind that a description names, else the one that it describes, else OTHER.

    Of several words the first one counts: 投诉电梯坏了 is a complaint.
    """
    heard = text.lower()
    for said_or_about in (
        {entry.kind: entry.says for entry in _kinds()},
        {entry.kind: entry.about for entry in _kinds()},
    ):
        found = [
            (heard.find(word), kind)
            for kind, words in said_or_about.items()
            for word in words
            if word in heard
        ]
        if found:
            return min(found, key=lambda hit: hit[0])[1]
    return CaseKind.OTHER


def kind_of(values: Mapping[str, str | None]) -> CaseKind:
    """Return the kind of a form so far: what it was opened as, else heard from its description."""
    kind = values.get("kind")
    return CaseKind(kind) if kind else detect_kind(values.get("description") or "")


def names_kind(text: str) -> bool:
    """Return whether a text names the kind of its request outright (报修, 投诉), not only what troubles."""
    return any(word in text.lower() for entry in _kinds() for word in entry.says)


def is_place_needed(kind: CaseKind) -> bool:
    """Return whether nobody can act on a request of this kind without knowing where."""
    return next(entry.place_needed for entry in _kinds() if entry.kind is kind)


@cache
def _kinds() -> tuple[KindWords, ...]:
    entries = yaml.safe_load(_FILE.read_text("utf-8"))
    return tuple(
        KindWords(CaseKind(kind), entry["place_needed"], tuple(entry["says"]), tuple(entry["about"]))
        for kind, entry in entries.items()
    )
