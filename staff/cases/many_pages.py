"""One act on many cases, each tried by itself; the page that follows says which went, and why others not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sanic import Blueprint, HTTPResponse

from cases.arrivals.categories import load_categories
from cases.case import Actor, ActorRole, CaseError, CaseStatus, Incomplete
from cases.work.moving import Move
from cases.work.queues import PAGE_MAX, Line
from staff.cases.names import read_names
from staff.cases.people import DESK, actor_of
from staff.cases.telling import tell
from staff.console import Console
from staff.visit import Visit

# As the department of many: each goes to the one that its category names.
BY_CATEGORY = "-"
_BACK_CHARS = 600

ManyAct = Callable[[Visit, Line, Actor], None]


@dataclass(frozen=True)
class Outcome:
    """What became of one case; `why` is empty where the act was done."""

    number: str
    line: Line | None
    why: str


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("POST", "/cases/-/many", allow=DESK, act="case.many")(do_many)


def acts_of(actor: Actor) -> tuple[str, ...]:
    """Return what somebody may do with many cases at once, in the order of the page."""
    return tuple(name for name, (_, roles) in _ACTS.items() if actor.role in roles)


async def do_many(visit: Visit) -> HTTPResponse:
    """Do one thing with every case that was ticked."""
    name, actor = visit.field("act"), actor_of(visit.member)
    numbers = [number[:20] for number in dict.fromkeys(visit.fields("number"))][:PAGE_MAX]
    back = visit.field("back")[:_BACK_CHARS]
    if not numbers or name not in acts_of(actor):
        visit.flash("cases_none_ticked" if not numbers else "cases_no_act", "info")
        return visit.go(f"/cases?{back}" if back.isascii() and back.isprintable() else "/cases")
    outcomes = await visit.do(_each, visit, name, numbers, actor)
    done = [one.number for one in outcomes if not one.why]
    left = [one.number for one in outcomes if one.why]
    visit.note("cases", len(done), after={"act": name, "done": done, "left": left})
    names = await visit.do(read_names, visit.means)
    return visit.show(
        "cases/many.html", act=name, outcomes=outcomes, done=len(done), left=len(left), back=back, names=names
    )


def _each(visit: Visit, name: str, numbers: list[str], actor: Actor) -> list[Outcome]:
    act, _ = _ACTS[name]
    queues = visit.means.casework.queues
    known = queues.lines(numbers)
    whys: dict[str, str] = {}
    for number in numbers:
        try:
            # Also refuses what is none of this department's.
            visit.means.casework.dossiers.open(number, actor)
            act(visit, known[number], actor)
        except CaseError as problem:
            whys[number] = tell(visit, problem)
    now = queues.lines(numbers)
    # Those that were left come first: they are what there is still to do.
    return sorted((Outcome(n, now.get(n), whys.get(n, "")) for n in numbers), key=lambda one: not one.why)


def _accept(visit: Visit, line: Line, actor: Actor) -> None:
    visit.means.casework.desk.move(line.number, Move(CaseStatus.ACCEPTED, actor))


def _dispatch(visit: Visit, line: Line, actor: Actor) -> None:
    """Dispatch a case; one that nobody has received yet is received on the way."""
    department = visit.field("department")
    if department == BY_CATEGORY:
        category = load_categories().get(line.category or "")
        department = category.department if category else ""
    if not department:
        raise Incomplete(f"case {line.number}: its category names no department")
    if line.status is CaseStatus.RECEIVED:
        _accept(visit, line, actor)
    visit.means.casework.desk.move(line.number, Move(CaseStatus.DISPATCHED, actor, department=department))


def _begin(visit: Visit, line: Line, actor: Actor) -> None:
    visit.means.casework.desk.move(line.number, Move(CaseStatus.IN_PROGRESS, actor))


def _close(visit: Visit, line: Line, actor: Actor) -> None:
    visit.means.casework.desk.move(line.number, Move(CaseStatus.CLOSED, actor, visit.field("close_note")))


def _note(visit: Visit, line: Line, actor: Actor) -> None:
    visit.means.casework.working.note(line.number, actor, visit.field("own_note"))


def _assign(visit: Visit, line: Line, actor: Actor) -> None:
    member = visit.means.accounts.find(visit.field("answerable"))
    if member is None or member.is_disabled or not member.may(DESK):
        raise Incomplete(f"case {line.number}: nobody was named who works cases")
    visit.means.casework.working.assign(line.number, actor_of(member), actor)


_DESK_ROLES = (ActorRole.RECEIVER, ActorRole.SUPERVISOR)
_ACTS: dict[str, tuple[ManyAct, tuple[ActorRole, ...]]] = {
    "accept": (_accept, _DESK_ROLES),
    "begin": (_begin, (ActorRole.HANDLER,)),
    "dispatch": (_dispatch, _DESK_ROLES),
    "close": (_close, _DESK_ROLES),
    "note": (_note, (*_DESK_ROLES, ActorRole.HANDLER)),
    "assign": (_assign, (ActorRole.SUPERVISOR,)),
}
