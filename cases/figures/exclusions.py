"""Leaving a case out of the figures by decision (剔除), and the one appeal against it (申诉).

A department asks with a reason, a supervisor grants or refuses, and what was decided may be appealed against
once; another supervisor than the first decides that, for good. The figures follow each decision at once.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import history
from cases.case import Actor, ActorRole, CaseStatus, Incomplete, NotYours
from cases.figures.exclusion import (
    AlreadyAsked,
    Exclusion,
    NoSuchExclusion,
    NotCounted,
    NotOpen,
    SamePerson,
    State,
    UnknownReason,
    Word,
    may_appeal,
    reasons,
)
from cases.figures.tables import ExclusionRow
from cases.store import Store, Told, Writing
from cases.tables import CaseEventRow, CaseRow, EventKind

WORDS_MAX_CHARS = 1000
_ACTS = ("asked", "decided", "appealed", "settled")


class Exclusions:
    """Asks, decides and appeals, each with its entry in the case's history; all raise NoSuchExclusion.

    Words are the reason in full: they are kept sealed, and never empty (Incomplete).
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def ask(self, number: str, actor: Actor, reason: str, words: str) -> int:
        """Ask to have a case left out; return the request's id. `reason` is an id of reasons.yml.

        Raises NoSuchCase, NotYours unless the actor's department leads the case, NotCounted, AlreadyAsked
        and UnknownReason.
        """
        if reason not in reasons():
            raise UnknownReason(reason)
        with self._store.writing() as writing:
            row = writing.case(number)
            lead = row.department if actor.role is ActorRole.HANDLER else None
            if lead is None or actor.department != lead:
                raise NotYours(f"case {number}: only its lead, {row.department or 'nobody yet'}, can ask")
            if _counts_in_nothing(row):
                raise NotCounted(number)
            own = select(ExclusionRow).filter_by(number=number, department=lead)
            if writing.session.scalars(own).one_or_none() is not None:
                raise AlreadyAsked(number, lead)
            entry = _tell(writing, row, actor, words, f"asked {reason}")
            asked = ExclusionRow(
                number=number,
                department=lead,
                reason=reason,
                state=State.ASKED.value,
                is_granted=False,
                asked_by=actor.login,
                asked_at=writing.at(row),
                asked_entry=entry,
            )
            writing.session.add(asked)
            writing.session.flush()
            return asked.id

    def decide(self, exclusion: int, actor: Actor, is_granted: bool, words: str) -> None:
        """Grant or refuse a request. Raises NotYours, SamePerson, and NotOpen when somebody was faster."""
        with self._store.writing() as writing:
            found = _find(writing, exclusion)
            _require(found, State.ASKED)
            _require_other(found, actor, found.asked_by)
            self._judge(writing, found, State.DECIDED, actor, is_granted, words)

    def appeal(self, exclusion: int, actor: Actor, words: str) -> None:
        """Appeal against a decision, once: the department against a refusal, the hall against a grant.

        Raises NotYours, and NotOpen before a decision or after another appeal.
        """
        with self._store.writing() as writing:
            found = _find(writing, exclusion)
            _require(found, State.DECIDED)
            if not may_appeal(found.is_granted, found.department, actor):
                side = "the hall's desk" if found.is_granted else found.department
                raise NotYours(f"case {found.number}: only {side} can appeal against this")
            row = writing.case(found.number)
            found.appealed_entry = _tell(writing, row, actor, words, f"appealed {found.department}")
            found.state = State.APPEALED.value
            found.appealed_by, found.appealed_at = actor.login, writing.at(row)

    def decide_appeal(self, exclusion: int, actor: Actor, is_granted: bool, words: str) -> None:
        """Settle whether it is left out. Raises NotYours, NotOpen, and SamePerson for who had a part."""
        with self._store.writing() as writing:
            found = _find(writing, exclusion)
            _require(found, State.APPEALED)
            _require_other(found, actor, found.asked_by, found.decided_by, found.appealed_by)
            self._judge(writing, found, State.SETTLED, actor, is_granted, words)

    def get(self, exclusion: int) -> Exclusion:
        """Return one request."""
        with self._store.sessions() as session:
            row = session.get(ExclusionRow, exclusion)
            if row is None:
                raise NoSuchExclusion(exclusion)
            return self._opened(session, row)

    def pending(self, department: str | None = None) -> tuple[Exclusion, ...]:
        """Return the requests and appeals that wait for a supervisor, the longest waiting first."""
        row = ExclusionRow
        waits = row.state.in_([State.ASKED.value, State.APPEALED.value])
        return self._all(waits, *([row.department == department] if department is not None else []))

    def lately(self, department: str | None = None, limit: int = 50) -> tuple[Exclusion, ...]:
        """Return what was decided, appeals too, the latest first; a refusal can still be appealed against."""
        row = ExclusionRow
        wanted = select(row).where(row.state.in_([State.DECIDED.value, State.SETTLED.value]))
        if department is not None:
            wanted = wanted.where(row.department == department)
        decided_at = func.coalesce(row.settled_at, row.decided_at)
        wanted = wanted.order_by(decided_at.desc(), row.id.desc()).limit(limit)
        with self._store.sessions() as session:
            return tuple(self._opened(session, found) for found in session.scalars(wanted).all())

    def of(self, number: str) -> tuple[Exclusion, ...]:
        """Return every request for a case, in the order they came."""
        return self._all(ExclusionRow.number == number)

    def _all(self, *conditions: Any) -> tuple[Exclusion, ...]:
        row = ExclusionRow
        wanted = select(row).where(*conditions).order_by(row.asked_at, row.id)
        with self._store.sessions() as session:
            return tuple(self._opened(session, found) for found in session.scalars(wanted).all())

    def _opened(self, session: Session, row: ExclusionRow) -> Exclusion:
        asked, *later = (self._word(session, row, act) for act in _ACTS)
        assert asked is not None
        return Exclusion(
            row.id, row.number, row.department, row.reason, State(row.state), row.is_granted, asked, *later
        )

    def _word(self, session: Session, row: ExclusionRow, act: str) -> Word | None:
        by, at, entry = (getattr(row, f"{act}_{part}") for part in ("by", "at", "entry"))
        if entry is None:
            return None
        note = session.get_one(CaseEventRow, entry).note
        words = self._store.sealer.open(note, history.note_context(entry)) if note is not None else None
        return Word(by, at, words)

    def _judge(
        self, writing: Writing, found: ExclusionRow, state: State, actor: Actor, is_granted: bool, words: str
    ) -> None:
        row = writing.case(found.number)
        found.is_granted, found.state = is_granted, state.value
        writing.session.flush()
        granted = select(ExclusionRow.department).filter_by(number=found.number, is_granted=True)
        row.excluded_for = writing.session.scalars(granted.order_by(ExclusionRow.id.desc())).first()
        entry = _tell(writing, row, actor, words, "granted" if is_granted else "refused")
        for part, value in (("by", actor.login), ("at", writing.at(row)), ("entry", entry)):
            setattr(found, f"{state.value}_{part}", value)


