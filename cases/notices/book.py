"""What staff see of notices: how many wait, whom to call, and ticking off a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from cases.case import Actor, ActorRole, NotYours
from cases.notices.notice import Notice, read_notice
from cases.notices.wording import subject_of
from cases.store import Store, Told, Writing
from cases.tables import CaseEventRow, CaseRow, EventKind, NoticeRow, NoticeState

# Those that staff count; what is sent, or kept for look-up, grows for ever.
_COUNTED = (NoticeState.PENDING, NoticeState.LEFT, NoticeState.CALL, NoticeState.DEAD)

NO_ANSWER = "no_answer"  # what the history says of a call that reached nobody


@dataclass(frozen=True)
class Call:
    """News that is to be told by phone. `since` is when it came, `tries` how often nobody was reached."""

    id: int
    number: str
    subject: str  # resolved, declined, paused
    words: Mapping[str, str]
    locale: str
    channel: str
    department: str | None
    since: datetime
    tries: int


@dataclass(frozen=True)
class DeadLetter:
    """A notice that could not be sent. `problem` is a word or two, see who delivers."""

    id: int
    number: str
    subject: str
    channel: str
    department: str | None
    attempts: int
    problem: str
    since: datetime
    has_phone: bool


@dataclass(frozen=True)
class LastNotice:
    """How far the latest news of a case has come to its resident; `at` is when it reached them."""

    subject: str
    state: NoticeState
    at: datetime | None


class NoticeBook:
    """Reads and ticks off. `department` narrows to the cases that it leads, None does not."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def counts(self, department: str | None = None) -> Mapping[NoticeState, int]:
        """Return how many notices wait, are left in talks, are to be told by phone, and could not be sent."""
        counted = select(NoticeRow.state, func.count()).group_by(NoticeRow.state)
        counted = counted.where(NoticeRow.state.in_([state.value for state in _COUNTED]))
        if department is not None:
            counted = counted.join(CaseRow, CaseRow.number == NoticeRow.number)
            counted = counted.where(CaseRow.department == department)
        with self._store.sessions() as session:
            found = {NoticeState(state): count for state, count in session.execute(counted)}
        return {state: found.get(state, 0) for state in _COUNTED}

    def calls(self, department: str | None = None, most: int = 200) -> tuple[Call, ...]:
        """Return whom to call: those not tried yet first, and of these who has waited longest."""
        return tuple(_call(one) for one, _ in self._in_state(NoticeState.CALL, department, most))

    def dead_letters(self, department: str | None = None, most: int = 200) -> tuple[DeadLetter, ...]:
        """Return what could not be sent, what was tried least first."""
        return tuple(_letter(*one) for one in self._in_state(NoticeState.DEAD, department, most))

    def last(self, number: str) -> LastNotice | None:
        """Return the latest notice of a case; None where none was ever owed."""
        latest = select(NoticeRow).where(NoticeRow.number == number).order_by(NoticeRow.sequence.desc())
        with self._store.sessions() as session:
            row = session.scalars(latest.limit(1)).first()
            if row is None:
                return None
            before = session.get_one(CaseEventRow, row.sequence).from_status
            return LastNotice(subject_of(row.kind, before), NoticeState(row.state), row.sent_at)

    def revive(self, notice: int, actor: Actor, *, by_phone: bool = False) -> bool:
        """Have a dead letter tried again from the start, or told by phone; return False where that cannot be.

        Raises NotYours for another department's case.
        """
        with self._store.writing() as writing:
            row = _find(writing, notice, NoticeState.DEAD, actor)
            if row is None or (by_phone and writing.case(row.number).contact_phone is None):
                return False
            row.state = (NoticeState.CALL if by_phone else NoticeState.PENDING).value
            row.attempts = 0
            row.next_try_at = writing.now
            row.lease_until = None
        return True

    def called(self, notice: int, actor: Actor, *, is_told: bool = True) -> bool:
        """Write down that somebody has called, and told it or reached nobody; False where it is off the list.

        Raises NotYours for another department's case.
        """
        with self._store.writing() as writing:
            row = _find(writing, notice, NoticeState.CALL, actor)
            if row is None:
                return False
            about = read_notice(writing.session, writing.sealer, notice).subject
            if is_told:
                row.state, row.sent_at = NoticeState.TOLD.value, writing.now
            else:
                row.attempts, about = row.attempts + 1, f"{about} {NO_ANSWER}"
            writing.tell(writing.case(row.number), Told(EventKind.PHONED, actor, about=about))
        return True

    def _in_state(self, state: NoticeState, department: str | None, most: int) -> list[tuple[Notice, str]]:
        found = select(NoticeRow.id, NoticeRow.problem).where(NoticeRow.state == state)
        if department is not None:
            found = found.join(CaseRow, CaseRow.number == NoticeRow.number)
            found = found.where(CaseRow.department == department)
        order = (NoticeRow.attempts, NoticeRow.created_at, NoticeRow.id)
        with self._store.sessions() as session:
            rows = session.execute(found.order_by(*order).limit(most)).all()
            sealer = self._store.sealer
            return [(read_notice(session, sealer, one), problem or "") for one, problem in rows]


def _find(writing: Writing, notice: int, state: NoticeState, actor: Actor) -> NoticeRow | None:
    """Return a notice in a state, None where it is in another. Raises NotYours for another department's."""
    row = writing.session.get(NoticeRow, notice)
    if row is None or row.state != state:
        return None
    case = writing.case(row.number)
    if actor.role is ActorRole.HANDLER and actor.department != case.department:
        raise NotYours(f"case {case.number} is not with {actor.department}")
    return row


def _letter(notice: Notice, problem: str) -> DeadLetter:
    return DeadLetter(
        id=notice.id,
        number=notice.number,
        subject=notice.subject,
        channel=notice.channel,
        department=notice.department,
        attempts=notice.attempts,
        problem=problem,
        since=notice.created_at,
        has_phone=notice.has_phone,
    )


def _call(notice: Notice) -> Call:
    return Call(
        id=notice.id,
        number=notice.number,
        subject=notice.subject,
        words=notice.words,
        locale=notice.locale,
        channel=notice.channel,
        department=notice.department,
        since=notice.created_at,
        tries=notice.attempts,
    )
