"""Scores entries for a question: the whole of it and its clauses, whichever tells more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from knowledge.learning import Calibration, Vector
from knowledge.ranking import FEATURES, Index
from knowledge.terms import Floats, Ints
from language.normalise import clauses, normalise

DEFAULTS = Path(__file__).with_name("matching_defaults.json")

# Shorter messages are one question, whatever their commas.
LONG_MESSAGE = 14
SHORTEST_CLAUSE = 3
MOST_CLAUSES = 5

# What the confidence is read from: features of the best candidate, and how it stands against the others.
SIGNAL_FEATURES = (
    "weighted_f",
    "weighted_of_question",
    "pair_f",
    "sound_pair_f",
    "topic_f",
    "topic_of_question",
    "topic_pair_f",
    "concept_of_question",
    "fuzzy",
    "guide_of_question",
    "guide_pairs_of_question",
    "negation_differs",
    "kind_clashes",
)
SIGNALS = (*SIGNAL_FEATURES, "score", "gap", "share", "family_share", "question_length")
_SIGNAL_COLUMNS = [FEATURES.index(name) for name in SIGNAL_FEATURES]


@dataclass(frozen=True)
class Defaults:
    """Numbers that come with Linli, for a knowledge base too small to learn its own."""

    scales: Vector  # typical spread of each feature
    ranker: Vector
    signal_scales: Vector
    calibration: Calibration
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
        calibration=Calibration(np.array([numbers["calibration"][name] for name in (*SIGNALS, "constant")])),
        answer_from=numbers["answer_from"],
        clarify_from=numbers["clarify_from"],
        origin=numbers["origin"],
    )


@dataclass(frozen=True)
class Ranking:
    """Entries by score, highest first, with the features that gave the score."""

    entries: Ints
    scores: Floats
    features: Floats
    shares: Floats  # softmax of the scores
    question_length: int

    def __len__(self) -> int:
        return len(self.entries)


class Scorer:
    """An index and the weights of its features."""

    def __init__(self, index: Index, weights: Vector, scales: Vector) -> None:
        self.index = index
        self._weights = (weights / scales).astype(np.float32)
        numbers = {entry.id: number for number, entry in enumerate(index.entries)}
        self._families = [
            frozenset(numbers[other] for other in entry.neighbours if other in numbers) | {number}
            for number, entry in enumerate(index.entries)
        ]

    def rank(self, text: str, left_out: int | None = None, without: int | None = None) -> Ranking:
        """Return the candidates for any text; `left_out` and `without` as for Index.candidates."""
        best: dict[int, tuple[float, Floats]] = {}
        for part in self._parts(text):
            found = self.index.candidates(self.index.forms.of(part), left_out, without)
            scores = found.features @ self._weights
            for entry, score, row in zip(found.entries.tolist(), scores.tolist(), found.features, strict=True):
                if entry not in best or score > best[entry][0]:
                    best[entry] = (score, row)
        order = sorted(best, key=lambda entry: -best[entry][0])
        scores = np.array([best[entry][0] for entry in order], np.float32)
        likely = np.exp(scores - scores.max()) if len(order) else scores
        return Ranking(
            entries=np.array(order, np.int32),
            scores=scores,
            features=np.array([best[entry][1] for entry in order], np.float32).reshape(len(order), len(FEATURES)),
            shares=likely / likely.sum() if len(order) else likely,
            question_length=len(self.index.forms.wordings.topic(text)),
        )

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
        return np.array(
            [
                *ranking.features[0, _SIGNAL_COLUMNS],
                ranking.scores[0],
                min(gap, 5.0),
                ranking.shares[0],
                family_share,
                np.log1p(ranking.question_length),
            ],
            np.float64,
        )

    def _parts(self, text: str) -> list[str]:
        """Return the text and, of a long message, the clauses that name something."""
        if len(normalise(text)) < LONG_MESSAGE:
            return [text]
        wordings = self.index.forms.wordings
        parts = [part for part in clauses(text) if not wordings.read(part).is_bare]
        parts = [part for part in parts if len(wordings.topic(part)) >= SHORTEST_CLAUSE]
        if len(parts) < 2:
            return [text, *parts]
        # The question tends to stand last.
        return [text, *parts[-MOST_CLAUSES:]]
