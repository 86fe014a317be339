"""Scores entries for a question: the whole of it and its clauses, whichever tells more."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from knowledge.features import FEATURES, Candidates
from knowledge.learning import Calibration, Vector
from knowledge.meanings import nearness
from knowledge.ranking import Index
from knowledge.terms import Floats, Places
from language.normalise import clauses, normalise

DEFAULTS = Path(__file__).with_name("matching_defaults.json")

# Shorter messages are one question, whatever their commas: on our guides' own phrasings, most of them two or
# three clauses, reading clauses alone made things worse (.72 to .80 right against .80) or no better.
LONG_MESSAGE = 36
# How much the clauses count beside the whole; .1 to .5 differed little there.
CLAUSES_SHARE = 0.5
SHORTEST_CLAUSE = 3
MOST_CLAUSES = 5

# What the confidence is read from: the features of the best candidate, how far they are ahead of the second
# and of the next five, and how the best stands against all. On development questions all this told near
# misses apart with an area under the curve of .939; two dozen features of the best alone with .929. What a
# guide says besides its names and phrasings does not count: a word of its materials makes no question ours.
_OF_SIGNALS = [place for place, name in enumerate(FEATURES) if not name.startswith("body_")]
_NAMED = [FEATURES[place] for place in _OF_SIGNALS]
NEXT = 5
SIGNALS = (
    *_NAMED,
    *(f"{name}_ahead" for name in _NAMED),
    *(f"{name}_above" for name in _NAMED),
    "score",
    "gap",
    "share",
    "family_share",
    "question_length",
)


@dataclass(frozen=True)
class Defaults:
    """Numbers that come with Linli, for a knowledge base too small to learn its own."""

    scales: Vector  # typical spread of each feature
    ranker: Vector
    signal_scales: Vector
    presence: Calibration  # is the right one among the entries, or only something like it?
    calibration: Calibration  # is the best one right, given that the right one is there?
    belonging: Calibration  # is the question about any of the entries?
    answer_from: float
    clarify_from: float
    origin: str


@cache
def shipped_defaults() -> Defaults:
    """Return the shipped numbers; their origin is told in the file."""
    numbers = json.loads(DEFAULTS.read_text("utf-8"))
    return Defaults(
        scales=np.array([numbers["scales"][name] for name in FEATURES]),
        ranker=np.array([numbers["ranker"][name] for name in FEATURES]),
        signal_scales=np.array([numbers["signal_scales"][name] for name in SIGNALS]),
        presence=_calibration(numbers["presence"]),
        calibration=_calibration(numbers["calibration"]),
        belonging=_calibration(numbers["belonging"]),
        answer_from=numbers["answer_from"],
        clarify_from=numbers["clarify_from"],
        origin=numbers["origin"],
    )


def _calibration(numbers: Mapping[str, float]) -> Calibration:
    return Calibration(np.array([numbers[name] for name in (*SIGNALS, "constant")]))


@dataclass(frozen=True)
class Ranking:
    """Entries by score, highest first, with the features that gave the score."""

    entries: Places
    scores: Floats
    features: Floats
    shares: Floats  # softmax of the scores
    question_length: int

    def __len__(self) -> int:
        return len(self.entries)


class Scorer:
    """An index and the weights of its features: of FEATURES and, with a sentence encoder, of NEARNESS."""

    def __init__(self, index: Index, weights: Vector, scales: Vector) -> None:
        self.index = index
        self._weights = (weights[: len(FEATURES)] / scales).astype(np.float32)
        self._nearness_weights = weights[len(FEATURES) :].astype(np.float32)
        self._scales = scales
        numbers = {entry.id: number for number, entry in enumerate(index.entries)}
        self._families = [
            frozenset(numbers[other] for other in entry.neighbours if other in numbers) | {number}
            for number, entry in enumerate(index.entries)
        ]

    def rank(self, text: str) -> Ranking:
        """Return the candidates for any text, best first."""
        whole, *parts = self._parts(text)
        found = self.index.candidates(self.index.forms.of(whole))
        return self.order(found, self.index.forms.wordings.topic(text), parts)

    def order(self, found: Candidates, topic: str, parts: Sequence[str] = ()) -> Ranking:
        """Return measured candidates, best first; `parts` are clauses that count beside the whole."""
        entries, scores = found.entries, self._scores(found)
        if parts:
            scores = scores + CLAUSES_SHARE * self._mean_of_parts(parts, entries)
        order = np.argsort(-scores, kind="stable")
        entries, scores = entries[order], scores[order]
        likely = np.exp(scores - scores.max()) if len(scores) else scores
        shares = likely / likely.sum() if len(scores) else likely
        return Ranking(entries, scores, found.features[order], shares, len(topic))

    def family_of(self, entry: int) -> frozenset[int]:
        """Return the numbers of an entry and its neighbours."""
        return self._families[entry]

    def signals(self, ranking: Ranking) -> Vector:
        """Return SIGNALS for the best of a ranking that is not empty."""
        gap = float(ranking.scores[0] - ranking.scores[1]) if len(ranking) > 1 else 3.0
        family = self._families[int(ranking.entries[0])]
        family_share = sum(
            share
            for entry, share in zip(ranking.entries.tolist(), ranking.shares.tolist(), strict=True)
            if entry in family
        )
        features = ranking.features[: NEXT + 1, _OF_SIGNALS] / self._scales[_OF_SIGNALS]
        best, others = features[0], features[1:] if len(ranking) > 1 else np.zeros((1, len(_OF_SIGNALS)))
        standing = (
            ranking.scores[0],
            min(gap, 5.0),
            ranking.shares[0],
            family_share,
            np.log1p(ranking.question_length),
        )
        return np.concatenate([best, best - others[0], best - others.mean(axis=0), np.array(standing)])

    def _scores(self, found: Candidates) -> Floats:
        scores: Floats = found.features @ self._weights
        if found.cosines is not None and len(self._nearness_weights):
            scores = scores + nearness(found.cosines) @ self._nearness_weights
        return scores

    def _mean_of_parts(self, parts: Sequence[str], entries: Places) -> Floats:
        """Return each entry's mean score over the clauses, the lowest where a clause misses it."""
        total = np.zeros(len(entries), np.float32)
        for part in parts:
            found = self.index.candidates(self.index.forms.of(part))
            scores = self._scores(found)
            of_entry = dict(zip(found.entries.tolist(), scores.tolist(), strict=True))
            lowest = float(scores.min()) if len(scores) else 0.0
            total += [of_entry.get(entry, lowest) for entry in entries.tolist()]
        return (total / len(parts)).astype(np.float32)

    def _parts(self, text: str) -> list[str]:
        """Return the text and, of a long message, the clauses that name something."""
        if len(normalise(text)) < LONG_MESSAGE:
            return [text]
        wordings = self.index.forms.wordings
        parts = [part for part in clauses(text) if not wordings.read(part).is_bare]
        parts = [part for part in parts if len(wordings.topic(part)) >= SHORTEST_CLAUSE]
        # The question tends to stand last.
        return [text, *parts[-MOST_CLAUSES:]]
