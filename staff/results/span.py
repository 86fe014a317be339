"""The span of days that results are read for, as the address says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cases.figures.periods import Period, Step
from staff.visit import Visit

USUAL = "this_month"
MOST_DAYS = 400  # a year and its month before

_DAY = timedelta(days=1)
# A span is drawn in pieces that leave neither a cloud of points nor a single one.
_MOST_BY_DAY, _MOST_BY_WEEK = 14, 190


@dataclass(frozen=True)
class Span:
    """The days from `first` to `last`, both included; `name` is set where they are one of NAMED."""

    first: date
    last: date
    name: str = ""
    error: str = ""

    @property
    def period(self) -> Period:
        """Return it as the case store takes it."""
        return Period(self.first, self.last)

    @property
    def step(self) -> Step:
        """In which pieces it is drawn over time."""
        days = (self.last - self.first).days + 1
        if days <= _MOST_BY_DAY:
            return Step.DAY
        return Step.WEEK if days <= _MOST_BY_WEEK else Step.MONTH


def span_of(visit: Visit) -> Span:
    """Return the days that the address asks for: `from` and `to`, else a named `span`, else this month."""
    today = visit.means.clock().astimezone(visit.means.zone).date()
    name = visit.arg("span")
    if name in NAMED:
        return Span(*NAMED[name](today), name)
    if not visit.arg("from") and not visit.arg("to"):
        return Span(*NAMED[USUAL](today), USUAL)
    try:
        first, last = date.fromisoformat(visit.arg("from")), date.fromisoformat(visit.arg("to"))
    except ValueError:
        return Span(*NAMED[USUAL](today), USUAL, "results_no_day")
    if not 0 <= (last - first).days < MOST_DAYS or first.year < 2000 or last.year > 9000:
        return Span(*NAMED[USUAL](today), USUAL, "results_bad_span")
    named = next((one for one, days in NAMED.items() if days(today) == (first, last)), "")
    return Span(first, last, named)


def _this_month(today: date) -> tuple[date, date]:
    return today.replace(day=1), today


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - _DAY
    return last.replace(day=1), last


def _this_quarter(today: date) -> tuple[date, date]:
    return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), today


def _this_year(today: date) -> tuple[date, date]:
    return today.replace(month=1, day=1), today


NAMED: Mapping[str, Callable[[date], tuple[date, date]]] = {
    "this_month": _this_month,
    "last_month": _last_month,
    "quarter": _this_quarter,
    "year": _this_year,
}
