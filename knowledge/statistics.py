"""Counts over the guides: what they hold, how old their sources are, what is blank."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from knowledge.guide import FACT_FIELDS, Completeness, Guide, Source

_WORDS = Path(__file__).with_name("statistics.yml")
# Blank neighbours and phrasings are worth a look too, though they need no source.
_LOOKED_AT = (*FACT_FIELDS, "neighbours")


@dataclass(frozen=True)
class Row:
    """Guides of one department or theme, by completeness."""

    name: str
    full: int
    partial: int
    pointer: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.full + self.partial + self.pointer


@dataclass(frozen=True)
class Statistics:
    """What is counted. Pairs are (name, count), in the order in which a page lists them."""

    guides: int
    completeness: Row
    departments: tuple[Row, ...]
    themes: tuple[Row, ...]
    phrasings: int
    phrasings_fewest: int
    phrasings_median: int
    phrasings_most: int
    phrasing_counts: tuple[tuple[str, int], ...]
    english: int  # guides with an English title
    english_phrasings: int
    names: int  # titles, everyday names and aliases
    sources: int
    guides_without_source: int
    source_kinds: tuple[tuple[str, int], ...]
    source_years: tuple[tuple[str, int], ...]
    newest_source_years: tuple[tuple[str, int], ...]  # a guide counts once, by its newest source
    filled: tuple[tuple[str, int], ...]
    statuses: tuple[tuple[str, int], ...]
    verified: int
    review_due: int
    expired: int
    not_yet_effective: int


def count(guides: Sequence[Guide], on: date) -> Statistics:
    """Count the guides as they stand on that day."""
    sources = [source for guide in guides for source in guide.sources]
    asked = sorted(len(guide.phrasings) for guide in guides)
    return Statistics(
        guides=len(guides),
        completeness=_row("", guides),
        departments=_rows(guides, lambda guide: guide.department),
        themes=_rows(guides, lambda guide: str(guide.theme)),
        phrasings=sum(asked),
        phrasings_fewest=asked[0] if asked else 0,
        phrasings_median=asked[len(asked) // 2] if asked else 0,
        phrasings_most=asked[-1] if asked else 0,
        phrasing_counts=tuple((str(number), n) for number, n in sorted(Counter(asked).items())),
        english=sum(guide.english is not None for guide in guides),
        english_phrasings=sum(len(guide.english.phrasings) for guide in guides if guide.english),
        names=sum(2 + len(guide.aliases) for guide in guides),
        sources=len(sources),
        guides_without_source=sum(not guide.sources for guide in guides),
        source_kinds=_in_order(map(kind_of, sources), [kind["kind"] for kind in words()["source_kinds"]]),
        source_years=_by_year((source.date or "") for source in sources),
        newest_source_years=_by_year((guide.source_date_for() or "") for guide in guides),
        filled=tuple((name, sum(bool(getattr(guide, name)) for guide in guides)) for name in _LOOKED_AT),
        statuses=_in_order((str(guide.status) for guide in guides), list(words()["statuses"])),
        verified=sum(guide.verified_on is not None for guide in guides),
        review_due=sum(guide.review_due(on) for guide in guides),
        expired=sum(guide.is_expired(on) for guide in guides),
        not_yet_effective=sum(not guide.is_effective(on) for guide in guides),
    )


def kind_of(source: Source) -> str:
    """Return the kind of a source by the host of its address, as statistics.yml tells them apart."""
    host = (urlsplit(source.url).hostname or "") if source.url else ""
    return next(
        str(kind["kind"])
        for kind in words()["source_kinds"]
        if bool(host) is bool(kind["host"]) and re.search(kind["host"], host)
    )


@cache
def words() -> dict[str, Any]:
    """Return the words of the page and the kinds of sources."""
    read: dict[str, Any] = yaml.safe_load(_WORDS.read_text("utf-8"))
    return read


def _rows(guides: Iterable[Guide], name_of: Callable[[Guide], str]) -> tuple[Row, ...]:
    groups: dict[str, list[Guide]] = {}
    for guide in guides:
        groups.setdefault(name_of(guide), []).append(guide)
    return tuple(sorted((_row(*group) for group in groups.items()), key=lambda row: (-row.total, row.name)))


def _row(name: str, guides: Sequence[Guide]) -> Row:
    known = Counter(guide.completeness for guide in guides)
    return Row(name, known[Completeness.FULL], known[Completeness.PARTIAL], known[Completeness.POINTER])


def _in_order(found: Iterable[str], order: Sequence[str]) -> tuple[tuple[str, int], ...]:
    counted = Counter(found)
    return tuple((name, counted[name]) for name in order)


def _by_year(dates: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Count by year, the newest first, those without a date last (under an empty name)."""
    counted = Counter(text[:4] for text in dates)
    return tuple(sorted(counted.items(), key=lambda pair: pair[0], reverse=True))
