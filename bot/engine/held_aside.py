"""Which examples are held aside to measure the classifier, and which are too like them to be learned from.

A tenth of each intent, chosen by a digest of the text: the same tenth on every machine, and adding an example
moves no other. The shipped model learns from every example; only the measurement leaves these out.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHARE = 10
# From five characters on, one of them more or less makes no other sentence; from ten on, two.
_ONE_EDIT_FROM, _TWO_EDITS_FROM = 5, 10
_LEFT_OUT = re.compile(r"[^\w]|[吧啊呀呢哦吗伐啦了的额]+$")


@dataclass(frozen=True)
class Example:
    """A written text and its intent."""

    text: str
    intent: str


@dataclass(frozen=True)
class Split:
    """What is learned from, what is measured on, and how many were left out as too like the latter."""

    learned: tuple[Example, ...]
    unseen: tuple[Example, ...]
    too_alike: int


def split(examples: Iterable[Example]) -> Split:
    """Hold aside the tenth of each intent whose digests come first (at least one)."""
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_intent[example.intent].append(example)
    unseen: list[Example] = []
    rest: list[Example] = []
    for intent in sorted(by_intent):
        ordered = sorted(by_intent[intent], key=lambda example: _digest(example.text))
        count = -(-len(ordered) // SHARE)
        unseen += ordered[:count]
        rest += ordered[count:]
    learned = without_alike(rest, unseen)
    return Split(tuple(learned), tuple(unseen), len(rest) - len(learned))


def without_alike(rest: Sequence[Example], unseen: Sequence[Example]) -> list[Example]:
    """Return the examples that are not the same as an unseen one but for a character, a particle, a comma."""
    kept_out = {bare(example.text) for example in unseen}
    by_length: dict[int, list[str]] = defaultdict(list)
    for text in kept_out:
        by_length[len(text)].append(text)
    return [example for example in rest if not _is_alike(bare(example.text), kept_out, by_length)]


def bare(text: str) -> str:
    """Return a text without punctuation, and without the particles at its end."""
    return _LEFT_OUT.sub("", _LEFT_OUT.sub("", text.lower())) or text.lower()


def _is_alike(text: str, others: set[str], by_length: dict[int, list[str]]) -> bool:
    if text in others:
        return True
    most = 0 if len(text) < _ONE_EDIT_FROM else 1 if len(text) < _TWO_EDITS_FROM else 2
    return most > 0 and any(
        _within(text, other, most)
        for length in range(len(text) - most, len(text) + most + 1)
        for other in by_length.get(length, ())
    )


def _within(one: str, other: str, most: int) -> bool:
    """Return whether so many characters put in, left out or replaced make one text the other."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if not one or not other:
        return max(len(one), len(other)) <= most
    if most == 0 or abs(len(one) - len(other)) > most:
        return False
    return (
        _within(one[1:], other[1:], most - 1)
        or _within(one[1:], other, most - 1)
        or _within(one, other[1:], most - 1)
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(f"held aside: {text}".encode()).digest()
