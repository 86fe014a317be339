"""Periods of figures: whole days of the hall's zone, and the steps of a chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


class Step(StrEnum):
    """How far the points of a chart lie apart. Weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Period:
    """The cases that were filed from the first to the last day, both included.

    Raises ValueError where the last day lies before the first.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse what ends before it begins."""
        if self.last < self.first:
            raise ValueError(f"a period ends on its first day or later: {self.first} to {self.last}")

    @classmethod
    def month_of(cls, day: date) -> Period:
        """Return the calendar month of a day."""
        return cls(day.replace(day=1), _next_month(day) - _DAY)

    @classmethod
    def year_of(cls, day: date) -> Period:
        """Return the calendar year of a day."""
        return cls(date(day.year, 1, 1), date(day.year, 12, 31))

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the instant of its beginning and the one just after its end."""
        midnight = time(tzinfo=zone)
        return datetime.combine(self.first, midnight), datetime.combine(self.last + _DAY, midnight)

    def whole_months(self) -> Period | None:
        """Return the calendar months that lie in it as a whole, or None where none does."""
        first = self.first if self.first.day == 1 else _next_month(self.first)
        last = (self.last + _DAY).replace(day=1) - _DAY
        return Period(first, last) if first < last else None

    def split(self, step: Step) -> Iterator[Period]:
        """Yield it in steps, the first and the last one cut off at its ends."""
        first = self.first
        while first <= self.last:
            last = min(_last_of_step(first, step), self.last)
            yield Period(first, last)
            first = last + _DAY


def _last_of_step(day: date, step: Step) -> date:
    if step is Step.MONTH:
        return _next_month(day) - _DAY
    return day + (6 - day.weekday()) * _DAY if step is Step.WEEK else day


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
