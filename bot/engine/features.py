"""What the classifier sees of a text: its characters, the words it holds, and how it sounds.

Three views, since each fails where another holds: runs of characters know what was written before, word lists
know what kind of thing a word is that was never in an example, and syllables survive a listener's mistakes
(设保卡 sounds as 社保卡 does).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

Tokens = Sequence[str]

LONGEST_RUN = 3
START, END = "^", "$"
# A single character sounds like dozens of others; a word of two is rarely met by chance.
_LEAST_SOUNDING = 2


class Features:
    """Reads tokens as named features. `lookups` are word lists by topic, each word as its tokens."""

    def __init__(self, lookups: Mapping[str, Iterable[Tokens]]) -> None:
        self._words: dict[tuple[str, ...], str] = {}
        self._heard: dict[tuple[str, ...], str] = {}
        for topic, words in lookups.items():
            for word in words:
                self._words.setdefault(tuple(word), topic)
                if len(word) >= _LEAST_SOUNDING:
                    self._heard.setdefault(tuple(sounds(word)), topic)
        self._longest = max(map(len, self._words), default=0)

    def of(self, tokens: Tokens) -> list[str]:
        """Return the features of a text, each once, in a fixed order."""
        tokens = [token.lower() for token in tokens]
        spoken = sounds(tokens)
        by_topic, topics = self._by_topic(tokens, self._words)
        _, heard = self._by_topic(spoken, self._heard)
        found = [
            *_runs(tokens, 1, "c"),
            *_runs(spoken, 1, "s"),
            *_runs(by_topic, 2, "t"),
            *(f"w {topic}" for topic in topics),
            *(f"h {topic}" for topic in heard),
        ]
        return list(dict.fromkeys(found))

    def _by_topic(self, tokens: Tokens, words: Mapping[tuple[str, ...], str]) -> tuple[list[str], list[str]]:
        """Return the tokens with each listed word as the name of its topic, and the topics; longest first."""
        shown, topics, at = [], [], 0
        while at < len(tokens):
            for size in range(min(self._longest, len(tokens) - at), 0, -1):
                topic = words.get(tuple(tokens[at : at + size]))
                if topic is not None:
                    shown.append(f"#{topic}")
                    topics.append(topic)
                    at += size
                    break
            else:
                shown.append(tokens[at])
                at += 1
        return shown, topics


def sounds(tokens: Iterable[str]) -> list[str]:
    """Return each Chinese character as its toneless syllable, and every other token as it is."""
    return [_syllable(token) for token in tokens]


_KNOWN_SYLLABLES: dict[str, str] = {}


def _syllable(token: str) -> str:
    if len(token) != 1:
        return token
    known = _KNOWN_SYLLABLES.get(token)
    if known is None:
        # Imported on first use: the table has 40,000 entries.
        from pypinyin.pinyin_dict import pinyin_dict

        reading = pinyin_dict.get(ord(token), token).split(",")[0]
        marks = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
        known = "".join(sign for sign in marks if not unicodedata.combining(sign))
        _KNOWN_SYLLABLES[token] = known
    return known


def _runs(tokens: Tokens, shortest: int, view: str) -> Iterator[str]:
    """Yield every run of so many neighbours, where the text begins and ends included."""
    bounded = [START, *tokens, END]
    for size in range(shortest, LONGEST_RUN + 1):
        for at in range(len(bounded) - size + 1):
            yield f"{view} {' '.join(bounded[at : at + size])}"
