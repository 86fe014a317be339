"""The lists of cases: what waits for me, what is due, overdue or whistled for, and everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sanic import Blueprint, HTTPResponse

from cases.case import Actor, ActorRole, CaseKind, CaseStatus
from cases.work.queues import COUNTED_MAX, Line, Order
from staff.accounts import Member
from staff.cases.many_pages import acts_of
from staff.cases.names import Names, read_names
from staff.cases.people import DESK, actor_of
from staff.cases.searching import Search, read_search
from staff.cases.wanted import LISTS, SIZES, Wanted, wanted_of
from staff.console import Console
from staff.visit import Visit

CHANNELS = ("chat", "group", "kiosk", "window", "phone", "hotline", "open311")


@dataclass(frozen=True)
class _Found:
    """One page of a list; totals stop at COUNTED_MAX."""

    lines: tuple[Line, ...]
    total: int
    counts: dict[str, int]
    whistles: tuple[tuple[str, datetime | None], ...]


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/cases", allow=DESK, nav="cases")(show_list)


async def show_list(visit: Visit) -> HTTPResponse:
    """Show one list, or go straight to the case whose number was typed."""
    wanted, actor = wanted_of(visit), actor_of(visit.member)
    if number := visit.arg("number").strip():
        return visit.go(f"/cases/{number[:20]}")
    names = await visit.do(read_names, visit.means)
    search = read_search(wanted.q, names.places, visit.means.clock(), visit.means.zone)
    if search.number:
        return visit.go(f"/cases/{search.number}")
    found = await visit.do(_read, visit, wanted, actor, names)
    return visit.show(
        "cases/list.html",
        found=found,
        most=COUNTED_MAX,
        pages=-(-found.total // wanted.size),
        wanted=wanted,
        lists=LISTS,
        sizes=SIZES,
        orders=tuple(Order),
        names=names,
        statuses=tuple(CaseStatus),
        kinds=tuple(CaseKind),
        channels=CHANNELS,
        actor=actor,
        acts=acts_of(actor),
        colleagues=await visit.do(_colleagues, visit),
        is_hall=actor.role is not ActorRole.HANDLER,
    )


def _read(visit: Visit, wanted: Wanted, actor: Actor, names: Names) -> _Found:
    queues, now = visit.means.casework.queues, visit.means.clock()
    asked = wanted.filter(actor, now, read_search(wanted.q, names.places, now, visit.means.zone))
    # How many stand in each list, without what narrows this one; of everything the number says nothing.
    whole = {which: Wanted(which).filter(actor, now, Search()) for which in LISTS[:-1]}
    whistles = queues.whistles_for(actor.department) if actor.department else ()
    return _Found(
        queues.find(asked),
        queues.count(asked, most=COUNTED_MAX),
        {which: queues.count(one, most=COUNTED_MAX) for which, one in whole.items()},
        tuple(dict.fromkeys((number, due_at) for _, number, due_at in whistles)),
    )


def _colleagues(visit: Visit) -> list[Member]:
    """Return who may answer for cases, by name."""
    if actor_of(visit.member).role is not ActorRole.SUPERVISOR:
        return []
    members = [one for one in visit.means.accounts.members() if one.may(DESK) and not one.is_disabled]
    return sorted(members, key=lambda member: member.name)
