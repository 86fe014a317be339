"""Finds the few entries worth a closer look and measures how each resembles the question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.forms import Entry, Form, Forms
from knowledge.likeness import best_in_group, coverage, fuzzy, mean_of_best, often, overlap
from knowledge.terms import Floats, Places, Postings, TermTable
from knowledge.weights import character_weights

CANDIDATES = 30
# Texts measured in the second stage: several phrasings of every candidate, within a millisecond.
MEASURED_TEXTS = 90

# Of these a title names one side: a question that says the other side does not mean it.
_OPPOSITES = {"newcomer": "local", "local": "newcomer", "lost": "found", "found": "lost"}

FEATURES = (
    "weighted_f",
    "weighted_of_question",
    "weighted_of_entry",
    "plain_f",
    "plain_of_question",
    "plain_of_entry",
    "pair_f",
    "sound_f",
    "sound_pair_f",
    "topic_f",
    "topic_of_question",
    "topic_of_entry",
    "topic_pair_f",
    "concept_shared",
    "concept_of_question",
    "concept_of_entry",
    "kind_agrees",
    "kind_clashes",
    "fuzzy",
    "topic_fuzzy",
    "length_ratio",
    "negation_differs",
    "number_shared",
    "number_differs",
    "guide_of_question",
    "guide_pairs_of_question",
    "guide_sound_pairs_of_question",
    "retrieval_to_best",
    "retrieval_rank",
    "weighted_f_to_best",
    "topic_f_to_best",
    "guide_pairs_to_best",
    "likeness",
    "likeness_of_three",
    "often_in_guide",
    "often_in_guide_pairs",
    "concepts_in_guide",
    "names_of_question",
    "names_pairs_of_question",
    "names_of_names",
    "concepts_in_names",
    "concepts_only_in_names",
    "opposite_in_names",
    "popularity",
)

# Measured against the best of the candidates.
_RELATIVE = ("weighted_f_to_best", "topic_f_to_best", "guide_pairs_to_best")


@dataclass(frozen=True)
class Candidates:
    """The entries worth a closer look, with one row of FEATURES each."""

    entries: Places
    features: Floats

    def without(self, entries: Iterable[int]) -> Candidates:
        """Return the candidates as they would stand if those entries were not in the knowledge base."""
        keep = ~np.isin(self.entries, list(entries))
        features = self.features[keep].copy()
        if len(features) and not keep.all():
            for name in _RELATIVE:
                column = FEATURES.index(name)
                features[:, column] -= features[:, column].max()
            found = features[:, FEATURES.index("retrieval_to_best")]
            found /= max(float(found.max()), 1e-6)
            features[:, FEATURES.index("retrieval_rank")] = _log_rank(found)
        return Candidates(self.entries[keep], features)


class Index:
    """All texts of all entries, measurable against a question."""

    def __init__(self, entries: Sequence[Entry], forms: Forms, survival: Mapping[str, float]) -> None:
        self.entries = list(entries)
        self.forms = forms
        texts: list[Form] = []
        owners: list[int] = []
        for number, entry in enumerate(self.entries):
            seen: set[str] = set()
            for text in (*entry.names, *entry.phrasings):
                form = forms.of(text)
                if form.whole and form.whole not in seen:
                    seen.add(form.whole)
                    texts.append(form)
                    owners.append(number)
            if not seen:  # keeps every entry present, though nothing can find it
                texts.append(forms.of("\u3000"))
                owners.append(number)
        self.owners = np.array(owners, np.int32)
        self.starts = np.searchsorted(self.owners, np.arange(len(self.entries) + 1)).astype(np.int64)
        self._popularity = np.array([entry.popularity / 100 for entry in self.entries], np.float32)
        self.wholes = [form.whole for form in texts]
        self.topics = [form.topic for form in texts]
        self._numbers = [form.numbers for form in texts]
        self._tables(texts, survival, owners)

    def _tables(self, texts: Sequence[Form], survival: Mapping[str, float], owners: list[int]) -> None:
        # k1 2, b .75 and pairs at a fifth: the best of a sweep on development questions about law.
        self._postings = Postings([form.terms() for form in texts], (1.0, 0.2, 1.5), k1=2.0, b=0.75)
        self._characters = TermTable([form.whole for form in texts])
        self._plain = TermTable([form.whole for form in texts])
        self._topics = TermTable([form.topic for form in texts])
        self._pairs = TermTable([form.pairs for form in texts])
        self._topic_pairs = TermTable([form.topic_pairs for form in texts])
        self._sounds = TermTable([form.sounds for form in texts])
        self._sound_pairs = TermTable([form.sound_pairs for form in texts])
        self._concepts = TermTable([sorted(form.concepts) for form in texts])
        self._of_entry = TermTable([form.topic for form in texts], owners)
        self._pairs_of_entry = TermTable([form.topic_pairs for form in texts], owners)
        self._sound_pairs_of_entry = TermTable([form.sound_pairs for form in texts], owners)
        first_names = [
            (form, owner)
            for number, (form, owner) in enumerate(zip(texts, owners, strict=True))
            if number - self.starts[owner] < max(1, len(self.entries[owner].names))
        ]
        name_forms, name_owners = [form for form, _ in first_names], [owner for _, owner in first_names]
        self._names = TermTable([form.topic for form in name_forms], name_owners)
        self._name_pairs = TermTable([form.topic_pairs for form in name_forms], name_owners)
        self._name_concepts = TermTable([sorted(form.concepts) for form in name_forms], name_owners)
        self._concepts_of_entry = TermTable([sorted(form.concepts) for form in texts], owners)
        titles = self.starts[:-1]
        self._title_concepts = [texts[number].concepts for number in titles]
        self._text_counts = np.diff(self.starts).astype(np.float32)
        commonness = TermTable([form.whole for form in texts], owners)
        for table in (self._characters, self._topics, self._of_entry, self._names):
            table.weigh(*character_weights(table, commonness, survival))
        self._plain.weigh(np.ones(len(self._plain.vocabulary), np.float32), 1.0)
        for table in (
            self._pairs,
            self._topic_pairs,
            self._sounds,
            self._sound_pairs,
            self._concepts,
            self._pairs_of_entry,
            self._sound_pairs_of_entry,
            self._name_pairs,
            self._name_concepts,
            self._concepts_of_entry,
        ):
            table.weigh_by_rarity()
        self._kinds = np.array([form.kinds for form in texts], np.int32)
        self._negated = np.array([form.negated for form in texts], np.bool_)
        self._lengths = np.array([max(1, len(form.whole)) for form in texts], np.float32)

    def candidates(self, asked: Form, left_out: int | None = None) -> Candidates:
        """Return up to CANDIDATES entries and their features.

        Text number `left_out` counts as not there: how the matcher rehearses with its own texts.
        """
        scores = self._postings.score(asked.terms())
        if left_out is not None:
            scores[left_out] = -1.0
        best = np.maximum.reduceat(scores, self.starts[:-1])
        entries = _largest(best, CANDIDATES)
        entries = entries[best[entries] > 0]
        texts, places = self._worth_measuring(entries, scores, left_out)
        if not len(texts):
            return Candidates(np.zeros(0, np.int32), np.zeros((0, len(FEATURES)), np.float32))
        return Candidates(entries, self._measure(asked, entries, texts, places, best[entries], left_out))

    def _worth_measuring(
        self, entries: Places, scores: Floats, left_out: int | None
    ) -> tuple[Places, Places]:
        """Return the numbers of the texts to measure, and for each the place of its entry in `entries`."""
        texts = np.concatenate(
            [np.arange(0), *(np.arange(self.starts[e], self.starts[e + 1]) for e in entries)]
        )
        places = np.repeat(np.arange(len(entries)), self.starts[entries + 1] - self.starts[entries])
        keep = np.ones(len(texts), np.bool_) if left_out is None else texts != left_out
        if keep.sum() > MEASURED_TEXTS:
            first = np.zeros(len(texts), np.bool_)
            # The best text of every entry stays, whatever the others score.
            order = np.lexsort((-scores[texts], places))
            first[order[np.unique(places[order], return_index=True)[1]]] = True
            floor = np.partition(scores[texts], -MEASURED_TEXTS)[-MEASURED_TEXTS]
            keep &= first | (scores[texts] >= floor)
        return texts[keep], places[keep]

    def _measure(
        self, asked: Form, entries: Places, texts: Places, places: Places, found: Floats, left_out: int | None
    ) -> Floats:
        """Return FEATURES for every entry, from that of its texts that resembles the question most."""
        concepts = tuple(sorted(asked.concepts))
        weighted = overlap(self._characters, asked.whole, texts)
        plain = overlap(self._plain, asked.whole, texts)
        topic = overlap(self._topics, asked.topic, texts)
        pair = overlap(self._pairs, asked.pairs, texts)
        topic_pair = overlap(self._topic_pairs, asked.topic_pairs, texts)
        sound = overlap(self._sounds, asked.sounds, texts)
        sound_pair = overlap(self._sound_pairs, asked.sound_pairs, texts)
        concept = overlap(self._concepts, concepts, texts)
        likeness = weighted.f + topic.f + 0.5 * pair.f + 0.5 * sound_pair.f + 0.5 * concept.f
        chosen = best_in_group(likeness, places, len(entries))
        rows = texts[chosen]

        kinds, theirs = asked.kinds, self._kinds[rows]
        both = (theirs != 0) & (kinds != 0)
        numbers = [asked.numbers & self._numbers[row] for row in rows]
        one_sided = [asked.numbers ^ self._numbers[row] for row in rows]
        wholes = [self.wholes[row] for row in rows]
        topics = [self.topics[row] for row in rows]
        at_least = None
        if left_out is not None:
            at_least = np.where(entries == self.owners[left_out], 2, 1).astype(np.int32)
        of_entry = coverage(self._of_entry, asked.topic, entries, at_least)
        pairs_of_entry = coverage(self._pairs_of_entry, asked.topic_pairs, entries, at_least)
        sounds_of_entry = coverage(self._sound_pairs_of_entry, asked.sound_pairs, entries, at_least)
        opposite = {_OPPOSITES[concept] for concept in asked.concepts if concept in _OPPOSITES}
        opposite -= asked.concepts
        columns = (
            weighted.f[chosen],
            weighted.of_question[chosen],
            weighted.of_row[chosen],
            plain.f[chosen],
            plain.of_question[chosen],
            plain.of_row[chosen],
            pair.f[chosen],
            sound.f[chosen],
            sound_pair.f[chosen],
            topic.f[chosen],
            topic.of_question[chosen],
            topic.of_row[chosen],
            topic_pair.f[chosen],
            concept.f[chosen],
            concept.of_question[chosen],
            concept.of_row[chosen],
            both & ((theirs & kinds) != 0),
            both & ((theirs & kinds) == 0),
            fuzzy(asked.whole, wholes),
            fuzzy(asked.topic, topics),
            np.abs(np.log(self._lengths[rows] / max(1, len(asked.whole)))),
            self._negated[rows] != asked.negated,
            [len(shared) > 0 for shared in numbers],
            [len(left) > 0 for left in one_sided],
            of_entry,
            pairs_of_entry,
            sounds_of_entry,
            found / found.max(),
            _log_rank(found),
            weighted.f[chosen] - weighted.f.max(),
            topic.f[chosen] - topic.f.max(),
            pairs_of_entry - pairs_of_entry.max(),
            likeness[chosen],
            mean_of_best(likeness, places, len(entries), 3),
            often(self._of_entry, asked.topic, entries, self._text_counts[entries], at_least),
            often(self._pairs_of_entry, asked.topic_pairs, entries, self._text_counts[entries], at_least),
            coverage(self._concepts_of_entry, concepts, entries, at_least),
            coverage(self._names, asked.topic, entries, None),
            coverage(self._name_pairs, asked.topic_pairs, entries, None),
            overlap(self._names, asked.topic, entries).of_row,
            coverage(self._name_concepts, concepts, entries, None),
            [len(self._title_concepts[entry] - asked.concepts) for entry in entries],
            [len(self._title_concepts[entry] & opposite) > 0 for entry in entries],
            self._popularity[entries],
        )
        return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def _log_rank(scores: Floats) -> Floats:
    """Return log(1 + place) of every score, the highest at place 0."""
    places = np.argsort(np.argsort(-scores, kind="stable"), kind="stable")
    return np.log1p(places).astype(np.float32)


def _largest(scores: Floats, count: int) -> Places:
    """Return the places of the `count` largest scores, largest first."""
    top = np.argpartition(scores, -count)[-count:] if len(scores) > count else np.arange(len(scores))
    return top[np.argsort(-scores[top], kind="stable")]
