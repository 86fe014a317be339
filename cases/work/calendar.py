"""Announced holidays that staff load, and the deadlines that they move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select

from cases.case import Actor
from cases.store import Store, Writing
from cases.tables import CaseRow
from cases.work import clocks
from cases.work.tables import CalendarYearRow, ClockRow
from language.workdays import Announcement

# A term that began before the year may reach into it: the longest term is about a year.
_REACH = timedelta(days=400)


def load_announcement(store: Store, announcement: Announcement, actor: Actor) -> int:
    """Keep the announced holidays of a year, and compute the running deadlines anew; return how many moved.

    Loading the same again changes nothing; another announcement for the year takes the place of the first.
    """
    with store.writing() as writing:
        row = writing.session.get(CalendarYearRow, announcement.year) or CalendarYearRow(
            year=announcement.year
        )
        row.off = sorted(day.isoformat() for day in announcement.off)
        row.worked = sorted(day.isoformat() for day in announcement.worked)
        row.source, row.loaded_by, row.loaded_at = announcement.source[:300], actor.login, writing.now
        writing.session.add(row)
        writing.session.flush()
        return _recompute(writing, announcement.year)


def _recompute(writing: Writing, year: int) -> int:
    begin = datetime(year, 1, 1, tzinfo=UTC) - _REACH
    clocks_of_year = select(ClockRow).where(
        ClockRow.ended_at.is_(None),
        ClockRow.started_at >= begin,
        ClockRow.started_at < datetime(year + 1, 1, 1, tzinfo=UTC),
        # Those that stand still have no end; theirs is computed when they go on.
        or_(ClockRow.due_at >= datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=7), ClockRow.is_provisional),
    )
    moved = 0
    for clock in writing.session.scalars(clocks_of_year):
        before = clock.due_at
        clocks.compute(clock, writing.office, writing.rules)
        if clock.due_at != before:
            moved += 1
            clocks.show(writing.session.get_one(CaseRow, clock.number), clock)
    return moved
