"""The outbox: notices are claimed by lease, so that several workers may send; each goes out at least once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from cases import history
from cases.notices.wording import word_notice
from cases.sealing import Unopenable
from cases.store import Store
from cases.tables import CaseEventRow, CaseRow, NoticeRow, NoticeState

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 12
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Notice:
    """A message owed to the resident of a case. `id` stays the same when it is sent again."""

    id: int
    number: str
    kind: str
    channel: str
    conversation: str
    words: Mapping[str, str]  # by locale
    attempts: int


@dataclass(frozen=True)
class DeadLetter:
    """A notice that could not be sent, for staff to look into."""

    id: int
    number: str
    kind: str
    channel: str
    attempts: int
    problem: str
    created_at: datetime


class NotDelivered(Exception):
    """A notice that did not go out. `is_final`: it never will (there is no such conversation)."""

    def __init__(self, problem: str, is_final: bool = False) -> None:
        super().__init__(problem)
        self.is_final = is_final


class Deliver(Protocol):
    """The port that the hall fills: hands a notice to its channel, or raises NotDelivered.

    It may be asked again for the same `Notice.id`: after a crash nobody knows whether the first time arrived.
    """

    def __call__(self, notice: Notice) -> None:
        """Send one notice."""


class Outbox:
    """Notices that wait to be sent. `worker` names the process that claims them."""

    def __init__(self, store: Store, worker: str) -> None:
        self._store = store
        self._worker = worker

    def send(self, deliver: Deliver, most: int = 20) -> int:
        """Claim notices that are due and send them; return how many went out.

        What `deliver` raises besides NotDelivered ends the round; those notices are tried again when their
        lease is over, and each try counts.
        """
        sent = 0
        for notice in self.claim(most):
            try:
                deliver(notice)
            except NotDelivered as problem:
                self.fail(notice, problem)
            else:
                self._settle(
                    notice.id, state=NoticeState.SENT.value, sent_at=self._store.clock(), problem=None
                )
                sent += 1
        return sent

    def claim(self, most: int = 20) -> tuple[Notice, ...]:
        """Take notices that are due, at most one a case: a resident reads them in their order."""
        now = self._store.clock()
        row = NoticeRow
        earlier = aliased(NoticeRow)
        due = (
            select(row.id)
            .where(
                row.state == NoticeState.PENDING,
                row.next_try_at <= now,
                or_(row.lease_until.is_(None), row.lease_until <= now),
                ~exists().where(
                    and_(
                        earlier.number == row.number,
                        earlier.sequence < row.sequence,
                        earlier.state == NoticeState.PENDING,
                    )
                ),
            )
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
            return tuple(self._read(session, notice) for notice in sorted(ids))

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

    def dead_letters(self, most: int = 200) -> tuple[DeadLetter, ...]:
        """Return what could not be sent, the newest first."""
        dead = (
            select(NoticeRow, CaseRow.channel)
            .join(CaseRow, CaseRow.number == NoticeRow.number)
            .where(NoticeRow.state == NoticeState.DEAD)
            .order_by(NoticeRow.id.desc())
            .limit(most)
        )
        with self._store.sessions() as session:
            return tuple(
                DeadLetter(n.id, n.number, n.kind, channel, n.attempts, n.problem or "", n.created_at)
                for n, channel in session.execute(dead)
            )

    def revive(self, notice: int) -> bool:
        """Try a dead notice again from the start; return whether there was one."""
        with self._store.sessions.begin() as session:
            row = session.get(NoticeRow, notice)
            if row is None or row.state != NoticeState.DEAD:
                return False
            row.state, row.attempts = NoticeState.PENDING.value, 0
            row.next_try_at = self._store.clock()
            row.lease_until = None
        return True

    def waiting(self) -> int:
        """Return how many notices are not sent yet."""
        with self._store.sessions() as session:
            counted = (
                select(func.count()).select_from(NoticeRow).where(NoticeRow.state == NoticeState.PENDING)
            )
            return session.scalar(counted) or 0

    def _read(self, session: Session, notice: int) -> Notice:
        row = session.get_one(NoticeRow, notice)
        case = session.get_one(CaseRow, row.number)
        event = session.get_one(CaseEventRow, row.sequence)
        words = word_notice(row.kind, row.number, event.from_status, self._note(event), event.about or "")
        return Notice(row.id, row.number, row.kind, case.channel, case.conversation, words, row.attempts)

    def _note(self, event: CaseEventRow) -> str:
        if event.note is None:
            return ""
        try:
            return self._store.sealer.open(event.note, history.note_context(event.sequence))
        except Unopenable:
            return ""  # its key is gone: the move itself can still be told

    def _settle(self, notice: int, **values: object) -> None:
        mine = update(NoticeRow).where(NoticeRow.id == notice, NoticeRow.lease_owner == self._worker)
        with self._store.sessions.begin() as session:
            session.execute(mine.values(lease_owner=None, lease_until=None, **values))
