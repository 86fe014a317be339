"""Texts as the index sees them: entries and questions are read in one and the same way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from knowledge.aspects import Wordings
from knowledge.concepts import Concepts
from language.normalise import normalise
from language.pinyin import sounds

_NEGATION = re.compile(r"不|没|未|无|非|别|拒")
_NUMBER = re.compile(r"\d+|[零一二三四五六七八九十百]+(?=[岁年月日天号倍个%])")

# Stands for an entry without any text: it is there, though nothing can find it.
BLANK = "\u3000"


@dataclass(frozen=True)
class Entry:
    """What can be found: its id, its names (title first), how people ask for it."""

    id: str
    names: tuple[str, ...]
    phrasings: tuple[str, ...] = ()
    popularity: int = 0
    neighbours: tuple[str, ...] = ()  # ids
    body: tuple[str, ...] = ()  # what its guide says: a weak sign of what it is about
    english: tuple[str, ...] = ()  # title and phrasings in English, indexed apart (english_index.py)
    is_ours: bool = True  # no: a matter of another office, known so as not to be taken for one of ours


@dataclass(frozen=True)
class Form:
    """A text as the index sees it."""

    whole: str
    topic: str
    pairs: tuple[str, ...]
    topic_pairs: tuple[str, ...]
    sounds: tuple[str, ...]
    sound_pairs: tuple[str, ...]
    concepts: frozenset[str]
    units: tuple[str, ...]  # concepts, and the topic's characters that belong to none
    kinds: int
    negated: bool
    numbers: frozenset[str]

    def terms(self) -> list[str]:
        """Return what the first stage looks up: characters, pairs and concepts."""
        return [*self.whole, *self.pairs, *(f"#{concept}" for concept in sorted(self.concepts))]


class Forms:
    """Makes Forms: the one reading of text for entries and questions alike."""

    def __init__(self, wordings: Wordings, concepts: Concepts) -> None:
        self.wordings = wordings
        self.concepts = concepts
        self._remembered: dict[str, Form] | None = None

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Read each text only once meanwhile: learning builds several indexes of the same texts."""
        self._remembered = {}
        try:
            yield
        finally:
            self._remembered = None

    def of(self, text: str) -> Form:
        """Return the form of any text."""
        if self._remembered is None:
            return self._read(text)
        form = self._remembered.get(text)
        if form is None:
            form = self._remembered[text] = self._read(text)
        return form

    def _read(self, text: str) -> Form:
        whole = normalise(text)
        topic = self.wordings.topic(whole)
        sound = sounds(whole)
        concepts, _ = self.concepts.split(whole)
        of_topic, rest = self.concepts.split(topic)
        return Form(
            whole=whole,
            topic=topic,
            pairs=_pairs(whole),
            topic_pairs=_pairs(topic),
            sounds=tuple(sound),
            sound_pairs=tuple(f"{a} {b}" for a, b in pairwise(sound)),
            concepts=concepts,
            units=(*(f"#{concept}" for concept in sorted(of_topic)), *rest),
            kinds=self.wordings.kinds(whole),
            negated=_NEGATION.search(whole) is not None,
            numbers=frozenset(_NUMBER.findall(whole)),
        )


def _pairs(text: str) -> tuple[str, ...]:
    return tuple(a + b for a, b in pairwise(text))
