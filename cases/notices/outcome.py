"""What staff have told last of how a case stands, for who looks it up by number and code."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.case import CaseStatus, Outcome
from cases.notices.notice import note_of
from cases.notices.wording import DECLINED, word_outcome
from cases.sealing import Sealer
from cases.tables import CaseEventRow, CaseRow, EventKind

_AFTER_WORK = (CaseStatus.RESOLVED, CaseStatus.RATED, CaseStatus.CLOSED)


def read_outcome(session: Session, sealer: Sealer, row: CaseRow) -> Outcome | None:
    """Return the result of a resolved case, why a declined one is, or what a paused one waits for."""
    if row.status == CaseStatus.PAUSED:
        return word_outcome(CaseStatus.PAUSED, "", row.pause_reason or "")
    if row.status not in _AFTER_WORK:
        return None
    is_declined = row.resolved_at is None
    told_by = CaseStatus.CLOSED if is_declined else CaseStatus.RESOLVED
    told = select(CaseEventRow).where(
        CaseEventRow.number == row.number,
        CaseEventRow.kind == EventKind.MOVED,
        CaseEventRow.to_status == told_by,
    )
    event = session.scalars(told.order_by(CaseEventRow.sequence.desc()).limit(1)).first()
    if event is None:
        return None
    return word_outcome(DECLINED if is_declined else CaseStatus.RESOLVED, note_of(sealer, event), "")
