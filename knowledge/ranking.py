"""Finds the few entries worth a closer look and measures how each resembles the question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge.features import (
    BODY_CHANNELS,
    ENTRY_CHANNELS,
    GUIDE_CHANNELS,
    MISSED_COLUMNS,
    NAME_CHANNELS,
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
from knowledge.features import FEATURES as FEATURES
from knowledge.forms import BLANK, Entry, Form, Forms
from knowledge.grid import Channel, Grid, Known, Lexicon
from knowledge.meanings import Meanings
from knowledge.terms import Floats, Places, Postings
from knowledge.weights import character_weights
from language.normalise import normalise

Flags = NDArray[np.bool_]

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

    def __init__(
        self,
        entries: Sequence[Entry],
        forms: Forms,
        survival: Mapping[str, float],
        meanings: Meanings | None = None,
    ) -> None:
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
            if not seen:
                texts.append(forms.of(BLANK))
                owners.append(number)
                named.append(True)
        self.owners = np.array(owners, np.int32)
        self.named = np.array(named, np.bool_)
        self.starts = np.searchsorted(self.owners, np.arange(len(self.entries) + 1)).astype(np.int64)
        self.wholes = [form.whole for form in texts]
        self.topics = [form.topic for form in texts]
        self.meanings = meanings
        self._meaning_places = np.zeros(0, np.int32) if meanings is None else meanings.places(self.wholes)
        self._popularity = np.array([entry.popularity / 100 for entry in self.entries], np.float32)
        self._numbers = {place: form.numbers for place, form in enumerate(texts) if form.numbers}
        self._has_numbers = np.array([bool(form.numbers) for form in texts], np.bool_)
        self._kinds = np.array([form.kinds for form in texts], np.int32)
        self._negated = np.array([form.negated for form in texts], np.bool_)
        self._lengths = np.array([max(1, len(form.whole)) for form in texts], np.float32)
        self._text_counts = np.diff(self.starts).astype(np.float32)
        # k1 2, b .75 and pairs at a fifth: the best of a sweep on development questions about law.
        self._postings = Postings([form.terms() for form in texts], (1.0, 0.2, 1.5), k1=2.0, b=0.75)
        self._lexicon = Lexicon()
        self._texts, self._whole_entries = self._grids(texts, owners, survival)
        self._bit_of = {name: place for place, name in enumerate(forms.concepts.names)}
        self._title_concepts = [self._bits(texts[number].concepts) for number in self.starts[:-1]]
        self._acts = [0] * len(self.entries)
        for form, owner, is_name in zip(texts, owners, named, strict=True):
            if is_name:
                self._acts[owner] |= self._bits(form.concepts & _ACTS)

    def _bits(self, concepts: Iterable[str]) -> int:
        """Return concepts as bits of a number: compared thirty times a question, faster than sets."""
        return sum(1 << self._bit_of[concept] for concept in concepts)

    def _grids(
        self, texts: Sequence[Form], owners: list[int], survival: Mapping[str, float]
    ) -> tuple[Grid, Grid]:
        """Return the texts in TEXT_CHANNELS and the entries in ENTRY_CHANNELS."""
        commonness = Channel([form.whole for form in texts], "characters", self._lexicon, owners)
        readings = [_readings(form) for form in texts]
        in_names = [reading for reading, is_name in zip(readings, self.named, strict=True) if is_name]
        name_owners = [owner for owner, is_name in zip(owners, self.named, strict=True) if is_name]
        bodies = [self._body(entry) for entry in self.entries]

        def channel(reading: str, rows: list[dict[str, Sequence[str]]], of: list[int] | None) -> Channel:
            return Channel([row[reading] for row in rows], reading, self._lexicon, of)

        of_texts = [channel(reading, readings, None) for reading in TEXT_CHANNELS.values()]
        of_entries = [
            *(channel(reading, readings, owners) for reading in GUIDE_CHANNELS.values()),
            *(channel(reading, in_names, name_owners) for reading in NAME_CHANNELS.values()),
            *(channel(reading, bodies, None) for reading in BODY_CHANNELS.values()),
        ]
        # Weighed when all have learned their terms: they share vocabularies.
        for one in (*of_texts, *of_entries):
            if one.reading in ("characters", "topic"):
                one.weigh(*character_weights(one, commonness, survival))
            else:
                one.weigh_by_rarity()
        plain = of_texts[list(TEXT_CHANNELS).index("plain")]
        plain.weigh(np.ones(len(plain.weights), np.float32), 1.0)
        return Grid(of_texts), Grid(of_entries)

    def _body(self, entry: Entry) -> dict[str, Sequence[str]]:
        texts = [normalise(text) for text in entry.body]
        pairs = dict.fromkeys(a + b for text in texts for a, b in pairwise(text))
        concepts = {concept for text in texts for concept in self.forms.concepts.find(text)}
        return {"topic_pairs": list(pairs), "concepts": sorted(concepts)}

    def candidates(self, asked: Form) -> Candidates:
        """Return up to CANDIDATES entries and their features."""
        scores = self._postings.score(asked.terms())
        entries, found = self._best_entries(scores)
        if not len(entries):
            return Candidates(np.zeros(0, np.int32), np.zeros((0, len(FEATURES)), np.float32))
        texts, places = self._worth_measuring(entries, scores)
        features = self._measure(asked, entries, texts, places, found)
        return Candidates(entries, features, self._cosines(asked, entries))

    def _cosines(self, asked: Form, entries: Places) -> Floats | None:
        """Return how near the nearest text of each entry comes to the question; None without an encoder."""
        if self.meanings is None:
            return None
        texts, ends = self._texts_of(entries)
        near = self.meanings.cosines(asked.whole, self._meaning_places[texts])
        return np.maximum.reduceat(near, np.concatenate(([0], ends[:-1])))

    def _texts_of(self, entries: Places) -> tuple[Places, Places]:
        """Return the numbers of all texts of the entries, one entry after the other, and where each ends."""
        begin, lengths = self.starts[entries], self.starts[entries + 1] - self.starts[entries]
        ends = np.cumsum(lengths)
        return np.arange(int(ends[-1])) + np.repeat(begin - (ends - lengths), lengths), ends

    def _best_entries(self, scores: Floats) -> tuple[Places, Floats]:
        """Return up to CANDIDATES entries by their best text, best first, and the scores of those texts."""
        highest = float(scores.max(initial=0))
        if highest <= 0:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        # Most texts share a character or two with any question: look only at those far above them.
        for share in (0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.1, 0.0):
            near = np.flatnonzero(scores > share * highest)
            if len(near) >= CANDIDATES * 2 or not share:
                order = near[np.argsort(-scores[near], kind="stable")]
                owners, first = np.unique(self.owners[order], return_index=True)
                if len(owners) >= CANDIDATES or not share:
                    break
        best = order[np.sort(first)[:CANDIDATES]]
        return self.owners[best], scores[best]

    def _worth_measuring(self, entries: Places, scores: Floats) -> tuple[Places, Places]:
        """Return the numbers of the texts to measure, and for each the place of its entry in `entries`."""
        texts, ends = self._texts_of(entries)
        lengths = self.starts[entries + 1] - self.starts[entries]
        places = np.repeat(np.arange(len(entries)), lengths)
        if len(texts) <= MEASURED_TEXTS:
            return texts, places
        order = np.lexsort((-scores[texts], places))
        keep = scores[texts] >= np.partition(scores[texts], -MEASURED_TEXTS)[-MEASURED_TEXTS]
        keep[order[ends - lengths]] = True  # the best text of every entry stays, whatever the others score
        return texts[keep], places[keep]

    def _measure(self, asked: Form, entries: Places, texts: Places, places: Places, found: Floats) -> Floats:
        """Return FEATURES for every entry, from that of its texts that resembles the question most."""
        known = self._lexicon.look_up(_readings(asked))
        question = self._texts.ask(known)
        shared = self._texts.shared(self._texts.cells(question, texts), len(texts))
        of_texts = overlap(shared, question.totals, self._texts.sums[texts])
        like = likeness(of_texts)
        chosen, of_three = best_in_group(like, places, len(entries))
        of_entries, often, missed = self._measure_entries(known, entries)
        columns = [
            *text_columns(of_texts, chosen),
            *entry_columns(of_entries, often, missed),
            self._compare(asked, texts[chosen]),
            like[chosen][:, np.newaxis],
            of_three[:, np.newaxis],
            self._compare_names(asked, entries),
            self._popularity[entries][:, np.newaxis],
        ]
        return with_standing(np.hstack(columns), found)

    def _measure_entries(self, known: Mapping[str, Known], entries: Places) -> tuple[Overlap, Floats, Floats]:
        """Return what each shares with the question, the same by how often it stands, and what is missed."""
        grid = self._whole_entries
        question = grid.ask(known)
        cells = grid.cells(question, entries)
        sizes = self._text_counts[entries[cells.keys // len(ENTRY_CHANNELS)]]
        shares: Floats = np.sqrt(np.minimum(cells.counts / sizes, 1.0)).astype(np.float32)
        shared = grid.shared(cells, len(entries))
        often = grid.shared(cells, len(entries), shares) / np.maximum(question.totals, np.float32(1e-6))
        missed = grid.heaviest_missed(question, cells, len(entries), MISSED_COLUMNS)
        return overlap(shared, question.totals, grid.sums[entries]), often.astype(np.float32), missed

    def _compare(self, asked: Form, rows: Places) -> Floats:
        """Return kinds, fuzzy ratios, lengths, negation and numbers, against the chosen texts."""
        theirs = self._kinds[rows]
        both = (theirs != 0) & (asked.kinds != 0)
        agree = (theirs & asked.kinds) != 0
        columns = (
            both & agree,
            both & ~agree,
            _fuzzy(asked.whole, [self.wholes[row] for row in rows]),
            _fuzzy(asked.topic, [self.topics[row] for row in rows]),
            np.abs(np.log(self._lengths[rows] / max(1, len(asked.whole)))),
            self._negated[rows] != asked.negated,
            *self._compare_numbers(asked.numbers, rows),
        )
        return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)

    def _compare_numbers(self, asked: frozenset[str], rows: Places) -> tuple[Sequence[bool] | Flags, ...]:
        """Return where a number is shared, and where one stands on one side alone."""
        if not asked:  # as most questions
            return np.zeros(len(rows), np.bool_), self._has_numbers[rows]
        held = [self._numbers.get(row, frozenset[str]()) for row in rows.tolist()]
        return [len(asked & theirs) > 0 for theirs in held], [len(asked ^ theirs) > 0 for theirs in held]

    def _compare_names(self, asked: Form, entries: Places) -> Floats:
        """Return how the concepts of the question go with those of the entries' names."""
        opposite = {_OPPOSITES[concept] for concept in asked.concepts if concept in _OPPOSITES}
        concepts, acts = self._bits(asked.concepts), self._bits(asked.concepts & _ACTS)
        against = self._bits(opposite - asked.concepts)
        rows = [
            (
                (title & ~concepts).bit_count(),
                (held & ~acts).bit_count(),
                (acts & ~held).bit_count(),
                title & against != 0,
            )
            for title, held in [
                (self._title_concepts[entry], self._acts[entry]) for entry in entries.tolist()
            ]
        ]
        return np.array(rows, np.float32)


def _readings(form: Form) -> dict[str, Sequence[str]]:
    """Return the form in every reading that a channel takes."""
    return {
        "characters": form.whole,
        "topic": form.topic,
        "pairs": form.pairs,
        "topic_pairs": form.topic_pairs,
        "sounds": form.sounds,
        "sound_pairs": form.sound_pairs,
        "concepts": sorted(form.concepts),
        "units": form.units,
    }


def _fuzzy(text: str, others: Sequence[str]) -> Floats:
    ratios: Floats = process.cdist([text], others, scorer=fuzz.ratio, dtype=np.float32)[0]
    return ratios / np.float32(100)
