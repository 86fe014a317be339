"""Guesses from a text's characters that someone is in danger: the second look, where no sign was seen.

A softmax over the kinds of emergencies and "ordinary", on single characters and pairs. Its weights are
learned by bot/hunch_fitting.py from texts of danger, texts that only look like it, and what residents ask.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

FILE = Path(__file__).with_name("hunches_learned.json")
ORDINARY = "ordinary"
# Weights are written as hundredths.
HUNDREDTHS = 100
_SENTENCE = re.compile(r"[^。.!！?？;；\n]+")
_LATIN = re.compile(r"[a-z']+")


@dataclass(frozen=True)
class Hunch:
    """What a text may be about, and how likely that is (0 to 1)."""

    kind: str
    likelihood: float


@dataclass(frozen=True)
class Weights:
    """What was learned: a row of hundredths for each gram, a column for each of `classes`."""

    classes: tuple[str, ...]
    bias: tuple[float, ...]
    grams: Mapping[str, Sequence[float]]
    threshold: float


def grams(text: str) -> set[str]:
    """Return what is looked at in a folded text: characters and English words, single and in pairs."""
    words = _LATIN.findall(text)
    han = _LATIN.sub(" ", text)
    characters = ("^", *han, "$")
    found = {character for character in han if not character.isspace()}
    found.update(left + right for left, right in pairwise(characters) if not (left + right).isspace())
    found.update(words)
    found.update(f"{left} {right}" for left, right in pairwise(words))
    return found


def guess(text: str) -> Hunch | None:
    """Return the kind of emergency that a folded text may tell of, or None where that is not likely.

    Each sentence is looked at by itself and all together: circumstances must not drown a call for help.
    """
    weights = _weights()
    hunches = [_look_at(part, weights) for part in _parts(text)]
    best = max(hunches, key=lambda hunch: hunch.likelihood, default=None)
    return best if best is not None and best.likelihood >= weights.threshold else None


def _parts(text: str) -> Iterator[str]:
    sentences = _SENTENCE.findall(text)
    yield text
    if len(sentences) > 1:
        yield from sentences


def _look_at(text: str, weights: Weights) -> Hunch:
    found = grams(text)
    known = [weights.grams[gram] for gram in found if gram in weights.grams]
    # As long texts have as much say as short ones: each gram counts the less, the more there are.
    share = 1 / (math.sqrt(len(found)) * HUNDREDTHS) if found else 0.0
    scores = [bias + share * sum(row[k] for row in known) for k, bias in enumerate(weights.bias)]
    highest = max(scores)
    odds = [math.exp(score - highest) for score in scores]
    ordinary = odds[weights.classes.index(ORDINARY)]
    kind, _ = max(
        ((name, odd) for name, odd in zip(weights.classes, odds, strict=True) if name != ORDINARY),
        key=lambda pair: pair[1],
    )
    return Hunch(kind, 1 - ordinary / sum(odds))


@cache
def _weights() -> Weights:
    return read_weights(FILE)


def read_weights(file: Path) -> Weights:
    """Return what bot/hunch_fitting.py wrote."""
    learned = json.loads(file.read_text("utf-8"))
    return Weights(tuple(learned["classes"]), tuple(learned["bias"]), learned["grams"], learned["threshold"])
