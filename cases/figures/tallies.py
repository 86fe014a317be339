"""Daily and monthly sums of settled cases, kept up in the transaction that changes a case.

A case is settled when time alone can no longer change its figures. It is then counted in the sums of its day
and month of filing, and says so; whatever is done to it later takes it out and, if it is still settled, in
again. Figures are these sums and a count over the cases that say nothing, so they are exact at any second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, case, delete, select, update
from sqlalchemy.orm import Session

from cases.case import AT_REST
from cases.figures.measures import KEPT, is_settled, measures_of, outcome
from cases.figures.periods import Step
from cases.figures.tables import TallyGroupRow, TallyRow
from cases.tables import CaseRow, insert_into

if TYPE_CHECKING:  # the store keeps the sums
    from cases.store import Store

# A batch holds the history: about 0.1 s, in which filings wait.
_AT_ONCE = 1000

_Key = tuple[str, date, int]
_Groups = dict[tuple[str, str, str], int]


@dataclass(frozen=True)
class _Place:
    """Where a case is counted: a group, and the bits of its outcome."""

    group: int
    bits: int


def keep_up(session: Session, rows: Iterable[CaseRow], zone: ZoneInfo, now: datetime) -> None:
    """Count anew those of the rows that are settled or were; call it at the end of a transaction."""
    resting = {status.value for status in AT_REST}
    numbers = [row.number for row in rows if row.status in resting or row.counted_group is not None]
    if numbers:
        count_anew(session, numbers, zone, now)


def count_anew(
    session: Session, numbers: Sequence[str], zone: ZoneInfo, now: datetime, groups: _Groups | None = None
) -> int:
    """Bring the sums up to what the store says of these cases; return how many changed their place.

    Only inside `Store.writing`: the history's lock keeps two from counting one case. `groups` remembers the
    ids of groups from call to call.
    """
    row = CaseRow
    wanted = select(
        row.number,
        row.created_at,
        row.department,
        row.grid,
        row.category,
        row.counted_group,
        row.counted_as,
        case((is_settled(), outcome())).label("bits"),
    ).where(row.number.in_(numbers))
    groups = {} if groups is None else groups
    sums: defaultdict[_Key, list[int]] = defaultdict(lambda: [0] * len(KEPT))
    moved = []
    for found in session.execute(wanted, {"now": now}).all():
        was = _Place(found.counted_group, found.counted_as) if found.counted_group is not None else None
        named = (found.department or "", found.grid or "", found.category or "")
        place = _Place(_group(session, groups, named), found.bits) if found.bits is not None else None
        if place == was:
            continue
        day = found.created_at.astimezone(zone).date()
        for one, sign in ((was, -1), (place, 1)):
            if one is not None:
                _add(sums, day, one, sign)
        moved.append(
            {"case": found.number, "group": place and place.group, "outcome": place and place.bits},
        )
    if moved:
        marks = update(row).where(row.number == bindparam("case"))
        marked = marks.values(counted_group=bindparam("group"), counted_as=bindparam("outcome"))
        session.connection().execute(marked, moved)
        _write(session, sums)
    return len(moved)


def count_waiting(store: Store) -> int:
    """Count what is settled and not counted yet, as after an upgrade; return how many cases that were."""
    row = CaseRow
    waiting = select(row.number, row.created_at).where(row.counted_group.is_(None), is_settled())
    count, after = 0, None
    groups: _Groups = {}
    while True:
        some = waiting if after is None else waiting.where(row.created_at >= after)
        with store.writing() as writing:
            found = writing.session.execute(some.order_by(row.created_at).limit(_AT_ONCE)).all()
            if not found:
                return count
            numbers = [number for number, _ in found]
            count += count_anew(writing.session, numbers, store.zone, writing.now, groups)
            after = found[-1].created_at


def forget(store: Store) -> None:
    """Forget every sum, for `count_waiting` to count them again; figures stay right meanwhile, and slow."""
    with store.writing() as writing:
        counted = update(CaseRow).where(CaseRow.counted_group.is_not(None))
        writing.session.execute(counted.values(counted_group=None, counted_as=None))
        writing.session.execute(delete(TallyRow))
        writing.session.execute(delete(TallyGroupRow))


def _add(sums: defaultdict[_Key, list[int]], day: date, place: _Place, sign: int) -> None:
    for span, first in ((Step.DAY, day), (Step.MONTH, day.replace(day=1))):
        line = sums[(span.value, first, place.group)]
        for position, bit in enumerate(_bits(place.bits)):
            line[position] += sign * bit


@cache
def _bits(outcome: int) -> tuple[int, ...]:
    counted = measures_of(outcome)
    return tuple(int(measure in counted) for measure in KEPT)


def _group(session: Session, known: _Groups, named: tuple[str, str, str]) -> int:
    if named not in known:
        row = TallyGroupRow
        department, grid, category = named
        values = {"department": department, "grid": grid, "category": category}
        session.execute(insert_into(session, row).values(values).on_conflict_do_nothing())
        known[named] = session.scalars(select(row.id).filter_by(**values)).one()
    return known[named]


def _write(session: Session, sums: dict[_Key, list[int]]) -> None:
    statement: Any = insert_into(session, TallyRow)
    columns = TallyRow.__table__.c
    added = {measure.value: columns[measure] + statement.excluded[measure] for measure in KEPT}
    statement = statement.on_conflict_do_update(index_elements=["span", "first_day", "group"], set_=added)
    names = [measure.value for measure in KEPT]
    rows = [
        {"span": span, "first_day": first, "group": group, **dict(zip(names, line, strict=True))}
        for (span, first, group), line in sums.items()
        if any(line)
    ]
    if rows:
        session.connection().execute(statement, rows)
