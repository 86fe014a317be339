"""What opens a request: the bare wish for the form, or the trouble itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases.case import CaseKind
from cases.kinds import detect_kind, names_kind

_WORDS = Path(__file__).with_name("intake_words.yml")


def heard_request(text: str) -> str | None:
    """Return "named" where a text only asks for the form (我要投诉), "told" where it tells of a trouble."""
    kind = detect_kind(text)
    if kind is CaseKind.OTHER or _unwanted().search(text):
        return None
    if not without_lead(text):
        return "named"
    # 加装电梯 and 独居老人 are services as well as wishes; only what is broken or bears down is plainly told.
    return "told" if kind in (CaseKind.REPAIR, CaseKind.COMPLAINT) or names_kind(text) else None


def without_lead(text: str) -> str:
    """Return the letters and digits of a text without the words that only ask for the form."""
    for word in _leads():
        text = text.replace(word, "")
    return "".join(character for character in text if character.isalnum())


@cache
def _file() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_WORDS.read_text("utf-8"))
    return words


@cache
def _leads() -> tuple[str, ...]:
    # Longest first, so that 我想要 is taken off before 我想.
    return tuple(sorted(_file()["leads"], key=len, reverse=True))


@cache
def _unwanted() -> re.Pattern[str]:
    return re.compile(_file()["unwanted"], re.IGNORECASE)
