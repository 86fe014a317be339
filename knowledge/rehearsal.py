"""The matcher practises on its own texts: a phrasing held aside is a question that teaches weights and trust.

Two kinds of practice question: a phrasing with its entry still there (the right answer exists), and the same
phrasing with its entry and the entry's neighbours taken away (a near miss that must not be answered; with a
neighbour still there, being led to it would be help, not harm).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowledge.features import COLUMN, Candidates
from knowledge.learning import Calibration, Lesson, Matrix, Vector, fit_calibration, fit_ranker
from knowledge.ranking import Index
from knowledge.scoring import Defaults, Ranking, Scorer

# Below this many practice questions the shipped numbers know more than the knowledge base does.
FEWEST_QUESTIONS = 150
# On our guides 4,862 phrasings gave 1.4 % more right at rank 1 than 600; they take some 10 seconds.
MOST_QUESTIONS = 6000
# Candidates further down teach the ranker nothing.
LESSON_CANDIDATES = 12
# How hard own lessons must pull to leave the shipped weights.
RANKER_STRENGTH = 10.0
CALIBRATION_STRENGTH = 30.0
BELONGING_STRENGTH = 30.0
# One question in four has no entry here; and what is wrongly answered, declined: see Targets.
SHARE_WITHOUT_ENTRY = 0.25


@dataclass(frozen=True)
class Targets:
    """What the thresholds are chosen to keep, on the rehearsal."""

    # Answered wrongly, of the questions that have an entry; not practised on, it comes out half higher.
    wrong_of_all: float = 0.02
    near_refused: float = 0.90  # clarified or declined, of the near misses
    far_refused: float = 0.92  # declined, of the questions about other things


@dataclass(frozen=True)
class Trust:
    """How sure a ranking is, and from when on that is enough to answer, or at least to ask back."""

    signal_scales: Vector
    presence: Calibration  # is the right one there, or only something like it?
    calibration: Calibration  # is the best one right, given that? Answer from `answer_from` of both on
    belonging: Calibration  # is it about any of the entries? Ask back from `clarify_from` on
    answer_from: float
    clarify_from: float
    origin: str  # where the thresholds come from
    figures: dict[str, float] = field(default_factory=dict)

    def confidence(self, signals: Vector) -> float:
        """Return the chance that the best one is right."""
        return self.presence.confidence(signals) * self.calibration.confidence(signals)


def practice_texts(index: Index, seed: int = 7) -> list[int]:
    """Return the numbers of texts to practise on: phrasings of entries that have three texts or more."""
    sizes = np.diff(index.starts)
    texts = [
        number
        for number, owner in enumerate(index.owners.tolist())
        if sizes[owner] >= 3 and not index.named[number]
    ]
    # A fixed seed: the same guides must give the same release.
    random.Random(seed).shuffle(texts)
    return texts[:MOST_QUESTIONS]


@dataclass(frozen=True)
class Practice:
    """One own text asked while it was held aside: the candidates, and which entry it belongs to."""

    text: int
    owner: int
    found: Candidates


def practise(
    index: Index, texts: Sequence[int], progress: Callable[[float], None] = lambda share: None
) -> list[Practice]:
    """Ask the index its own texts, each while it is held aside."""
    practised = []
    for place, number in enumerate(texts):
        owner = int(index.owners[number])
        practised.append(
            Practice(number, owner, index.candidates(index.forms.of(index.wholes[number]), left_out=number))
        )
        if place % 50 == 0:
            progress(place / len(texts))
    return practised


def learn_ranker(practised: Sequence[Practice], defaults: Defaults) -> Vector:
    """Return feature weights, drawn from the shipped ones towards what ranks the index's own texts right."""
    lessons = []
    for practice in practised:
        right = np.flatnonzero(practice.found.entries == practice.owner)
        if len(right):
            place = int(right[0])
            order = np.argsort(-(practice.found.features / defaults.scales) @ defaults.ranker, kind="stable")
            kept = [place, *(other for other in order[:LESSON_CANDIDATES].tolist() if other != place)]
            features = practice.found.features[kept] / defaults.scales
            # Every guide is rehearsed alike, so the rehearsal knows nothing of which are asked often.
            features[:, COLUMN["popularity"]] = 0.0
            lessons.append(Lesson(features, 0))
    return fit_ranker(lessons, defaults.ranker, RANKER_STRENGTH)


