"""Joint handling (协同处置): departments that assist the lead, each with a clock of its own."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select

from cases.case import AT_REST, Actor, ActorRole, CaseError, CaseStatus, Incomplete, NotYours
from cases.store import Told, Writing
from cases.tables import CaseRow, EventKind
from cases.work import clocks
from cases.work.deadlines import Term
from cases.work.departments import active_department
from cases.work.tables import AssignmentRow, Purpose


class AssistState(StrEnum):
    """How far an assisting department has come."""

    CALLED = "called"
    ACCEPTED = "accepted"
    DONE = "done"
    RELEASED = "released"  # not needed after all


_OPEN = (AssistState.CALLED, AssistState.ACCEPTED)


class StillAtWork(CaseError):
    """A case cannot be resolved while an assisting department has not finished."""

    def __init__(self, number: str, departments: Sequence[str]) -> None:
        super().__init__(
            f"case {number}: {', '.join(departments)} still at work: wait for them, or release them"
        )


def call(writing: Writing, row: CaseRow, department: str, actor: Actor, term: Term) -> None:
    """Call a department in to assist, with a clock of its own; one that was released may be called again."""
    active_department(writing.session, department)
    if CaseStatus(row.status) in AT_REST:
        raise NotYours(f"case {row.number} is {row.status}: nobody can be called in")
    if department == row.department:
        raise Incomplete(f"case {row.number}: {department} leads and cannot assist as well")
    found = _find(writing, row, department)
    if found is not None and found.state in _OPEN:
        return
    assist = found or AssignmentRow(number=row.number, department=department)
    assist.state, assist.called_at = AssistState.CALLED.value, writing.at(row)
    assist.accepted_by = assist.accepted_at = assist.done_at = None
    writing.session.add(assist)
    clocks.start(writing, row, Purpose.ASSIST, term, department)
    writing.tell(row, Told(EventKind.ASSISTED, actor, about=f"{department} {AssistState.CALLED}"))


def accept(writing: Writing, row: CaseRow, actor: Actor) -> None:
    """Let an assisting department accept its part."""
    assist = _own(writing, row, actor)
    if assist.state != AssistState.CALLED:
        raise NotYours(
            f"case {row.number}: {assist.department} has {assist.state} already ({assist.accepted_by})"
        )
    assist.state, assist.accepted_by = AssistState.ACCEPTED.value, actor.login
    assist.accepted_at = writing.at(row)
    writing.tell(row, Told(EventKind.ASSISTED, actor, about=f"{assist.department} {AssistState.ACCEPTED}"))


def finish(writing: Writing, row: CaseRow, actor: Actor, note: str) -> None:
    """Let an assisting department say that, and how, its part is done."""
    assist = _own(writing, row, actor)
    if assist.state not in _OPEN:
        raise NotYours(f"case {row.number}: {assist.department} has {assist.state} already")
    if not note.strip():
        raise Incomplete(f"case {row.number}: say what {assist.department} did")
    _close(writing, row, assist, AssistState.DONE, actor, note)


def release(writing: Writing, row: CaseRow, department: str, actor: Actor, note: str) -> None:
    """Let the lead, the desk or a supervisor do without an assisting department, for a reason."""
    if actor.role is ActorRole.HANDLER and actor.department != row.department:
        raise NotYours(f"case {row.number}: only its lead, {row.department}, can release {department}")
    assist = _find(writing, row, department)
    if assist is None or assist.state not in _OPEN:
        raise NotYours(f"case {row.number}: {department} does not assist")
    if not note.strip():
        raise Incomplete(f"case {row.number}: say why {department} is released")
    _close(writing, row, assist, AssistState.RELEASED, actor, note)


def require_done(writing: Writing, row: CaseRow) -> None:
    """Raise StillAtWork while an assisting department of the case has not finished."""
    at_work = [a.department for a in assignments(writing, row) if a.state in _OPEN]
    if at_work:
        raise StillAtWork(row.number, at_work)


def assignments(writing: Writing, row: CaseRow) -> Sequence[AssignmentRow]:
    """Return the assisting departments of a case, in the order of their calling."""
    mine = select(AssignmentRow).where(AssignmentRow.number == row.number)
    return writing.session.scalars(mine.order_by(AssignmentRow.id)).all()


def _close(
    writing: Writing, row: CaseRow, assist: AssignmentRow, state: AssistState, actor: Actor, note: str
) -> None:
    assist.state, assist.done_at = state.value, writing.at(row)
    clocks.end(writing, row, (Purpose.ASSIST,), assist.department)
    writing.tell(
        row, Told(EventKind.ASSISTED, actor, note=note.strip(), about=f"{assist.department} {state}")
    )


def _own(writing: Writing, row: CaseRow, actor: Actor) -> AssignmentRow:
    assist = _find(writing, row, actor.department or "")
    if actor.role is not ActorRole.HANDLER or assist is None:
        raise NotYours(f"case {row.number}: {actor.department or actor.role} was not called in")
    return assist


def _find(writing: Writing, row: CaseRow, department: str) -> AssignmentRow | None:
    return next((a for a in assignments(writing, row) if a.department == department), None)
