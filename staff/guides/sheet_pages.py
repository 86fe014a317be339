"""Guides as sheets: taking them out, and bringing them in as proposals that another person reviews."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from sanic import Blueprint, HTTPResponse

from knowledge.guide import Guide
from knowledge.guide_file import parse_guide
from knowledge.intake import IntakeSummary
from knowledge.problems import GuideError, GuideErrors
from knowledge.workbook_safety import MAX_FILE_BYTES
from staff.console import SHEET_BYTES, Console
from staff.guides.catalogue import Wanted, find
from staff.guides.fields import label_of
from staff.guides.list_pages import WRITERS, wanted_of
from staff.means import StaffMeans
from staff.roles import EVERY_ROLE
from staff.visit import Visit

KINDS = ("xlsx", "yml", "jsonl")
_FRAGMENT = "x-fragment"
_NOTE_CHARS = 500
_NAME_CHARS = 100
_MOST_SHOWN = 500


@dataclass(frozen=True)
class Wrong:
    """One problem of a sheet: where, what, and what to do."""

    sheet: str
    cell: str
    problem: str
    remedy: str


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/guides/-/sheets", allow=EVERY_ROLE)(show_sheets)
    desk.page("GET", "/guides/-/export", allow=EVERY_ROLE)(export)
    desk.page("POST", "/guides/-/import", allow=WRITERS, act="guide.import", body_limit=SHEET_BYTES)(bring_in)


async def show_sheets(visit: Visit) -> HTTPResponse:
    """Show how to take guides out and bring them in."""
    return await _show(visit)


async def export(visit: Visit) -> HTTPResponse:
    """Hand over the guides that were asked for, as residents see them, else as last written."""
    kind = visit.arg("kind")
    if kind not in KINDS:
        return visit.problem(404, "not_found")
    today = visit.means.clock().astimezone(visit.means.zone).date()
    name = visit.say("guide_sheet_name", day=today.isoformat()) + f".{kind}"
    guides = await visit.do(_chosen, visit.means, wanted_of(visit))
    if not guides:
        return visit.problem(404, "guide_nothing_to_export")
    body = await visit.do_slow(_write, guides, name)
    return visit.sheet(body, name, kind)


async def bring_in(visit: Visit) -> HTTPResponse:
    """Check a sheet, or hand in what differs, all of it in one step."""
    file, note = visit.file("sheet"), visit.field("note").strip()[:_NOTE_CHARS]
    is_check = visit.field("act") != "import"
    if file is None or not file.body:
        return await _show(visit, 422, refusal=visit.say("guide_sheet_missing"))
    name = PurePath(file.name.replace("\\", "/")).name[-_NAME_CHARS:]
    visit.note("sheet", "", after={"kind": PurePath(name).suffix[:10], "dry_run": is_check})
    try:
        guides = await visit.do_slow(_read, file.body, name)
        summary = await visit.do_slow(
            visit.means.intake.take_in,
            guides,
            visit.member.login,
            note or visit.say("guide_sheet_note", name=name),
            dry_run=is_check,
        )
    except GuideErrors as wrong:
        return await _show(visit, 422, name=name, wrong=[_wrong(error) for error in wrong.errors])
    visit.note(
        "sheet",
        "",
        after={"dry_run": is_check, "submitted": len(summary.taken), "same": len(summary.same)},
    )
    return await _show(visit, 200, name=name, summary=summary, is_check=is_check)


async def _show(
    visit: Visit,
    status: int = 200,
    *,
    name: str = "",
    wrong: list[Wrong] | None = None,
    summary: IntakeSummary | None = None,
    is_check: bool = True,
    refusal: str = "",
) -> HTTPResponse:
    result = {
        "name": name,
        "wrong": (wrong or [])[:_MOST_SHOWN],
        "wrong_count": len(wrong or []),
        "summary": summary,
        "is_check": is_check,
        "refusal": refusal,
        "label_of": label_of,
    }
    if visit.request.headers.get(_FRAGMENT):
        return visit.show("guides/sheet_result.html", status, **result)
    wanted = wanted_of(visit)
    entries = await visit.do(visit.means.overview.entries)
    today = visit.means.clock().astimezone(visit.means.zone).date()
    return visit.show(
        "guides/sheets.html",
        status,
        wanted=wanted,
        count=len(find(entries, wanted, today)),
        everything=len(entries),
        kinds=KINDS,
        may_write=visit.member.may(WRITERS),
        limit_mb=min(SHEET_BYTES, MAX_FILE_BYTES) // 1_000_000,
        note=visit.field("note") if visit.page.method == "POST" else "",
        **result,
    )


def _chosen(means: StaffMeans, wanted: Wanted) -> list[Guide]:
    """Return the guides that fit; what is no longer accepted is left out, as it is for residents."""
    today = means.clock().astimezone(means.zone).date()
    guides = []
    for found in find(means.overview.entries(), wanted, today):
        entry = found.entry
        newest = entry.newest.revision if entry.newest is not None else None
        revision = entry.live_revision or newest
        if revision is None:
            continue
        try:
            guides.append(parse_guide(means.overview.content(entry.guide_id, revision), entry.guide_id))
        except GuideErrors:
            continue
    return sorted(guides, key=lambda guide: guide.id)


def _read(content: bytes, name: str) -> list[Guide]:
    from knowledge.exchange import read_content  # what it needs for sheets takes a hall's start too long

    return read_content(content, name)


def _write(guides: list[Guide], name: str) -> bytes:
    from knowledge.exchange import write_content  # as above

    return write_content(guides, name)


def _wrong(error: GuideError) -> Wrong:
    """Return a problem with its sheet and cell, or with its place in a file of text."""
    sheet, mark, cell = error.field.partition("!")
    if mark:
        return Wrong(sheet, cell, error.problem, error.remedy)
    name, bracket, rest = error.field.partition("[")
    return Wrong(error.file, label_of(name) + bracket + rest if name else "", error.problem, error.remedy)
