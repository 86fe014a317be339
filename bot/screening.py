"""Looks at a text before anyone else does: cleans it, cuts it, keeps commands out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

# 20,000 characters held Rasa for 4.3 s; nobody tells a hall more than this in one breath.
MAX_CHARS = 500

_COMMAND = re.compile(r"^[A-Za-z_][\w+]*\s*(\{.*)?$", re.DOTALL)
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
    visible = "".join(" " if _is_hidden(character) else character for character in folded)
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
    r"[?？]$|[吗嘛呢么]$|怎么|怎样|如何|什么|多少|哪里|哪儿|哪个|几点|几号|几天|多久|能不能|可不可以|要不要|是不是|有没有|请问"
)


def asks_something(text: str) -> bool:
    """Return whether a text has the shape of a question; an answer to a form has not."""
    return _ASKING.search(text) is not None
