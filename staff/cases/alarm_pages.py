"""Urgent deadlines: those that concern who reads, each noted by a tap; how many, beside the navigation."""

from __future__ import annotations

import re
from datetime import datetime

from sanic import Blueprint, HTTPResponse

from cases.work.alarms import SHOWN_MAX
from staff.cases.names import read_names
from staff.cases.people import DESK, actor_of
from staff.console import Console
from staff.visit import Visit

_CLOCK = re.compile(r"[0-9]{1,9}")


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/deadlines", allow=DESK, nav="case-alarms")(show_alarms)
    desk.page("GET", "/deadlines/count", allow=DESK, quiet=True)(show_count)
    desk.page("POST", "/deadlines/know", allow=DESK, act="case.alarm-known")(know)


async def show_alarms(visit: Visit) -> HTTPResponse:
    """Show what is urgent now: what this member has not noted first."""
    alarms = await visit.do(visit.means.casework.alarms.of, actor_of(visit.member))
    names = await visit.do(read_names, visit.means)
    return visit.show("cases/alarms.html", alarms=alarms, names=names)


async def show_count(visit: Visit) -> HTTPResponse:
    """Show how many this member has not noted; a page asks again and again."""
    return visit.show("cases/alarm_count.html")


async def know(visit: Visit) -> HTTPResponse:
    """Note that this member knows of the alarms that were sent along: one, or all that the page showed."""
    clocks = [int(one) for one in visit.fields("clock")[:SHOWN_MAX] if _CLOCK.fullmatch(one)]
    alarms, actor = visit.means.casework.alarms, actor_of(visit.member)
    noted = await visit.do(alarms.know, clocks, actor, _seen_at(visit))
    visit.note("case clocks", clocks[0] if len(clocks) == 1 else "", after={"count": noted})
    visit.flash("case_alarm_noted" if noted else "case_alarm_gone", "good" if noted else "info", count=noted)
    return visit.go("/deadlines")


def _seen_at(visit: Visit) -> datetime:
    """Return when the page was shown that the tap was made on."""
    now = visit.means.clock()
    try:
        at = datetime.fromisoformat(visit.field("seen"))
    except ValueError:
        return now
    # What no page of ours said is read as now.
    return at if at.tzinfo and 0 <= now.year - at.year <= 1 else now
