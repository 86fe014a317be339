"""What tests of working cases share: who acts, a few departments, and the shortest way to each status."""

from __future__ import annotations

from cases.case import CLOCK, RESIDENT, Actor, ActorRole, CaseStatus
from cases.desk import Desk
from cases.work.departments import Department, Departments
from cases.work.moving import Move, PauseReason

LI = Actor("li", ActorRole.RECEIVER)
CHEN = Actor("chen", ActorRole.RECEIVER)
WANG = Actor("wang", ActorRole.HANDLER, "repairs")
ZHOU = Actor("zhou", ActorRole.HANDLER, "gardens")
HE = Actor("he", ActorRole.HANDLER, "water")
BOSS = Actor("boss", ActorRole.SUPERVISOR)
BY_ROLE = {actor.role: actor for actor in (LI, WANG, BOSS, RESIDENT, CLOCK)}

# The shortest way to each status; a merged case needs a master, see `bring`.
WAYS: dict[CaseStatus, list[CaseStatus]] = {
    CaseStatus.RECEIVED: [],
    CaseStatus.ACCEPTED: [CaseStatus.ACCEPTED],
    CaseStatus.DISPATCHED: [CaseStatus.ACCEPTED, CaseStatus.DISPATCHED],
    CaseStatus.IN_PROGRESS: [CaseStatus.ACCEPTED, CaseStatus.DISPATCHED, CaseStatus.IN_PROGRESS],
    CaseStatus.PAUSED: [
        CaseStatus.ACCEPTED,
        CaseStatus.DISPATCHED,
        CaseStatus.IN_PROGRESS,
        CaseStatus.PAUSED,
    ],
    CaseStatus.RETURNED: [CaseStatus.ACCEPTED, CaseStatus.DISPATCHED, CaseStatus.RETURNED],
    CaseStatus.RESOLVED: [CaseStatus.ACCEPTED, CaseStatus.RESOLVED],
    CaseStatus.RATED: [CaseStatus.ACCEPTED, CaseStatus.RESOLVED, CaseStatus.RATED],
    CaseStatus.REOPENED: [CaseStatus.ACCEPTED, CaseStatus.RESOLVED, CaseStatus.REOPENED],
    CaseStatus.CLOSED: [CaseStatus.ACCEPTED, CaseStatus.RESOLVED, CaseStatus.CLOSED],
    CaseStatus.WITHDRAWN: [CaseStatus.WITHDRAWN],
    CaseStatus.MERGED: [CaseStatus.MERGED],
}
ACTS: dict[CaseStatus, Actor] = {
    CaseStatus.ACCEPTED: LI,
    CaseStatus.DISPATCHED: LI,
    CaseStatus.IN_PROGRESS: WANG,
    CaseStatus.PAUSED: WANG,
    CaseStatus.RETURNED: WANG,
    CaseStatus.RESOLVED: LI,
    CaseStatus.RATED: RESIDENT,
    CaseStatus.REOPENED: RESIDENT,
    CaseStatus.CLOSED: BOSS,
    CaseStatus.WITHDRAWN: RESIDENT,
    CaseStatus.MERGED: LI,
}


def open_departments(desk: Desk) -> None:
    """Open the departments of the tests."""
    names = {"repairs": "报修组（示例）", "gardens": "绿化组（示例）", "water": "给水组（示例）"}
    Departments(desk.store).replace([Department(key, name) for key, name in names.items()])


def a_move(wanted: CaseStatus, actor: Actor, master: str | None = None) -> Move:
    """Return a move with all that it may need."""
    return Move(
        wanted,
        actor,
        note="灯已换好",
        department="repairs" if wanted is CaseStatus.DISPATCHED else None,
        pause=PauseReason.MATERIAL if wanted is CaseStatus.PAUSED else None,
        master=master if wanted is CaseStatus.MERGED else None,
        rating=4 if wanted is CaseStatus.RATED else None,
    )


def bring(desk: Desk, number: str, status: CaseStatus, master: str | None = None) -> None:
    """Move a new case to a status by the shortest way."""
    for step in WAYS[status]:
        desk.move(number, a_move(step, ACTS[step], master))
