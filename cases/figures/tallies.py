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

from sqlalchemy import BindParameter, Connection, Date, bindparam, case, delete, select, text, update
from sqlalchemy.orm import Session

from cases.case import AT_REST
from cases.figures.measures import KEPT, is_settled, measures_of, outcome
from cases.figures.periods import Step
from cases.figures.tables import TallyRow
from cases.tables import CaseRow

if TYPE_CHECKING:  # the store keeps the sums
    from cases.store import Store

# A batch holds the history: about 0.1 s, in which filings wait.
_AT_ONCE = 1000

# The same words on both databases, and ready: every move of a settled case needs them.
_GROUP = text(
    "SELECT id FROM case_tally_group WHERE department = :department AND grid = :grid AND category = :category"
)
_NEW_GROUP = text(
    "INSERT INTO case_tally_group (department, grid, category)"
    " VALUES (:department, :grid, :category) RETURNING id"
)
_MARK = text("UPDATE cases SET counted_group = :group, counted_as = :outcome WHERE number = :number")
_ADD = text(
    f'INSERT INTO case_tally (span, first_day, "group", {", ".join(KEPT)})'
    f" VALUES (:span, :first_day, :group, {', '.join(f':{name}' for name in KEPT)})"
    ' ON CONFLICT (span, first_day, "group") DO UPDATE SET '
    + ", ".join(f"{name} = case_tally.{name} + excluded.{name}" for name in KEPT)
).bindparams(bindparam("first_day", type_=Date))

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
    groups = {} if groups is None else groups
    sums: defaultdict[_Key, list[int]] = defaultdict(lambda: [0] * len(KEPT))
    moved = []
    session.flush()
    connection = session.connection()
    for found in connection.execute(_wanted(), {"numbers": numbers, "now": now}).all():
        was = _Place(found.counted_group, found.counted_as) if found.counted_group is not None else None
        named = (found.department or "", found.grid or "", found.category or "")
        place = _Place(_group(connection, groups, named), found.bits) if found.bits is not None else None
        if place == was:
            continue
        day = found.created_at.astimezone(zone).date()
        for one, sign in ((was, -1), (place, 1)):
            if one is not None:
                _add(sums, day, one, sign)
        moved.append(
            {"number": found.number, "group": place and place.group, "outcome": place and place.bits},
        )
    if moved:
        connection.execute(_MARK, moved)
        _write(connection, sums)
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
        # Groups stay: somebody who counts at the moment may remember their ids.
        writing.session.execute(delete(TallyRow))


def _add(sums: defaultdict[_Key, list[int]], day: date, place: _Place, sign: int) -> None:
    for span, first in ((Step.DAY, day), (Step.MONTH, day.replace(day=1))):
        line = sums[(span.value, first, place.group)]
        for position, bit in enumerate(_bits(place.bits)):
            line[position] += sign * bit


@cache
def _bits(outcome: int) -> tuple[int, ...]:
    counted = measures_of(outcome)
    return tuple(int(measure in counted) for measure in KEPT)


def _group(connection: Connection, known: _Groups, named: tuple[str, str, str]) -> int:
    if named not in known:
        values = dict(zip(("department", "grid", "category"), named, strict=True))
        found = connection.execute(_GROUP, values).scalar()
        known[named] = found or connection.execute(_NEW_GROUP, values).scalar_one()
    return known[named]


def _write(connection: Connection, sums: dict[_Key, list[int]]) -> None:
    names = [measure.value for measure in KEPT]
    rows = [
        {"span": span, "first_day": first, "group": group, **dict(zip(names, line, strict=True))}
        for (span, first, group), line in sums.items()
        if any(line)
    ]
    if rows:
        connection.execute(_ADD, rows)


@cache
def _wanted() -> Any:
    row = CaseRow.__table__.c
    named = (row.number, row.created_at, row.department, row.grid, row.category)
    bits = case((is_settled(), outcome())).label("bits")
    numbers: BindParameter[list[str]] = bindparam("numbers", expanding=True)
    return select(*named, row.counted_group, row.counted_as, bits).where(row.number.in_(numbers))
