"""The outbox: notices are claimed by lease, so that several workers may send; each goes out at least once."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, CursorResult, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from cases.notices.notice import CALL_AFTER, KEPT_FOR, Notice, drop_earlier_calls, read_notice
from cases.notices.wording import CHANGES_NOTHING
from cases.store import Store
from cases.tables import NoticeRow, NoticeState

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 12
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)


class Handed(StrEnum):
    """What became of a notice that a channel was asked to take."""

    SENT = "sent"  # it is with the resident
    LEFT = "left"  # it waits in the talk to be fetched
    KEPT = "kept"  # the resident is told another way
    UNREACHABLE = "unreachable"  # nobody can write to them: by phone if it matters, else on look-up


class NotDelivered(Exception):
    """A notice that did not go out; `problem` is a word or two, never what the notice says.

    `is_final`: it never will (there is no such conversation).
    """

    def __init__(self, problem: str, is_final: bool = False) -> None:
        super().__init__(problem)
        self.is_final = is_final


class Deliver(Protocol):
    """The port that the hall fills: hands a notice to its channel, or raises NotDelivered.

    It may be asked again for the same `Notice.id`: after a crash nobody knows whether the first time arrived.
    """

    def __call__(self, notice: Notice) -> Handed:
        """Send one notice."""


class Outbox:
    """Notices that wait to be sent. `worker` names the process that claims them."""

    def __init__(self, store: Store, worker: str) -> None:
        self._store = store
        self._worker = worker

    def send(self, deliver: Deliver, most: int = 20) -> int:
        """Claim notices that are due and send them; return how many are done with.

        What `deliver` raises besides NotDelivered ends the round; those notices are tried again when their
        lease is over, and each try counts.
        """
        done = 0
        for notice in self.claim(most):
            is_old = notice.created_at + KEPT_FOR <= self._store.clock()
            try:
                handed = Handed.KEPT if is_old else deliver(notice)
            except NotDelivered as problem:
                self.fail(notice, problem)
            else:
                self._hand_over(notice, handed)
                done += 1
        return done

    def claim(self, most: int = 20) -> tuple[Notice, ...]:
        """Take notices that are due, at most one a case: a resident reads them in their order."""
        now = self._store.clock()
        row, is_due = NoticeRow, _is_due(now)
        with self._store.sessions() as session:
            # Most rounds find nothing, and a write would keep others waiting on SQLite.
            if session.scalar(select(row.id).where(is_due).limit(1)) is None:
                return ()
        due = (
            select(row.id)
            .where(is_due)
            .order_by(row.next_try_at, row.id)
            .limit(most)
            .with_for_update(skip_locked=True)  # where the database has it; SQLite has one writer anyway
            .cte("due")
        )
        with self._store.sessions.begin() as session:
            ids = session.scalars(
                update(row)
                .where(row.id.in_(select(due.c.id)))
                .values(lease_owner=self._worker, lease_until=now + LEASE, attempts=row.attempts + 1)
                .returning(row.id)
                .execution_options(synchronize_session=False)
            ).all()
            return tuple(read_notice(session, self._store.sealer, notice) for notice in sorted(ids))

    def fail(self, notice: Notice, problem: NotDelivered) -> None:
        """Put a notice back for later, or away where it is of no use to try again."""
        is_dead = problem.is_final or notice.attempts >= MAX_ATTEMPTS
        wait = min(_FIRST_WAIT * 2 ** (notice.attempts - 1), _LONGEST_WAIT)
        self._settle(
            notice.id,
            state=(NoticeState.DEAD if is_dead else NoticeState.PENDING).value,
            next_try_at=self._store.clock() + wait,
            problem=str(problem)[:200],
        )

    def waiting(self) -> int:
        """Return how many notices are not sent yet."""
        with self._store.sessions() as session:
            counted = (
                select(func.count()).select_from(NoticeRow).where(NoticeRow.state == NoticeState.PENDING)
            )
            return session.scalar(counted) or 0

    def _hand_over(self, notice: Notice, handed: Handed) -> None:
        now, state = self._store.clock(), NoticeState.KEPT
        if handed is not Handed.UNREACHABLE:
            state = NoticeState(handed)
        elif notice.may_call:
            state = NoticeState.CALL
        with self._store.sessions.begin() as session:
            is_mine = self._write(
                session,
                notice.id,
                state=state.value,
                attempts=0 if state is NoticeState.CALL else notice.attempts,  # calls are counted anew
                sent_at=now if state is NoticeState.SENT else None,
                next_try_at=now + CALL_AFTER if notice.may_call else notice.created_at + KEPT_FOR,
                problem=None,
            )
            if is_mine and notice.subject not in CHANGES_NOTHING:
                drop_earlier_calls(session, notice)

    def _settle(self, notice: int, **values: object) -> None:
        with self._store.sessions.begin() as session:
            self._write(session, notice, **values)

    def _write(self, session: Session, notice: int, **values: object) -> bool:
        """Write down what became of a notice; return False where it is no longer ours, or was fetched."""
        mine = update(NoticeRow).where(
            NoticeRow.id == notice,
            NoticeRow.lease_owner == self._worker,
            NoticeRow.state == NoticeState.PENDING,
        )
        done = session.execute(mine.values(lease_owner=None, lease_until=None, **values))
        return bool(cast("CursorResult[Any]", done).rowcount)


def _is_due(now: datetime) -> ColumnElement[bool]:
    row, earlier = NoticeRow, aliased(NoticeRow)
    is_first = ~exists().where(
        and_(
            earlier.number == row.number,
            earlier.sequence < row.sequence,
            earlier.state == NoticeState.PENDING,
        )
    )
    is_free = or_(row.lease_until.is_(None), row.lease_until <= now)
    return and_(row.state == NoticeState.PENDING, row.next_try_at <= now, is_free, is_first)
