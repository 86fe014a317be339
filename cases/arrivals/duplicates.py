"""Whether somebody filed the same a few days ago: told before filing, in full to staff alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from cases.arrivals.categories import Category, Privacy
from cases.case import AT_REST, CaseStatus
from cases.places.registry import resolve
from cases.store import Store
from cases.tables import CaseRow

log = logging.getLogger(__name__)

WITHIN = timedelta(days=7)
_MOST = 20


@dataclass(frozen=True)
class Similar:
    """A case of the same category at the same building in the last week. Numbers are for staff only."""

    number: str
    status: CaseStatus
    created_at: datetime


def find_similar(
    store: Store, category: Category | None, place: str, group: str | None = None, *, but: str = ""
) -> tuple[Similar, ...]:
    """Return what was filed about this at this building in the last week, the newest first.

    `but` is the key of the request itself, which may be filed already. For staff; what residents may know of
    it is `already_reported`. Nothing is found where the building or the category is not known: a hint that is
    wrong keeps people from filing. Nothing either where the store does not answer: the hint is a courtesy,
    and filing must not wait for it.
    """
    try:
        return _find(store, category, place, group, but) if category is not None else ()
    except SQLAlchemyError as fault:
        # Without its message, which quotes the place.
        log.warning("cases like this one cannot be looked for (%s)", type(fault).__name__)
        return ()


def already_reported(store: Store, category: Category | None, place: str, group: str | None = None) -> bool:
    """Return whether somebody reported this at this building in the last week, and it is still worked on.

    This much residents may be told: not how many, when, or by whom. Of categories whose data is sensitive
    they are told nothing: whom a report is about must not learn here that there is one.
    """
    if category is None or category.privacy is not Privacy.ORDINARY:
        return False
    return any(one.status not in AT_REST for one in find_similar(store, category, place, group))


def _find(store: Store, category: Category, place: str, group: str | None, but: str) -> tuple[Similar, ...]:
    with store.sessions() as session:
        spot = resolve(session, place, group)
        if spot.building is None:
            return ()
        same = select(CaseRow).where(
            CaseRow.building == spot.building,
            CaseRow.category == category.id,
            CaseRow.created_at >= store.clock() - WITHIN,
            CaseRow.status != CaseStatus.WITHDRAWN,
            CaseRow.request_key != but,
        )
        rows = session.scalars(same.order_by(CaseRow.created_at.desc()).limit(_MOST)).all()
    return tuple(Similar(row.number, CaseStatus(row.status), row.created_at) for row in rows)
