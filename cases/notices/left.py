"""Notices left in talks: read when the talk is opened again, and given up where nobody opens it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, select, update

from cases.notices.notice import KEPT_FOR, Notice, drop_earlier_calls, is_outdated, read_notice
from cases.store import Store
from cases.tables import CaseRow, NoticeRow, NoticeState

_AT_ONCE = 20
_NOT_FETCHED = (NoticeState.PENDING, NoticeState.LEFT, NoticeState.CALL, NoticeState.KEPT)


class LeftNotices:
    """What waits in talks. Safe to share."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, notices: Sequence[int]) -> tuple[Notice, ...]:
        """Return notices with their words, in their order; not those of a case that was erased."""
        with self._store.sessions() as session:
            known = select(NoticeRow.id).join(CaseRow, CaseRow.number == NoticeRow.number)
            wanted = known.where(NoticeRow.id.in_(notices), CaseRow.erased_at.is_(None))
            found = session.scalars(wanted.order_by(NoticeRow.id)).all()
            return tuple(read_notice(session, self._store.sealer, notice) for notice in found)

    def fetched(self, notices: Sequence[int]) -> frozenset[int]:
        """Note that these have been fetched from their talk: they are sent, and nobody needs to call.

        Return those that were fetched for the first time.
        """
        states = [state.value for state in _NOT_FETCHED]
        is_new = and_(NoticeRow.id.in_(notices), NoticeRow.state.in_(states))
        with self._store.sessions() as session:
            new = frozenset(session.scalars(select(NoticeRow.id).where(is_new)))
        if new:
            sent = {"state": NoticeState.SENT.value, "sent_at": self._store.clock(), "lease_until": None}
            with self._store.sessions.begin() as session:
                session.execute(update(NoticeRow).where(is_new).values(**sent))
        return new

    def give_up(self) -> int:
        """Have what nobody fetched told by phone, if it matters, or kept for look-up; return how many.

        Both happen to a notice in turn: to the list of calls after a day, off every list after 60.
        """
        now = self._store.clock()
        over = select(NoticeRow.id).where(NoticeRow.state == NoticeState.LEFT, NoticeRow.next_try_at <= now)
        with self._store.sessions() as session:
            found = session.scalars(over.order_by(NoticeRow.next_try_at).limit(_AT_ONCE)).all()
        for notice in found:
            self._give_up(notice)
        return len(found)

    def _give_up(self, notice_id: int) -> None:
        with self._store.writing() as writing:
            session = writing.session
            row = session.get(NoticeRow, notice_id, with_for_update=True)
            if row is None or row.state != NoticeState.LEFT or row.next_try_at > writing.now:
                return  # another worker did it, or it was fetched
            notice = read_notice(session, writing.sealer, notice_id)
            if notice.created_at + KEPT_FOR <= writing.now:
                row.state = NoticeState.KEPT.value
            elif notice.may_call and not is_outdated(session, notice):
                row.state, row.attempts = NoticeState.CALL.value, 0
                drop_earlier_calls(session, notice)
            else:
                row.next_try_at = notice.created_at + KEPT_FOR
