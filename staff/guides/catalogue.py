"""Finds guides in the list of all: by words, by where they belong and stand; sorted and page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from knowledge.overview import Entry, Standing
from language.normalise import normalise

PAGE_SIZE = 50
# A fact that nobody looked at for longer than this is worth a look: most rules are revised every year or two.
OLD_AFTER = timedelta(days=730)


@dataclass(frozen=True)
class Wanted:
    """What the list is asked for; empty text for anything."""

    words: str = ""
    department: str = ""
    theme: str = ""
    completeness: str = ""
    standing: str = ""
    sort: str = ""

    def address(self, **other: object) -> str:
        """Return the query of an address that asks for this, and for `other` beside or instead."""
        asked = {field.name: getattr(self, field.name) for field in fields(self)} | other
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True)
class Found:
    """An entry of the list, and the wording in which the words were found where it is not a name."""

    entry: Entry
    standings: tuple[Standing, ...]
    wording: str = ""


@dataclass(frozen=True)
class Shelf:
    """One page of the list, and what could be chosen."""

    found: tuple[Found, ...]
    total: int
    page: int
    pages: int
    departments: tuple[tuple[str, int], ...]
    standings: Mapping[str, int]
    everything: int


def find(entries: Sequence[Entry], wanted: Wanted, today: date) -> list[Found]:
    """Return all entries that fit, sorted."""
    words = normalise(wanted.words)
    found = []
    for entry in entries:
        card, standings = entry.card, entry.standings(today)
        fits = (
            (not wanted.department or card.department == wanted.department)
            and (not wanted.theme or card.theme == wanted.theme)
            and (not wanted.completeness or card.completeness == wanted.completeness)
            and (not wanted.standing or wanted.standing in standings)
        )
        wording = _wording(entry, words) if fits else None
        if wording is not None:
            found.append(Found(entry, standings, wording))
    key, reverse = _SORTS.get(wanted.sort, _SORTS[""])
    if words and not wanted.sort:
        return sorted(found, key=lambda one: _nearness(one, words))
    return sorted(found, key=lambda one: key(one.entry), reverse=reverse)


def shelf(entries: Sequence[Entry], wanted: Wanted, page: int, today: date) -> Shelf:
    """Return one page of what fits; a page beyond the last is the last."""
    found = find(entries, wanted, today)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(page, pages)
    departments = Counter(entry.card.department for entry in entries if entry.card.department)
    standings = Counter(str(standing) for entry in entries for standing in entry.standings(today))
    return Shelf(
        found=tuple(found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
        total=len(found),
        page=page,
        pages=pages,
        departments=tuple(sorted(departments.items(), key=lambda pair: (-pair[1], pair[0]))),
        standings=standings,
        everything=len(entries),
    )


def is_old(source_date: str, today: date) -> bool:
    """Say whether the newest source of a guide is old; a partial date counts from its beginning."""
    try:
        day = date.fromisoformat((source_date + "-01-01")[:10])
    except ValueError:
        return False
    return today - day > OLD_AFTER


def _wording(entry: Entry, words: str) -> str | None:
    """Return the wording that holds `words`, "" where a name does, None where none does."""
    if not words:
        return ""
    if any(words in normalise(name) for name in _names(entry)) or words in entry.guide_id:
        return ""
    texts = (*entry.card.aliases, *entry.card.phrasings)
    return next((text for text in texts if words in normalise(text)), None)


def _names(entry: Entry) -> Iterable[str]:
    return (entry.card.title, entry.card.plain_name)


def _nearness(found: Found, words: str) -> tuple[int, bool, int, str]:
    """Names before aliases before phrasings, the whole name first, then the shorter."""
    names = [normalise(name) for name in _names(found.entry)]
    rank = bool(found.wording) + (found.wording in found.entry.card.phrasings)
    return (rank, words not in names, min(map(len, names)), found.entry.guide_id)


_EARLY = date.min
_SORTS: Mapping[str, tuple[Callable[[Entry], Any], bool]] = {
    "": (lambda entry: (-entry.card.popularity, entry.guide_id), False),
    "title": (lambda entry: entry.card.title, False),
    "changed": (lambda entry: _moment(entry.changed_at), True),
    "verified": (lambda entry: (entry.card.verified_on or _EARLY, entry.guide_id), False),
    "review": (lambda entry: (entry.card.review_by or date.max, entry.guide_id), False),
    "source": (lambda entry: (entry.card.source_date, entry.guide_id), False),
}
SORTS = tuple(_SORTS)


def _moment(at: datetime | None) -> float:
    return at.timestamp() if at is not None else 0.0
