"""Tables of which text holds which terms, laid out for numpy: rows are texts, terms are numbers."""

from __future__ import annotations

from collections import Counter
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


class TermTable:
    """Which rows hold which terms, and how often; the weight of a term is its own, whatever the row."""

    def __init__(self, rows: Sequence[Iterable[str]], owners: Sequence[int] | None = None) -> None:
        """Index `rows`; with `owners`, rows of one owner are counted together (owners run 0, 1, 2, ...)."""
        self.vocabulary = Vocabulary()
        counted: list[Counter[int]] = []
        for place, row in enumerate(rows):
            numbers = self.vocabulary.learn(dict.fromkeys(row))
            owner = place if owners is None else owners[place]
            while owner >= len(counted):
                counted.append(Counter())
            counted[owner].update(numbers)
        self.starts = np.zeros(len(counted) + 1, np.int64)
        self.starts[1:] = np.cumsum([len(row) for row in counted])
        total = int(self.starts[-1])
        self.numbers = np.fromiter((number for row in counted for number in row), np.int32, total)
        self.counts = np.fromiter((count for row in counted for count in row.values()), np.int32, total)
        self.holders = np.bincount(self.numbers, minlength=len(self.vocabulary)).astype(np.float32)
        self.weights: Floats = np.ones(len(self.vocabulary), np.float32)
        self.unknown_weight = 1.0
        self.sums: Floats = np.zeros(len(counted), np.float32)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def weigh(self, weights: Floats, unknown_weight: float) -> None:
        """Set the weight of every term, and of terms that no row holds."""
        self.weights = weights.astype(np.float32)
        self.unknown_weight = unknown_weight
        row_of = np.repeat(np.arange(len(self)), np.diff(self.starts))
        summed = np.bincount(row_of, self.weights[self.numbers], minlength=len(self))
        self.sums = summed.astype(np.float32)

    def weigh_by_rarity(self) -> None:
        """Give rare terms more weight: log of the inverse share of rows that hold them, never below 0.1."""
        rows = len(self) + 1.0
        weights = np.maximum(np.log(rows / (self.holders + 0.5)), 0.1)
        self.weigh(weights.astype(np.float32), max(float(np.log(rows / 0.5)), 0.1))

    def asked(self, terms: Iterable[str]) -> tuple[Floats, float]:
        """Return a lookup of weights, zero but for the asked terms, and the sum of all their weights."""
        wanted = dict.fromkeys(terms)  # in order: the same guides must give the same numbers
        known = self.vocabulary.known(wanted)
        lookup = np.zeros(len(self.vocabulary), np.float32)
        lookup[known] = self.weights[known]
        return lookup, float(lookup.sum()) + self.unknown_weight * (len(wanted) - len(known))

    def shared(self, lookup: Floats, rows: Places, at_least: Places | None = None) -> Floats:
        """Return for each of `rows` the summed weight of the asked terms that it holds.

        With `at_least`, a term counts only where the row holds it that often (one number a row).
        """
        where, row_of = self._cells(rows)
        values = lookup[self.numbers[where]]
        if at_least is not None:
            values = values * (self.counts[where] >= at_least[row_of])
        return np.bincount(row_of, values, minlength=len(rows)).astype(np.float32)

    def shared_by_share(
        self, lookup: Floats, rows: Places, texts: Floats, at_least: Places | None = None
    ) -> Floats:
        """Return the same, each term times the root of its count over `texts`, how many texts the row has.

        A row with 2 in `at_least` has one of its texts held aside: its counts are one too high.
        """
        where, row_of = self._cells(rows)
        held_aside = (
            np.zeros(len(rows), np.float32) if at_least is None else (at_least - 1).astype(np.float32)
        )
        counts = np.maximum(self.counts[where] - held_aside[row_of], 0.0)
        shares = np.sqrt(counts / np.maximum(texts - held_aside, 1.0)[row_of])
        values = lookup[self.numbers[where]] * np.minimum(shares, 1.0)
        return np.bincount(row_of, values, minlength=len(rows)).astype(np.float32)

    def _cells(self, rows: Places) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the cells of `rows` stand, and for each cell the place of its row in `rows`."""
        begin, lengths = self.starts[rows], self.starts[rows + 1] - self.starts[rows]
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        where = np.arange(total) + np.repeat(begin - (ends - lengths), lengths)
        row_of = np.repeat(np.arange(len(rows)), lengths)
        return where, row_of


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
        scores = np.zeros(self._rows, np.float32)
        for term in dict.fromkeys(terms):
            posting = self._postings.get(term)
            if posting is not None:
                scores[posting[0]] += posting[1]
        return scores

    def ceiling(self, terms: Iterable[str]) -> float:
        """Return about the score of a row that is just the asked terms."""
        return sum(
            float(self._postings[term][1].max()) for term in dict.fromkeys(terms) if term in self._postings
        )
