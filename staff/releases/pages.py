"""The release pages: the list, one release, its progress, and who has loaded it."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse

from staff.console import Console
from staff.releases import acts
from staff.releases.showing import PUBLISHERS, find, show_release
from staff.releases.view import BEING_MADE, KIND_OF_STATE, overview
from staff.roles import EVERY_ROLE
from staff.visit import Visit


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/releases", allow=EVERY_ROLE, nav="releases")(show_list)
    desk.page("GET", "/releases/<number:int>", allow=EVERY_ROLE)(show_one)
    desk.page("GET", "/releases/<number:int>/progress", allow=EVERY_ROLE, quiet=True)(show_progress)
    desk.page("GET", "/releases/<number:int>/processes", allow=EVERY_ROLE, quiet=True)(show_processes)
    acts.add_pages(routes, desk)


async def show_list(visit: Visit) -> HTTPResponse:
    """Show what residents see, what is under way, what waits, and every release before."""
    seen = await visit.do(overview, visit.means)
    return visit.show(
        "releases/list.html",
        seen=seen,
        kinds=KIND_OF_STATE,
        errors={},
        may_publish=visit.member.may(PUBLISHERS),
    )


async def show_one(visit: Visit, number: int) -> HTTPResponse:
    """Show one release."""
    return await show_release(visit, number)


async def show_progress(visit: Visit, number: int) -> HTTPResponse:
    """Say how far the making of a release has come; once it is made the whole page is loaded anew."""
    info = await find(visit, number)
    if info is None:
        return visit.problem(404, "not_found")
    response = visit.show("releases/progress.html", info=info, is_made=info.state not in BEING_MADE)
    if info.state not in BEING_MADE:
        response.headers["HX-Refresh"] = "true"
    return response


async def show_processes(visit: Visit, number: int) -> HTTPResponse:
    """Say which processes have loaded a release."""
    info = await find(visit, number)
    if info is None:
        return visit.problem(404, "not_found")
    workers = await visit.do(visit.means.workers)
    return visit.show("releases/processes.html", info=info, workers=workers)
