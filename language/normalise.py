"""One written form for all text that is compared: the only place where text is folded before matching."""

from __future__ import annotations

import re
import unicodedata

from language.script import simplified

# A longer message is a pasted document; its beginning says what it is about.
MAX_CHARS = 500

_NOT_A_WORD = re.compile(r"[\W_]+")
_CLAUSE_ENDS = re.compile(r"[，。！？；：、…~～,.!?;:\n\r\t]+|(?<=[吗呢吧呀])\s+|\s{2,}")
_QUESTION_MARKS = re.compile(r"[?？]")
_DIGITS = str.maketrans("零〇一二三四五六七八九两", "0012345678" + "92")


def fold(text: str) -> str:
    """Return `text` in NFKC, lower case, simplified characters, at most MAX_CHARS, with its punctuation."""
    return simplified(unicodedata.normalize("NFKC", text[: MAX_CHARS * 2]).lower()[:MAX_CHARS])


def normalise(text: str) -> str:
    """Return only the letters, digits and characters of the folded text: what two texts are compared by."""
    return _NOT_A_WORD.sub("", fold(text))


def clauses(text: str) -> list[str]:
    """Return the normalised clauses of a message, in order, empty ones left out."""
    return [bare for part in _CLAUSE_ENDS.split(fold(text)) if (bare := _NOT_A_WORD.sub("", part))]


def has_question_mark(text: str) -> bool:
    """Tell whether the person wrote a question mark."""
    return _QUESTION_MARKS.search(text) is not None


def with_digits(text: str) -> str:
    """Return the text with single Chinese numerals as digits (十 and larger units stay as they are)."""
    return text.translate(_DIGITS)
