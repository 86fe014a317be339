"""The page of alerts, its sign-off by one tap, and the banner that every page asks for again and again."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse

from staff.console import Console
from staff.roles import EVERY_ROLE
from staff.visit import Visit

MOST_SHOWN = 200


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/alerts", allow=EVERY_ROLE, nav="alerts")(show)
    desk.page("GET", "/alerts/banner", allow=EVERY_ROLE, quiet=True)(show_banner)
    desk.page("POST", "/alerts/<number:int>/seen", allow=EVERY_ROLE, act="alert.seen")(mark_seen)


async def show(visit: Visit) -> HTTPResponse:
    """Show who has called for staff: kind, door, time, who looks after it."""
    return visit.show("alerts/list.html", alerts=await visit.do(visit.means.alerts.recent, MOST_SHOWN))


async def show_banner(visit: Visit) -> HTTPResponse:
    """Show how many calls nobody has seen to; empty while there is none."""
    return visit.show("alerts/told.html")


async def mark_seen(visit: Visit, number: int) -> HTTPResponse:
    """Note that this member looks after a call."""
    visit.note("alert", number)
    taken = await visit.do(visit.means.alerts.mark_seen, number, visit.member.login)
    visit.flash("alert_seen" if taken else "alert_was_seen", "good" if taken else "info")
    return visit.go("/alerts")
