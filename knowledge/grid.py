"""Which rows hold which terms, in several readings at once (characters, pairs, sounds), laid out for numpy.

A question is compared with a few dozen rows in all readings by one pass over their cells: what costs time is
the number of steps, not the size of the knowledge base.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.terms import Floats, Places, Vocabulary


@dataclass(frozen=True)
class Known:
    """One reading of a question: the numbers of its terms, and how many of them nobody knows."""

    numbers: NDArray[np.int64]
    missing: int


class Lexicon:
    """The vocabularies that channels share, one a reading: a question is looked up once for all of them."""

    def __init__(self) -> None:
        self._vocabularies: dict[str, Vocabulary] = {}

    def vocabulary(self, reading: str) -> Vocabulary:
        """Return the vocabulary of a reading."""
        return self._vocabularies.setdefault(reading, Vocabulary())

    def look_up(self, readings: Mapping[str, Iterable[str]]) -> dict[str, Known]:
        """Return the terms of a question as numbers, reading by reading."""
        found: dict[str, Known] = {}
        for reading, terms in readings.items():
            wanted = dict.fromkeys(terms)
            known = self._vocabularies[reading].known(wanted)
            found[reading] = Known(np.array(known, np.int64), len(wanted) - len(known))
        return found


class Channel:
    """Rows read as terms in one way, and what each term weighs."""

    def __init__(
        self,
        rows: Iterable[Iterable[str]],
        reading: str,
        lexicon: Lexicon,
        owners: Sequence[int] | None = None,
    ) -> None:
        """Read `rows`; with `owners` (ascending), rows of one owner are read as one."""
        self.reading = reading
        self.vocabulary = lexicon.vocabulary(reading)
        numbers: list[int] = []
        lengths: list[int] = []
        for row in rows:
            found = self.vocabulary.learn(dict.fromkeys(row))
            numbers += found
            lengths.append(len(found))
        row_of = np.repeat(np.arange(len(lengths)) if owners is None else np.asarray(owners), lengths)
        self.rows = len(lengths) if owners is None else int(owners[-1]) + 1 if len(owners) else 0
        size = max(1, len(self.vocabulary))
        cells, counts = np.unique(row_of * size + np.array(numbers, np.int64), return_counts=True)
        self.row_of = (cells // size).astype(np.int32)
        self.numbers = (cells % size).astype(np.int32)
        self.counts = np.minimum(counts, 65535).astype(np.uint16)
        self.weights: Floats = np.ones(0, np.float32)
        self.unknown_weight = 1.0

    @property
    def holders(self) -> Floats:
        """How many rows hold each term of the vocabulary, which other channels may have taught more terms."""
        return np.bincount(self.numbers, minlength=len(self.vocabulary)).astype(np.float32)

    def weigh(self, weights: Floats, unknown_weight: float) -> None:
        """Set the weight of every term, and of terms that no row holds."""
        self.weights = np.where(self.holders > 0, weights, unknown_weight).astype(np.float32)
        self.unknown_weight = unknown_weight

    def weigh_by_rarity(self) -> None:
        """Give rare terms more weight: log of the inverse share of rows that hold them, never below 0.1."""
        rows = self.rows + 1.0
        weights = np.maximum(np.log(rows / (self.holders + 0.5)), 0.1)
        self.weigh(weights.astype(np.float32), max(float(np.log(rows / 0.5)), 0.1))

    def forget_cells(self) -> None:
        """Drop what a grid has copied."""
        self.row_of = self.numbers = np.zeros(0, np.int32)
        self.counts = np.zeros(0, np.uint16)


@dataclass(frozen=True)
class Asked:
    """The terms of a question in every channel: where they stand in the grid, and what they weigh."""

    terms: NDArray[np.int64]
    weights: Floats
    channels: NDArray[np.int64]  # of each term, ascending
    unknown: Floats  # of each channel, the weight of a term that no row holds; 0 where all are known
    totals: Floats  # of each channel, unknown terms included


@dataclass(frozen=True)
class Cells:
    """The cells of some rows that hold an asked term."""

    keys: NDArray[np.int64]  # place of the row, times channels, plus channel
    asked: NDArray[np.int64]  # which of the asked terms
    values: Floats
    counts: NDArray[np.uint16]


class Grid:
    """Rows read through several channels. Answers are matrices: a line a row, a column a channel."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._channels = list(channels)
        sizes = [len(channel.weights) for channel in channels]
        self._offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        self._channel_of = np.repeat(np.arange(len(channels)), sizes).astype(np.uint8)
        rows = max((channel.rows for channel in channels), default=0)
        row_of = np.concatenate([channel.row_of for channel in channels])
        order = np.argsort(row_of, kind="stable")
        self._starts = np.concatenate(([0], np.cumsum(np.bincount(row_of, minlength=rows)))).astype(np.int64)
        numbers = [
            channel.numbers + offset for channel, offset in zip(channels, self._offsets[:-1], strict=True)
        ]
        self._terms = np.concatenate(numbers)[order].astype(np.int32)
        self._counts = np.concatenate([channel.counts for channel in channels])[order]
        self.sums: Floats = np.zeros((rows, len(channels)), np.float32)
        for place, channel in enumerate(channels):
            values = channel.weights[channel.numbers]
            self.sums[:, place] = np.bincount(channel.row_of, values, minlength=rows)
            channel.forget_cells()
        self._weights = np.concatenate([channel.weights for channel in channels])
        self._unknown = np.array([channel.unknown_weight for channel in channels], np.float32)
        self._scratch = threading.local()

    def ask(self, known: Mapping[str, Known]) -> Asked:
        """Weigh a question that was looked up in every channel."""
        read = [known[channel.reading] for channel in self._channels]
        sizes = [len(found.numbers) for found in read]
        channels = np.repeat(np.arange(len(read)), sizes)
        terms = np.concatenate([found.numbers for found in read]) + self._offsets[channels]
        weights = self._weights[terms]
        missing = np.array([found.missing for found in read], np.float32)
        totals = np.bincount(channels, weights, minlength=len(read)) + self._unknown * missing
        unknown = np.where(missing > 0, self._unknown, np.float32(0))
        return Asked(terms, weights, channels, unknown, totals.astype(np.float32))

    def cells(self, asked: Asked, rows: Places) -> Cells:
        """Return the cells of `rows` that hold an asked term."""
        begin, lengths = self._starts[rows], self._starts[rows + 1] - self._starts[rows]
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        where = np.arange(total) + np.repeat(begin - (ends - lengths), lengths)
        lookup = self._lookup()
        lookup[asked.terms] = np.arange(1, len(asked.terms) + 1)
        terms = self._terms[where]
        found = lookup[terms]
        lookup[asked.terms] = 0
        held = np.flatnonzero(found)
        places = found[held].astype(np.int64) - 1
        row_of = np.searchsorted(ends, held, side="right")
        keys = row_of * len(self._channels) + self._channel_of[terms[held]]
        return Cells(keys, places, asked.weights[places], self._counts[where[held]])

    def shared(self, cells: Cells, rows: int, factors: Floats | None = None) -> Floats:
        """Return the summed weight of what each row shares with the question, cells weighed by `factors`."""
        channels = len(self._channels)
        values = cells.values if factors is None else cells.values * factors
        summed = np.bincount(cells.keys, values, minlength=rows * channels).astype(np.float32)
        return summed.reshape(rows, channels)

    def heaviest_missed(self, asked: Asked, cells: Cells, rows: int, channels: Sequence[int]) -> Floats:
        """Return for some channels the weight of the heaviest term that a row lacks.

        As a share of the weight of a term that no row holds at all.
        """
        missing = np.tile(asked.weights, (rows, 1))
        missing[cells.keys // len(self._channels), cells.asked] = 0.0
        begins = np.searchsorted(asked.channels, np.arange(len(self._channels) + 1))
        columns = [
            missing[:, begins[place] : begins[place + 1]].max(axis=1, initial=asked.unknown[place])
            / max(float(self._unknown[place]), 1e-6)
            for place in channels
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def _lookup(self) -> NDArray[np.int32]:
        """Return this thread's table of places by term, all zero: several threads ask at once."""
        lookup: NDArray[np.int32] | None = getattr(self._scratch, "lookup", None)
        if lookup is None:
            lookup = self._scratch.lookup = np.zeros(int(self._offsets[-1]), np.int32)
        return lookup
