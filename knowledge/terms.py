"""Numbers for terms, and which texts hold which: what the first stage looks questions up in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        self._rows = len(rows)
        self._postings: dict[str, tuple[Places, Floats]] = {}
        for term, places in holders.items():
            ids = np.array(places, np.int32)
            rarity = np.log(1 + (len(rows) - len(ids) + 0.5) / (len(ids) + 0.5))
            share = shares[min(len(term), len(shares)) - 1]
            self._postings[term] = (ids, (share * rarity * norm[ids]).astype(np.float32))

    def score(self, terms: Iterable[str]) -> Floats:
        """Return the score of every row for the asked terms."""
        wanted = dict.fromkeys(terms)
        held = [posting for term in wanted if (posting := self._postings.get(term)) is not None]
        if not held:
            return np.zeros(self._rows, np.float32)
        rows, values = zip(*held, strict=True)
        # One count over all terms: a tenth of the time of adding term by term.
        return np.bincount(np.concatenate(rows), np.concatenate(values), self._rows).astype(np.float32)

    def ceiling(self, terms: Iterable[str]) -> float:
        """Return about the score of a row that is just the asked terms."""
        return sum(
            float(self._postings[term][1].max()) for term in dict.fromkeys(terms) if term in self._postings
        )
