"""The matcher practises on its own texts: phrasings held aside are questions that teach weights and trust.

A third of every entry's phrasings is held aside at a time: with one alone, its closest kin would still be
there, and the matcher would think itself surer than it is of what nobody wrote down. Two kinds of practice
question: a phrasing with its entry still there (the right answer exists), and the same phrasing with its
entry and the entry's neighbours taken away (a near miss that must not be answered; with a neighbour still
there, being led to it would be help, not harm). What belongs to another office is a near miss wherever a
guide stands first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.features import COLUMN, FEATURES, Candidates
from knowledge.forms import Entry
from knowledge.learning import Calibration, Lesson, Matrix, Vector, fit_calibration, fit_ranker
from knowledge.meanings import nearness
from knowledge.ranking import Index
from knowledge.scoring import Defaults, Ranking, Scorer

# Below this many practice questions the shipped numbers know more than the knowledge base does.
FEWEST_QUESTIONS = 150
# On our guides 4,862 phrasings gave 1.4 % more right at rank 1 than 600; they take some 15 seconds.
MOST_QUESTIONS = 6000
# Held aside a third at a time.
FOLDS = 3
# Candidates further down teach the ranker nothing.
LESSON_CANDIDATES = 12
# How hard own lessons must pull to leave the shipped weights. Entries with too few texts to practise on stand
# for those: of 20,000 entries, most with a title alone, the lessons of the rest made .95 right at rank 1 .92.
RANKER_STRENGTH = 10.0
STRENGTH_OF_SILENT = 0.1
FEWEST_TEXTS = 3
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


@dataclass(frozen=True)
class Practice:
    """One own text asked while it was held aside: the candidates, and which entry it belongs to."""

    topic: str
    owner: int
    found: Candidates


def folds(entries: Sequence[Entry], seed: int = 7) -> list[list[tuple[int, str]]]:
    """Deal out the phrasings of entries that have three texts or more: entry number and text, FOLDS parts."""
    # A fixed seed: the same guides must give the same release.
    rng = random.Random(seed)
    dealt: list[list[tuple[int, str]]] = [[] for _ in range(FOLDS)]
    for number, entry in enumerate(entries):
        if _can_practise(entry):
            shuffled = rng.sample(entry.phrasings, len(entry.phrasings))
            for place, phrasing in enumerate(shuffled):
                dealt[(number + place) % FOLDS].append((number, phrasing))
    return [sorted(rng.sample(part, min(len(part), MOST_QUESTIONS // FOLDS))) for part in dealt]


def _can_practise(entry: Entry) -> bool:
    return len(entry.names) + len(entry.phrasings) >= FEWEST_TEXTS


def practise(
    entries: Sequence[Entry],
    dealt: Sequence[Sequence[tuple[int, str]]],
    build: Callable[[Sequence[Entry]], Index],
    progress: Callable[[float], None] = lambda share: None,
) -> list[Practice]:
    """Ask each part of the phrasings of an index that was built without them."""
    practised = []
    total = sum(map(len, dealt))
    for part in dealt:
        aside: dict[int, set[str]] = {}
        for number, phrasing in part:
            aside.setdefault(number, set()).add(phrasing)
        index = build([_without(entry, aside.get(number, set())) for number, entry in enumerate(entries)])
        for number, phrasing in part:
            form = index.forms.of(phrasing)
            practised.append(Practice(form.topic, number, index.candidates(form)))
            if len(practised) % 50 == 0:
                progress(len(practised) / total)
    return practised


def _without(entry: Entry, phrasings: set[str]) -> Entry:
    return replace(entry, phrasings=tuple(text for text in entry.phrasings if text not in phrasings))


def learn_ranker(practised: Sequence[Practice], entries: Sequence[Entry], defaults: Defaults) -> Vector:
    """Return feature weights, drawn from the shipped ones towards what ranks the index's own texts right.

    Where an encoder's cosines were measured, the weights of NEARNESS follow, drawn to 0: models differ.
    """
    lessons = []
    spread = _spread_of_nearness(practised)
    for practice in practised:
        right = np.flatnonzero(practice.found.entries == practice.owner)
        if len(right):
            place = int(right[0])
            order = np.argsort(-(practice.found.features / defaults.scales) @ defaults.ranker, kind="stable")
            kept = [place, *(other for other in order[:LESSON_CANDIDATES].tolist() if other != place)]
            features = practice.found.features[kept] / defaults.scales
            # Every guide is rehearsed alike, so the rehearsal knows nothing of which are asked often.
            features[:, COLUMN["popularity"]] = 0.0
            if practice.found.cosines is not None:
                features = np.hstack([features, nearness(practice.found.cosines)[kept] / spread])
            lessons.append(Lesson(features, 0))
    silent = sum(not _can_practise(entry) for entry in entries)
    prior = np.concatenate([defaults.ranker, np.zeros(len(spread))])
    weights = fit_ranker(lessons, prior, RANKER_STRENGTH + STRENGTH_OF_SILENT * silent)
    return np.concatenate([weights[: len(FEATURES)], weights[len(FEATURES) :] / spread])


def _spread_of_nearness(practised: Sequence[Practice]) -> Vector:
    """Return how far NEARNESS typically spreads among the candidates of a question; empty without encoder."""
    measured = [nearness(one.found.cosines) for one in practised if one.found.cosines is not None]
    if not measured:
        return np.zeros(0)
    spreads = np.array([columns.std(axis=0) for columns in measured])
    return np.asarray(np.maximum(spreads.mean(axis=0), 1e-3), np.float64)


def learn_trust(
    scorer: Scorer, practised: Sequence[Practice], elsewhere: Sequence[str], defaults: Defaults
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

    ours = [entry.is_ours for entry in scorer.index.entries]
    for practice in practised:
        ranking = scorer.order(practice.found, practice.topic)
        if not ours[practice.owner]:
            # Where it stands first itself nothing is answered: there is nothing to doubt.
            if len(ranking) and ours[int(ranking.entries[0])]:
                add(ranking, "near")
            continue
        add(ranking, "in", practice.owner)
        away = scorer.order(practice.found.without(scorer.family_of(practice.owner)), practice.topic)
        if len(away) and ours[int(away.entries[0])]:
            add(away, "near")
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
