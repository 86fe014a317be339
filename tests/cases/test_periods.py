"""Periods are whole days, and their steps leave no day out and none in twice."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.figures.periods import Period, Step

DAYS = st.dates(date(2023, 12, 1), date(2025, 3, 31))


def days_of(period: Period) -> list[date]:
    return [period.first + timedelta(days=count) for count in range((period.last - period.first).days + 1)]


@given(DAYS, DAYS, st.sampled_from(Step))
def test_steps_hold_each_day_once_and_in_order(one: date, other: date, step: Step) -> None:
    period = Period(min(one, other), max(one, other))
    spans = list(period.split(step))
    assert [day for span in spans for day in days_of(span)] == days_of(period)
    for span in spans[1:]:
        assert {Step.DAY: True, Step.WEEK: span.first.weekday() == 0, Step.MONTH: span.first.day == 1}[step]


@given(DAYS, DAYS)
def test_whole_months_are_all_of_those_that_lie_inside(one: date, other: date) -> None:
    period = Period(min(one, other), max(one, other))
    inside = set(days_of(period))
    months = {day.replace(day=1): Period.month_of(day) for day in inside}
    whole = {day for month in months.values() if inside.issuperset(days_of(month)) for day in days_of(month)}
    found = period.whole_months()
    assert set(days_of(found) if found else ()) == whole


def test_a_period_begins_and_ends_at_midnight_of_the_hall() -> None:
    since, until = Period(date(2026, 6, 1), date(2026, 6, 30)).instants(ZoneInfo("Asia/Shanghai"))
    assert (since.isoformat(), until.isoformat()) == (
        "2026-06-01T00:00:00+08:00",
        "2026-07-01T00:00:00+08:00",
    )
    with pytest.raises(ValueError, match="ends on its first day or later"):
        Period(date(2026, 6, 2), date(2026, 6, 1))
