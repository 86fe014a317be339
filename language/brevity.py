"""Keeps what is said short: an ear remembers two sentences, an eye has the screen for the rest."""

from __future__ import annotations

import re

from language.speaking import speakable, speakable_english

MAX_SENTENCES = 2
MAX_CHARS = 60  # of Chinese, as it is said
MAX_WORDS = 25  # of English; a number that is spelled counts once

_HAN = re.compile(r"[\u3400-\u9fff]")
_ENDS = re.compile(r"[^。！？!?]+[。！？!?]+|[^。！？!?]+$")
_ENGLISH_ENDS = re.compile(r".+?(?:[.!?]+(?=\s|$)|$)", re.DOTALL)
_CLAUSES = re.compile(r"[^，、；：,;:]+[，、；：,;:]*")
_ASIDES = re.compile(r"[（(][^（）()]*[)）]")
_SPELLED = re.compile(r"\b\d(?:,? \d)+\b")
_ASKS = re.compile(r"[?？]\s*$")


def said_briefly(text: str) -> str:
    """Return `text` as it is said: numbers as words, at most two sentences of bearable length where it can.

    A longer one loses its bracketed asides first; then what leads on is kept: the question that is asked,
    else the beginning.
    """
    said = said_aloud(text)
    if fits(said):
        return said
    said = said_aloud(without_asides(text))
    if fits(said):
        return said
    whole = sentences(said)
    asked = next((place for place in range(len(whole) - 1, 0, -1) if _ASKS.search(whole[place])), None)
    kept = [whole[0]] if asked is None else [whole[0], whole[asked]]
    if asked is None and len(whole) > 1:
        kept.append(whole[1])
    for some in (kept, kept[-1:] if asked is not None else kept[:1]):
        if fits(joined := _joined(some)):
            return joined
    return _cut(kept[-1] if asked is not None else kept[0])


def fits(said: str) -> bool:
    """Say whether what is said is short enough to be remembered."""
    return len(sentences(said)) <= MAX_SENTENCES and length(said) <= (
        MAX_CHARS if is_chinese(said) else MAX_WORDS
    )


def length(said: str) -> int:
    """Return how long it is: characters of Chinese, words of English."""
    return len(said) if is_chinese(said) else len(_SPELLED.sub("1", said).split())


def sentences(said: str) -> list[str]:
    """Return the sentences of what is said."""
    ends = _ENDS if is_chinese(said) else _ENGLISH_ENDS
    return [one.strip() for one in ends.findall(said) if re.search(r"\w", one)]


def said_aloud(text: str) -> str:
    """Return the text as a voice says it, in the language that it is written in."""
    return speakable(text) if is_chinese(text) else speakable_english(text)


def is_chinese(text: str) -> bool:
    """Say whether the text is to be read by a Chinese voice."""
    return _HAN.search(text) is not None


def without_asides(text: str) -> str:
    """Return the text without what stands in brackets: often a year or a source."""
    shorter = _ASIDES.sub("", text)
    return shorter if shorter == text else without_asides(shorter)  # one in the other


def _joined(some: list[str]) -> str:
    return ("" if any(map(is_chinese, some)) else " ").join(some)


def _cut(sentence: str) -> str:
    """Return a long sentence up to a pause; whole where it has none early enough."""
    end = sentence[-1] if sentence[-1] in "。！？.!?" else "。" if is_chinese(sentence) else "."
    kept = ""
    for clause in _CLAUSES.findall(sentence):
        if not fits(kept + clause):
            break
        kept += clause
    return kept.rstrip("，、；：,;: 。.") + end if kept else sentence
