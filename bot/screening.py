"""Looks at a text before anyone else does: cleans it, cuts it, keeps commands out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from language.script import is_english as has_no_chinese

# 20,000 characters held Rasa for 4.3 s; nobody tells a hall more than this in one breath.
MAX_CHARS = 500

_COMMAND = re.compile(r"^[A-Za-z_][\w+]*\s*(\{.*)?$", re.DOTALL)
# Tokens of sealed values look like [[phone:kfbamcdpeo]]; nobody types one.
_DOUBLE_BRACKET = re.compile(r"([\[\]])\1+")
_SAYS_SOMETHING = re.compile(r"[^\W_]")


class Refused(StrEnum):
    """Why a text goes no further; the names of sentences in texts.yml."""

    COMMAND = "command"
    NOTHING_SAID = "nothing_said"


@dataclass(frozen=True)
class Screened:
    """A text that may go on: NFKC, one line, without control characters, at most MAX_CHARS long."""

    text: str
    was_cut: bool


def screen(text: str) -> Screened | Refused:
    """Return the cleaned text, or why it goes no further.

    A leading "/" would be read by Rasa as an intent with confidence 1.0, entities included.
    """
    folded = unicodedata.normalize("NFKC", text)
    visible = _DOUBLE_BRACKET.sub(
        r"\1", "".join(" " if _is_hidden(character) else character for character in folded)
    )
    cleaned = " ".join(visible.split())
    if cleaned.startswith("/"):
        cleaned = cleaned.lstrip("/ ")
        if _COMMAND.match(cleaned):
            return Refused.COMMAND
    if not _SAYS_SOMETHING.search(cleaned):
        return Refused.NOTHING_SAID
    return Screened(cleaned[:MAX_CHARS], len(cleaned) > MAX_CHARS)


def _is_hidden(character: str) -> bool:
    # Control, format, surrogate, private use, unassigned.
    return unicodedata.category(character)[0] == "C"


_ASKING = re.compile(
    r"[?？]$|[吗嘛呢么伐]$|怎么|怎样|如何|什么|多少|哪里|哪儿|哪个|几点|(?<!好)几天|多久|能不能|可不可以|要不要|是不是|有没有|请问"
    r"|哪能|咋|啥|行不行|为何|凭什?么|找谁|问谁|谁管|谁负责|归谁|几号(?!楼|线|院|门|房|库|车)"
    r"|^(?:what|when|where|who|why|how|which|do|does|is|are|can|could|may)\b",
    re.IGNORECASE,
)


def asks_something(text: str) -> bool:
    """Return whether a text has the shape of a question; an answer to a form has not."""
    return _ASKING.search(text) is not None


# Two words count from here on: senior card, but not thank you.
_PHRASE_LETTERS = 10
# A word by itself: what is bracketed, quoted or joined by a colon is no phrase that somebody says.
_ENGLISH_WORD = re.compile(r"(?<![\w:\[{\"])[A-Za-z]{2,}(?![\w:\]}\"])")


def is_english(text: str) -> bool:
    """Return whether a text is an English phrase; OK and hello are said in Chinese as well."""
    words = _ENGLISH_WORD.findall(text)
    is_phrase = len(words) >= 3 or (len(words) == 2 and sum(map(len, words)) >= _PHRASE_LETTERS)
    return is_phrase and has_no_chinese(text)


# 你好 and 不用了谢谢 are remarks; what is longer tells something.
_SHORT_HAN, _SHORT_LATIN = 10, 30


def is_short(text: str) -> bool:
    """Return whether a text is a remark or an answer rather than something told."""
    return len(text) <= (_SHORT_LATIN if text.isascii() else _SHORT_HAN)
