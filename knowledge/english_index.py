"""Finds the guide that an English question means, by the words of titles and phrasings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.english import Terms, elsewhere, stem, terms_of, words_alike, words_of
from knowledge.forms import Entry

# A word of the question that no text has is taken for the nearest known one: residense, aplication.
_SHORTEST_MISSPELT = 4
_LEAST_ALIKE = 0.76
# What names only what several services share (residence permit) has no more terms than these.
_GENERAL_TERMS = 2
# Groups of like words count more than the bare stems below them.
_STEMS_SHARE = 0.3
# Of the same sweep over the phrasings, each asked while it is held aside.
_COVERAGE_SHARE = 0.8


@dataclass(frozen=True)
class Found:
    """An entry with its marks: likeness of its nearest text, how much of the question it covers, 0 to 1."""

    id: str
    score: float
    likeness: float
    coverage: float
    is_ours: bool


@dataclass(frozen=True)
class _Row:
    """One text: the weights of its terms, with length 1."""

    owner: int
    grouped: Mapping[str, float]
    stems: Mapping[str, float]


class EnglishIndex:
    """The English texts of all entries that have any."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        listed = [entry for entry in entries if entry.english]
        own = [(entry.id, entry.english, entry.popularity, True) for entry in listed]
        others = [(f"elsewhere:{name}", tuple(texts), 0, False) for name, texts in elsewhere().items()]
        self._entries = [*own, *others] if own else []
        terms = [
            (owner, terms_of(text)) for owner, (_, texts, _, _) in enumerate(self._entries) for text in texts
        ]
        self._rarity = _rarity(terms, len(self._entries))
        self._unknown = max(self._rarity.values(), default=1.0)
        self._words = sorted(
            {word for _, texts, _, _ in self._entries for text in texts for word in words_of(text).split()}
            | words_alike()
        )
        self._known = frozenset(self._words)
        self._rows = [
            _Row(owner, self._weighed(one.grouped), self._weighed(one.stems)) for owner, one in terms
        ]
        self._holders: dict[str, list[int]] = {}
        for number, row in enumerate(self._rows):
            for term in {*row.grouped, *row.stems}:
                self._holders.setdefault(term, []).append(number)
        self._title_terms = [
            set(terms_of(texts[0]).grouped) for _, texts, _, is_ours in self._entries if is_ours
        ]
        self._by_popularity = sorted(range(len(own)), key=lambda owner: -own[owner][2])
        self._terms_of_owner: list[set[str]] = [set() for _ in self._entries]
        for owner, one in terms:
            self._terms_of_owner[owner].update(one.grouped, one.stems)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def knows_words_of(self, text: str) -> bool:
        """Say whether any word of the text that names something stands in some text here."""
        asked = terms_of(self.spelt(text))
        return any(term in self._rarity for term in (*asked.grouped, *asked.stems))

    def key(self, text: str) -> frozenset[str]:
        """Return the terms by which two texts are the same but for small words and spelling."""
        return frozenset(terms_of(self.spelt(text)).grouped)

    def sharing(self, text: str) -> list[str]:
        """Return the entries whose title holds all terms of a short question, the most asked first."""
        asked = self.key(text)
        if not 0 < len(asked) <= _GENERAL_TERMS:
            return []
        return [self._entries[owner][0] for owner in self._by_popularity if asked <= self._title_terms[owner]]

    def rank(self, text: str) -> list[Found]:
        """Return what the question may mean, likeliest first."""
        asked = terms_of(self.spelt(text))
        grouped, stems = self._weighed(asked.grouped), self._weighed(asked.stems)
        likeness: dict[int, float] = {}
        for number in {number for term in (*grouped, *stems) for number in self._holders.get(term, ())}:
            row = self._rows[number]
            alike = (
                _product(grouped, row.grouped) * (1 - _STEMS_SHARE)
                + _product(stems, row.stems) * _STEMS_SHARE
            )
            likeness[row.owner] = max(alike, likeness.get(row.owner, 0.0))
        found = [self._found(owner, alike, asked) for owner, alike in likeness.items()]
        return sorted(found, key=lambda one: (-one.score, one.id))

    def _found(self, owner: int, likeness: float, asked: Terms) -> Found:
        entry_id, _, popularity, is_ours = self._entries[owner]
        whole = sum(self._rarity.get(term, self._unknown) for term in asked.grouped)
        held = self._terms_of_owner[owner]
        covered = sum(self._rarity[term] for term in asked.grouped if term in held)
        coverage = covered / whole if whole else 0.0
        return Found(
            entry_id, likeness + _COVERAGE_SHARE * coverage + popularity / 5000, likeness, coverage, is_ours
        )

    def spelt(self, text: str) -> str:
        """Return the words of the text, each that nobody knows as the known one that it resembles most."""
        return " ".join(self._right(word) for word in words_of(text).split())

    def _right(self, word: str) -> str:
        if (
            len(word) < _SHORTEST_MISSPELT
            or word.isdecimal()
            or word in self._known
            or stem(word) in self._rarity
        ):
            return word
        near = process.extractOne(
            word, self._words, scorer=OSA.normalized_similarity, score_cutoff=_LEAST_ALIKE
        )
        return near[0] if near is not None else word

    def _weighed(self, terms: Sequence[str]) -> dict[str, float]:
        weights = {term: self._rarity.get(term, self._unknown) for term in terms}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {term: weight / length for term, weight in weights.items()}


def _rarity(terms: Iterable[tuple[int, Terms]], entries: int) -> dict[str, float]:
    """Return what a term tells: the log of the inverse share of entries that use it."""
    holders: dict[str, set[int]] = {}
    for owner, one in terms:
        for term in (*one.grouped, *one.stems):
            holders.setdefault(term, set()).add(owner)
    counts = Counter({term: len(owners) for term, owners in holders.items()})
    return {term: math.log((entries + 1) / (count + 0.5)) for term, count in counts.items()}


def _product(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(weight * other[term] for term, weight in one.items() if term in other)
