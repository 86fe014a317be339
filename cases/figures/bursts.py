"""Bursts: the same matter from several buildings of a grid within hours, proposed as one master case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from cases.case import AT_REST
from cases.store import Store
from cases.tables import CaseRow

WITHIN = timedelta(hours=6)
LEAST = 3
# What staff take down for residents comes from one conversation, theirs; each case is another person's.
_TAKEN_DOWN = ("window", "phone", "hotline")


@dataclass(frozen=True)
class Burst:
    """Open cases of one category in one grid; `numbers` in the order of filing, the first one may lead."""

    grid: str
    category: str
    since: datetime
    numbers: tuple[str, ...]


def find_bursts(store: Store, within: timedelta = WITHIN, least: int = LEAST) -> tuple[Burst, ...]:
    """Return what was filed at least `least` times in a grid lately, by different people, the largest first.

    Only cases that somebody still works and that are not merged yet count; one conversation counts once, so
    that nobody makes a burst alone. Staff decide: nothing is merged by itself.
    """
    row = CaseRow
    person = case((row.channel.in_(_TAKEN_DOWN), row.number), else_=row.conversation)
    is_open = row.status.not_in([status.value for status in AT_REST])
    lately = row.created_at >= store.clock() - within
    many = (
        select(row.grid, row.category)
        .where(is_open, lately, row.grid.is_not(None), row.category.is_not(None))
        .group_by(row.grid, row.category)
        .having(func.count(person.distinct()) >= least)
    )
    bursts = []
    with store.sessions() as session:
        for grid, category in session.execute(many).all():
            wanted = select(row.number, row.created_at).where(
                is_open, lately, row.grid == grid, row.category == category
            )
            cases = session.execute(wanted.order_by(row.created_at, row.number)).all()
            if cases:  # they may have been worked in between
                numbers = tuple(number for number, _ in cases)
                bursts.append(Burst(str(grid), str(category), cases[0][1], numbers))
    return tuple(sorted(bursts, key=lambda burst: (-len(burst.numbers), burst.grid, burst.category)))
