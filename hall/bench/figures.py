"""Turns measured milliseconds into the few figures that are shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Slice:
    """One stretch of load: what each turn took, how long the stretch was, and turns that went wrong."""

    milliseconds: tuple[float, ...]
    seconds: float
    failures: int = 0


@dataclass(frozen=True)
class Figures:
    """Median and 99th percentile of a turn in milliseconds, and turns a second."""

    p50: float
    p99: float
    per_second: float
    turns: int
    failures: int

    @property
    def p99_to_p50(self) -> float:
        """How many times the median the slowest hundredth takes at least."""
        return self.p99 / self.p50


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of the values do not exceed (nearest rank).

    Raises ValueError without values.
    """
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summarise(slices: Iterable[Slice]) -> Figures:
    """Return the figures of several slices together; a failed turn counts in no time. Raises ValueError."""
    taken = list(slices)
    milliseconds = [value for part in taken for value in part.milliseconds]
    seconds = sum(part.seconds for part in taken)
    return Figures(
        p50=percentile(milliseconds, 0.5),
        p99=percentile(milliseconds, 0.99),
        per_second=len(milliseconds) / seconds,
        turns=len(milliseconds),
        failures=sum(part.failures for part in taken),
    )
