"""Plain matchers to compare with: character BM25, and rapidfuzz's WRatio."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.forms import Entry
from knowledge.matching import Match
from knowledge.terms import Floats, Postings
from language.normalise import normalise

Rank = Callable[[str], list[Match]]


def bm25(entries: Sequence[Entry]) -> Rank:
    """Return character BM25 (k1 2, b .75); the confidence is the score over that of a full match."""
    texts, owners = _texts(entries)
    postings = Postings([list(text) for text in texts], (1.0,), k1=2.0, b=0.75)

    def rank(question: str) -> list[Match]:
        asked = normalise(question)
        scores = postings.score(asked)
        ceiling = postings.ceiling(asked)
        return _best(entries, owners, scores / np.float32(ceiling or 1.0))

    return rank


def wratio(entries: Sequence[Entry]) -> Rank:
    """Return rapidfuzz's WRatio over all texts; the confidence is its ratio."""
    texts, owners = _texts(entries)

    def rank(question: str) -> list[Match]:
        ratios = process.cdist([normalise(question)], texts, scorer=fuzz.WRatio, dtype=np.float32)
        return _best(entries, owners, ratios[0] / np.float32(100))

    return rank


BASELINES: dict[str, Callable[[Sequence[Entry]], Rank]] = {"bm25": bm25, "wratio": wratio}


def _texts(entries: Sequence[Entry]) -> tuple[list[str], list[int]]:
    pairs = [
        (normalise(text), number)
        for number, entry in enumerate(entries)
        for text in (*entry.names, *entry.phrasings)
    ]
    return [text for text, _ in pairs], [number for _, number in pairs]


def _best(entries: Sequence[Entry], owners: Sequence[int], scores: Floats) -> list[Match]:
    """Return the ten best entries by their best text."""
    best: dict[int, float] = {}
    # Fifty texts hold ten entries unless one entry has dozens of near-equal phrasings.
    near = np.argpartition(scores, -50)[-50:] if len(scores) > 50 else np.arange(len(scores))
    for place in near[np.argsort(-scores[near], kind="stable")]:
        best.setdefault(owners[place], float(scores[place]))
    return [Match(entries[number].id, min(score, 1.0)) for number, score in list(best.items())[:10]]
