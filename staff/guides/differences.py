"""Shows what differs between two states of a guide: field by field, line by line, the words marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from knowledge.revisions import FieldChange
from staff.guides.fields import label_of, word_of

# Characters one by one; Latin words, numbers and dates as wholes, so that 2024 and 2025 differ as years.
_TOKEN = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
# Two lines that share less than this are two different lines, not one that was changed.
_ALIKE = 0.35


@dataclass(frozen=True)
class Piece:
    """Words that are the same on both sides, or `changed` on this one."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class Line:
    """A line on both sides; empty where it is missing."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


@dataclass(frozen=True)
class Difference:
    """A field, the lines in which it differs, and how many of its lines are the same."""

    field: str
    label: str
    lines: tuple[Line, ...]
    same: int


def differences(changes: Sequence[FieldChange]) -> list[Difference]:
    """Return what a page shows of changed fields."""
    return [_difference(change) for change in changes]


def lines_of(field: str, value: Any) -> list[str]:
    """Return a field's value as lines of text that staff read; none where it is empty."""
    if value is None or value == [] or value == "":
        return []
    if isinstance(value, Mapping):
        return [line for name, one in value.items() for line in _named(f"{field}.{name}", one)]
    if isinstance(value, list | tuple):
        return [_item(field, one) for one in value]
    if isinstance(value, str):
        return [word_of(field, line) for line in value.split("\n") if line.strip()]
    return [word_of(field, value)]


def _difference(change: FieldChange) -> Difference:
    before, after = lines_of(change.field, change.before), lines_of(change.field, change.after)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    lines: list[Line] = []
    same = 0
    for kind, b1, b2, a1, a2 in matcher.get_opcodes():
        if kind == "equal":
            same += b2 - b1
            continue
        lines.extend(_pair(before[b1:b2], after[a1:a2]))
    return Difference(change.field, label_of(change.field), tuple(lines), same)


def _pair(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    """Pair the lines of a changed stretch: those alike beside each other, the others alone."""
    left = list(after)
    gone: list[str] = []
    for old in before:
        likest = max(left, key=lambda new: SequenceMatcher(None, old, new).ratio(), default=None)
        if likest is None or SequenceMatcher(None, old, likest).ratio() < _ALIKE:
            gone.append(old)
            continue
        left.remove(likest)
        yield _marked(old, likest)
    for was, now in zip_longest(gone, left):
        yield Line(
            (Piece(was, True),) if was is not None else (),
            (Piece(now, True),) if now is not None else (),
        )


def _marked(old: str, new: str) -> Line:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    was: list[Piece] = []
    now: list[Piece] = []
    for kind, b1, b2, a1, a2 in matcher.get_opcodes():
        changed = kind != "equal"
        if b1 < b2:
            was.append(Piece("".join(before[b1:b2]), changed))
        if a1 < a2:
            now.append(Piece("".join(after[a1:a2]), changed))
    return Line(tuple(was), tuple(now))


def _item(field: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return " · ".join(line for name, one in value.items() for line in _named(f"{field}.{name}", one))
    return word_of(field, value)


def _named(name: str, value: Any) -> list[str]:
    if value is None or value == [] or value == "" or value is False:
        return []
    inner = name.rpartition(".")[2]
    if isinstance(value, list | tuple):
        text = "、".join(word_of(inner, one) for one in value)
    else:
        text = word_of(name if name.startswith("agent.") else inner, value)
    return [f"{label_of(name)}：{text}"]
