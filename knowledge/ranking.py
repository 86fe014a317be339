"""Finds the few entries worth a closer look and measures how each resembles the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.features import FEATURES as FEATURES
from knowledge.features import (
    OWN_CHANNELS,
    TEXT_CHANNELS,
    Candidates,
    Overlap,
    best_in_group,
    entry_columns,
    likeness,
    overlap,
    text_columns,
    with_standing,
)
from knowledge.forms import Entry, Form, Forms
from knowledge.grid import Channel, Grid
from knowledge.terms import Floats, Places, Postings
from knowledge.weights import character_weights
from language.normalise import normalise

CANDIDATES = 30
# Texts measured in the second stage: several phrasings of every candidate, within a millisecond.
MEASURED_TEXTS = 150

# Of these a title names one side: a question that says the other side does not mean it.
_OPPOSITES = {"newcomer": "local", "local": "newcomer", "lost": "found", "found": "lost"}
# Concepts of what is to be done or has happened: what tells the siblings of one paper apart.
_ACTS = frozenset(
    {
        *("lost", "again", "expired", "renew", "broken", "replace", "change", "cancel", "stop", "refund"),
        *("found", "block", "collect", "query", "print", "balance", "progress", "first_time", "activate"),
        *("password", "transfer", "merge", "proof", "appeal", "booking", "complain", "repair", "bereaved"),
    }
)


class Index:
    """All texts of all entries, measurable against a question."""

    def __init__(self, entries: Sequence[Entry], forms: Forms, survival: Mapping[str, float]) -> None:
        self.entries = list(entries)
        self.forms = forms
        texts: list[Form] = []
        owners: list[int] = []
        named: list[bool] = []
        for number, entry in enumerate(self.entries):
            seen: set[str] = set()
            for place, text in enumerate((*entry.names, *entry.phrasings)):
                form = forms.of(text)
                if form.whole and form.whole not in seen:
                    seen.add(form.whole)
                    texts.append(form)
                    owners.append(number)
                    named.append(place < len(entry.names))
            if not seen:  # keeps every entry present, though nothing can find it
                texts.append(forms.of("\u3000"))
                owners.append(number)
                named.append(True)
        self.owners = np.array(owners, np.int32)
        self.named = np.array(named, np.bool_)
        self.starts = np.searchsorted(self.owners, np.arange(len(self.entries) + 1)).astype(np.int64)
        self.wholes = [form.whole for form in texts]
        self.topics = [form.topic for form in texts]
        self._popularity = np.array([entry.popularity / 100 for entry in self.entries], np.float32)
        self._numbers = {place: form.numbers for place, form in enumerate(texts) if form.numbers}
        self._kinds = np.array([form.kinds for form in texts], np.int32)
        self._negated = np.array([form.negated for form in texts], np.bool_)
        self._lengths = np.array([max(1, len(form.whole)) for form in texts], np.float32)
        self._text_counts = np.diff(self.starts).astype(np.float32)
        # k1 2, b .75 and pairs at a fifth: the best of a sweep on development questions about law.
        self._postings = Postings([form.terms() for form in texts], (1.0, 0.2, 1.5), k1=2.0, b=0.75)
        self._texts = self._text_grid(texts, owners, survival)
        self._whole_entries = self._entry_grid(texts, owners, survival)
        self._title_concepts = [texts[number].concepts for number in self.starts[:-1]]
        acts: list[set[str]] = [set() for _ in self.entries]
        for form, owner, is_name in zip(texts, owners, named, strict=True):
            if is_name:
                acts[owner] |= form.concepts & _ACTS
        self._acts = [frozenset(found) for found in acts]

    def _text_grid(self, texts: Sequence[Form], owners: list[int], survival: Mapping[str, float]) -> Grid:
        self._commonness = Channel([form.whole for form in texts], owners)
        readings = [_text_reading(form) for form in texts]
        channels = [Channel([reading[place] for reading in readings]) for place in range(len(TEXT_CHANNELS))]
        self._weigh(channels, by_survival=(0, 2), survival=survival)
        plain = channels[1]
        plain.weigh(np.ones(len(plain.vocabulary), np.float32), 1.0)
        return Grid(channels)

    def _entry_grid(self, texts: Sequence[Form], owners: list[int], survival: Mapping[str, float]) -> Grid:
        in_names = [form for form, is_name in zip(texts, self.named, strict=True) if is_name]
        name_owners = [owner for owner, is_name in zip(owners, self.named, strict=True) if is_name]
        bodies = [self._body(entry) for entry in self.entries]
        channels = [
            Channel([form.topic for form in texts], owners),
            Channel([form.topic_pairs for form in texts], owners),
            Channel([form.sound_pairs for form in texts], owners),
            Channel([sorted(form.concepts) for form in texts], owners),
            Channel([form.units for form in texts], owners),
            Channel([form.topic for form in in_names], name_owners),
            Channel([form.topic_pairs for form in in_names], name_owners),
            Channel([sorted(form.concepts) for form in in_names], name_owners),
            Channel([pairs for pairs, _ in bodies]),
            Channel([concepts for _, concepts in bodies]),
        ]
        self._weigh(channels, by_survival=(0, 5), survival=survival)
        return Grid(channels)

    def _body(self, entry: Entry) -> tuple[list[str], list[str]]:
        texts = [normalise(text) for text in entry.body]
        pairs = dict.fromkeys(a + b for text in texts for a, b in pairwise(text))
        concepts = {concept for text in texts for concept in self.forms.concepts.find(text)}
        return list(pairs), sorted(concepts)

    def _weigh(
        self, channels: Sequence[Channel], by_survival: Sequence[int], survival: Mapping[str, float]
    ) -> None:
        for place, channel in enumerate(channels):
            if place in by_survival:
                channel.weigh(*character_weights(channel, self._commonness, survival))
            else:
                channel.weigh_by_rarity()

    def candidates(self, asked: Form, left_out: int | None = None) -> Candidates:
        """Return up to CANDIDATES entries and their features.

        Phrasing number `left_out` counts as not there: how the matcher rehearses with its own texts.
        """
        scores = self._postings.score(asked.terms())
        if left_out is not None:
            scores[left_out] = -1.0
        entries, found = self._best_entries(scores)
        if not len(entries):
            return Candidates(np.zeros(0, np.int32), np.zeros((0, len(FEATURES)), np.float32))
        texts, places = self._worth_measuring(entries, scores, left_out)
        return Candidates(entries, self._measure(asked, entries, texts, places, found, left_out))

    def _best_entries(self, scores: Floats) -> tuple[Places, Floats]:
        """Return up to CANDIDATES entries by their best text, best first, and the scores of those texts."""
        highest = float(scores.max(initial=0))
        if highest <= 0:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        # Most texts share a character or two with any question: look only at those far above them.
        for share in (0.6, 0.4, 0.2, 0.0):
            near = np.flatnonzero(scores > share * highest)
            if len(near) >= CANDIDATES * 2 or not share:
                order = near[np.argsort(-scores[near], kind="stable")]
                owners, first = np.unique(self.owners[order], return_index=True)
                if len(owners) >= CANDIDATES or not share:
                    break
        best = order[np.sort(first)[:CANDIDATES]]
        return self.owners[best], scores[best]

    def _worth_measuring(
        self, entries: Places, scores: Floats, left_out: int | None
    ) -> tuple[Places, Places]:
        """Return the numbers of the texts to measure, and for each the place of its entry in `entries`."""
        begin, lengths = self.starts[entries], self.starts[entries + 1] - self.starts[entries]
        ends = np.cumsum(lengths)
        texts = np.arange(int(ends[-1])) + np.repeat(begin - (ends - lengths), lengths)
        places = np.repeat(np.arange(len(entries)), lengths)
        keep = scores[texts] >= 0  # all but the one left out
        if len(texts) > MEASURED_TEXTS:
            order = np.lexsort((-scores[texts], places))
            first = order[ends - lengths]  # the best text of every entry stays, whatever the others score
            floor = np.partition(scores[texts], -MEASURED_TEXTS)[-MEASURED_TEXTS]
            keep &= scores[texts] >= floor
            keep[first] = True
        return texts[keep], places[keep]

    def _measure(
        self, asked: Form, entries: Places, texts: Places, places: Places, found: Floats, left_out: int | None
    ) -> Floats:
        """Return FEATURES for every entry, from that of its texts that resembles the question most."""
        question = self._texts.ask(_text_reading(asked))
        shared = self._texts.shared(self._texts.cells(question, texts), len(texts))
        of_texts = overlap(shared, question.totals, self._texts.sums[texts])
        like = likeness(of_texts)
        chosen, of_three = best_in_group(like, places, len(entries))
        of_entries, often = self._measure_entries(asked, entries, left_out)
        columns = [
            *text_columns(of_texts, chosen),
            *entry_columns(of_entries, often),
            self._compare(asked, texts[chosen]),
            like[chosen][:, np.newaxis],
            of_three[:, np.newaxis],
            self._compare_names(asked, entries),
            self._popularity[entries][:, np.newaxis],
        ]
        return with_standing(np.hstack(columns), found)

    def _measure_entries(self, asked: Form, entries: Places, left_out: int | None) -> tuple[Overlap, Floats]:
        """Return what the entries share with the question, and the same by how often each term stands."""
        grid = self._whole_entries
        question = grid.ask(_entry_reading(asked))
        cells = grid.cells(question, entries)
        channels = len(OWN_CHANNELS)
        row_of, channel_of = np.divmod(cells.keys, channels)
        counts, sizes = cells.counts.astype(np.float32), self._text_counts[entries]
        if left_out is not None:
            is_owner = entries == self.owners[left_out]
            counts -= is_owner[row_of] & OWN_CHANNELS[channel_of]
            sizes = np.maximum(sizes - is_owner, 1).astype(np.float32)
        shares: Floats = np.sqrt(np.minimum(counts / sizes[row_of], 1.0)).astype(np.float32)
        shared = grid.shared(cells, len(entries), (counts > 0).astype(np.float32))
        totals: Floats = np.maximum(question.totals, np.float32(1e-6)).astype(np.float32)
        often: Floats = (grid.shared(cells, len(entries), shares) / totals).astype(np.float32)
        return overlap(shared, question.totals, grid.sums[entries]), often

    def _compare(self, asked: Form, rows: Places) -> Floats:
        """Return kinds, fuzzy ratios, lengths, negation and numbers, against the chosen texts."""
        theirs = self._kinds[rows]
        both = (theirs != 0) & (asked.kinds != 0)
        agree = (theirs & asked.kinds) != 0
        numbers = [self._numbers.get(row, frozenset[str]()) for row in rows.tolist()]
        columns = (
            both & agree,
            both & ~agree,
            _fuzzy(asked.whole, [self.wholes[row] for row in rows]),
            _fuzzy(asked.topic, [self.topics[row] for row in rows]),
            np.abs(np.log(self._lengths[rows] / max(1, len(asked.whole)))),
            self._negated[rows] != asked.negated,
            [len(asked.numbers & held) > 0 for held in numbers],
            [len(asked.numbers ^ held) > 0 for held in numbers],
        )
        return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)

    def _compare_names(self, asked: Form, entries: Places) -> Floats:
        """Return how the concepts of the question go with those of the entries' names."""
        acts = asked.concepts & _ACTS
        opposite = {_OPPOSITES[concept] for concept in asked.concepts if concept in _OPPOSITES}
        opposite -= asked.concepts
        rows = [
            (
                len(self._title_concepts[entry] - asked.concepts),
                len(self._acts[entry] - acts),
                len(acts - self._acts[entry]),
                not opposite.isdisjoint(self._title_concepts[entry]),
            )
            for entry in entries.tolist()
        ]
        return np.array(rows, np.float32)


def _text_reading(form: Form) -> tuple[Sequence[str], ...]:
    """Return the form as TEXT_CHANNELS read it."""
    concepts = sorted(form.concepts)
    return (
        form.whole,
        form.whole,
        form.topic,
        form.pairs,
        form.topic_pairs,
        form.sounds,
        form.sound_pairs,
        concepts,
        form.units,
    )


def _entry_reading(form: Form) -> tuple[Sequence[str], ...]:
    """Return the form as ENTRY_CHANNELS read it."""
    topic, pairs, concepts = form.topic, form.topic_pairs, sorted(form.concepts)
    return topic, pairs, form.sound_pairs, concepts, form.units, topic, pairs, concepts, pairs, concepts


def _fuzzy(text: str, others: Sequence[str]) -> Floats:
    ratios: Floats = process.cdist([text], others, scorer=fuzz.ratio, dtype=np.float32)[0]
    return ratios / np.float32(100)
