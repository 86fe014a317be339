"""What is done to releases: preparing, publishing now or later, letting pass, calling off, going back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from sanic import Blueprint, HTTPResponse

from knowledge.release_info import ReleaseError, ReleaseInfo
from staff.console import Console
from staff.releases.showing import PUBLISHERS, find, show_release
from staff.roles import Role
from staff.visit import Visit

MOST_REASON_CHARS = 500


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the forms' targets."""
    desk.page("POST", "/releases/prepare", allow=PUBLISHERS, act="release.prepare")(prepare)
    one = "/releases/<number:int>"
    desk.page("POST", one + "/publish", allow=PUBLISHERS, act="release.publish")(publish)
    desk.page("POST", one + "/schedule", allow=PUBLISHERS, act="release.schedule")(schedule)
    desk.page("POST", one + "/override", allow=(Role.ADMIN,), act="release.override")(override)
    desk.page("POST", one + "/cancel", allow=PUBLISHERS, act="release.cancel")(cancel)
    desk.page("POST", one + "/roll-back", allow=PUBLISHERS, act="release.roll-back")(roll_back)


async def prepare(visit: Visit) -> HTTPResponse:
    """Queue a release of all that is approved and due."""
    releases, note = visit.means.releases, visit.field("note").strip()[:MOST_REASON_CHARS]
    try:
        number = await visit.do(releases.propose, visit.member.login, note)
    except ReleaseError as problem:
        visit.flash("release_refusal", "warn", why=problem.text())
        return visit.go("/releases")
    visit.note("release", number)
    return visit.go(f"/releases/{number}")


async def publish(visit: Visit, number: int) -> HTTPResponse:
    """Make a release current."""

    async def do(info: ReleaseInfo) -> HTTPResponse:
        before = await visit.do(visit.means.releases.current)
        await visit.do(visit.means.releases.publish, number, visit.member.login)
        visit.note("release", number, before={"current": before.number if before else 0})
        visit.flash("release_published", number=number)
        return visit.go(f"/releases/{number}")

    return await _on(visit, number, do)


async def schedule(visit: Visit, number: int) -> HTTPResponse:
    """Have a release become current at a time of the hall's clock."""

    async def do(info: ReleaseInfo) -> HTTPResponse:
        at = _moment(visit, visit.field("at"))
        if at is None:
            return await show_release(visit, number, {"at": visit.say("release_time_wrong")}, 422)
        await visit.do(visit.means.releases.schedule, number, at, visit.member.login)
        visit.note("release", number, after={"at": at.isoformat()})
        visit.flash("release_scheduled", number=number, at=f"{at:%Y-%m-%d %H:%M}")
        return visit.go(f"/releases/{number}")

    return await _on(visit, number, do, "at")


async def override(visit: Visit, number: int) -> HTTPResponse:
    """Let a refused release pass, with a reason."""

    async def do(info: ReleaseInfo) -> HTTPResponse:
        reason = visit.field("reason").strip()[:MOST_REASON_CHARS]
        lost = len(info.gate.lost) if info.gate else 0
        await visit.do(visit.means.releases.override, number, visit.member.login, reason)
        visit.note("release", number, before={"lost": lost}, after={"reason": reason})
        visit.flash("release_overridden", "info", number=number)
        return visit.go(f"/releases/{number}")

    return await _on(visit, number, do, "reason")


async def cancel(visit: Visit, number: int) -> HTTPResponse:
    """Call a release off; its changes stay approved."""

    async def do(info: ReleaseInfo) -> HTTPResponse:
        await visit.do(visit.means.releases.cancel, number, visit.member.login)
        visit.note("release", number, before={"state": str(info.state)})
        visit.flash("release_cancelled", "info", number=number)
        return visit.go("/releases")

    return await _on(visit, number, do)


async def roll_back(visit: Visit, number: int) -> HTTPResponse:
    """Queue a new release with the guides of an old one."""

    async def do(info: ReleaseInfo) -> HTTPResponse:
        note = visit.field("note").strip()[:MOST_REASON_CHARS]
        if not note:
            return await show_release(visit, number, {"note": visit.say("release_reason_missing")}, 422)
        made = await visit.do(visit.means.releases.propose_rollback, number, visit.member.login, note)
        visit.note("release", made, after={"goes_back_to": number, "reason": note})
        return visit.go(f"/releases/{made}")

    return await _on(visit, number, do, "note")


async def _on(
    visit: Visit, number: int, do: Callable[[ReleaseInfo], Awaitable[HTTPResponse]], field: str = ""
) -> HTTPResponse:
    """Do something with a release that is there; what cannot be done is said beside the form."""
    info = await find(visit, number)
    if info is None:
        return visit.problem(404, "no_release")
    visit.note("release", number)
    try:
        return await do(info)
    except ReleaseError as problem:
        return await show_release(visit, number, {field or "general": problem.text()}, 422)


def _moment(visit: Visit, typed: str) -> datetime | None:
    try:
        local = datetime.fromisoformat(typed)
    except ValueError:
        return None
    # The first and the last years of the calendar leave it when they are told in another zone.
    return local.replace(tzinfo=visit.means.zone) if 2000 <= local.year <= 9000 else None
