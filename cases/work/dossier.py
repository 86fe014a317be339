"""One case as its workers see it: what was said, how it stands, what was done, and what may follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import history
from cases.case import Actor, ActorRole, CaseRecord, CaseStatus, NoSuchCase, NotYours, Reveal
from cases.desk import note_reading, record_of
from cases.sealing import Sealer, Unopenable
from cases.store import Store
from cases.tables import CaseEventRow, CaseRow, EventKind
from cases.work import links, whistles
from cases.work.joint import AssistState
from cases.work.moves import MOVES, who_may
from cases.work.moving import AT_WORK, BY_LEAD
from cases.work.tables import AssignmentRow, ClockRow, Purpose
from cases.work.whistles import Call


@dataclass(frozen=True)
class Entry:
    """One entry of the history. `note` is None where there is none, or where it was erased."""

    kind: EventKind
    from_status: str | None
    to_status: str
    author: str
    role: str | None
    about: str | None
    note: str | None
    at: datetime


@dataclass(frozen=True)
class Clock:
    """A deadline of the case. `due_at` is None while it stands still."""

    purpose: Purpose
    department: str | None
    started_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    is_provisional: bool
    is_overdue: bool


@dataclass(frozen=True)
class Assist:
    """A department that assists (协办), and how far it has come."""

    department: str
    state: AssistState
    called_at: datetime
    accepted_by: str | None
    done_at: datetime | None


@dataclass(frozen=True)
class Dossier:
    """Everything of one case that its workers see. Contact fields are masked; `reveal` opens them."""

    record: CaseRecord
    reopened: int
    paused_until: datetime | None
    history: tuple[Entry, ...]
    clocks: tuple[Clock, ...]
    assists: tuple[Assist, ...]
    calls: tuple[Call, ...]
    linked: tuple[str, ...]
    followers: tuple[str, ...]
    moves: tuple[CaseStatus, ...]  # that the reader may make now

    @property
    def status(self) -> CaseStatus:
        """How far the case has come."""
        return CaseStatus(self.record.status)

    def assists_with(self, department: str | None) -> AssistState | None:
        """Return how far a department has come that was called in; None where it was not."""
        return next((one.state for one in self.assists if one.department == department), None)

    def open_calls(self, department: str | None) -> tuple[Call, ...]:
        """Return the whistles that a department has not answered."""
        return tuple(one for one in self.calls if one.department == department and one.came_at is None)


class Dossiers:
    """Opens cases for the people who work them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, number: str, reader: Actor) -> Dossier:
        """Return a case, contact fields masked. Raises NoSuchCase, and NotYours for another department."""
        with self._store.sessions() as session:
            row = session.get(CaseRow, number)
            if row is None:
                raise NoSuchCase(number)
            assists = _assists(session, number)
            calls = whistles.calls(session, number)
            _refuse_strangers(row, assists, calls, reader)
            return Dossier(
                record=record_of(self._store.sealer, row).masked(),
                reopened=row.reopened,
                paused_until=row.paused_until,
                history=_history(session, self._store.sealer, number),
                clocks=_clocks(session, number, self._store.clock()),
                assists=assists,
                calls=calls,
                linked=tuple(links.linked_with(session, number)),
                followers=tuple(
                    session.scalars(
                        select(CaseRow.number).where(CaseRow.master == number).order_by(CaseRow.number)
                    )
                ),
                moves=open_moves(row, reader),
            )

    def reveal(self, number: str, reader: Actor, reason: str) -> CaseRecord:
        """Return a case with its contact fields in clear; who read them, and why, is in its history."""
        self.open(number, reader)
        with self._store.writing() as writing:
            note_reading(writing, number, Reveal(reader.login, reason, reader.role))
            return record_of(self._store.sealer, writing.case(number))


def open_moves(row: CaseRow, actor: Actor) -> tuple[CaseStatus, ...]:
    """Return where the table of moves leads this actor, in the table's order."""
    present = CaseStatus(row.status)
    if actor.role is ActorRole.HANDLER and actor.department != row.department:
        return ()
    open_to = [wanted for wanted in MOVES[present] if actor.role in who_may(present, wanted)]
    if actor.role is ActorRole.RECEIVER and row.department and present in AT_WORK:
        open_to = [wanted for wanted in open_to if wanted not in BY_LEAD]
    if present is CaseStatus.PAUSED:
        # Back to where it was paused, nowhere else.
        return tuple(one for one in open_to if one.value == row.paused_from or one is CaseStatus.MERGED)
    return tuple(open_to)


def _refuse_strangers(row: CaseRow, assists: Sequence[Assist], calls: Sequence[Call], reader: Actor) -> None:
    if reader.role is not ActorRole.HANDLER:
        return
    concerned = {row.department, *(one.department for one in assists), *(one.department for one in calls)}
    if reader.department not in concerned:
        raise NotYours(f"case {row.number} is not with {reader.department}")


def _history(session: Session, sealer: Sealer, number: str) -> tuple[Entry, ...]:
    rows = session.scalars(
        select(CaseEventRow).where(CaseEventRow.number == number).order_by(CaseEventRow.sequence)
    )
    return tuple(
        Entry(
            EventKind(row.kind),
            row.from_status,
            row.to_status,
            row.author,
            row.role,
            row.about,
            _note(sealer, row),
            row.at,
        )
        for row in rows
    )


def _note(sealer: Sealer, row: CaseEventRow) -> str | None:
    if row.note is None:
        return None
    try:
        return sealer.open(row.note, history.note_context(row.sequence))
    except Unopenable as problem:
        raise Unopenable(f"case {row.number}, the note of entry {row.sequence}: {problem}") from None


def _clocks(session: Session, number: str, now: datetime) -> tuple[Clock, ...]:
    rows = session.scalars(select(ClockRow).where(ClockRow.number == number).order_by(ClockRow.id))
    return tuple(
        Clock(
            Purpose(row.purpose),
            row.department,
            row.started_at,
            row.due_at,
            row.ended_at,
            row.is_provisional,
            row.due_at is not None and row.due_at <= (row.ended_at or now),
        )
        for row in rows
    )


def _assists(session: Session, number: str) -> tuple[Assist, ...]:
    rows = session.scalars(
        select(AssignmentRow).where(AssignmentRow.number == number).order_by(AssignmentRow.id)
    )
    return tuple(
        Assist(row.department, AssistState(row.state), row.called_at, row.accepted_by, row.done_at)
        for row in rows
    )
