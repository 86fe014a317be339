"""How much two texts share, measured for many rows of a table at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.terms import Floats, Places, TermTable


@dataclass(frozen=True)
class Overlap:
    """Shared weight as a share of the question, of the row, and of both (Dice)."""

    of_question: Floats
    of_row: Floats
    f: Floats


def overlap(table: TermTable, terms: Sequence[str], rows: Places) -> Overlap:
    lookup, asked = table.asked(terms)
    shared = table.shared(lookup, rows)
    held = table.sums[rows]
    tiny = np.float32(1e-6)
    return Overlap(shared / max(asked, 1e-6), shared / (held + tiny), 2 * shared / (held + asked + tiny))


def coverage(table: TermTable, terms: Sequence[str], rows: Places, at_least: Places | None) -> Floats:
    lookup, asked = table.asked(terms)
    return table.shared(lookup, rows, at_least) / np.float32(max(asked, 1e-6))


def often(
    table: TermTable,
    terms: Sequence[str],
    rows: Places,
    texts: Floats,
    at_least: Places | None,
) -> Floats:
    """Return coverage of the question where a term counts by the root of its share of the row's texts."""
    lookup, asked = table.asked(terms)
    return table.shared_by_share(lookup, rows, texts, at_least) / np.float32(max(asked, 1e-6))


def mean_of_best(scores: Floats, groups: Places, count: int, best: int) -> Floats:
    """Return for each group the mean of its `best` highest scores, missing ones counting nothing."""
    order = np.lexsort((-scores, groups))
    first = np.searchsorted(groups[order], np.arange(count))
    rank = np.arange(len(order)) - first[groups[order]]
    kept = order[rank < best]
    return (np.bincount(groups[kept], scores[kept], minlength=count) / best).astype(np.float32)


def fuzzy(text: str, others: Sequence[str]) -> Floats:
    ratios: Floats = process.cdist([text], others, scorer=fuzz.ratio, dtype=np.float32)[0]
    return ratios / np.float32(100)


def best_in_group(scores: Floats, groups: Places, count: int) -> Places:
    """Return for each group the place of its highest score; every group has a member."""
    order = np.lexsort((-scores, groups))
    return order[np.searchsorted(groups[order], np.arange(count))]
