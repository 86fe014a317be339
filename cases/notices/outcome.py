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
    """Return the result of a resolved case, why a declined one is, or what a paused one waits for.

    Of a merged case it is that of its master: who reported the same thing reads the same result.
    """
    if row.status == CaseStatus.MERGED and row.master is not None:
        return read_outcome(session, sealer, session.get_one(CaseRow, row.master))  # never merged itself
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
