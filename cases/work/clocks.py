"""Clocks of a case: started, paused, resumed and ended in the transaction that moves the case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from cases.store import Writing
from cases.tables import CaseRow
from cases.work.deadlines import OfficeTime, Pause, Term, read_term
from cases.work.rules import Rules
from cases.work.tables import ClockRow, Purpose


def start(
    writing: Writing, row: CaseRow, purpose: Purpose, term: Term, department: str | None = None
) -> ClockRow:
    """Start a clock of a case now."""
    clock = ClockRow(
        number=row.number,
        purpose=purpose.value,
        department=department,
        term=str(term),
        started_at=writing.at(row),
        pauses=[],
        level=0,
    )
    compute(clock, writing.office, writing.rules)
    writing.session.add(clock)
    writing.session.flush()
    show(row, clock)
    return clock


def pause(writing: Writing, row: CaseRow) -> None:
    """Stop every clock that runs for the case."""
    for clock in running(writing, row):
        clock.paused_since = writing.at(row)
        compute(clock, writing.office, writing.rules)
        show(row, clock)


def resume(writing: Writing, row: CaseRow) -> None:
    """Let every clock of the case run on; the time between does not count."""
    for clock in running(writing, row):
        if clock.paused_since is None:
            continue
        span = [clock.paused_since.isoformat(), writing.at(row).isoformat()]
        clock.pauses = [*clock.pauses, span]
        clock.paused_since = None
        compute(clock, writing.office, writing.rules)
        show(row, clock)


def end(
    writing: Writing,
    row: CaseRow,
    purposes: Iterable[Purpose] = tuple(Purpose),
    department: str | None = None,
) -> None:
    """End the clocks of the case with one of these purposes, of one department or of all."""
    wanted = {purpose.value for purpose in purposes}
    for clock in running(writing, row):
        if clock.purpose in wanted and department in (None, clock.department):
            clock.ended_at = writing.at(row)
            show(row, clock)


def running(writing: Writing, row: CaseRow) -> Sequence[ClockRow]:
    """Return the clocks of a case that have not ended, paused ones too."""
    clocks = select(ClockRow).where(ClockRow.number == row.number, ClockRow.ended_at.is_(None))
    return writing.session.scalars(clocks.order_by(ClockRow.id)).all()


def compute(clock: ClockRow, office: OfficeTime, rules: Rules) -> None:
    """Set the instants of a clock from its start, its term, its pauses and the calendar."""
    term = read_term(clock.term)
    pauses = [Pause(*map(datetime.fromisoformat, span)) for span in clock.pauses]
    due = office.due(clock.started_at, term, pauses)
    clock.is_provisional = due.is_provisional
    if clock.paused_since is not None:
        clock.warn_at = clock.due_at = clock.escalate_at = None
        return
    clock.due_at = due.at
    length = office.length(term)
    spare = timedelta(seconds=round(length.total_seconds() * (1 - rules.warn_share)))
    clock.warn_at = office.back(due.at, spare)
    clock.escalate_at = office.add(due.at, office.length(rules.escalate_after))


def show(row: CaseRow, clock: ClockRow) -> None:
    """Keep the instants of the case's own clocks on the case: queues sort by them, figures compare."""
    if clock.purpose == Purpose.RESPOND:
        row.response_due_at = clock.due_at
    elif clock.purpose == Purpose.RESOLVE:
        row.due_at = None if clock.ended_at else clock.due_at
        row.promised_at = clock.due_at
