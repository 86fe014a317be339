"""Moving a case: checked against the table of moves and whose case it is, with clocks, history and notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from cases.case import (
    AT_REST,
    CLOCK,
    ENDED,
    Actor,
    ActorRole,
    CaseStatus,
    IllegalMove,
    Incomplete,
    NotYours,
)
from cases.store import Told, Writing
from cases.tables import CaseEventRow, CaseRow, EventKind
from cases.work import clocks, joint, links
from cases.work.deadlines import Term, read_term
from cases.work.departments import active_department
from cases.work.moves import MOVES, is_reason_needed, is_result_needed, who_may
from cases.work.rules import Rules
from cases.work.tables import ClockRow, Purpose

NOTE_MAX_CHARS = 1000


class PauseReason(StrEnum):
    """What a paused case waits for."""

    RESIDENT = "resident"  # an answer, or somebody at home
    OTHER_OFFICE = "other_office"
    MATERIAL = "material"
    WEATHER = "weather"


@dataclass(frozen=True)
class Move:
    """What shall become of a case. `note` is the reason, or for a resolved case what was done."""

    wanted: CaseStatus
    actor: Actor
    note: str = ""
    department: str | None = None  # DISPATCHED: the lead (主办)
    assisting: tuple[str, ...] = ()  # DISPATCHED: those that assist (协办)
    pause: PauseReason | None = None  # PAUSED
    until: datetime | None = None  # PAUSED: when the hall takes it up again by itself
    master: str | None = None  # MERGED: the case that is worked instead
    rating: int | None = None  # RATED: 1 to 5, see cases.residents.Rating
    talk: str | None = None  # where the resident made it, and has the answer


def make_move(writing: Writing, number: str, move: Move) -> CaseRow:
    """Make a move and return the case's row.

    Raises NoSuchCase, IllegalMove (it names who was faster), NotYours, Incomplete and UnknownDepartment.
    """
    row = writing.case(number)
    present = CaseStatus(row.status)
    _check(writing, row, present, move)
    row.status = move.wanted.value
    if (effect := _EFFECTS.get(move.wanted)) is not None:
        effect(writing, row, present, move)
    _keep_clocks(writing, row, present, move.wanted)
    about = _about(move)
    is_known = move.talk == row.conversation
    writing.tell(row, Told(EventKind.MOVED, move.actor, present.value, move.note.strip(), about, is_known))
    for department in move.assisting if move.wanted is CaseStatus.DISPATCHED else ():
        joint.call(writing, row, department, move.actor, resolve_term(writing, row))
    _move_followers(writing, row, present, move)
    return row


def _move_followers(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    if move.wanted is CaseStatus.WITHDRAWN:
        # The matter still bears down on the others: each is worked by itself again.
        for follower in links.followers(writing, row.number):
            make_move(writing, follower.number, Move(CaseStatus.ACCEPTED, CLOCK, f"{row.number} withdrawn"))
    elif move.wanted is CaseStatus.RESOLVED or (move.wanted is CaseStatus.CLOSED and present not in AT_REST):
        links.tell_followers(writing, row, move.actor)


def _check(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    wanted, actor = move.wanted, move.actor
    roles = who_may(present, wanted)
    if not roles:
        raise IllegalMove(row.number, present, wanted, last_author(writing, row.number), MOVES[present])
    if actor.role not in roles:
        raise NotYours(
            f"case {row.number}: {actor.role} may not make it {wanted}; this may: {', '.join(sorted(roles))}"
        )
    if actor.role is ActorRole.HANDLER and (actor.department or "") != row.department:
        raise NotYours(
            f"case {row.number} is with {row.department or 'the hall'}, not with {actor.department}"
        )
    if actor.role is ActorRole.RECEIVER and row.department and wanted in BY_LEAD and present in AT_WORK:
        raise NotYours(f"case {row.number} is worked by {row.department}: only it can make it {wanted}")
    if present is CaseStatus.PAUSED and wanted in AT_WORK and wanted.value != row.paused_from:
        raise IllegalMove(
            row.number, present, wanted, last_author(writing, row.number), [row.paused_from or ""]
        )
    note = move.note.strip()
    if len(note) > NOTE_MAX_CHARS:
        raise Incomplete(f"a note has at most {NOTE_MAX_CHARS} characters: keep it short")
    if is_reason_needed(present, wanted) and not note:
        raise Incomplete(f"case {row.number} becomes {wanted} only with a reason: say why")
    if is_result_needed(wanted) and not note:
        raise Incomplete(f"case {row.number} becomes {wanted} only with a result: say what was done")


def last_author(writing: Writing, number: str) -> str:
    """Return who changed a case last."""
    kinds = [kind.value for kind in (EventKind.FILED, EventKind.MOVED)]
    entries = select(CaseEventRow.author).where(CaseEventRow.number == number, CaseEventRow.kind.in_(kinds))
    return writing.session.scalars(entries.order_by(CaseEventRow.sequence.desc())).first() or "nobody"


def _accept(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    if present is not CaseStatus.PAUSED:
        if move.actor.role is not ActorRole.CLOCK:
            row.receiver = row.receiver or move.actor.login
            row.answerable = move.actor.login
        else:
            row.answerable = row.receiver
    if present in (CaseStatus.DISPATCHED, CaseStatus.RETURNED, CaseStatus.MERGED):
        row.department = row.master = None
    row.responded_at = row.responded_at or writing.at(row)


def _dispatch(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    if not move.department:
        raise Incomplete(f"case {row.number}: name the department that leads")
    active_department(writing.session, move.department)
    row.department = move.department
    # Who received it stays answerable until the department accepts (首问负责制).
    row.answerable = row.receiver or move.actor.login


def _begin(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    if present in (CaseStatus.DISPATCHED, CaseStatus.ACCEPTED, CaseStatus.REOPENED):
        row.answerable = move.actor.login
    row.paused_from = row.paused_until = row.pause_reason = None


def _pause(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    if move.pause is None:
        raise Incomplete(f"case {row.number}: name what it waits for: {', '.join(PauseReason)}")
    if move.until is not None and move.until <= writing.now:
        raise Incomplete(f"case {row.number}: the day on which it goes on must lie ahead")
    row.paused_from, row.paused_until, row.pause_reason = present.value, move.until, move.pause.value


def _return(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    row.department = None
    row.answerable = row.receiver


def _resolve(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    joint.require_done(writing, row)
    row.resolved_at = writing.at(row)
    row.responded_at = row.responded_at or row.resolved_at


def _reopen(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    until = reopen_until(row, writing.rules)
    if until is None or writing.now > until:
        days = writing.rules.reopen_within.days
        raise NotYours(f"case {row.number} can be opened again for {days} days: please file a new one")
    row.reopened += 1
    row.resolved_at = row.ended_at = row.rating = row.reminded_at = None


def reopen_until(row: CaseRow, rules: Rules) -> datetime | None:
    """Return until when a case can be opened again; None where it is neither resolved nor closed."""
    since = row.resolved_at or row.ended_at
    return since + rules.reopen_within if since is not None else None


def _rate(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    if move.rating not in range(1, 6):
        raise Incomplete(f"case {row.number}: a rating is one of 1 to 5")
    row.rating = move.rating


def _merge(writing: Writing, row: CaseRow, present: CaseStatus, move: Move) -> None:
    links.merge(writing, row, move.master)


_Effect = Callable[[Writing, CaseRow, CaseStatus, Move], None]
_EFFECTS: dict[CaseStatus, _Effect] = {
    CaseStatus.ACCEPTED: _accept,
    CaseStatus.DISPATCHED: _dispatch,
    CaseStatus.IN_PROGRESS: _begin,
    CaseStatus.PAUSED: _pause,
    CaseStatus.RETURNED: _return,
    CaseStatus.RESOLVED: _resolve,
    CaseStatus.REOPENED: _reopen,
    CaseStatus.MERGED: _merge,
    CaseStatus.RATED: _rate,
}
AT_WORK = frozenset({CaseStatus.ACCEPTED, CaseStatus.IN_PROGRESS, CaseStatus.REOPENED, CaseStatus.PAUSED})
BY_LEAD = frozenset({CaseStatus.RESOLVED, CaseStatus.PAUSED, CaseStatus.IN_PROGRESS})


def _keep_clocks(writing: Writing, row: CaseRow, present: CaseStatus, wanted: CaseStatus) -> None:
    if wanted is CaseStatus.PAUSED:
        clocks.pause(writing, row)
    elif present is CaseStatus.PAUSED:
        clocks.resume(writing, row)
    if row.responded_at is not None:
        clocks.end(writing, row, (Purpose.RESPOND,))
    if wanted in AT_REST:
        clocks.end(writing, row)
    if wanted in ENDED:
        row.ended_at = writing.at(row)
    if wanted is CaseStatus.REOPENED or present is CaseStatus.MERGED:
        row.ended_at = None
        clocks.start(writing, row, Purpose.RESOLVE, resolve_term(writing, row))


def resolve_term(writing: Writing, row: CaseRow) -> Term:
    """Return the term of the case's own clock, as it was when the case was filed."""
    terms = select(ClockRow.term).where(ClockRow.number == row.number, ClockRow.purpose == Purpose.RESOLVE)
    term = writing.session.scalars(terms.order_by(ClockRow.id)).first()
    return read_term(term) if term else writing.rules.resolve


def _about(move: Move) -> str | None:
    parts = [move.department, *move.assisting, move.master, move.pause and move.pause.value]
    return " ".join(part for part in parts if part)[:200] or None
