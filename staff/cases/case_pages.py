"""One case: read it, read its contact fields for a reason, print it."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse

from cases.case import CaseRecord, CaseStatus, NoSuchCase, NotYours
from cases.figures.exclusions import Exclusions
from cases.work.dossier import Dossier
from cases.work.moves import is_reason_needed, is_result_needed
from cases.work.moving import PauseReason
from staff.cases.names import read_names
from staff.cases.people import DESK, actor_of
from staff.cases.replies import reply_templates
from staff.console import Console
from staff.visit import Visit

REASON_MAX_CHARS = 200


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/cases/<number:str>", allow=DESK)(show_case)
    desk.page("GET", "/cases/<number:str>/sheet", allow=DESK)(show_sheet)
    desk.page("POST", "/cases/<number:str>/reveal", allow=DESK, act="case.reveal")(reveal)


async def show_case(visit: Visit, number: str) -> HTTPResponse:
    """Show one case, its contact fields masked."""
    dossier = await open_dossier(visit, number)
    return dossier if isinstance(dossier, HTTPResponse) else await show(visit, dossier)


async def show_sheet(visit: Visit, number: str) -> HTTPResponse:
    """Show the sheet that goes along to the spot: no contact fields, room for signatures."""
    dossier = await open_dossier(visit, number)
    if isinstance(dossier, HTTPResponse):
        return dossier
    names = await visit.do(read_names, visit.means)
    return visit.show("cases/sheet.html", dossier=dossier, record=dossier.record, names=names)


async def reveal(visit: Visit, number: str) -> HTTPResponse:
    """Show the contact fields in clear, this once; the reason goes into the case's history."""
    reason = " ".join(visit.field("reason").split())[:REASON_MAX_CHARS]
    dossier = await open_dossier(visit, number)
    if isinstance(dossier, HTTPResponse):
        return dossier
    if not reason:
        return await show(visit, dossier, {"reveal": visit.say("case_reveal_why")}, status=422)
    visit.note("case", number)
    clear = await visit.do(visit.means.casework.dossiers.reveal, number, actor_of(visit.member), reason)
    fresh = await open_dossier(visit, number)
    return fresh if isinstance(fresh, HTTPResponse) else await show(visit, fresh, clear=clear)


async def open_dossier(visit: Visit, number: str) -> Dossier | HTTPResponse:
    """Return the case, or the page that says why it cannot be seen."""
    try:
        return await visit.do(visit.means.casework.dossiers.open, number, actor_of(visit.member))
    except NoSuchCase:
        return visit.problem(404, "case_unknown", number=number[:20])
    except NotYours:
        return visit.problem(403, "case_elsewhere", number=number[:20])


async def show(
    visit: Visit,
    dossier: Dossier,
    errors: dict[str, str] | None = None,
    clear: CaseRecord | None = None,
    status: int = 200,
) -> HTTPResponse:
    """Show a case with what may be done with it; `errors` is by act, with what was typed kept."""
    actor = actor_of(visit.member)
    names = await visit.do(read_names, visit.means)
    photos = await visit.do(visit.means.casework.photos.of_case, dossier.record.number)
    return visit.show(
        "cases/case.html",
        status,
        photos=photos,
        dossier=dossier,
        record=dossier.record,
        clear=clear,
        actor=actor,
        errors=errors or {},
        typed={name: visit.field(name) for name in ("note", "department", "reason", "act", "wanted")},
        names=names,
        about_words=lambda entry: names.about(entry.about, visit.may_say),
        reason_needed=lambda wanted: is_reason_needed(dossier.status, wanted),
        result_needed=is_result_needed,
        pauses=tuple(PauseReason),
        templates=reply_templates(),
        CaseStatus=CaseStatus,
        my_part=dossier.assists_with(actor.department),
        my_calls=dossier.open_calls(actor.department),
        told=await visit.do(visit.means.casework.notices.last, dossier.record.number),
        exclusions=await visit.do(Exclusions(visit.means.casework.desk.store).of, dossier.record.number),
    )
