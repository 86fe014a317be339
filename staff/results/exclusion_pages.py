"""Leaving a case out of the figures (剔除): asking for it, deciding, appealing, and deciding the appeal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from sanic import Blueprint, HTTPResponse

from cases.case import ActorRole, CaseError, Incomplete, NotYours
from cases.figures.exclusion import (
    Act,
    AlreadyAsked,
    Exclusion,
    NoSuchExclusion,
    NotCounted,
    NotOpen,
    SamePerson,
    UnknownReason,
    reasons,
)
from cases.figures.exclusions import WORDS_MAX_CHARS, Exclusions
from staff.cases.case_pages import open_dossier
from staff.cases.names import read_names
from staff.cases.people import DESK, actor_of
from staff.console import Console
from staff.results.shown import tabs_of
from staff.roles import Role
from staff.visit import Visit

# What stands in an address, and what it is to the room.
_ACTS = {"decide": Act.DECIDE, "appeal": Act.APPEAL, "settle": Act.DECIDE_APPEAL}


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/results/exclusions", allow=DESK)(show_pending)
    desk.page("GET", "/results/exclusions/of/<number:str>", allow=DESK)(ask)
    desk.page("POST", "/results/exclusions/of/<number:str>", allow=DESK, act="exclusion.ask")(do_ask)
    desk.page("GET", "/results/exclusions/<exclusion:int>", allow=DESK)(show_one)
    for name, act in _ACTS.items():
        allow = DESK if act is Act.APPEAL else (Role.SUPERVISOR,)
        path = f"/results/exclusions/<exclusion:int>/{name}"
        desk.page("POST", path, allow=allow, act=f"exclusion.{name}")(_page_of(act))


async def show_pending(visit: Visit) -> HTTPResponse:
    """List what waits for a decision, and what was decided lately; a department sees its own."""
    actor = actor_of(visit.member)
    exclusions = _exclusions(visit)
    return visit.show(
        "results/exclusions.html",
        tabs=tabs_of(visit, "exclusions"),
        pending=await visit.do(exclusions.pending, actor.department),
        lately=await visit.do(exclusions.lately, actor.department),
        may_ask=actor.role is ActorRole.HANDLER,
        **await _shown(visit),
    )


async def show_one(visit: Visit, exclusion: int) -> HTTPResponse:
    """Show one request with all that was said to it."""
    found = await _open(visit, exclusion)
    return found if isinstance(found, HTTPResponse) else await _show_one(visit, found)


async def ask(visit: Visit, number: str) -> HTTPResponse:
    """Show the form in which a department asks to leave a case out."""
    return await _show_asking(visit, number)


async def do_ask(visit: Visit, number: str) -> HTTPResponse:
    """Ask for it; what cannot be is said above the form."""
    visit.note("case", number[:20])
    reason, words = visit.field("reason")[:64], visit.field("words")
    try:
        await visit.do(_exclusions(visit).ask, number, actor_of(visit.member), reason, words)
    except (NotYours, NotCounted, AlreadyAsked, UnknownReason, Incomplete) as problem:
        return await _show_asking(visit, number, _told(visit, problem))
    except CaseError:
        return visit.problem(404, "case_unknown", number=number[:20])
    visit.note("case", number, after={"reason": reason})
    visit.flash("exclusion_did_ask")
    return visit.go(f"/cases/{number}")


def _page_of(act: Act) -> Callable[[Visit, int], Awaitable[HTTPResponse]]:
    async def do(visit: Visit, exclusion: int) -> HTTPResponse:
        found = await _open(visit, exclusion)
        if isinstance(found, HTTPResponse):
            return found
        visit.note("case", found.number)
        is_granted, words = visit.field("granted") == "yes", visit.field("words")
        exclusions, actor = _exclusions(visit), actor_of(visit.member)
        calls: dict[Act, Callable[[], None]] = {
            Act.DECIDE: partial(exclusions.decide, exclusion, actor, is_granted, words),
            Act.APPEAL: partial(exclusions.appeal, exclusion, actor, words),
            Act.DECIDE_APPEAL: partial(exclusions.decide_appeal, exclusion, actor, is_granted, words),
        }
        if act is not Act.APPEAL and visit.field("granted") not in ("yes", "no"):
            return await _show_one(visit, found, visit.say("exclusion_undecided"), 422)
        try:
            await visit.do(calls[act])
        except CaseError as problem:
            fresh = await _open(visit, exclusion)
            if isinstance(fresh, HTTPResponse):
                return fresh
            return await _show_one(visit, fresh, _told(visit, problem), 409)
        visit.note("case", found.number, after={} if act is Act.APPEAL else {"granted": is_granted})
        visit.flash("exclusion_did_appeal" if act is Act.APPEAL else "exclusion_did_decide")
        return visit.go(f"/results/exclusions/{exclusion}")

    return do


async def _open(visit: Visit, exclusion: int) -> Exclusion | HTTPResponse:
    """Return a request, or the page that says why it cannot be seen."""
    try:
        found = await visit.do(_exclusions(visit).get, exclusion)
    except NoSuchExclusion:
        return visit.problem(404, "exclusion_unknown")
    actor = actor_of(visit.member)
    if actor.role is ActorRole.HANDLER and actor.department != found.department:
        return visit.problem(403, "exclusion_elsewhere")
    return found


async def _show_one(visit: Visit, found: Exclusion, error: str = "", status: int = 200) -> HTTPResponse:
    return visit.show(
        "results/exclusion.html",
        status,
        tabs=tabs_of(visit, "exclusions"),
        one=found,
        error=error,
        typed=visit.field("words"),
        **await _shown(visit),
    )


async def _show_asking(visit: Visit, number: str, error: str = "") -> HTTPResponse:
    dossier = await open_dossier(visit, number)
    if isinstance(dossier, HTTPResponse):
        return dossier
    return visit.show(
        "results/ask.html",
        409 if error else 200,
        tabs=tabs_of(visit, "exclusions"),
        record=dossier.record,
        error=error,
        typed={name: visit.field(name) for name in ("reason", "words")},
        **await _shown(visit),
    )


async def _shown(visit: Visit) -> dict[str, Any]:
    """Return what every page of requests shows them with."""
    return {
        "actor": actor_of(visit.member),
        "names": await visit.do(read_names, visit.means),
        "reasons": reasons(),
        "most_chars": WORDS_MAX_CHARS,
        "form_of": {act: name for name, act in _ACTS.items()},
    }


def _exclusions(visit: Visit) -> Exclusions:
    return Exclusions(visit.means.casework.desk.store)


def _told(visit: Visit, problem: CaseError) -> str:
    """Return in plain words why an act was not possible."""
    for kind, key in (
        (SamePerson, "exclusion_same_person"),
        (NotOpen, "exclusion_not_open"),
        (AlreadyAsked, "exclusion_already_asked"),
        (NotCounted, "exclusion_not_counted"),
        (UnknownReason, "exclusion_no_reason"),
        (Incomplete, "exclusion_no_words"),
        (NotYours, "exclusion_not_yours"),
    ):
        if isinstance(problem, kind):
            return visit.say(key)
    raise problem
