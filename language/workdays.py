"""Which days are worked in mainland China: weekends, holidays, and days worked in exchange (调休).

The announced years come from `chinesecalendar` and from what staff load when a year is announced before the
library knows it. A year that nobody knows yet counts weekends only and is called provisional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import chinese_calendar

_SATURDAY = 5
_LONGEST_RANGE_DAYS = 31
_KNOWN_BY_LIBRARY = frozenset(
    day.year for day in (*chinese_calendar.constants.holidays, *chinese_calendar.constants.workdays)
)


class AnnouncementError(ValueError):
    """An announcement of holidays that cannot be used; the message says which entry and what to write."""


@dataclass(frozen=True)
class Announcement:
    """The holidays of a year as the State Council's office announced them.

    `off` are days without work, weekends or not; `worked` are weekend days worked in exchange. `source` says
    where that is written. Both may reach a few days into the next year's start or the last year's end.
    """

    year: int
    off: frozenset[date]
    worked: frozenset[date]
    source: str

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if both := self.off & self.worked:
            raise AnnouncementError(f"{min(both)} is both a day off and a day worked: keep one of them")
        for day in sorted(self.off | self.worked):
            if abs(day - date(self.year, 7, 2)) > timedelta(days=200):
                raise AnnouncementError(f"{day} does not belong to the holidays of {self.year}")
        if early := [day for day in sorted(self.worked) if day.weekday() < _SATURDAY]:
            raise AnnouncementError(
                f"{early[0]} is a weekday anyway: `days_worked` lists Saturdays and Sundays"
            )
        if not self.off:
            raise AnnouncementError(f"the holidays of {self.year} list no day off")


@dataclass(frozen=True)
class WorkCalendar:
    """Tells working days. `announced` by year goes before the library."""

    announced: Mapping[int, Announcement] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Return whether offices work on this day."""
        # Late December may be named by the announcement of the year that follows.
        for year in (day.year, day.year + 1, day.year - 1):
            if announcement := self.announced.get(year):
                if day in announcement.off:
                    return False
                if day in announcement.worked:
                    return True
        if day.year not in self.announced and day.year in _KNOWN_BY_LIBRARY:
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < _SATURDAY

    def is_provisional(self, day: date) -> bool:
        """Return whether the holidays of the day's year are not announced yet: only weekends count."""
        return day.year not in self.announced and day.year not in _KNOWN_BY_LIBRARY


def read_announcement(entry: Mapping[str, Any]) -> Announcement:
    """Return the announcement that a file holds: `year`, `source`, lists `days_off` and `days_worked`.

    A day is `2027-02-05`, a run of days `2027-02-05..2027-02-11`. Not called `off`: YAML reads that as false.
    Raises AnnouncementError.
    """
    year, source = entry.get("year"), entry.get("source")
    if not isinstance(year, int) or isinstance(year, bool) or not 2000 <= year <= 2100:
        raise AnnouncementError("`year` must be a year such as 2027")
    if not isinstance(source, str) or not source.strip():
        raise AnnouncementError("`source` must say where the announcement is written")
    return Announcement(
        year,
        _days(entry.get("days_off"), "days_off"),
        _days(entry.get("days_worked"), "days_worked"),
        source.strip(),
    )


def _days(entries: object, name: str) -> frozenset[date]:
    if entries is None:
        return frozenset()
    if not isinstance(entries, list):
        raise AnnouncementError(f"`{name}` must be a list of days")
    days: set[date] = set()
    for entry in entries:
        first, _, last = str(entry).partition("..")
        try:
            start, end = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
        except ValueError:
            raise AnnouncementError(
                f"`{name}`: {entry} is no day: write 2027-02-05 or 2027-02-05..2027-02-11"
            ) from None
        if not timedelta(0) <= end - start <= timedelta(days=_LONGEST_RANGE_DAYS):
            raise AnnouncementError(f"`{name}`: {entry} runs backwards or longer than a month")
        days |= {start + timedelta(days=step) for step in range((end - start).days + 1)}
    return frozenset(days)
