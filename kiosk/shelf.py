"""Guides as the kiosk's lists show them: by theme, by department, by how often they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.guide import Guide, Theme

PAGE_SIZE = 10  # with the buttons below them they fill an upright screen
HOT_QUESTIONS = 6
# Two columns hold 9 characters of a hot question on one line in large type, its question mark among them.
HOT_QUESTION_CHARS = 9
# Latin letters are half as wide.
HOT_QUESTION_LETTERS = 20
# A tile is a question about the whole service: what it asks is in these words. "吗" asks about one detail.
_ASKING = ("怎么", "哪", "什么", "多少")
HOME_THEMES = tuple(Theme)[:8]


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    guides: tuple[Guide, ...]
    number: int
    pages: int


def most_asked(guides: Sequence[Guide]) -> list[Guide]:
    """Return the guides, those asked most often first."""
    return sorted(guides, key=lambda guide: (-guide.popularity, guide.title))


def of_theme(guides: Sequence[Guide], theme: str) -> list[Guide]:
    """Return the guides under one theme."""
    return [guide for guide in most_asked(guides) if guide.theme == theme]


def of_department(guides: Sequence[Guide], department: str) -> list[Guide]:
    """Return the guides of one department."""
    return [guide for guide in most_asked(guides) if guide.department == department]


def departments(guides: Sequence[Guide]) -> list[tuple[str, int]]:
    """Return every department with its number of guides, the largest first."""
    counts: dict[str, int] = {}
    for guide in guides:
        counts[guide.department] = counts.get(guide.department, 0) + 1
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def page_of(guides: Sequence[Guide], wanted: int, size: int = PAGE_SIZE) -> Page:
    """Return page `wanted` (from 1), or the nearest that exists."""
    pages = max(1, -(-len(guides) // size))
    number = min(max(wanted, 1), pages)
    return Page(tuple(guides[(number - 1) * size : number * size]), number, pages)


def hot_questions(guides: Sequence[Guide], locale: str = "zh") -> list[str]:
    """Return the questions that visitors ask most, each short enough for one line."""
    questions: list[str] = []
    for guide in most_asked(guides):
        asked = _in_english(guide) if locale == "en" else _first(map(_as_question, guide.phrasings))
        if asked and asked not in questions:
            questions.append(asked)
        if len(questions) == HOT_QUESTIONS:
            break
    return questions


def _in_english(guide: Guide) -> str | None:
    return _first(map(_as_english_question, guide.english.phrasings)) if guide.english else None


def _first(questions: Iterable[str | None]) -> str | None:
    return next(filter(None, questions), None)


def _as_english_question(phrasing: str) -> str | None:
    asked = phrasing[:1].upper() + phrasing[1:]
    return asked if len(asked) <= HOT_QUESTION_LETTERS and len(asked.split()) > 1 else None


def _as_question(phrasing: str) -> str | None:
    asked = phrasing.rstrip("？?") + "？"
    is_whole = any(word in asked for word in _ASKING) and "吗" not in asked
    return asked if is_whole and 5 <= len(asked) <= HOT_QUESTION_CHARS else None


def keyboard_words(guides: Sequence[Guide]) -> list[str]:
    """Return the words of the guides that a visitor may type."""
    return [
        word
        for guide in guides
        for word in (guide.title, guide.plain_name or "", *guide.aliases, *guide.phrasings)
        if word
    ]
