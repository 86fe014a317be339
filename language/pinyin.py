"""How characters sound, coarsely: homophones and common accents fall together."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

# Pairs that typing by ear and speech recognition confuse most, in the south above all.
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_LETTERS = re.compile(r"[^a-zü]")


@cache
def _readings() -> dict[int, str]:
    # Imported on first use: the table has 40,000 entries, and most processes never need it.
    from pypinyin.pinyin_dict import pinyin_dict

    return dict(pinyin_dict)


def _plain(reading: str) -> str:
    return _LETTERS.sub("", unicodedata.normalize("NFD", reading).replace("u\u0308", "ü"))


@lru_cache(maxsize=32768)
def syllable(character: str) -> str:
    """Return the toneless syllable of one character (its first reading), or the character itself."""
    reading = _readings().get(ord(character))
    if reading is None:
        return character
    return _plain(reading.split(",")[0])


@lru_cache(maxsize=32768)
def syllables(character: str) -> frozenset[str]:
    """Return every toneless reading of one character, or the character itself: 着 is zhe, zhuo, zhao."""
    reading = _readings().get(ord(character))
    if reading is None:
        return frozenset((character,))
    return frozenset(_plain(one) for one in reading.split(","))


@lru_cache(maxsize=32768)
def sound(character: str) -> str:
    """Return the syllable with zh/z, ch/c, sh/s, n/l and front and back nasals merged."""
    merged = syllable(character)
    for written, said in _INITIALS:
        if merged.startswith(written):
            merged = said + merged[len(written) :]
    for written, said in _FINALS:
        if merged.endswith(written):
            merged = merged[: -len(written)] + said
    return "l" + merged[1:] if merged.startswith("n") and len(merged) > 1 else merged


def sounds(text: str) -> list[str]:
    """Return the sound of every character of a normalised text, in order."""
    return [sound(character) for character in text]
