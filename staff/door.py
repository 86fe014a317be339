"""The console's door at /staff: every page module is named here, and each page stands behind the guard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sanic import Blueprint, HTTPResponse, Request

from staff import audit_pages, entrance_pages, home_pages, member_pages, oidc_pages, own_pages
from staff.alerts import pages as alert_pages
from staff.cases import pages as case_pages
from staff.console import Console
from staff.figures import pages as figure_pages
from staff.gold import pages as gold_pages
from staff.guides import pages as guide_pages
from staff.look import FOLDER
from staff.map import pages as map_pages
from staff.means import StaffMeans
from staff.notices import pages as notice_pages
from staff.releases import pages as release_pages
from staff.results import pages as result_pages
from staff.switches import pages as switch_pages
from staff.unanswered import pages as unanswered_pages

AddPages = Callable[[Blueprint, Console], None]

# One line a subject; each module declares its own pages. The last one's answer for what nobody else does.
PAGE_MODULES: tuple[AddPages, ...] = (
    entrance_pages.add_pages,
    oidc_pages.add_pages,
    own_pages.add_pages,
    member_pages.add_pages,
    audit_pages.add_pages,
    guide_pages.add_pages,
    release_pages.add_pages,
    gold_pages.add_pages,
    unanswered_pages.add_pages,
    case_pages.add_pages,
    map_pages.add_pages,
    notice_pages.add_pages,
    alert_pages.add_pages,
    result_pages.add_pages,
    figure_pages.add_pages,
    switch_pages.add_pages,
    home_pages.add_pages,
)


def make_staff(means: StaffMeans, modules: Sequence[AddPages] = PAGE_MODULES) -> Blueprint:
    """Return the routes under /staff; `ctx.console` holds the table of pages."""
    routes = Blueprint("staff", url_prefix="/staff")
    console = Console(means)
    for add_pages in modules:
        add_pages(routes, console)
    console.attach(routes)
    routes.static("/static", FOLDER / "static", name="static")
    if means.vendored.is_dir():
        routes.static("/vendor", means.vendored, name="vendor")
    routes.ctx.console = console
    routes.middleware("response")(_guard_files)
    return routes


async def _guard_files(request: Request, response: HTTPResponse) -> None:
    """Pages bring headers of their own; files are taken for what they say they are, and asked for anew."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-cache")
