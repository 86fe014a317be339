"""What is measured of every candidate: how it resembles the question, in all readings of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from knowledge.terms import Floats, Places

# What is compared with a single text, in the order of the grid's channels: name, and the reading it takes.
TEXT_CHANNELS = {
    "weighted": "characters",  # by how well they survive a paraphrase
    "plain": "characters",  # all alike
    "topic": "topic",  # characters of what is asked about
    "pair": "pairs",
    "topic_pair": "topic_pairs",
    "sound": "sounds",
    "sound_pair": "sound_pairs",
    "concept": "concepts",
    "unit": "units",  # concepts, and the topic's characters outside of them
}
# What is compared with all texts of an entry together, with its names, and with what its guide says.
GUIDE_CHANNELS = {
    "guide": "topic",
    "guide_pairs": "topic_pairs",
    "guide_sound_pairs": "sound_pairs",
    "guide_concepts": "concepts",
    "guide_units": "units",
}
NAME_CHANNELS = {"names": "topic", "names_pairs": "topic_pairs", "names_concepts": "concepts"}
BODY_CHANNELS = {"body_pairs": "topic_pairs", "body_concepts": "concepts"}
ENTRY_CHANNELS = (*GUIDE_CHANNELS, *NAME_CHANNELS, *BODY_CHANNELS)

# Both ways and in Dice's mean for these; for the other channels the mean says enough.
_THREEFOLD = ("weighted", "plain", "topic", "concept", "unit")
_F_ONLY = ("pair", "topic_pair", "sound", "sound_pair")
# The heaviest of the asked terms that is missing altogether: a near miss lacks one word, the one that counts.
_MISSED = ("guide", "guide_units", "guide_pairs", "names")
_OFTEN = ("guide", "guide_pairs", "guide_concepts", "guide_units")
_TO_BEST = ("weighted_f", "topic_f", "unit_f", "guide_pairs_of_question", "guide_units_often")

FEATURES = (
    *(f"{name}_{part}" for part in ("f", "of_question", "of_entry") for name in _THREEFOLD),
    *(f"{name}_f" for name in _F_ONLY),
    *(f"{name}_of_question" for name in ENTRY_CHANNELS),
    *(f"{name}_often" for name in _OFTEN),
    "names_of_names",
    *(f"{name}_missed" for name in _MISSED),
    "kind_agrees",
    "kind_clashes",
    "fuzzy",
    "topic_fuzzy",
    "length_ratio",
    "negation_differs",
    "number_shared",
    "number_differs",
    "likeness",
    "likeness_of_three",
    "concepts_only_in_title",
    "acts_only_in_names",
    "acts_not_in_names",
    "opposite_in_title",
    "popularity",
    "retrieval_to_best",
    "retrieval_rank",
    *(f"{name}_to_best" for name in _TO_BEST),
)
COLUMN = {name: place for place, name in enumerate(FEATURES)}

_TEXT_COLUMN = {name: place for place, name in enumerate(TEXT_CHANNELS)}
_THREEFOLD_COLUMNS = [_TEXT_COLUMN[name] for name in _THREEFOLD]
_F_COLUMNS = [_TEXT_COLUMN[name] for name in _F_ONLY]
_OFTEN_COLUMNS = [ENTRY_CHANNELS.index(name) for name in _OFTEN]
MISSED_COLUMNS = [ENTRY_CHANNELS.index(name) for name in _MISSED]
_NAMES = ENTRY_CHANNELS.index("names")
# What makes one text of an entry the one to compare with.
_LIKENESS = np.array([{"weighted": 1.0, "topic": 1.0}.get(name, 0.0) for name in TEXT_CHANNELS], np.float32)
_LIKENESS[[_TEXT_COLUMN[name] for name in ("pair", "sound_pair", "concept", "unit")]] = 0.5
_TINY = np.float32(1e-6)


@dataclass(frozen=True)
class Candidates:
    """The entries worth a closer look, with one row of FEATURES each.

    `cosines` is how near their nearest texts come to the question; None without a sentence encoder.
    """

    entries: Places
    features: Floats
    cosines: Floats | None = None

    def without(self, entries: Iterable[int]) -> Candidates:
        """Return the candidates as they would stand if those entries were not in the knowledge base."""
        keep = ~np.isin(self.entries, list(entries))
        features = self.features[keep].copy()
        if len(features) and not keep.all():
            for name in _TO_BEST:
                column = COLUMN[f"{name}_to_best"]
                features[:, column] -= features[:, column].max()
            found = features[:, COLUMN["retrieval_to_best"]]
            found /= max(float(found.max()), 1e-6)
            features[:, COLUMN["retrieval_rank"]] = np.log1p(np.arange(len(found)))
        cosines = None if self.cosines is None else self.cosines[keep]
        return Candidates(self.entries[keep], features, cosines)


@dataclass(frozen=True)
class Overlap:
    """Shared weight as a share of the question, of the row, and of both (Dice): one column a channel."""

    of_question: Floats
    of_row: Floats
    f: Floats


def overlap(shared: Floats, asked: Floats, held: Floats) -> Overlap:
    """Return how much is shared; `asked` and `held` are the weights of the question and of each row."""
    total: Floats = np.maximum(asked, _TINY)
    both: Floats = held + total
    return Overlap(shared / total, shared / (held + _TINY), np.float32(2) * shared / both)


def likeness(texts: Overlap) -> Floats:
    """Return one number a text, to choose the text of an entry that says most."""
    return texts.f @ _LIKENESS


def text_columns(texts: Overlap, chosen: Places) -> list[Floats]:
    """Return what is measured on the chosen text of each entry, in the order of FEATURES."""
    columns = [part[chosen][:, _THREEFOLD_COLUMNS] for part in (texts.f, texts.of_question, texts.of_row)]
    return [*columns, texts.f[chosen][:, _F_COLUMNS]]


def entry_columns(entries: Overlap, often: Floats, missed: Floats) -> list[Floats]:
    """Return what is measured on all texts of each entry together, in the order of FEATURES."""
    return [entries.of_question, often[:, _OFTEN_COLUMNS], entries.of_row[:, [_NAMES]], missed]


def with_standing(columns: Floats, found: Floats) -> Floats:
    """Add how each candidate stands against the best of them.

    `found` are the scores of the first stage, the highest first.
    """
    standing = [found / found[0], np.log1p(np.arange(len(found)))]
    for name in _TO_BEST:
        column = columns[:, COLUMN[name]]
        standing.append(column - column.max())
    return np.hstack([columns, np.stack(standing, axis=1)]).astype(np.float32)


def best_in_group(scores: Floats, groups: Places, count: int) -> tuple[Places, Floats]:
    """Return for each group the place of its highest score, and the mean of its three highest."""
    order = np.lexsort((-scores, groups))
    first = np.searchsorted(groups[order], np.arange(count))
    rank = np.arange(len(order)) - first[groups[order]]
    kept = order[rank < 3]
    of_three = np.bincount(groups[kept], scores[kept], minlength=count) / 3
    return order[first], of_three.astype(np.float32)
