"""The 12345 hotline's sheet: looked at row by row, brought in, and the answers handed back as a sheet."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath

from sanic import Blueprint, HTTPResponse

from cases.arrivals.hotline import (
    Fault,
    Imported,
    import_workbook,
    known_columns,
    needed_columns,
    write_answers,
)
from cases.case import ActorRole
from cases.workbook import MAX_ROWS, WorkbookError
from staff.cases.people import DESK, actor_of
from staff.console import SHEET_BYTES, Console
from staff.visit import Visit

_FRAGMENT = "x-fragment"
_MOST_SHOWN = 500
_NAME_CHARS = 100


@dataclass(frozen=True)
class Shown:
    """What came of one row: a case, one that was filed before, or what is wrong with it."""

    row: int
    reference: str
    number: str
    is_known: bool
    wrong: tuple[str, ...] = ()


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/cases/-/hotline", allow=DESK)(show_hotline)
    desk.page("POST", "/cases/-/hotline", allow=DESK, act="case.hotline-in", body_limit=SHEET_BYTES)(bring_in)
    desk.page("POST", "/cases/-/hotline/answers", allow=DESK, act="case.hotline-out")(hand_back)


async def show_hotline(visit: Visit) -> HTTPResponse:
    """Show how a sheet comes in and the answers go back."""
    return _refuse_departments(visit) or _show(visit)


async def bring_in(visit: Visit) -> HTTPResponse:
    """Look at a sheet, or file its rows; those that are wrong are named and left out."""
    if refused := _refuse_departments(visit):
        return refused
    file, is_check = visit.file("sheet"), visit.field("act") != "import"
    visit.note("sheet", after={"dry_run": is_check})
    if file is None or not file.body:
        return _show(visit, 422, refusal=visit.say("case_hotline_missing"))
    name = PurePath(file.name.replace("\\", "/")).name[-_NAME_CHARS:]
    desk, login = visit.means.casework.desk, visit.member.login
    try:
        done = await visit.do_slow(import_workbook, desk, file.body, name, login, is_check)
    except WorkbookError:
        said = visit.say("case_hotline_no_sheet", columns="、".join(needed_columns()), rows=MAX_ROWS)
        return _show(visit, 422, refusal=said)
    facts = {
        "filed": len(done.filed),
        "known": len(done.known),
        "wrong": len({fault.row for fault in done.faults}),
    }
    visit.note("sheet", after={"dry_run": is_check, **facts})
    return _show(visit, done=done, is_check=is_check)


async def hand_back(visit: Visit) -> HTTPResponse:
    """Hand over how the hotline's cases stand, of all or of what changed since a day."""
    if refused := _refuse_departments(visit):
        return refused
    since = _day(visit)
    if since == "wrong":
        return _show(visit, 422, wrong_day=visit.say("case_hotline_wrong_day"))
    begin = datetime.combine(since, time(), visit.means.zone) if isinstance(since, date) else None
    out = io.BytesIO()
    count = await visit.do_slow(write_answers, visit.means.casework.desk, out, begin)
    visit.note("sheet", after={"count": count})
    today = visit.means.clock().astimezone(visit.means.zone).date()
    return visit.sheet(out.getvalue(), visit.say("case_hotline_file", day=today.isoformat()) + ".xlsx")


def _refuse_departments(visit: Visit) -> HTTPResponse | None:
    """The hotline's sheet is the hall's own work."""
    if actor_of(visit.member).role is ActorRole.HANDLER:
        return visit.problem(403, "case_hall_only")
    return None


def _show(
    visit: Visit,
    status: int = 200,
    *,
    done: Imported | None = None,
    is_check: bool = True,
    refusal: str = "",
    wrong_day: str = "",
) -> HTTPResponse:
    shown = _rows(visit, done) if done else []
    result = {
        "done": done,
        "is_check": is_check,
        "refusal": refusal,
        "rows": shown[:_MOST_SHOWN],
        "row_count": len(shown),
        "wrong_count": sum(bool(one.wrong) for one in shown),
    }
    if visit.request.headers.get(_FRAGMENT):
        return visit.show("cases/hotline_result.html", status, **result)
    return visit.show(
        "cases/hotline.html",
        status,
        columns=known_columns(),
        needed=needed_columns(),
        limit_mb=SHEET_BYTES // 1_000_000,
        wrong_day=wrong_day,
        since=visit.field("since") if visit.page.method == "POST" else "",
        **result,
    )


def _rows(visit: Visit, done: Imported) -> list[Shown]:
    """Return every row with what came of it: those that are wrong first, then in the order of the sheet."""
    said: dict[int, list[str]] = {}
    for fault in done.faults:
        said.setdefault(fault.row, []).append(_word(visit, fault))
    wrong = [Shown(row, done.rows.get(row, ""), "", False, tuple(words)) for row, words in said.items()]
    # A number that stands there twice was taken from its first row.
    first = {reference: row for row, reference in sorted(done.rows.items(), reverse=True)}
    good = [
        Shown(first[reference], reference, number, found is done.known)
        for found in (done.filed, done.known)
        for reference, number in found.items()
    ]
    return [*wrong, *sorted(good, key=lambda one: one.row)]


def _word(visit: Visit, fault: Fault) -> str:
    said = visit.may_say(f"case_hotline_wrong_{fault.key}", "") or visit.say("case_hotline_wrong")
    return f"{fault.column}：{said}" if fault.column else said


def _day(visit: Visit) -> date | str | None:
    """Return the day from which answers are wanted; None for all, "wrong" for what is no day of the past."""
    text = visit.field("since").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "wrong"
    today = visit.means.clock().astimezone(visit.means.zone).date()
    return day if date(2000, 1, 1) <= day <= today else "wrong"
