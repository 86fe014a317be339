"""Deadlines count working time: over real holidays, through pauses, and into years nobody has announced."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cases.work.deadlines import OfficeTime, Pause, Term, TermError, TermUnit, read_term
from language.workdays import WorkCalendar, read_announcement

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = OfficeTime(WorkCalendar(), SHANGHAI, ((time(9), time(11, 30)), (time(13), time(17))))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# Worked out by hand on the announced calendars; a day has 6.5 hours of office time.
HOLIDAYS = [
    # Spring Festival 2024: off 10 to 17 February, Sunday 4 and Sunday 18 February worked.
    ("2024-02-08 16:00", "2 days", "2024-02-18 17:00"),
    ("2024-02-09 16:30", "1 hours", "2024-02-18 09:30"),
    ("2024-02-02 16:30", "4 hours", "2024-02-04 14:00"),
    # Labour Day 2024: off 1 to 5 May, Sunday 28 April and Saturday 11 May worked.
    ("2024-04-26 10:00", "3 days", "2024-04-30 17:00"),
    ("2024-04-30 10:00", "5 days", "2024-05-10 17:00"),
    ("2024-04-30 10:00", "6 days", "2024-05-11 17:00"),
    ("2024-05-03 12:00", "2 hours", "2024-05-06 11:00"),
    # National Day 2025: off 1 to 8 October, Sunday 28 September and Saturday 11 October worked.
    ("2025-09-26 17:30", "1 days", "2025-09-28 17:00"),
    ("2025-09-30 16:00", "2 hours", "2025-10-09 10:00"),
    ("2025-09-30 08:00", "3 days", "2025-10-11 17:00"),
    # An ordinary week: the lunch hour and the night do not count.
    ("2026-06-11 11:00", "1 hours", "2026-06-11 13:30"),
    ("2026-06-11 20:00", "1 hours", "2026-06-12 10:00"),
    ("2026-06-11 09:00", "1 days", "2026-06-12 17:00"),
]


@pytest.mark.parametrize(("start", "term", "due"), HOLIDAYS)
def test_a_term_runs_over_holidays_as_counted_by_hand(start: str, term: str, due: str) -> None:
    found = OFFICE.due(local(start), read_term(term))
    assert found.at.astimezone(SHANGHAI) == local(due)
    assert not found.is_provisional


def test_a_pause_moves_the_deadline_by_the_office_time_it_took() -> None:
    start = local("2026-06-11 09:00")  # a Thursday
    pause = Pause(local("2026-06-12 10:00"), local("2026-06-15 10:00"))  # Friday to Monday: 6.5 hours
    assert OFFICE.due(start, read_term("1 days"), [pause]).at == local("2026-06-15 17:00")
    assert OFFICE.due(start, read_term("1 days"), [pause, pause]).at == local("2026-06-15 17:00")


def test_a_pause_before_a_term_counts_takes_nothing_away() -> None:
    pause = Pause(local("2026-06-11 09:30"), local("2026-06-11 16:00"))
    due = OFFICE.due(local("2026-06-11 09:00"), read_term("1 days"), [pause])
    assert due.at == local("2026-06-12 17:00")


def test_a_pause_after_the_deadline_forgives_nothing() -> None:
    pause = Pause(local("2026-06-15 09:30"), local("2026-06-16 16:00"))
    due = OFFICE.due(local("2026-06-11 09:00"), read_term("1 days"), [pause])
    assert due.at == local("2026-06-12 17:00")


def test_a_pause_that_ends_before_it_began_takes_nothing_away() -> None:
    """A clock set back may write such a one."""
    pause = Pause(local("2026-06-12 11:00"), local("2026-06-12 10:00"))
    due = OFFICE.due(local("2026-06-11 09:00"), read_term("1 days"), [pause])
    assert due.at == local("2026-06-12 17:00")


def test_a_deadline_in_a_year_without_announced_holidays_is_provisional_until_they_are_loaded() -> None:
    start = local("2030-12-30 10:00")
    before = OFFICE.due(start, read_term("3 days"))
    assert (before.at, before.is_provisional) == (local("2031-01-02 17:00"), True)
    entries = (
        {"year": 2030, "source": "test", "days_off": ["2030-10-01"]},
        {
            "year": 2031,
            "source": "test",
            "days_off": ["2031-01-01..2031-01-03"],
            "days_worked": ["2031-01-04"],
        },
    )
    announced = {a.year: a for a in map(read_announcement, entries)}
    after = OfficeTime(WorkCalendar(announced), SHANGHAI, OFFICE.hours).due(start, read_term("3 days"))
    assert (after.at, after.is_provisional) == (local("2031-01-06 17:00"), False)


def test_a_calendar_without_working_days_is_an_error_and_not_an_endless_search() -> None:
    class Never(WorkCalendar):
        def is_workday(self, day: object) -> bool:
            return False

    office = OfficeTime(Never(), SHANGHAI, OFFICE.hours)
    with pytest.raises(TermError, match="no working days"):
        office.add(local("2026-06-11 09:00"), timedelta(hours=1))


@pytest.mark.parametrize(
    "text", ["", "0 days", "5", "5 weeks", "-1 days", "9999 hours", "1e3 days", "251 days"]
)
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(TermError):
        read_term(text)


def test_a_term_reads_as_it_is_written() -> None:
    assert [str(read_term(text)) for text in ("4 hours", "1 day", " 10days ")] == [
        "4 hours",
        "1 days",
        "10 days",
    ]


@pytest.mark.parametrize("hours", [(), ((time(9), time(9)),), ((time(9), time(12)), (time(11), time(17)))])
def test_office_hours_that_make_no_sense_are_refused(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(TermError, match="office hours"):
        OfficeTime(WorkCalendar(), SHANGHAI, hours)


instants = some.integers(0, 1_250_000).map(
    lambda minutes: local("2024-01-01 00:00") + timedelta(minutes=minutes)
)
lengths = some.integers(0, 3000).map(lambda minutes: timedelta(minutes=minutes))
terms = some.builds(Term, some.integers(1, 30), some.sampled_from(TermUnit))


@settings(deadline=None)  # how long a slow machine takes proves nothing
@given(instants, lengths, lengths)
def test_adding_twice_is_adding_the_sum(start: datetime, one: timedelta, two: timedelta) -> None:
    assert OFFICE.add(OFFICE.add(start, one), two) == OFFICE.add(start, one + two)


@settings(deadline=None)  # how long a slow machine takes proves nothing
@given(instants, lengths)
def test_what_is_added_lies_between(start: datetime, amount: timedelta) -> None:
    assert OFFICE.between(start, OFFICE.add(start, amount)) == amount


@settings(deadline=None)  # how long a slow machine takes proves nothing
@given(instants, instants, instants)
def test_time_between_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    assert OFFICE.between(first, last) == OFFICE.between(first, middle) + OFFICE.between(middle, last)


@settings(deadline=None)  # how long a slow machine takes proves nothing
@given(instants, terms, some.lists(some.tuples(lengths, lengths), max_size=4))
def test_pausing_and_adding_commute(
    start: datetime, term: Term, spans: list[tuple[timedelta, timedelta]]
) -> None:
    """Time worked until the deadline, without the pauses, is the term."""
    pauses, at = [], start
    for gap, length in spans:
        since = at + gap
        at = since + length
        pauses.append(Pause(since, at))
    due = OFFICE.due(start, term, pauses).at
    begin = OFFICE.begins(start, term.unit)
    lost = sum(
        (OFFICE.between(max(p.since, begin), min(p.until, due)) for p in pauses if p.until), timedelta()
    )
    assert OFFICE.between(begin, due) - lost == OFFICE.length(term)


@settings(deadline=None)  # how long a slow machine takes proves nothing
@given(instants, terms, some.permutations(range(3)))
def test_the_order_of_pauses_does_not_matter(start: datetime, term: Term, order: list[int]) -> None:
    pauses = [Pause(start + timedelta(hours=h), start + timedelta(hours=h + 5)) for h in (1, 4, 30)]
    assert OFFICE.due(start, term, pauses) == OFFICE.due(start, term, [pauses[i] for i in order])


@settings(deadline=None)  # how long a slow machine takes proves nothing
@given(instants, instants, terms)
def test_who_begins_later_is_due_no_earlier(one: datetime, two: datetime, term: Term) -> None:
    early, late = sorted((one, two))
    assert OFFICE.due(early, term).at <= OFFICE.due(late, term).at
