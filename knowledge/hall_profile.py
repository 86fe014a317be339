"""The hall itself: its name and place, when it is open, what each window handles. Read from hall.yml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import chinese_calendar

from knowledge.guide import Guide, Phone, Source, Theme

# Longer than any closure that a hall announces; a search for the next opening must end.
_SEARCH_DAYS = 120


class DayKind(StrEnum):
    """Which of the profile's rules decides a day's hours."""

    WEEKDAY = "weekday"  # the hours of that day of the week
    PUBLIC_HOLIDAY = "public_holiday"
    ADJUSTED_WORKDAY = "adjusted_workday"  # a Saturday or Sunday worked in exchange for a holiday (调休)
    CLOSURE = "closure"  # closed, or short hours, announced by the hall


@dataclass(frozen=True, order=True)
class Span:
    """From when to when the hall is open, on one day."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"


@dataclass(frozen=True)
class Closure:
    """Days, both ends included, on which the hall is closed, or open during `hours` only."""

    first: date
    last: date
    reason: str
    hours: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Window:
    """A counter: themes and single services (official names) that it handles."""

    number: str
    name: str
    themes: tuple[Theme, ...] = ()
    handles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Holiday:
    """A public holiday's name, as the calendar gives it."""

    zh: str
    en: str


@dataclass(frozen=True)
class Day:
    """One day's hours, and the rule they come from.

    `calendar_known` is False in years whose public holidays are not announced yet (or not in the installed
    calendar): then the hours follow the day of the week, and the answer should say so.
    """

    on: date
    kind: DayKind
    spans: tuple[Span, ...]
    closure: Closure | None = None
    holiday: Holiday | None = None
    calendar_known: bool = True


@dataclass(frozen=True)
class Opening:
    """How things stand at one instant. `closes_at` only while open; both instants in the hall's zone."""

    is_open: bool
    today: Day
    closes_at: datetime | None
    next_opening: datetime | None


@dataclass(frozen=True)
class HallProfile:
    """What the hall says about itself. `week` starts on Monday; `sample`: nobody has filled it in yet."""

    name: str
    address: str
    sample: bool
    timezone: ZoneInfo
    hotline: Phone
    week: tuple[tuple[Span, ...], ...]
    public_holiday: tuple[Span, ...]
    adjusted_workday: tuple[Span, ...] | None = None  # None: the hours of that day of the week
    hours_note: str | None = None
    directions: str | None = None
    closures: tuple[Closure, ...] = ()
    windows: tuple[Window, ...] = ()
    phones: tuple[Phone, ...] = ()  # its own; `hotline` is the city's
    sources: tuple[Source, ...] = ()
    verified_on: date | None = None

    def day(self, on: date) -> Day:
        """Return the hours of a day: an announced closure first, then public holidays, then the week."""
        holiday, works, known = _calendar(on)
        for closure in self.closures:
            if closure.first <= on <= closure.last:
                return Day(on, DayKind.CLOSURE, closure.hours, closure, holiday, known)
        if holiday and not works:
            return Day(on, DayKind.PUBLIC_HOLIDAY, self.public_holiday, holiday=holiday)
        spans = self.week[on.weekday()]
        if works and on.weekday() >= 5:
            worked = spans if self.adjusted_workday is None else self.adjusted_workday
            return Day(on, DayKind.ADJUSTED_WORKDAY, worked, holiday=holiday)
        return Day(on, DayKind.WEEKDAY, spans, calendar_known=known)

    def is_open(self, at: datetime) -> bool:
        """Say whether the hall is open at an (aware) instant. The closing minute is no longer open."""
        return self._open_span(at) is not None

    def next_opening(self, at: datetime) -> datetime | None:
        """Return when the hall opens next after `at`, in its own zone; None when not within months."""
        local = at.astimezone(self.timezone)
        return next((opens for opens in self._openings(local.date()) if opens > local), None)

    def opening(self, at: datetime) -> Opening:
        """Return how things stand at an (aware) instant."""
        local = at.astimezone(self.timezone)
        span = self._open_span(at)
        closes_at = datetime.combine(local.date(), span.closes, self.timezone) if span else None
        return Opening(span is not None, self.day(local.date()), closes_at, self.next_opening(at))

    def windows_for(self, guide: Guide) -> tuple[Window, ...]:
        """Return the windows that name the guide's service; failing that, those that handle its theme."""
        named = tuple(window for window in self.windows if guide.title in window.handles)
        return named or tuple(window for window in self.windows if guide.theme in window.themes)

    def _open_span(self, at: datetime) -> Span | None:
        if at.tzinfo is None:
            raise ValueError("an instant without a zone has no opening hours: pass an aware datetime")
        local = at.astimezone(self.timezone)
        spans = self.day(local.date()).spans
        return next((span for span in spans if span.opens <= local.time() < span.closes), None)

    def _openings(self, first: date) -> Iterator[datetime]:
        for offset in range(_SEARCH_DAYS):
            day = first + timedelta(days=offset)
            for span in self.day(day).spans:
                yield datetime.combine(day, span.opens, self.timezone)


def _calendar(on: date) -> tuple[Holiday | None, bool, bool]:
    """Return the day's public holiday, whether people work on it, and whether the calendar knows the year."""
    try:
        is_off, name = chinese_calendar.get_holiday_detail(on)
    except NotImplementedError:  # the calendar ends with the last year the State Council has announced
        return None, on.weekday() < 5, False
    holiday = Holiday(chinese_calendar.Holiday(name).chinese, name) if name else None
    return holiday, not is_off, True
