"""Numbers for terms, and which texts hold which: what the first stage looks questions up in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.integer[Any]]  # numbers of rows, entries or texts
Floats = NDArray[np.float32]


class Vocabulary:
    """Numbers for terms, in order of first sight; a term never seen has none."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def learn(self, terms: Iterable[str]) -> list[int]:
        """Return the numbers of `terms`, giving new ones to new terms."""
        numbers = self._numbers
        return [numbers.setdefault(term, len(numbers)) for term in terms]

    def known(self, terms: Iterable[str]) -> list[int]:
        """Return the numbers of those `terms` that were learned."""
        numbers = self._numbers
        return [number for term in terms if (number := numbers.get(term)) is not None]

    def terms(self) -> list[str]:
        """Return all terms by number."""
        return list(self._numbers)


class Postings:
    """For each term the rows that hold it, with BM25's weight: finds the few rows worth a closer look."""

    def __init__(self, rows: Sequence[Sequence[str]], shares: Sequence[float], k1: float, b: float) -> None:
        """Index `rows`; `shares` scales a term's score by its length (one character, two, concept)."""
        lengths = np.array([max(1, len(row)) for row in rows], np.float32)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        norm = (k1 + 1) / (1 + k1 * (1 - b + b * lengths / mean))
        holders: dict[str, list[int]] = {}
        for place, row in enumerate(rows):
            for term in dict.fromkeys(row):
                holders.setdefault(term, []).append(place)
        self._count = len(rows)
        # Flat arrays: two small ones for each of 200,000 terms would cost more than what they hold.
        self._places = {term: place for place, term in enumerate(holders)}
        lengths_of = np.fromiter((len(places) for places in holders.values()), np.int64, len(holders))
        self._starts = np.concatenate(([0], np.cumsum(lengths_of)))
        self._rows = np.fromiter(chain.from_iterable(holders.values()), np.int32, int(self._starts[-1]))
        rarity = np.log(1 + (len(rows) - lengths_of + 0.5) / (lengths_of + 0.5))
        scale = np.array([shares[min(len(term), len(shares)) - 1] for term in holders]) * rarity
        self._values = (np.repeat(scale, lengths_of) * norm[self._rows]).astype(np.float32)

    def score(self, terms: Iterable[str]) -> Floats:
        """Return the score of every row for the asked terms."""
        held = self._held(terms)
        if not held:
            return np.zeros(self._count, np.float32)
        rows = np.concatenate([self._rows[one] for one in held])
        # One count over all terms: a third of the time of adding term by term.
        values = np.concatenate([self._values[one] for one in held])
        return np.bincount(rows, values, self._count).astype(np.float32)

    def ceiling(self, terms: Iterable[str]) -> float:
        """Return about the score of a row that is just the asked terms."""
        return sum(float(self._values[one].max()) for one in self._held(terms))

    def _held(self, terms: Iterable[str]) -> list[slice]:
        """Return where the terms that any row holds stand in the flat arrays."""
        starts, places = self._starts, self._places
        known = [place for term in dict.fromkeys(terms) if (place := places.get(term)) is not None]
        return [slice(starts[place], starts[place + 1]) for place in known]
