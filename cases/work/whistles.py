"""The whistle (街道吹哨、部门报到): departments are called to the spot, and come with proof or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.arrivals.tables import PhotoRow
from cases.case import AT_REST, Actor, ActorRole, CaseStatus, Incomplete, NotYours
from cases.store import Told, Writing
from cases.tables import CaseRow, EventKind
from cases.work import clocks
from cases.work.deadlines import Term
from cases.work.departments import active_department
from cases.work.tables import ClockRow, Purpose, WhistleCallRow, WhistleRow

PROOF_MAX_CHARS = 1000


@dataclass(frozen=True)
class Call:
    """One department that was whistled for, and how it answered so far."""

    whistle: int
    department: str
    due_at: datetime | None
    came_by: str | None
    came_at: datetime | None
    proof_photo: int | None = None

    def is_no_show(self, now: datetime) -> bool:
        """Return whether it was due and has not come, or came too late."""
        return self.due_at is not None and self.due_at < (self.came_at or now)


def blow(
    writing: Writing, row: CaseRow, departments: Sequence[str], actor: Actor, reason: str, term: Term | None
) -> int:
    """Call departments to the spot, each within `term` (default: the rules'); return the whistle's id."""
    if actor.role not in (ActorRole.RECEIVER, ActorRole.SUPERVISOR, ActorRole.HANDLER):
        raise NotYours(f"case {row.number}: {actor.role} cannot whistle")
    if actor.role is ActorRole.HANDLER and actor.department != row.department:
        raise NotYours(f"case {row.number}: only its lead, {row.department}, can whistle")
    if CaseStatus(row.status) in AT_REST:
        raise NotYours(f"case {row.number} is {row.status}: there is nothing to come for")
    if not departments or not reason.strip():
        raise Incomplete(f"case {row.number}: a whistle names departments and says what for")
    whistle = WhistleRow(number=row.number, blown_by=actor.login, blown_at=writing.at(row))
    writing.session.add(whistle)
    writing.session.flush()
    whistle.reason = writing.sealer.seal(reason.strip(), reason_context(whistle.id))
    for department in dict.fromkeys(departments):
        active_department(writing.session, department)
        clock = clocks.start(writing, row, Purpose.ARRIVE, term or writing.rules.arrive, department)
        writing.session.add(WhistleCallRow(whistle=whistle.id, department=department, clock=clock.id))
    about = f"{whistle.id} {' '.join(dict.fromkeys(departments))}"[:200]
    writing.tell(row, Told(EventKind.WHISTLED, actor, note=reason.strip(), about=about))
    return whistle.id


def come(writing: Writing, whistle: int, actor: Actor, proof: str, photo: int | None = None) -> CaseRow:
    """Write down that a department came, when, and with what proof: words, and a photo of the case.

    Coming late counts as coming, and stays a no-show in time. Raises NotYours when it was not called or has
    come already (it says who came).
    """
    found = writing.session.get(WhistleRow, whistle)
    if found is None:
        raise NotYours(f"there is no whistle {whistle}")
    row = writing.case(found.number)
    wanted = select(WhistleCallRow).where(
        WhistleCallRow.whistle == whistle, WhistleCallRow.department == (actor.department or "")
    )
    call = writing.session.scalars(wanted).one_or_none()
    if call is None or actor.role is not ActorRole.HANDLER:
        raise NotYours(f"case {row.number}: {actor.department or actor.role} was not whistled for")
    if call.came_at is not None:
        raise NotYours(f"case {row.number}: {call.department} has come already ({call.came_by})")
    words = proof.strip()
    if not words or len(words) > PROOF_MAX_CHARS:
        raise Incomplete(
            f"case {row.number}: say in 1 to {PROOF_MAX_CHARS} characters who came and what was seen"
        )
    if photo is not None:
        picture = writing.session.get(PhotoRow, photo)
        if picture is None or picture.number != row.number:
            raise Incomplete(f"case {row.number} has no photo {photo}")
    call.came_by, call.came_at, call.proof_photo = actor.login, writing.at(row), photo
    call.proof = writing.sealer.seal(words, proof_context(call.id))
    clock = writing.session.get_one(ClockRow, call.clock)
    clock.ended_at = clock.ended_at or call.came_at
    writing.tell(row, Told(EventKind.CAME, actor, note=words, about=f"{whistle} {call.department}"))
    return row


def calls(session: Session, number: str) -> tuple[Call, ...]:
    """Return every department that was whistled for in a case, first whistle first."""
    found = (
        select(WhistleCallRow, ClockRow.due_at)
        .join(WhistleRow, WhistleRow.id == WhistleCallRow.whistle)
        .join(ClockRow, ClockRow.id == WhistleCallRow.clock)
        .where(WhistleRow.number == number)
        .order_by(WhistleCallRow.id)
    )
    return tuple(
        Call(call.whistle, call.department, due_at, call.came_by, call.came_at, call.proof_photo)
        for call, due_at in session.execute(found)
    )


def reason_context(whistle: int) -> str:
    """Return what the reason of a whistle is sealed for."""
    return f"whistle/{whistle}/reason"


def proof_context(call: int) -> str:
    """Return what the proof of a call is sealed for."""
    return f"whistle-call/{call}/proof"
