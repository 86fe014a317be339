"""Chinese words for typed pinyin: the on-screen keyboard's candidates.

Words come from the guides (what visitors come for), a list of everyday words, and single characters; there is
no general dictionary behind it. Three ways of typing meet: whole syllables (`juzhuzheng`), a beginning
(`juzhuzh`) and initials (`jzz`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

MAX_LETTERS = 60
LIMIT = 24
WORDS = Path(__file__).resolve().parent / "keyboard_words.yml"
_HAN = re.compile(r"[\u4e00-\u9fff]+")
# Cost of putting one word into a sentence; the cheapest split of the letters wins, so few long words beat
# many short ones. Chosen on the word list itself: "diantihuaile" must give 电梯坏了.
_WORD_COST = 1.0
_CHARACTER_COST = 1.7
_RARE_COST = 3.0
_UNFINISHED_COST = 0.6


@dataclass(frozen=True)
class Candidate:
    """A word to tap, and how many of the typed letters it stands for."""

    text: str
    letters: int


@dataclass
class _Index:
    """Words by the letters that type them, the cheapest first."""

    by_letters: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    by_initials: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    in_order: list[str] = field(default_factory=list)

    def add(self, text: str, cost: float) -> None:
        # Imported on first use: its tables take longer to load than the rest of the kiosk.
        from pypinyin import lazy_pinyin

        syllables = lazy_pinyin(text)
        self.add_reading(text, "".join(syllables), cost)
        if len(text) > 1:
            initials = "".join(syllable[0] for syllable in syllables)
            self.by_initials.setdefault(initials, []).append((cost, text))

    def add_reading(self, text: str, letters: str, cost: float) -> None:
        self.by_letters.setdefault(letters, []).append((cost, text))

    def close(self) -> _Index:
        for table in (self.by_letters, self.by_initials):
            for words in table.values():
                words.sort()
        self.in_order = sorted(self.by_letters)
        return self

    def begun_by(self, letters: str, most: int = 40) -> Iterator[tuple[float, str]]:
        """Yield words whose letters begin with `letters` and go on."""
        start = bisect_left(self.in_order, letters)
        for typed in self.in_order[start : start + most]:
            if not typed.startswith(letters):
                return
            if typed != letters:
                yield from self.by_letters[typed]


class Keyboard:
    """Candidates for one set of guide words."""

    def __init__(self, guide_words: Iterable[str]) -> None:
        """Index `guide_words` (titles, aliases, phrasings; anything but Chinese in them is left out)."""
        index = _Index()
        words = {part for word in guide_words for part in _HAN.findall(word) if len(part) > 1}
        for word in words:
            # A long word stands for many characters, so it may cost more and still win.
            index.add(word, _WORD_COST + 0.02 * len(word))
        self._guides = index.close()

    def suggest(self, typed: str, limit: int = LIMIT) -> list[Candidate]:
        """Return the best candidates for `typed` (letters and apostrophes; the rest is ignored)."""
        letters = re.sub(r"[^a-z]", "", typed.lower())[:MAX_LETTERS]
        if not letters:
            return []
        found: dict[str, Candidate] = {}
        for text, used in self._in_order(letters):
            if text not in found:
                found[text] = Candidate(text, used)
            if len(found) == limit:
                break
        return list(found.values())

    def _in_order(self, letters: str) -> Iterator[tuple[str, int]]:
        whole = len(letters)
        for index in self._indexes():
            yield from ((text, whole) for _, text in index.by_letters.get(letters, ())[:4])
        if sentence := self._sentence(letters):
            yield sentence, whole
        for index in self._indexes():
            yield from ((text, whole) for _, text in sorted(index.by_initials.get(letters, ()))[:6])
        for index in self._indexes():
            begun = sorted(index.begun_by(letters, most=200 if whole == 1 else 40), key=_likeliest)
            yield from ((text, whole) for _, text in begun[: 12 if whole == 1 else 5])
        for end in range(min(whole, 24), 0, -1):
            for index in self._indexes():
                yield from ((text, end) for _, text in index.by_letters.get(letters[:end], ()))

    def _indexes(self) -> tuple[_Index, ...]:
        return (self._guides, _everyday())

    def _sentence(self, letters: str) -> str:
        """Return the cheapest row of words that the letters spell, the last one perhaps unfinished."""
        best: list[tuple[float, str] | None] = [None] * (len(letters) + 1)
        best[0] = (0.0, "")
        for start in range(len(letters)):
            so_far = best[start]
            if so_far is None:
                continue
            for end, cost, text in self._steps(letters, start):
                total = so_far[0] + cost
                known = best[end]
                if known is None or total < known[0]:
                    best[end] = (total, so_far[1] + text)
        last = best[-1]
        return last[1] if last else ""

    def _steps(self, letters: str, start: int) -> Iterator[tuple[int, float, str]]:
        for index in self._indexes():
            for end in range(start + 1, min(len(letters), start + 40) + 1):
                for cost, text in index.by_letters.get(letters[start:end], ())[:1]:
                    yield end, cost, text
            rest = letters[start:]
            if len(rest) > 1:
                begun = min(index.begun_by(rest, most=12), default=None)
                if begun:
                    yield len(letters), begun[0] + _UNFINISHED_COST, begun[1]


def _likeliest(word: tuple[float, str]) -> tuple[bool, float]:
    # One letter is the beginning of a common character far more often than of a word on our short list.
    cost, text = word
    return (len(text) > 1 and cost >= _WORD_COST + 0.1, cost)


@lru_cache(maxsize=1)
def _everyday() -> _Index:
    """Everyday words and the 6,763 characters of GB 2312, common ones first; built when first asked for."""
    lines: dict[str, str] = yaml.safe_load(WORDS.read_text("utf-8"))
    index = _Index()
    words = list(dict.fromkeys(word for line in lines.values() for word in line.split()))
    counted: dict[str, int] = {}
    for word in words:
        for character in word:
            counted[character] = counted.get(character, 0) + 1
    for position, word in enumerate(words):
        if len(word) > 1:
            index.add(word, _WORD_COST + 0.1 + 0.00001 * position)
    listed = {word: position for position, word in enumerate(words) if len(word) == 1}
    for character, is_common in _characters():
        cost = _CHARACTER_COST if is_common else _RARE_COST
        if character in counted:
            cost -= 0.2 + 0.01 * min(counted[character], 20)
        if character in listed:
            cost -= 0.1 - 0.0001 * listed[character]
        for order, reading in enumerate(_readings(character)):
            index.add_reading(character, reading, cost + 0.3 * order)
    return index.close()


def _readings(character: str) -> list[str]:
    from pypinyin import Style, pinyin

    heard = pinyin(character, style=Style.NORMAL, heteronym=True)
    return list(dict.fromkeys(reading for reading in heard[0] if reading.isascii() and reading.isalpha()))


def _characters() -> Iterator[tuple[str, bool]]:
    """Yield the characters of GB 2312 and whether each is of level 1 (the 3,755 common ones)."""
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield bytes((row, cell)).decode("gb2312"), row < 0xD8
            except UnicodeDecodeError:
                continue
