"""What becomes of a category that keeps coming without a guide: it needs none, or may be proposed again.

That a new guide is begun is the guides' own page; the gap goes when that guide is published.
"""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse

from cases.arrivals.categories import UnknownCategory, get_category
from cases.figures.gaps import Needless
from staff.console import Console
from staff.roles import Role
from staff.unanswered.gaps import gaps_of
from staff.visit import Visit

WRITERS = (Role.EDITOR,)


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("POST", "/unanswered/gaps/<category:str>/settle", allow=WRITERS, act="gap.settle")(settle)
    desk.page("POST", "/unanswered/gaps/<category:str>/back", allow=WRITERS, act="gap.back")(take_back)


async def settle(visit: Visit, category: str) -> HTTPResponse:
    """Keep that a category needs no guide, and why."""
    reason = visit.field("reason")
    visit.note("category", category[:64])
    if reason not in list(Needless):
        visit.flash("gap_why", "warn")
        return visit.go("/unanswered#gaps")
    try:
        await visit.do(gaps_of(visit.means).settle, category, Needless(reason), visit.member.login)
    except UnknownCategory:
        return visit.problem(404, "not_found")
    visit.note("category", category, after={"reason": reason})
    visit.flash("gap_settled", name=get_category(category).name["zh"])
    return visit.go("/unanswered#gaps")


async def take_back(visit: Visit, category: str) -> HTTPResponse:
    """Let a category be proposed again."""
    visit.note("category", category[:64])
    if not await visit.do(gaps_of(visit.means).take_back, category):
        return visit.problem(404, "not_found")
    visit.flash("gap_back", "info")
    return visit.go("/unanswered#gaps")
