"""The three lists of evaluation (问题、权责、绩效清单) as they stood on a day: taken, read, handed over."""

from __future__ import annotations

from datetime import timedelta

from sanic import Blueprint, HTTPResponse

from cases.figures.sheets import shown, title, write_snapshot
from cases.figures.snapshots import Altered, Heading, Kind, NoSuchSnapshot, Snapshot, Snapshots
from staff.cases.names import read_names
from staff.cases.people import DESK
from staff.console import Console
from staff.results.asked import bound_to
from staff.results.shown import tabs_of
from staff.roles import Role
from staff.visit import Visit

ROWS = 50
SHARES = ("response", "resolution", "timeliness", "satisfaction")


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/results/lists", allow=DESK)(show_all)
    desk.page("POST", "/results/lists/take", allow=(Role.SUPERVISOR,), act="lists.take")(take)
    desk.page("GET", "/results/lists/<snapshot:int>", allow=DESK)(show_one)
    desk.page("GET", "/results/lists/<snapshot:int>/sheet", allow=DESK)(sheet)


async def show_all(visit: Visit) -> HTTPResponse:
    """Show which lists were taken, the newest first."""
    if bound_to(visit.member) is not None:
        return visit.problem(403, "lists_of_hall")
    kind = visit.arg("kind")
    page = visit.number("page", most=10_000)
    wanted = Kind(kind) if kind in list(Kind) else None
    # One more than a page holds tells whether there is another.
    found = await visit.do(_snapshots(visit).all, wanted, ROWS + 1, (page - 1) * ROWS)
    return visit.show(
        "results/lists.html",
        tabs=tabs_of(visit, "lists"),
        kinds=tuple(Kind),
        kind=wanted,
        headings=found[:ROWS],
        page=page,
        is_more=len(found) > ROWS,
        may_take=visit.member.may((Role.SUPERVISOR,)),
        names=await visit.do(read_names, visit.means),
    )


async def take(visit: Visit) -> HTTPResponse:
    """Keep all three lists as they stand now; or the results of last month, which is over."""
    day = visit.means.clock().astimezone(visit.means.zone).date()
    snapshots, by = _snapshots(visit), visit.member.login
    kinds = tuple(Kind)
    if visit.field("of") == "last_month":
        # What was open then nobody knows any more; what was filed then can still be counted.
        day, kinds = day.replace(day=1) - timedelta(days=1), (Kind.PERFORMANCE,)
    taken = [await visit.do(snapshots.take, kind, day, by) for kind in kinds]
    visit.note("lists", day, after={"lists": [str(one.heading.id) for one in taken]})
    visit.flash("lists_taken", day=day, kinds="、".join(visit.say(f"list_{kind}") for kind in kinds))
    return visit.go("/results/lists")


async def show_one(visit: Visit, snapshot: int) -> HTTPResponse:
    """Show a list as it was taken."""
    found = await _open(visit, snapshot)
    if isinstance(found, HTTPResponse):
        return found
    return visit.show(
        "results/list.html",
        heading=found.heading,
        columns=found.columns,
        rows=found.rows,
        title=title,
        shown=shown,
        shares=SHARES,
        names=await visit.do(read_names, visit.means),
    )


async def sheet(visit: Visit, snapshot: int) -> HTTPResponse:
    """Hand a list over as a workbook."""
    found = await _open(visit, snapshot)
    if isinstance(found, HTTPResponse):
        return found
    heading: Heading = found.heading
    name = visit.say("lists_file", kind=visit.say(f"list_{heading.kind}"), day=heading.as_of)
    return visit.sheet(await visit.do_slow(write_snapshot, found), name)


async def _open(visit: Visit, snapshot: int) -> Snapshot | HTTPResponse:
    """Return a snapshot, or the page that says why it cannot be seen."""
    if bound_to(visit.member) is not None:
        return visit.problem(403, "lists_of_hall")
    try:
        return await visit.do(_snapshots(visit).read, snapshot)
    except NoSuchSnapshot:
        return visit.problem(404, "list_unknown")
    except Altered:
        return visit.problem(409, "list_altered")


def _snapshots(visit: Visit) -> Snapshots:
    return Snapshots(visit.means.casework.desk.store)
