"""What a case is about: categories with their department, terms and privacy, and how they are heard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases.case import CaseError, CaseKind
from cases.work.deadlines import Term, read_term

_FILE = Path(__file__).with_name("categories.yml")
LOCALES = ("zh", "en")


class Privacy(StrEnum):
    """How long a case's personal data is kept."""

    ORDINARY = "ordinary"
    SENSITIVE = "sensitive"


@dataclass(frozen=True)
class Question:
    """One question of a category's own; words and answers to touch are by locale, in one order."""

    words: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]
    known: re.Pattern[str] | None  # found in what was told, it is answered before it is asked


@dataclass(frozen=True)
class Category:
    """One thing that cases are about. Names are by locale."""

    id: str
    kind: CaseKind
    name: Mapping[str, str]
    department: str
    respond: Term
    resolve: Term
    privacy: Privacy
    says: tuple[str, ...]
    asks: tuple[Question, ...]


class UnknownCategory(CaseError):
    """No category has this id."""

    def __init__(self, category: str) -> None:
        super().__init__(f"there is no category '{category[:64]}': choose one of the list")


def get_category(category: str) -> Category:
    """Return a category by id. Raises UnknownCategory."""
    found = load_categories().get(category)
    if found is None:
        raise UnknownCategory(category)
    return found


def hear_category(text: str, kind: CaseKind | None = None) -> Category | None:
    """Return the category that a description is about, or None where no word of any is in it.

    The longest word counts. Between words of one length the request's own kind goes first, then the order of
    the file: 投诉电梯停了 is about the lift, whatever kind of request it is.
    """
    heard = text.lower()
    best: tuple[int, bool] = (0, False)
    found = None
    for category in load_categories().values():
        longest = max((len(word) for word in category.says if word in heard), default=0)
        rank = (longest, category.kind is kind)
        if longest and rank > best:
            best, found = rank, category
    return found


@cache
def load_categories() -> Mapping[str, Category]:
    """Return the categories of the file by id, in its order."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return {
        key: Category(
            id=key,
            kind=CaseKind(entry["kind"]),
            name=entry["name"],
            department=entry["department"],
            respond=read_term(entry["respond"]),
            resolve=read_term(entry["resolve"]),
            privacy=Privacy(entry["privacy"]),
            says=tuple(word.lower() for word in entry["says"]),
            asks=tuple(_question(asked) for asked in entry.get("asks", ())),
        )
        for key, entry in entries.items()
    }


def _question(entry: Mapping[str, Any]) -> Question:
    words = {locale: entry[locale] for locale in LOCALES}
    choices = {locale: tuple(entry.get("choices", {}).get(locale, ())) for locale in LOCALES}
    known = entry.get("known")
    return Question(words, choices, re.compile(known, re.IGNORECASE) if known else None)
