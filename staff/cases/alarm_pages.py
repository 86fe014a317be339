"""Urgent deadlines: those that concern who reads, each noted by a tap; how many, beside the navigation."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse

from staff.cases.names import read_names
from staff.cases.people import DESK, actor_of
from staff.console import Console
from staff.visit import Visit


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/deadlines", allow=DESK, nav="case-alarms")(show_alarms)
    desk.page("GET", "/deadlines/count", allow=DESK, quiet=True)(show_count)
    desk.page("POST", "/deadlines/<clock:int>/know", allow=DESK, act="case.alarm-known")(know)


async def show_alarms(visit: Visit) -> HTTPResponse:
    """Show what is urgent now: what this member has not noted first."""
    alarms = await visit.do(visit.means.casework.alarms.of, actor_of(visit.member))
    names = await visit.do(read_names, visit.means)
    return visit.show("cases/alarms.html", alarms=alarms, names=names)


async def show_count(visit: Visit) -> HTTPResponse:
    """Show how many this member has not noted; a page asks again and again."""
    return visit.show("cases/alarm_count.html")


async def know(visit: Visit, clock: int) -> HTTPResponse:
    """Note that this member knows of an alarm."""
    visit.note("case clock", clock)
    noted = clock < 2**31 and await visit.do(visit.means.casework.alarms.know, clock, actor_of(visit.member))
    visit.flash("case_alarm_noted" if noted else "case_alarm_gone", "good" if noted else "info")
    return visit.go("/deadlines")
