"""Whether the sums of settled cases say what the cases say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, not_, or_, select
from sqlalchemy.orm import Session

from cases.figures.measures import KEPT, is_settled, measures_of, outcome
from cases.figures.periods import Step
from cases.figures.tables import TallyRow
from cases.tables import CaseRow


def find_tally_faults(session: Session, now: datetime) -> Iterator[str]:
    """Yield what is wrong with the sums, one sentence each. `tallies.forget` mends all of it.

    The session must be a new one: all is read as of one instant, while the hall goes on.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite reads as of one instant anyway
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    row = CaseRow
    is_counted = row.counted_group.is_not(None)
    is_wrong = or_(not_(is_settled()), row.counted_as != outcome(), row.counted_as.is_(None))
    wrong = select(row.number).where(is_counted, is_wrong).order_by(row.number)
    for number in session.scalars(wrong, {"now": now}):
        yield f"figures: case {number} is counted as what it is not"
    marks = select(row.counted_group, row.counted_as, func.count()).where(is_counted)
    said: dict[int, list[int]] = {}
    for group, bits, count in session.execute(marks.group_by(row.counted_group, row.counted_as)):
        line = said.setdefault(group or 0, [0] * len(KEPT))
        for measure in measures_of(bits or 0):
            line[KEPT.index(measure)] += count
    kept = [func.sum(getattr(TallyRow, measure)) for measure in KEPT]
    for span in (Step.DAY, Step.MONTH):
        sums = select(TallyRow.group, *kept).where(TallyRow.span == span).group_by(TallyRow.group)
        found = {group: [int(value) for value in line] for group, *line in session.execute(sums)}
        for group in sorted(found.keys() | said.keys()):
            nothing = [0] * len(KEPT)
            if found.get(group, nothing) != said.get(group, nothing):
                yield f"figures: the sums by {span} of group {group} are not those of its cases"
