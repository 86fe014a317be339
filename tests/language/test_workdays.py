"""Working days are those of the State Council's announcements; a year without one says so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from language.workdays import AnnouncementError, WorkCalendar, read_announcement

CALENDAR = WorkCalendar()
# Three holidays with days worked in exchange, as the State Council's office announced them:
# 国办发明电〔2023〕7号 (2024), 国办发明电〔2024〕12号 (2025).
OFF = {
    "Spring Festival 2024": [date(2024, 2, 10) + timedelta(days=step) for step in range(8)],
    "Labour Day 2024": [date(2024, 5, 1) + timedelta(days=step) for step in range(5)],
    "National Day 2024": [date(2024, 10, 1) + timedelta(days=step) for step in range(7)],
    "Spring Festival 2025": [date(2025, 1, 28) + timedelta(days=step) for step in range(8)],
    "National Day 2025": [date(2025, 10, 1) + timedelta(days=step) for step in range(8)],
}
WORKED = [
    *(date(2024, 2, 4), date(2024, 2, 18), date(2024, 4, 28), date(2024, 5, 11)),
    *(date(2024, 9, 29), date(2024, 10, 12)),
    *(date(2025, 1, 26), date(2025, 2, 8), date(2025, 9, 28), date(2025, 10, 11)),
]


@pytest.mark.parametrize("name", OFF)
def test_nobody_works_on_a_public_holiday(name: str) -> None:
    assert [day for day in OFF[name] if CALENDAR.is_workday(day)] == []


def test_a_weekend_worked_in_exchange_is_a_working_day() -> None:
    assert [day for day in WORKED if not CALENDAR.is_workday(day)] == []
    assert all(day.weekday() >= 5 for day in WORKED)


def test_a_year_without_an_announcement_counts_weekends_only_and_says_so() -> None:
    new_year = date(2031, 1, 1)
    assert CALENDAR.is_provisional(new_year)
    assert CALENDAR.is_workday(new_year)
    assert not CALENDAR.is_workday(date(2031, 1, 4))
    assert not CALENDAR.is_provisional(date(2026, 10, 1))


def test_what_staff_load_goes_before_and_ends_the_provisional_year() -> None:
    entry = {
        "year": 2031,
        "source": "test",
        "days_off": ["2031-01-01", "2031-01-22..2031-01-28", "2030-12-31"],
        "days_worked": ["2031-01-18"],
    }
    calendar = WorkCalendar({2031: read_announcement(entry)})
    assert not calendar.is_provisional(date(2031, 1, 1))
    assert not calendar.is_workday(date(2031, 1, 1))
    assert not calendar.is_workday(date(2031, 1, 24))
    assert not calendar.is_workday(date(2030, 12, 31))
    assert calendar.is_workday(date(2031, 1, 18))
    assert calendar.is_provisional(date(2030, 12, 31))


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ({"year": "2031"}, "a year such as"),
        ({"year": True}, "a year such as"),
        ({"source": " "}, "where the announcement"),
        ({"days_off": None}, "no day off"),
        ({"days_off": "2031-01-01"}, "list of days"),
        ({"days_off": ["2031-13-01"]}, "is no day"),
        ({"days_off": ["2031-02-05..2031-01-01"]}, "runs backwards"),
        ({"days_off": ["2032-06-01"]}, "does not belong"),
        ({"days_worked": ["2031-01-01"]}, "both"),
        ({"days_worked": ["2031-01-06"]}, "a weekday anyway"),
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused_with_the_remedy(
    change: dict[str, object], remedy: str
) -> None:
    entry = {"year": 2031, "source": "test", "days_off": ["2031-01-01"], **change}
    with pytest.raises(AnnouncementError, match=remedy):
        read_announcement(entry)
