"""Deadlines in working time: pure functions of stored instants, so that a list of what is overdue is right.

A term in hours begins at once. A term in days begins with the next working day's opening and ends with the
last one's closing (articles 201 and 203 of 民法典, the Civil Code). Both count office time; a working
day is one day's office time, so that pausing and adding commute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from language.workdays import WorkCalendar

_MOST = {"hours": 2_000, "days": 250}  # about a year: longer is a typing error
_SPEC = re.compile(r"(\d{1,4}) ?(hours?|days?)")
_DAY = timedelta(days=1)
# Two years without a single working minute: office hours that are empty.
_LONGEST_SEARCH = 750


class TermUnit(StrEnum):
    """What a term is counted in."""

    HOURS = "hours"
    DAYS = "days"


class TermError(ValueError):
    """A term or office hours that cannot be used; the message says what to write."""


@dataclass(frozen=True)
class Term:
    """So many working hours, or working days."""

    amount: int
    unit: TermUnit

    def __post_init__(self) -> None:
        """Refuse nonsense."""
        if not 0 < self.amount <= _MOST[self.unit]:
            raise TermError(f"a term has 1 to {_MOST[self.unit]} {self.unit}, not {self.amount}")

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


def read_term(text: str) -> Term:
    """Return the term that `4 hours` or `5 days` says. Raises TermError."""
    match = _SPEC.fullmatch(text.strip())
    if match is None:
        raise TermError(f"'{text}' is no term: write it like `4 hours` or `5 days` (working time)")
    return Term(int(match.group(1)), TermUnit(match.group(2).rstrip("s") + "s"))


@dataclass(frozen=True)
class Pause:
    """A time that does not count; `until` is None while it lasts."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Due:
    """When a term ends, and whether the calendar on the way there is only provisional."""

    at: datetime
    is_provisional: bool


@dataclass(frozen=True)
class OfficeTime:
    """The office hours of a working day (local, in order, without overlap), the calendar and the zone."""

    calendar: WorkCalendar
    zone: ZoneInfo
    hours: tuple[tuple[time, time], ...]

    def __post_init__(self) -> None:
        """Refuse hours that run backwards or overlap."""
        edges = [edge for span in self.hours for edge in span]
        if not edges or any(first >= second for first, second in pairwise(edges)):
            raise TermError("office hours must be spans in order, such as 09:00-11:30 and 13:00-17:00")

    @cached_property
    def day_length(self) -> timedelta:
        """The office time of one working day."""
        return sum((_length(opens, closes) for opens, closes in self.hours), timedelta())

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the office time between two instants; none where `end` is not after `start`."""
        if end <= start:
            return timedelta()
        total = timedelta()
        last = end.astimezone(self.zone).date()
        for day in self._days(start):
            if day > last:
                return total
            for opens, closes in self._spans(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
        return total

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """Return the earliest instant at which so much office time has passed since `start`."""
        if amount <= timedelta():
            return start
        for count, day in enumerate(self._days(start)):
            for opens, closes in self._spans(day):
                begins = max(opens, start)
                if begins >= closes:
                    continue
                if amount <= closes - begins:
                    return (begins + amount).astimezone(UTC)
                amount -= closes - begins
            if count > _LONGEST_SEARCH * (1 + amount / self.day_length):
                break
        raise TermError("the calendar has no working days: check the announcement that was loaded")

    def back(self, end: datetime, amount: timedelta) -> datetime:
        """Return the latest instant from which so much office time passes until `end`."""
        if amount <= timedelta():
            return end
        local = end.astimezone(self.zone).date()
        for step in range(_LONGEST_SEARCH):
            for opens, closes in reversed(self._spans(local - step * _DAY)):
                ends = min(closes, end)
                if ends <= opens:
                    continue
                if amount <= ends - opens:
                    return (ends - amount).astimezone(UTC)
                amount -= ends - opens
        raise TermError("the calendar has no working days: check the announcement that was loaded")

    def begins(self, start: datetime, unit: TermUnit) -> datetime:
        """Return from when a term counts: at once for hours, with the next working day's opening for days."""
        if unit is TermUnit.HOURS:
            return start
        local = start.astimezone(self.zone).date()
        for day in self._days(start):
            if day > local and (spans := self._spans(day)):
                return spans[0][0].astimezone(UTC)
        raise AssertionError("days never end")

    def due(self, start: datetime, term: Term, pauses: Sequence[Pause] = ()) -> Due:
        """Return when a term that began at `start` ends, moved by the pauses that are over.

        A pause before the term counts takes nothing away, nor one after its end. Pauses may touch or overlap:
        no minute counts twice.
        """
        begin = self.begins(start, term.unit)
        amount = self.length(term)
        at = self.add(begin, amount)
        for pause in _joined(pauses):
            if pause.until is None or pause.since >= at:
                continue
            at = self.add(at, self.between(max(pause.since, begin), pause.until))
        return Due(at, self.is_provisional(begin, at))

    def length(self, term: Term) -> timedelta:
        """Return a term as office time."""
        return term.amount * (timedelta(hours=1) if term.unit is TermUnit.HOURS else self.day_length)

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Return whether a year between two instants has no announced holidays."""
        first, last = start.astimezone(self.zone).year, end.astimezone(self.zone).year
        return any(self.calendar.is_provisional(date(year, 12, 31)) for year in range(first, last + 1))

    def _days(self, start: datetime) -> Iterator[date]:
        day = start.astimezone(self.zone).date()
        while True:
            yield day
            day += _DAY

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.calendar.is_workday(day):
            return []
        return [
            (
                datetime.combine(day, opens, self.zone).astimezone(UTC),
                datetime.combine(day, closes, self.zone).astimezone(UTC),
            )
            for opens, closes in self.hours
        ]


def _joined(pauses: Sequence[Pause]) -> list[Pause]:
    """Return ended pauses in order, those that overlap as one; a clock set back makes one of no length."""
    joined: list[Pause] = []
    for pause in sorted((p for p in pauses if p.until is not None), key=lambda p: p.since):
        until = pause.until or pause.since
        if joined and pause.since <= (before := joined[-1].until or pause.since):
            joined[-1] = Pause(joined[-1].since, max(before, until))
        elif until > pause.since:
            joined.append(pause)
    return joined


def _length(opens: time, closes: time) -> timedelta:
    return datetime.combine(date.min, closes) - datetime.combine(date.min, opens)
