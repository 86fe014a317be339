"""Shows one release; the forms on its page come back here with what was wrong in them."""

from __future__ import annotations

from sanic import HTTPResponse

from knowledge.release_info import NoSuchRelease, ReleaseInfo
from staff.releases.view import shown
from staff.roles import Role
from staff.visit import Visit

PUBLISHERS = (Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)
# SQLite and PostgreSQL hold no larger number.
MOST = 2**31 - 1


async def show_release(
    visit: Visit, number: int, errors: dict[str, str] | None = None, status: int = 200
) -> HTTPResponse:
    """Show one release, with what was wrong in a form of it."""
    info = await find(visit, number)
    if info is None:
        return visit.problem(404, "no_release")
    current = await visit.do(visit.means.releases.current)
    earliest = visit.means.clock().astimezone(visit.means.zone)
    return visit.show(
        "releases/one.html",
        status,
        one=await visit.do(shown, visit.means, info),
        workers=await visit.do(visit.means.workers),
        current=current,
        errors=errors or {},
        typed={name: visit.field(name) for name in ("at", "reason", "note")},
        earliest=f"{earliest:%Y-%m-%dT%H:%M}",
        may_publish=visit.member.may(PUBLISHERS),
        may_override=visit.member.may((Role.ADMIN,)),
    )


async def find(visit: Visit, number: int) -> ReleaseInfo | None:
    """Return a release, None where there is none of that number."""
    if not 0 < number <= MOST:
        return None
    try:
        return await visit.do(visit.means.releases.get, number)
    except NoSuchRelease:
        return None
