"""What somebody types into the search of the lists: a number, a piece of one, or words for what and where.

A resident's own words are sealed and cannot be searched: words are looked for in the names of categories,
grids and buildings, and as the hotline's number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cases.arrivals.categories import load_categories
from cases.case import KEY_MAX_CHARS
from cases.lookups import find_number_and_code
from cases.places.directory import Directory
from cases.work.queues import Words

# The last digits alone are said of cases that are still in everybody's mind.
_RECENT_DAYS = 60
_BEGINNING = re.compile(r"\d{6}-?\d{0,3}")
_ENDING = re.compile(r"\d{1,4}")
_MOST_WORDS = 4


@dataclass(frozen=True)
class Search:
    """What a text asks for; what is None was not said."""

    number: str | None = None  # the whole of it: one case
    number_begins: str | None = None
    numbers: tuple[str, ...] | None = None  # one of these
    since: datetime | None = None
    until: datetime | None = None
    words: tuple[Words, ...] = ()


def read_search(text: str, places: Directory, now: datetime, zone: ZoneInfo) -> Search:
    """Return what a text asks for; a piece of a number names its day, which is a range of an index."""
    typed = text.strip()
    if not typed:
        return Search()
    # With letters it may be the hotline's own number.
    if not any(c.isalpha() for c in typed) and (number := find_number_and_code(typed)[0]):
        return Search(number=number)
    if _ENDING.fullmatch(typed):
        today = now.astimezone(zone).date()
        days = (today - timedelta(days=ago) for ago in range(_RECENT_DAYS + 1))
        return Search(numbers=tuple(f"{day:%y%m%d}-{typed:0>4}" for day in days))
    if _BEGINNING.fullmatch(typed) and (day := _day(typed[:6], zone)):
        begins = typed[:6] + "-" + typed[6:].lstrip("-")
        return Search(number_begins=begins, since=day, until=day + timedelta(days=1))
    return Search(words=tuple(_meaning(word, places) for word in typed.split()[:_MOST_WORDS]))


def _meaning(word: str, places: Directory) -> Words:
    heard = word.lower()
    categories = tuple(
        one.id
        for one in load_categories().values()
        if heard in one.name["zh"].lower() or any(heard in said for said in one.says)
    )
    return Words(categories, places.buildings_called(word), places.grids_called(word), word[:KEY_MAX_CHARS])


def _day(digits: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.strptime(digits, "%y%m%d").replace(tzinfo=zone)
    except ValueError:
        return None
