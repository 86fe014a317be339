"""Counts made-up cases into the sums that figures read, all at once; the hall does it case by case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Date, cast, func, insert, literal, select, text, update

from cases.figures.measures import KEPT, conditions, is_settled, outcome
from cases.figures.periods import Step
from cases.figures.tables import TallyGroupRow, TallyRow
from cases.store import SHANGHAI
from cases.tables import CaseRow

_GROUP = tuple(getattr(TallyGroupRow, name) for name in ("department", "grid", "category"))


def add_sums(connection: Connection, now: datetime) -> None:
    """Count what is settled, as `cases.figures.tallies.count_waiting` would."""
    row, tally = CaseRow, TallyRow
    named = [func.coalesce(one, "") for one in (row.department, row.grid, row.category)]
    groups = select(*named).where(is_settled()).distinct()
    connection.execute(insert(TallyGroupRow).from_select([one.key for one in _GROUP], groups))
    is_its = [column == name for column, name in zip(_GROUP, named, strict=True)]
    group = select(TallyGroupRow.id).where(*is_its).scalar_subquery()
    counted = update(row).where(is_settled()).values(counted_group=group, counted_as=outcome())
    connection.execute(counted, {"now": now})
    names = ["span", "first_day", "group", *(measure.value for measure in KEPT)]
    of_cases = [func.count().filter(conditions()[measure]) for measure in KEPT]
    of_day = _summed(Step.DAY, (_day(connection), row.counted_group), of_cases)
    of_day = of_day.where(row.counted_group.is_not(None)).params(now=now)
    connection.execute(insert(tally).from_select(names, of_day))
    of_days = [func.sum(getattr(tally, measure)) for measure in KEPT]
    of_month = _summed(Step.MONTH, (_month(connection), tally.group), of_days)
    connection.execute(insert(tally).from_select(names, of_month))


def _summed(span: Step, keys: tuple[Any, Any], sums: list[Any]) -> Any:
    return select(literal(span.value), *keys, *sums).group_by(text("2"), text("3"))


def _day(connection: Connection) -> Any:
    # Each database has its own word for a day of the hall's zone, which has been 8 hours ahead since 1991.
    if connection.dialect.name == "postgresql":
        return cast(func.timezone(SHANGHAI.key, CaseRow.created_at), Date)
    return func.date(CaseRow.created_at, "+8 hours")


def _month(connection: Connection) -> Any:
    if connection.dialect.name == "postgresql":
        return cast(func.date_trunc("month", TallyRow.first_day), Date)
    return func.date(TallyRow.first_day, "start of month")
