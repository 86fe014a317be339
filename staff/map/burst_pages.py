"""What looks like one matter: cases of a category and grid that several people filed within hours."""

from __future__ import annotations

from collections.abc import Mapping

from sanic import Blueprint, HTTPResponse

from cases.case import Actor, ActorRole, CaseError, Incomplete, NotYours
from cases.figures.proposals import AlreadyDecided, HasGrown, NoSuchProposal, Proposal, Proposals
from staff.cases.names import read_names
from staff.cases.people import DESK, actor_of
from staff.console import Console
from staff.visit import Visit

# Of so many cases the words are shown; of more, who decides opens a few.
MOST_READ = 12
_MOST_ID = 2**31 - 1


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/map/bursts", allow=DESK)(show)
    desk.page("POST", "/map/bursts/<proposal:str>/accept", allow=DESK, act="burst.accept")(accept)
    desk.page("POST", "/map/bursts/<proposal:str>/dismiss", allow=DESK, act="burst.dismiss")(dismiss)


def decides(actor: Actor) -> bool:
    """Return whether somebody may decide what is one matter: the hall's desk, not a department."""
    return actor.role is not ActorRole.HANDLER


def proposals_of(visit: Visit) -> Proposals:
    """Return the proposals of the hall's case store."""
    return Proposals(visit.means.casework.desk.store)


async def show(visit: Visit, status: int = 200) -> HTTPResponse:
    """Show what waits for a decision; what came in the last minutes is looked for first."""
    actor = actor_of(visit.member)
    if not decides(actor):
        return visit.problem(403, "bursts_not_yours")
    await visit.do(proposals_of(visit).remember)
    waiting = await visit.do(proposals_of(visit).waiting)
    return visit.show(
        "map/bursts.html",
        status,
        waiting=waiting,
        said=await visit.do(_said, visit, waiting, actor),
        names=await visit.do(read_names, visit.means),
    )


async def accept(visit: Visit, proposal: str) -> HTTPResponse:
    """Merge the ticked cases into the chosen one."""
    master, chosen, seen = visit.field("master")[:16], visit.fields("number"), visit.fields("seen")
    visit.note("burst", proposal[:20])
    if not decides(actor_of(visit.member)):
        return visit.problem(403, "bursts_not_yours")
    try:
        done = await visit.do(
            proposals_of(visit).accept, _id(proposal), actor_of(visit.member), master, chosen, seen
        )
    except CaseError as problem:
        return await _refuse(visit, problem)
    visit.note("burst", proposal, after={"master": done.master, "merged": len(done.merged)})
    visit.flash("burst_accepted", master=done.master, count=len(done.merged))
    if done.left:
        visit.flash("burst_left", "warn", numbers="、".join(done.left[:10]))
    return visit.go(f"/cases/{done.master}")


async def dismiss(visit: Visit, proposal: str) -> HTTPResponse:
    """Say that they are several matters."""
    visit.note("burst", proposal[:20])
    if not decides(actor_of(visit.member)):
        return visit.problem(403, "bursts_not_yours")
    try:
        await visit.do(
            proposals_of(visit).dismiss, _id(proposal), actor_of(visit.member), visit.fields("seen")
        )
    except CaseError as problem:
        return await _refuse(visit, problem)
    visit.flash("burst_dismissed")
    return visit.go("/map/bursts")


async def _refuse(visit: Visit, problem: CaseError) -> HTTPResponse:
    if isinstance(problem, AlreadyDecided):
        people = {member.login: member.name for member in visit.means.accounts.members()}
        visit.flash(f"burst_is_{problem.state}", "warn", by=people.get(problem.by, problem.by))
    else:
        kinds: tuple[tuple[type[CaseError], str], ...] = (
            (HasGrown, "burst_grown"),
            (NoSuchProposal, "burst_gone"),
            (NotYours, "burst_master_closed"),
            (Incomplete, "burst_incomplete"),
        )
        key = next((key for kind, key in kinds if isinstance(problem, kind)), "")
        if not key:
            raise problem
        visit.flash(key, "warn")
    return await show(visit, 409)


def _said(visit: Visit, waiting: tuple[Proposal, ...], actor: Actor) -> Mapping[str, str]:
    """Return what the cases say, by number, as their own pages show it."""
    numbers = [number for proposal in waiting for number in proposal.numbers[:MOST_READ]]
    open_case = visit.means.casework.dossiers.open
    return {number: open_case(number, actor).record.description or "" for number in numbers}


def _id(proposal: str) -> int:
    """Return the id of an address; 0, which no proposal has, where it is none."""
    is_id = proposal.isascii() and proposal.isdigit() and len(proposal) < 11
    return int(proposal) if is_id and int(proposal) <= _MOST_ID else 0
