"""The first page after signing in, and the answer for addresses where nothing is."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse

from staff.console import Console
from staff.home_work import work_for
from staff.roles import EVERY_ROLE
from staff.visit import Visit


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""

    @desk.page("GET", "/", allow=EVERY_ROLE, nav="home")
    async def home(visit: Visit) -> HTTPResponse:
        """Greet, say what waits for this member, and show the ways on."""
        return visit.show("home.html", work=await visit.do(work_for, visit.means, visit.member))

    @desk.page("GET", "/<rest:path>", allow=EVERY_ROLE)
    async def nowhere(visit: Visit, rest: str) -> HTTPResponse:
        """Say that nothing is here."""
        return visit.problem(404, "not_found")

    @desk.page("POST", "/<rest:path>", allow=EVERY_ROLE, act="nowhere")
    async def post_nowhere(visit: Visit, rest: str) -> HTTPResponse:
        """Say that nothing is here."""
        return visit.problem(404, "not_found")
