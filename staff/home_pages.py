"""The first page after signing in, and the answer for addresses where nothing is."""

from __future__ import annotations

from collections.abc import Callable

from sanic import Blueprint, HTTPResponse

from staff.console import Console
from staff.means import StaffMeans
from staff.roles import EVERY_ROLE
from staff.visit import Visit

# What waits for somebody, by the navigation's key.
_WAITING: dict[str, Callable[[StaffMeans], int]] = {
    "reviews": lambda means: len(means.editorial.waiting()),
    "releases": lambda means: len(means.editorial.approved()),
    "unanswered": lambda means: means.unanswered.count(),
    "switches": lambda means: len(means.switches.standing().switches),
}


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""

    @desk.page("GET", "/", allow=EVERY_ROLE, nav="home")
    async def home(visit: Visit) -> HTTPResponse:
        """Greet, and show the ways on with what waits there."""
        return visit.show("home.html", waiting=await visit.do(_count, visit.means))

    @desk.page("GET", "/<rest:path>", allow=EVERY_ROLE)
    async def nowhere(visit: Visit, rest: str) -> HTTPResponse:
        """Say that nothing is here."""
        return visit.problem(404, "not_found")

    @desk.page("POST", "/<rest:path>", allow=EVERY_ROLE, act="nowhere")
    async def post_nowhere(visit: Visit, rest: str) -> HTTPResponse:
        """Say that nothing is here."""
        return visit.problem(404, "not_found")


def _count(means: StaffMeans) -> dict[str, int]:
    return {key: count(means) for key, count in _WAITING.items()}
