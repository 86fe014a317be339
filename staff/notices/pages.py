"""Telling residents: whom to call, with the number for a reason; what could not be sent, tried again."""

from __future__ import annotations

from collections.abc import Mapping

from sanic import Blueprint, HTTPResponse

from cases.case import CaseRecord, NoSuchCase, NotYours
from cases.notices.book import Call
from cases.tables import NoticeState
from staff.cases.names import read_names
from staff.cases.people import DESK, actor_of
from staff.console import Console
from staff.visit import Visit

MOST_SHOWN = 200
REASON_MAX_CHARS = 200
_LARGEST_ID = 2**31  # what an id may be on PostgreSQL


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/notices", allow=DESK, nav="notices")(show_notices)
    desk.page("POST", "/notices/<notice:int>/phone", allow=DESK, act="notice.phone")(show_phone)
    for act, mark in (("told", mark_told), ("no-answer", mark_no_answer)):
        desk.page("POST", f"/notices/<notice:int>/{act}", allow=DESK, act=f"notice.{act}")(mark)
    desk.page("POST", "/notices/<notice:int>/again", allow=DESK, act="notice.again")(try_again)
    desk.page("POST", "/notices/<notice:int>/call", allow=DESK, act="notice.call")(have_called)


async def show_notices(visit: Visit) -> HTTPResponse:
    """Show how many wait, whom to call and what could not be sent; a department's people see their own."""
    return await _show(visit)


async def show_phone(visit: Visit, notice: int) -> HTTPResponse:
    """Show name and number of one whom to call, this once; the reason goes into the case's history."""
    call = await _find_call(visit, notice)
    if call is None:
        return _gone(visit)
    reason = " ".join(visit.field("reason").split())[:REASON_MAX_CHARS]
    if not reason:
        return await _show(visit, errors={notice: visit.say("case_reveal_why")}, status=422)
    visit.note("case", call.number)
    reader = actor_of(visit.member)
    try:
        clear = await visit.do(visit.means.casework.dossiers.reveal, call.number, reader, reason)
    except (NoSuchCase, NotYours):
        return visit.problem(403, "case_elsewhere", number=call.number)
    return await _show(visit, clear={notice: clear})


async def mark_told(visit: Visit, notice: int) -> HTTPResponse:
    """Note that this member has told it by phone."""
    return await _mark(visit, notice, is_told=True)


async def mark_no_answer(visit: Visit, notice: int) -> HTTPResponse:
    """Note that this member has called and reached nobody; it stays on the list."""
    return await _mark(visit, notice, is_told=False)


async def _mark(visit: Visit, notice: int, *, is_told: bool) -> HTTPResponse:
    call = await _find_call(visit, notice)
    if call is None:
        return _gone(visit)
    visit.note("case", call.number, after={"subject": call.subject})
    book, actor = visit.means.casework.notices, actor_of(visit.member)
    if await visit.do(book.called, notice, actor, is_told=is_told):
        visit.flash("notice_told" if is_told else "notice_no_answer", number=call.number)
    else:
        visit.flash("notice_gone", "info")
    return visit.go("/notices")


async def try_again(visit: Visit, notice: int) -> HTTPResponse:
    """Have a notice that could not be sent tried again."""
    return await _revive(visit, notice, by_phone=False)


async def have_called(visit: Visit, notice: int) -> HTTPResponse:
    """Put a notice that could not be sent on the list of calls."""
    return await _revive(visit, notice, by_phone=True)


async def _revive(visit: Visit, notice: int, *, by_phone: bool) -> HTTPResponse:
    visit.note("notice", notice)
    book, actor = visit.means.casework.notices, actor_of(visit.member)
    try:
        revived = notice < _LARGEST_ID and await visit.do(book.revive, notice, actor, by_phone=by_phone)
    except NotYours:
        revived = False
    if revived:
        visit.flash("notice_to_call" if by_phone else "notice_again")
    else:
        visit.flash("notice_gone", "info")
    return visit.go("/notices")


async def _find_call(visit: Visit, notice: int) -> Call | None:
    calls = await visit.do(visit.means.casework.notices.calls, actor_of(visit.member).department)
    return next((call for call in calls if call.id == notice), None)


def _gone(visit: Visit) -> HTTPResponse:
    visit.flash("notice_gone", "info")
    return visit.go("/notices")


async def _show(
    visit: Visit,
    errors: Mapping[int, str] | None = None,
    clear: Mapping[int, CaseRecord] | None = None,
    status: int = 200,
) -> HTTPResponse:
    """Show the page; `errors` and `clear` are by the notice that was asked for."""
    book, department = visit.means.casework.notices, actor_of(visit.member).department
    return visit.show(
        "notices/list.html",
        status,
        counts=await visit.do(book.counts, department),
        calls=await visit.do(book.calls, department, MOST_SHOWN),
        dead=await visit.do(book.dead_letters, department, MOST_SHOWN),
        names=await visit.do(read_names, visit.means),
        errors=errors or {},
        clear=clear or {},
        State=NoticeState,
    )
