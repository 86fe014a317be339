"""Fits the two small models of the matcher: which candidate is meant, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The loss is flat long before it converges.
MAX_STEPS = 50

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Lesson:
    """One question with its candidates: a row of features each, and which row is right."""

    features: Matrix
    right: int


def fit_ranker(lessons: Sequence[Lesson], prior: Vector, strength: float) -> Vector:
    """Return the weights that make the right candidates likeliest (conditional logit).

    `strength` draws the weights towards `prior`: the penalty is strength / 2 times their squared distance.
    """
    if not lessons:
        return prior
    rows = np.concatenate([lesson.features for lesson in lessons]).astype(np.float64)
    sizes = np.array([len(lesson.features) for lesson in lessons])
    begins = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    rights = begins + np.array([lesson.right for lesson in lessons])

    def loss(weights: Vector) -> tuple[float, Vector]:
        scores = rows @ weights
        scores = scores - np.repeat(np.maximum.reduceat(scores, begins), sizes)
        likely = np.exp(scores)
        totals = np.add.reduceat(likely, begins)
        shares = likely / np.repeat(totals, sizes)
        drift = weights - prior
        value = float(np.sum(np.log(totals)) - np.sum(scores[rights]) + strength / 2 * drift @ drift)
        return value, rows.T @ shares - rows[rights].sum(axis=0) + strength * drift

    return _minimize(loss, prior)


@dataclass(frozen=True)
class Calibration:
    """Turns what is known of the best candidate into the chance that it is right."""

    weights: Vector  # one a signal, then the constant

    def confidence(self, signals: Vector) -> float:
        """Return the chance, 0 to 1."""
        return float(1 / (1 + np.exp(-np.clip(signals @ self.weights[:-1] + self.weights[-1], -30, 30))))


def fit_calibration(
    signals: Matrix, right: NDArray[np.bool_], importance: Vector, prior: Vector, strength: float
) -> Calibration:
    """Return the logistic regression of `right` on `signals`, drawn to `prior`; rows weigh `importance`."""
    rows = np.hstack([signals, np.ones((len(signals), 1))])
    signs = np.where(right, 1.0, -1.0)

    def loss(weights: Vector) -> tuple[float, Vector]:
        margins = signs * (rows @ weights)
        drift = weights - prior
        value = float(importance @ np.logaddexp(0, -margins) + strength / 2 * drift @ drift)
        slopes = -signs * importance / (1 + np.exp(np.clip(margins, -30, 30)))
        return value, rows.T @ slopes + strength * drift

    return Calibration(_minimize(loss, prior))


def _minimize(loss: Callable[[Vector], tuple[float, Vector]], prior: Vector) -> Vector:
    """Return where `loss`, which also gives its slopes, is least; the search begins at `prior`."""
    # Imported on first use: it takes half a second, and a hall process seldom learns.
    from scipy.optimize import minimize

    return np.asarray(
        minimize(loss, prior.copy(), jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS}).x
    )
