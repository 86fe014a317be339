"""What a run shows of a matcher's faults: whether its confidence is true, and which entries it mixes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from knowledge.evaluation import Prediction, Run
from language.reply import Decision

BINS = 10
MOST_PAIRS = 20
MOST_EXAMPLES = 4


@dataclass(frozen=True)
class Bin:
    """The questions whose first match had a confidence from `low` up to `high`, and how many were right."""

    low: float
    high: float
    count: int
    mean_confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Example:
    """One question that went to the wrong entry."""

    text: str
    confidence: float
    decision: str
    place: int | None  # of the right entry; None when it was not among the ten


@dataclass(frozen=True)
class Confusion:
    """Questions about `meant` for which `found` stood first."""

    meant: str
    found: str
    count: int
    answered: int  # of these, told as the answer rather than asked back
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of some questions; the counts add up to all of them."""

    right: int  # answered, with the right entry
    wrong: int  # answered, with another one
    asked_back_right: int  # asked back, the right one among the four choices
    asked_back_other: int
    declined: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.right + self.wrong + self.asked_back_right + self.asked_back_other + self.declined


def reliability(predictions: Sequence[Prediction], bins: int = BINS) -> list[Bin]:
    """Return accuracy against confidence in equal steps; a question without a right entry is never right."""
    rows: list[list[Prediction]] = [[] for _ in range(bins)]
    for prediction in predictions:
        rows[min(int(prediction.confidence * bins), bins - 1)].append(prediction)
    return [_bin(place / bins, (place + 1) / bins, row) for place, row in enumerate(rows)]


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the mean distance of confidence from accuracy, bins weighing as many questions as they hold."""
    total = sum(one.count for one in bins)
    if not total:
        return None
    return sum(abs((b.mean_confidence or 0) - (b.accuracy or 0)) * b.count for b in bins) / total


def confusions(predictions: Sequence[Prediction], most: int = MOST_PAIRS) -> list[Confusion]:
    """Return the pairs of entries most often mixed up, the worst first."""
    pairs: dict[tuple[str, str], list[Prediction]] = {}
    for one in predictions:
        if one.question.gold is not None and one.matches and not one.is_right:
            pairs.setdefault((one.question.gold, one.matches[0].guide_id), []).append(one)
    ordered = sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        Confusion(
            meant,
            found,
            len(mixed),
            sum(one.decision is Decision.ANSWER for one in mixed),
            tuple(_example(one) for one in sorted(mixed, key=lambda one: -one.confidence)[:MOST_EXAMPLES]),
        )
        for (meant, found), mixed in ordered[:most]
    ]


def outcome(predictions: Sequence[Prediction]) -> Outcome:
    """Count what became of the questions."""
    answered = [one for one in predictions if one.decision is Decision.ANSWER]
    asked_back = [one for one in predictions if one.decision is Decision.CLARIFY]
    right = sum(one.is_right for one in answered)
    offered = sum(one.place <= 4 for one in asked_back)
    return Outcome(
        right,
        len(answered) - right,
        offered,
        len(asked_back) - offered,
        len(predictions) - len(answered) - len(asked_back),
    )


def diagnose(done: Run) -> dict[str, Any]:
    """Return reliability, its error and the confusions as plain data, for a file of figures."""
    bins = reliability(done.predictions)
    return {
        "calibration_error": calibration_error(bins),
        "reliability": [asdict(one) for one in bins],
        "confusions": [asdict(one) for one in confusions(done.predictions)],
    }


def _bin(low: float, high: float, row: Sequence[Prediction]) -> Bin:
    if not row:
        return Bin(low, high, 0, None, None)
    mean = sum(one.confidence for one in row) / len(row)
    return Bin(low, high, len(row), mean, sum(one.is_right for one in row) / len(row))


def _example(one: Prediction) -> Example:
    place = None if one.place == float("inf") else int(one.place)
    return Example(one.question.text, one.confidence, str(one.decision), place)
