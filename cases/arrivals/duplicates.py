"""Whether somebody filed the same a few days ago: told before filing, and to who receives the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from cases.arrivals.categories import hear_category
from cases.case import CaseKind, CaseStatus
from cases.places.registry import resolve
from cases.store import Store
from cases.tables import CaseRow

WITHIN = timedelta(days=7)
_MOST = 20


@dataclass(frozen=True)
class Similar:
    """A case of the same category at the same building in the last week. Numbers are for staff only."""

    number: str
    status: CaseStatus
    created_at: datetime


def find_similar(
    store: Store, description: str, place: str, kind: CaseKind | None = None, group: str | None = None
) -> tuple[Similar, ...]:
    """Return what was filed about this at this building in the last week, the newest first.

    Nothing is found where the building or the category is not known: a hint that is wrong keeps people from
    filing. Residents may be told how many and since when, never a number.
    """
    category = hear_category(description, kind)
    if category is None:
        return ()
    with store.sessions() as session:
        spot = resolve(session, place, group)
        if spot.building is None:
            return ()
        same = select(CaseRow).where(
            CaseRow.building == spot.building,
            CaseRow.category == category.id,
            CaseRow.created_at >= store.clock() - WITHIN,
            CaseRow.status != CaseStatus.WITHDRAWN,
        )
        rows = session.scalars(same.order_by(CaseRow.created_at.desc()).limit(_MOST)).all()
    return tuple(Similar(row.number, CaseStatus(row.status), row.created_at) for row in rows)
