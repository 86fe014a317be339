"""English read word by word: what is asked, and the terms by which a guide is found.

Chinese is compared by characters, which tell nothing of English. The wordings and words are data
(english_asking.yml, english_words.yml).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import snowballstemmer
import yaml

from knowledge.guide import Aspect
from language.normalise import fold

_FOLDER = Path(__file__).parent
_SHORT_FORMS = (
    (re.compile(r"\b(can|won|shan)'t\b"), r"\1 not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'(?:s|re)\b"), " is"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'d\b"), " would"),
)
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_GAP = " \0 "
# What stands for a group of words that mean one thing.
_GROUP = "~"


def words_of(text: str) -> str:
    """Return the words of an English text: lower case, short forms written out, one space between."""
    written = fold(text).replace("’", "'").replace("‘", "'")
    for short, long in _SHORT_FORMS:
        written = short.sub(long, written)
    return _NOT_A_WORD.sub(" ", written).strip()


@dataclass(frozen=True)
class EnglishReading:
    """What a question asks, in order; `is_bare` where it names no subject."""

    aspects: tuple[Aspect, ...]
    is_bare: bool
    about_hall: str | None = None


class EnglishWordings:
    """The patterns of english_asking.yml, compiled."""

    def __init__(self) -> None:
        asking = yaml.safe_load((_FOLDER / "english_asking.yml").read_text("utf-8"))
        self._asking = {Aspect(name): _any_of(lines) for name, lines in asking["asking"].items()}
        self._unasked = {Aspect(name): _any_of(lines) for name, lines in asking["unasked"].items()}
        self._frames = _any_of(asking["frames"])
        hours = asking["asking"]["hours"]
        self._hall = {
            name: _any_of(
                [more for line in lines for more in (hours if line == "__asking_hours__" else [line])]
            )
            for name, lines in asking["hall"].items()
        }
        self._details = {
            name: {detail: _any_of([pattern]) for detail, pattern in details.items()}
            for name, details in asking["hall_details"].items()
        }
        self._hall_words = frozenset(asking["hall_words"].split())
        self.read = lru_cache(maxsize=4096)(self._read)

    def _read(self, text: str) -> EnglishReading:
        """Take a question apart; any text will do."""
        whole = rest = words_of(text)
        asked: list[tuple[int, Aspect]] = []
        for aspect, pattern in self._asking.items():
            found = pattern.search(rest)
            unasked = self._unasked.get(aspect)
            if found and not (unasked and unasked.search(whole)):
                asked.append((found.start(), aspect))
                rest = pattern.sub(lambda match: "\0" * len(match.group()), rest)
        aspects = tuple(aspect for _, aspect in sorted(asked))
        names_none = not _names_a_subject(rest, frozenset())
        if names_none and not aspects and self._frames.search(whole):
            aspects = (Aspect.OVERVIEW,)
        return EnglishReading(aspects, names_none and bool(aspects), self._about_hall(whole))

    def _about_hall(self, whole: str) -> str | None:
        for name, pattern in self._hall.items():
            if pattern.search(whole) and not _names_a_subject(pattern.sub(_GAP, whole), self._hall_words):
                details = self._details.get(name, {})
                detail = next((detail for detail, one in details.items() if one.search(whole)), "")
                return ":".join(filter(None, (name, detail)))
        return None


@dataclass(frozen=True)
class Terms:
    """A text as the English index sees it: groups of like words and stems of the others; all its stems."""

    grouped: tuple[str, ...]
    stems: tuple[str, ...]


@lru_cache(maxsize=16384)
def terms_of(text: str) -> Terms:
    """Return the terms of an English text, small words left out."""
    words, groups = _words(), _groups()
    whole = words_of(text)
    stems = [stem(word) for word in whole.split() if word not in words.silent]
    grouped = groups.pattern.sub(lambda found: _GROUP + groups.of[found.group()], whole)
    terms = [
        word if word.startswith(_GROUP) else stem(word)
        for word in grouped.split()
        if word not in words.silent
    ]
    return Terms(tuple(dict.fromkeys(terms)), tuple(dict.fromkeys(stems)))


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return the stem of a word: permits and permit are one."""
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


def elsewhere() -> Mapping[str, Sequence[str]]:
    """Return what is asked in English that is not ours, by matter."""
    return _words().elsewhere


def words_alike() -> frozenset[str]:
    """Return every word that a group of like words, or a small word, is written with."""
    members = {word for group in _words().alike for member in group for word in member.split()}
    return frozenset(members | _words().fillers)


@dataclass(frozen=True)
class _Words:
    fillers: frozenset[str]
    silent: frozenset[str]  # not even heard by the ranking
    alike: tuple[tuple[str, ...], ...]
    elsewhere: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class _Groups:
    pattern: re.Pattern[str]
    of: Mapping[str, str]  # word or words -> the group's name


@cache
def _words() -> _Words:
    file = yaml.safe_load((_FOLDER / "english_words.yml").read_text("utf-8"))
    fillers = frozenset(file["fillers"].split())
    alike = tuple(tuple(map(words_of, group)) for group in file["alike"])
    return _Words(fillers, fillers - frozenset(file["telling"].split()), alike, file["elsewhere"])


@cache
def _groups() -> _Groups:
    of = {member: group[0].replace(" ", "_") for group in _words().alike for member in group}
    longest_first = sorted(of, key=lambda member: (-len(member), member))
    return _Groups(_any_of([re.escape(member) for member in longest_first]), of)


@cache
def _stemmer() -> snowballstemmer.stemmer.EnglishStemmer:
    return snowballstemmer.stemmer("english")


def _names_a_subject(rest: str, besides: frozenset[str]) -> bool:
    fillers = _words().fillers
    return any(word not in fillers and word not in besides for word in rest.replace("\0", " ").split())


def _any_of(lines: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(f"(?:{line})" for line in lines) + r")(?!\w)")