def _tell(writing: Writing, row: CaseRow, actor: Actor, words: str, about: str) -> int:
    said = words.strip()
    if not 0 < len(said) <= WORDS_MAX_CHARS:
        raise Incomplete(f"case {row.number}: say why, in 1 to {WORDS_MAX_CHARS} characters")
    return writing.tell(row, Told(EventKind.EXCLUDED, actor, note=said, about=about))


def _find(writing: Writing, exclusion: int) -> ExclusionRow:
    found = writing.session.get(ExclusionRow, exclusion)
    if found is None:
        raise NoSuchExclusion(exclusion)
    return found


def _require(found: ExclusionRow, state: State) -> None:
    if found.state != state:
        by = found.settled_by or found.appealed_by or found.decided_by or found.asked_by
        raise NotOpen(found.number, found.state, by)


def _require_other(found: ExclusionRow, actor: Actor, *before: str | None) -> None:
    if actor.role is not ActorRole.SUPERVISOR:
        raise NotYours(f"case {found.number}: a supervisor decides what is left out")
    if actor.login in before:
        raise SamePerson(found.number, actor.login)


def _counts_in_nothing(row: CaseRow) -> bool:
    if row.excluded_for == row.department or row.status in (CaseStatus.WITHDRAWN, CaseStatus.MERGED):
        return True
    return row.status == CaseStatus.CLOSED and row.resolved_at is None
