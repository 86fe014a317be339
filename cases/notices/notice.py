"""A notice as its channel is handed it, and what later news does to earlier news of the same case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cases import history
from cases.case import CaseStatus
from cases.notices.wording import ASKS_RATING, CHANGES_NOTHING, MATTERS, subject_of, word_notice
from cases.sealing import Sealer, Unopenable
from cases.tables import CaseEventRow, CaseRow, NoticeRow, NoticeState

# News that nobody could be told for so long is news no more; whoever looks the case up reads it.
KEPT_FOR = timedelta(days=60)
# What matters is told by phone where its talk has not fetched it for so long.
CALL_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Notice:
    """A message owed to the resident of a case. `id` stays the same when it is sent again."""

    id: int
    number: str
    kind: str
    subject: str  # its kind, or "declined"
    channel: str
    conversation: str
    department: str | None
    locale: str  # what the resident reads
    words: Mapping[str, str]  # by locale
    has_phone: bool
    asks_rating: bool
    attempts: int
    created_at: datetime

    @property
    def may_call(self) -> bool:
        """Return whether it is worth a call, and there is a number to call."""
        return self.has_phone and self.subject in MATTERS


def read_notice(session: Session, sealer: Sealer, notice: int) -> Notice:
    """Return a notice with its words."""
    row = session.get_one(NoticeRow, notice)
    case = session.get_one(CaseRow, row.number)
    event = session.get_one(CaseEventRow, row.sequence)
    subject = subject_of(row.kind, event.from_status)
    note, about = note_of(sealer, event), event.about or ""
    return Notice(
        id=row.id,
        number=row.number,
        kind=row.kind,
        subject=subject,
        channel=case.channel,
        conversation=case.conversation,
        department=case.department,
        locale=case.locale or "zh",
        words=word_notice(row.kind, row.number, event.from_status, note, about),
        has_phone=case.contact_phone is not None,
        asks_rating=subject in ASKS_RATING and case.status == CaseStatus.RESOLVED,
        attempts=row.attempts,
        created_at=row.created_at,
    )


def is_outdated(session: Session, notice: Notice) -> bool:
    """Return whether something that happened later makes a notice untrue."""
    own = select(NoticeRow.sequence).where(NoticeRow.id == notice.id).scalar_subquery()
    later = (
        select(NoticeRow.kind, CaseEventRow.from_status)
        .join(CaseEventRow, CaseEventRow.sequence == NoticeRow.sequence)
        .where(NoticeRow.number == notice.number, NoticeRow.sequence > own)
    )
    return any(subject_of(kind, before) not in CHANGES_NOTHING for kind, before in session.execute(later))


def drop_earlier_calls(session: Session, notice: Notice) -> None:
    """Take earlier news of the same case off the list of calls: one call tells how it stands."""
    own = select(NoticeRow.sequence).where(NoticeRow.id == notice.id).scalar_subquery()
    earlier = update(NoticeRow).where(
        NoticeRow.number == notice.number, NoticeRow.sequence < own, NoticeRow.state == NoticeState.CALL
    )
    kept = earlier.values(state=NoticeState.KEPT.value)
    session.execute(kept.execution_options(synchronize_session=False))


def stop_calling(session: Session, number: str, now: datetime) -> None:
    """Call nobody about a case whose resident has just read how it stands."""
    own = update(NoticeRow).where(NoticeRow.number == number)
    called = own.where(NoticeRow.state == NoticeState.CALL).values(state=NoticeState.KEPT.value)
    left = own.where(NoticeRow.state == NoticeState.LEFT).values(next_try_at=now + KEPT_FOR)
    for known in (called, left):
        session.execute(known.execution_options(synchronize_session=False))


def note_of(sealer: Sealer, event: CaseEventRow) -> str:
    """Return what was written with an entry of the history; empty where it was erased."""
    if event.note is None:
        return ""
    try:
        return sealer.open(event.note, history.note_context(event.sequence))
    except Unopenable:
        return ""  # its key is gone: the move itself can still be told
