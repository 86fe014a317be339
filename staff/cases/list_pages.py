"""The lists of cases: what waits for me, everything, what is overdue; and accepting many at once."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse

from cases.case import Actor, ActorRole, CaseError, CaseStatus
from cases.work.moving import Move
from cases.work.queues import Line
from staff.cases.names import read_names
from staff.cases.people import DESK, actor_of
from staff.cases.wanted import LISTS, ROWS, Wanted, wanted_of
from staff.console import Console
from staff.visit import Visit

MOST_AT_ONCE = 100


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/cases", allow=DESK, nav="cases")(show_list)
    desk.page("POST", "/cases/-/accept", allow=DESK, act="case.accept-many")(accept_many)


async def show_list(visit: Visit) -> HTTPResponse:
    """Show one list, or go straight to the case whose number was typed."""
    number = visit.arg("number").strip()
    if number:
        return visit.go(f"/cases/{number[:20]}")
    wanted, actor = wanted_of(visit), actor_of(visit.member)
    lines, total = await visit.do(_read, visit, wanted, actor)
    return visit.show(
        "cases/list.html",
        lines=lines,
        total=total,
        pages=-(-total // ROWS),
        wanted=wanted,
        lists=LISTS,
        names=await visit.do(read_names, visit.means),
        statuses=tuple(CaseStatus),
        actor=actor,
        may_accept=actor.role is not ActorRole.HANDLER,
    )


async def accept_many(visit: Visit) -> HTTPResponse:
    """Accept every case that was ticked; those that somebody else took meanwhile are told."""
    numbers = list(dict.fromkeys(visit.fields("number")))[:MOST_AT_ONCE]
    actor = actor_of(visit.member)
    accepted, left = await visit.do(_accept, visit, numbers, actor)
    visit.note("cases", f"{len(accepted)}", after={"accepted": accepted, "left": left})
    if accepted:
        visit.flash("cases_accepted", count=len(accepted))
    if left:
        visit.flash("cases_not_accepted", "warn", numbers="、".join(left[:10]))
    if not numbers:
        visit.flash("cases_none_ticked", "info")
    return visit.go("/cases")


def _read(visit: Visit, wanted: Wanted, actor: Actor) -> tuple[tuple[Line, ...], int]:
    queues = visit.means.casework.queues
    if wanted.which == "mine":
        mine = queues.mine(actor, limit=ROWS)
        return mine, len(mine)
    asked = wanted.filter()
    if actor.role is ActorRole.HANDLER:
        asked = wanted.filter_for(actor.department)
    return queues.find(asked), queues.count(asked)


def _accept(visit: Visit, numbers: list[str], actor: Actor) -> tuple[list[str], list[str]]:
    accepted, left = [], []
    for number in numbers:
        try:
            visit.means.casework.desk.move(number, Move(CaseStatus.ACCEPTED, actor))
            accepted.append(number)
        except CaseError:
            # Taken by somebody else in the meantime, or gone: the page that follows shows how it stands.
            left.append(number)
    return accepted, left