def learn_trust(
    scorer: Scorer,
    practised: Sequence[Practice],
    elsewhere: Sequence[str],
    other_offices: Sequence[str],
    defaults: Defaults,
) -> Trust:
    """Return the calibration and the thresholds that the rehearsal gives."""
    rows: list[Vector] = []
    kinds: list[str] = []
    rights: list[bool] = []

    def add(ranking: Ranking, kind: str, owner: int = -1) -> None:
        if len(ranking):
            rows.append(scorer.signals(ranking) / defaults.signal_scales)
            kinds.append(kind)
            rights.append(int(ranking.entries[0]) == owner)

    for practice in practised:
        topic = scorer.index.topics[practice.text]
        add(scorer.order(practice.found, topic), "in", practice.owner)
        away = practice.found.without(scorer.family_of(practice.owner))
        add(scorer.order(away, topic), "near")
    for text in other_offices:
        add(scorer.rank(text), "near")
    for text in elsewhere:
        add(scorer.rank(text), "far")
    signals, kind_of, right = np.array(rows), np.array(kinds), np.array(rights)
    presence, calibration = fit_confidence(
        signals, kind_of, right, (defaults.presence, defaults.calibration), CALIBRATION_STRENGTH
    )
    sure = chances(signals, presence) * chances(signals, calibration)
    belonging = fit_belonging(signals, kind_of, defaults.belonging.weights)
    belongs = chances(signals, belonging)
    answer_from, clarify_from = thresholds(sure, belongs, kind_of, right, Targets())
    return Trust(
        defaults.signal_scales,
        presence,
        calibration,
        belonging,
        answer_from,
        clarify_from,
        f"rehearsal: {len(practised)} own texts held aside, {len(elsewhere)} questions on other things",
        _figures(sure >= answer_from, belongs >= clarify_from, kind_of, right),
    )


def fit_confidence(
    signals: Matrix,
    kinds: NDArray[np.str_],
    right: NDArray[np.bool_],
    priors: tuple[Calibration, Calibration],
    strength: float,
) -> tuple[Calibration, Calibration]:
    """Return what tells questions with an entry here from near misses, and right from wrong among the former.

    Two steps, since they show in different things; the confidence is their product. On own phrasings the area
    under the curve of near misses rose from .877 to .894, that of right against wrong from .840 to .849.
    """
    inside = kinds == "in"
    presence = fit_calibration(signals, inside, importance_of(kinds), priors[0].weights, strength)
    ones = np.ones(int(inside.sum()))
    return presence, fit_calibration(signals[inside], right[inside], ones, priors[1].weights, strength)


def chances(signals: Matrix, calibration: Calibration) -> Vector:
    """Return the calibration's confidence for many rows of signals."""
    margins = signals @ calibration.weights[:-1] + calibration.weights[-1]
    return np.asarray(1 / (1 + np.exp(-np.clip(margins, -30, 30))))


def fit_belonging(signals: Matrix, kinds: NDArray[np.str_], prior: Vector) -> Calibration:
    """Return what tells questions about the entries from questions about other things; both weigh alike."""
    told = kinds != "near"
    inside = kinds[told] == "in"
    importance = np.where(inside, 0.5 / max(1, inside.sum()), 0.5 / max(1, (~inside).sum())) * len(inside)
    return fit_calibration(signals[told], inside, importance, prior, BELONGING_STRENGTH)


def importance_of(kinds: NDArray[np.str_]) -> Vector:
    """Return a weight for each practice question, so that near and far misses together are their share."""
    importance = np.ones(len(kinds))
    misses = kinds != "in"
    importance[misses] = (~misses).sum() * SHARE_WITHOUT_ENTRY / (1 - SHARE_WITHOUT_ENTRY) / misses.sum()
    return importance


def thresholds(
    sure: Vector, belongs: Vector, kinds: NDArray[np.str_], right: NDArray[np.bool_], targets: Targets
) -> tuple[float, float]:
    """Return from which confidence to answer and to ask back, the lowest that keep the targets."""
    inside = kinds == "in"
    wrong = np.sort(sure[inside & ~right])[::-1]
    allowed = int(targets.wrong_of_all * inside.sum())
    by_wrong = wrong[allowed] if len(wrong) > allowed else 0.0
    by_near = np.quantile(sure[kinds == "near"], targets.near_refused) if (kinds == "near").any() else 0.0
    answer_from = float(np.clip(max(by_wrong, by_near) + 1e-6, 0.4, 0.9))
    far = belongs[kinds == "far"]
    by_far = float(np.quantile(far, targets.far_refused)) if len(far) else 0.0
    return answer_from, float(np.clip(by_far + 1e-6, 0.1, 0.95))


def _figures(
    answered: NDArray[np.bool_], kept: NDArray[np.bool_], kinds: NDArray[np.str_], right: NDArray[np.bool_]
) -> dict[str, float]:
    inside, near, far = (kinds == kind for kind in ("in", "near", "far"))
    share = {
        "first_right": right[inside].mean(),
        "answered": answered[inside].mean(),
        "answered_wrongly": (answered & ~right)[inside].mean(),
        "declined": (~answered & ~kept)[inside].mean(),
        "near_refused": (~answered)[near].mean() if near.any() else 1.0,
        "far_declined": (~answered & ~kept)[far].mean() if far.any() else 1.0,
    }
    return {name: round(float(value), 4) for name, value in share.items()}
