"""Which rows hold which terms, in several readings at once (characters, pairs, sounds), laid out for numpy.

A question is compared with a few dozen rows in all readings by one pass over their cells: what costs time is
the number of steps, not the size of the knowledge base.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.terms import Floats, Places, Vocabulary


class Channel:
    """One reading of rows as terms: numbers for the terms, and what each of them weighs."""

    def __init__(self, rows: Iterable[Iterable[str]], owners: Sequence[int] | None = None) -> None:
        """Read `rows`; with `owners` (ascending), rows of one owner are read as one."""
        self.vocabulary = Vocabulary()
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
        self.holders = np.bincount(self.numbers, minlength=len(self.vocabulary)).astype(np.float32)
        self.weights: Floats = np.ones(len(self.vocabulary), np.float32)
        self.unknown_weight = 1.0

    def weigh(self, weights: Floats, unknown_weight: float) -> None:
        """Set the weight of every term, and of terms that no row holds."""
        self.weights = weights.astype(np.float32)
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
    totals: Floats  # of each channel, unknown terms included


@dataclass(frozen=True)
class Cells:
    """The cells of some rows that hold an asked term."""

    keys: NDArray[np.int64]  # place of the row, times channels, plus channel
    values: Floats
    counts: NDArray[np.uint16]


class Grid:
    """Rows read through several channels. Answers are matrices: a line a row, a column a channel."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._channels = list(channels)
        sizes = [len(channel.vocabulary) for channel in channels]
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
        self._scratch = threading.local()

    def ask(self, readings: Sequence[Iterable[str]]) -> Asked:
        """Look up a question read through every channel, in their order."""
        terms: list[int] = []
        totals = np.zeros(len(self._channels), np.float32)
        weights: list[Floats] = []
        for place, (channel, reading) in enumerate(zip(self._channels, readings, strict=True)):
            wanted = dict.fromkeys(reading)
            known = channel.vocabulary.known(wanted)
            values = channel.weights[known]
            offset = int(self._offsets[place])
            terms += [offset + number for number in known]
            weights.append(values)
            totals[place] = float(values.sum()) + channel.unknown_weight * (len(wanted) - len(known))
        return Asked(np.array(terms, np.int64), np.concatenate(weights), totals)

    def cells(self, asked: Asked, rows: Places) -> Cells:
        """Return the cells of `rows` that hold an asked term."""
        begin, lengths = self._starts[rows], self._starts[rows + 1] - self._starts[rows]
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        where = np.arange(total) + np.repeat(begin - (ends - lengths), lengths)
        lookup = self._lookup()
        lookup[asked.terms] = asked.weights
        terms = self._terms[where]
        values = lookup[terms]
        lookup[asked.terms] = 0.0
        held = np.flatnonzero(values)
        row_of = np.searchsorted(ends, held, side="right")
        keys = row_of * len(self._channels) + self._channel_of[terms[held]]
        return Cells(keys, values[held], self._counts[where[held]])

    def shared(self, cells: Cells, rows: int, factors: Floats | None = None) -> Floats:
        """Return the summed weight of what each row shares with the question, cells weighed by `factors`."""
        channels = len(self._channels)
        values = cells.values if factors is None else cells.values * factors
        summed = np.bincount(cells.keys, values, minlength=rows * channels).astype(np.float32)
        return summed.reshape(rows, channels)

    def _lookup(self) -> Floats:
        """Return this thread's table of weights by term, all zero: several threads ask at once."""
        lookup: Floats | None = getattr(self._scratch, "lookup", None)
        if lookup is None:
            lookup = self._scratch.lookup = np.zeros(int(self._offsets[-1]), np.float32)
        return lookup
