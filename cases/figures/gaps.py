"""Categories that keep coming: what a guide may be missing for. Which guides there are, others know.

Nothing but a category and a count leaves here, and no count below LEAST.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from cases.arrivals.categories import get_category, load_categories
from cases.figures.periods import Period
from cases.figures.proposals import Kind, State
from cases.figures.rates import Figures
from cases.figures.tables import ProposalRow
from cases.store import Store, Writing

DAYS = 30
LEAST = 10
# What was a matter of its time is looked at again after so long.
PASSING_FOR = timedelta(days=90)


class Needless(StrEnum):
    """Why a category needs no guide of its own."""

    CASE_WORK = "case_work"  # it is worked as a case; there is nothing to read up
    HAS_GUIDE = "has_guide"  # there is one, called otherwise
    PASSING = "passing"  # a matter of these weeks


@dataclass(frozen=True)
class Coming:
    """A category, and how many cases of it were filed in the last DAYS days."""

    category: str
    count: int


@dataclass(frozen=True)
class Settled:
    """A category that somebody said needs no guide."""

    category: str
    reason: Needless
    by: str
    at: datetime


class Gaps:
    """Which categories keep coming, and which of them staff have settled."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def coming(self) -> tuple[Coming, ...]:
        """Return the categories that keep coming and are not settled, the most frequent first."""
        today = self._store.clock().astimezone(self._store.zone).date()
        counts: Counter[str] = Counter()
        for (_, category), count in (
            Figures(self._store).filed(Period(today - timedelta(days=DAYS - 1), today)).items()
        ):
            counts[category] += count
        settled, known = {one.category for one in self.settled()}, load_categories()
        return tuple(
            Coming(category, count)
            for category, count in counts.most_common()
            if count >= LEAST and category in known and category not in settled
        )

    def settled(self) -> tuple[Settled, ...]:
        """Return what needs no guide, the newest first."""
        row, since = ProposalRow, self._store.clock() - PASSING_FOR
        dismissed = select(row).where(row.kind == Kind.GAP.value, row.state == State.DISMISSED.value)
        with self._store.sessions() as session:
            rows = session.scalars(dismissed.order_by(row.id.desc())).all()
        found = [
            Settled(
                one.key, Needless(one.reason or ""), one.decided_by or "", one.decided_at or one.changed_at
            )
            for one in rows
        ]
        return tuple(one for one in found if one.reason is not Needless.PASSING or one.at >= since)

    def settle(self, category: str, reason: Needless, by: str) -> None:
        """Say that a category needs no guide; said again, the reason changes. Raises UnknownCategory."""
        get_category(category)
        with self._store.writing() as writing:
            self._take_back(writing, category)
            writing.session.add(
                ProposalRow(
                    kind=Kind.GAP.value,
                    key=category,
                    state=State.DISMISSED.value,
                    numbers=[],
                    proposed_at=writing.now,
                    changed_at=writing.now,
                    reason=reason.value,
                    decided_by=by,
                    decided_at=writing.now,
                )
            )

    def take_back(self, category: str) -> bool:
        """Let a category be proposed again; return whether it was settled."""
        with self._store.writing() as writing:
            return self._take_back(writing, category)

    def _take_back(self, writing: Writing, category: str) -> bool:
        row = ProposalRow
        settled = select(row).where(row.kind == Kind.GAP.value, row.key == category)
        rows = writing.session.scalars(settled.where(row.state == State.DISMISSED.value)).all()
        for one in rows:
            one.state, one.changed_at = State.PASSED.value, writing.now
        return bool(rows)
