"""Tokens for Chinese: a character each; Latin words, numbers and sealed values are kept whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A sealed value ("[[phone:k3f9]]"), a word, a number, or any single visible character.
# Words of jieba are no help here: it splits 我妈办 as 我 / 妈办.
_TOKEN = re.compile(r"\[\[(\w+):\w+\]\]|[A-Za-z]+|\d+|[^\s\W]")


def tokens_of(text: str) -> list[str]:
    """Return the tokens of a text as they are shown to the classifier; a text without any is its own."""
    return [shown for shown, _, _ in found(text)] or [text]


def found(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each token with where it starts and ends. Every sealed phone number is the same word."""
    for token in _TOKEN.finditer(text):
        kind = token.group(1)
        shown = f"sealed_{kind}" if kind else ("0" if token.group().isdigit() else token.group())
        yield shown, token.start(), token.end()
