"""Writing a guide: the form over its draft, saving as it is typed, throwing away, handing in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sanic import Blueprint, HTTPResponse
from sanic import json as json_response

from knowledge.problems import GuideErrors
from knowledge.reading import parse_day
from knowledge.revisions import Draft, DraftChanged, NoSuchRevision
from staff.console import Console
from staff.guides.conflict_pages import show_conflict
from staff.guides.fields import label_of, sections
from staff.guides.form_reading import Typed, in_order_of, move_row, read_form, value_of
from staff.guides.list_pages import WRITERS
from staff.guides.subjects import entry_of, live_of, people_of
from staff.guides.telling import Told, by_control, tell_problems, tells
from staff.guides.touched import fingerprint
from staff.visit import Visit

_NOTE_CHARS = 500
_JSON = "application/json"


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/guides/<guide_id:str>/edit", allow=WRITERS)(tells(show_form))
    desk.page("POST", "/guides/<guide_id:str>/draft", allow=WRITERS, act="guide.save")(tells(save))
    desk.page("POST", "/guides/<guide_id:str>/submit", allow=WRITERS, act="guide.submit")(tells(submit))
    desk.page("POST", "/guides/<guide_id:str>/discard", allow=WRITERS, act="guide.discard")(tells(discard))


async def show_form(visit: Visit, guide_id: str) -> HTTPResponse:
    """Show the form over the draft, else over a copy of the newest revision."""
    draft = await visit.do(visit.means.editorial.open_draft, guide_id, visit.member.login)
    typed = Typed(draft.content)
    if visit.kept is not None and visit.kept.action.startswith(
        f"/staff/guides/{guide_id}/"
    ):  # typed before the session ended; rows that were added come back too
        kept: dict[str, list[str]] = {}
        for name, value in visit.kept.fields:
            kept.setdefault(name, []).append(value)
        typed = Typed(read_form(kept, lambda name: kept.get(name, [])).content)
    return await _show(visit, guide_id, draft, typed)


async def save(visit: Visit, guide_id: str) -> HTTPResponse:
    """Save the draft as it was typed; a `row` button moves or takes away a row besides."""
    typed, wants_json = _typed(visit), _JSON in visit.request.headers.get("accept", "")
    content = typed.content
    if order := visit.field("row"):
        content = move_row(content, _in_content(order, typed))
    try:
        draft = await visit.do(_save, visit, guide_id, content)
    except DraftChanged as changed:
        visit.note("guide", guide_id)
        if wants_json:
            return json_response({"conflict": True}, status=409)
        return await show_conflict(visit, guide_id, content, changed.theirs)
    visit.note("guide", guide_id, after={"version": draft.version})
    if wants_json:
        return await _saved(visit, draft, typed)
    visit.flash("guide_saved")
    place = f"#{order.partition('.')[0]}" if order else ""
    return visit.go(f"/guides/{guide_id}/edit{place}")


async def submit(visit: Visit, guide_id: str) -> HTTPResponse:
    """Save what was typed and hand it in for review."""
    typed, note = _typed(visit), visit.field("note").strip()
    visit.note("guide", guide_id)
    try:
        draft = await visit.do(_save, visit, guide_id, typed.content)
        if not note or len(note) > _NOTE_CHARS:
            return await _show(visit, guide_id, draft, typed, {"note": visit.say("guide_note_missing")})
        if draft.version == 0:
            return await _show(visit, guide_id, draft, typed, {"note": visit.say("guide_unchanged")})
        revision = await visit.do(
            visit.means.editorial.submit, guide_id, draft.version, visit.member.login, note
        )
    except DraftChanged as changed:
        return await show_conflict(visit, guide_id, typed.content, changed.theirs)
    except GuideErrors:
        return await _show(visit, guide_id, draft, typed, {"note": visit.say("guide_has_problems")})
    visit.note("guide", guide_id, after={"revision": revision})
    visit.flash("guide_submitted", number=revision)
    return visit.go(f"/guides/{guide_id}")


async def discard(visit: Visit, guide_id: str) -> HTTPResponse:
    """Throw the draft away."""
    entry = await visit.do(entry_of, visit.means, guide_id)
    await visit.do(visit.means.editorial.discard_draft, guide_id, visit.member.login)
    visit.note("guide", guide_id, before={"draft_by": entry.drafted_by or ""})
    visit.flash("guide_discarded")
    return visit.go(f"/guides/{guide_id}" if entry.newest is not None else "/guides")


def _typed(visit: Visit) -> Typed:
    return read_form(list(visit.request.form or {}), visit.fields)


def _version(visit: Visit) -> int:
    text = visit.arg("version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _save(visit: Visit, guide_id: str, content: Mapping[str, Any]) -> Draft:
    """Save unless nothing is new: looking at a guide, or saving twice, makes no draft and no version."""
    editorial, login, version = visit.means.editorial, visit.member.login, _version(visit)
    there = editorial.open_draft(guide_id, login)
    content = in_order_of(content, there.content)
    if {**content, "id": guide_id} == {**there.content, "id": guide_id} and there.version == version:
        return there
    return editorial.save_draft(guide_id, version, content, login)


def _in_content(order: str, typed: Typed) -> str:
    """Return an order that names a row of the form as one that names the row of the content."""
    name, _, rest = order.partition(".")
    place, _, act = rest.partition(".")
    rows = typed.rows.get(name, ())
    if place.isdigit() and int(place) in rows:
        return f"{name}.{rows.index(int(place))}.{act}"
    return ""


async def _told(visit: Visit, guide_id: str, content: Mapping[str, Any], typed: Typed) -> list[Told]:
    errors = await visit.do(visit.means.editorial.problems, {**content, "id": guide_id})
    return tell_problems(visit, errors, typed)


async def _saved(visit: Visit, draft: Draft, typed: Typed) -> HTTPResponse:
    """Tell the page's script what it shows after a save."""
    told = await _told(visit, draft.guide_id, draft.content, typed)
    return json_response(
        {
            "version": draft.version,
            "words": visit.say(
                "guide_saved_at", at=draft.updated_at.astimezone(visit.means.zone).strftime("%H:%M")
            ),
            "problems": [{"control": one.control, "label": one.label, "words": one.words} for one in told],
            "summary": visit.say("guide_problems", count=len(told)) if told else visit.say("guide_ready"),
        }
    )


async def _show(
    visit: Visit, guide_id: str, draft: Draft, typed: Typed, errors: Mapping[str, str] | None = None
) -> HTTPResponse:
    means = visit.means
    try:
        entry = await visit.do(entry_of, means, guide_id)
    except NoSuchRevision:
        entry = None
    told = await _told(visit, guide_id, typed.content, typed)
    others: Sequence[Any] = await visit.do(means.overview.entries)
    return visit.show(
        "guides/edit.html",
        422 if errors else 200,
        guide_id=guide_id,
        people=await visit.do(people_of, visit.means),
        entry=entry,
        draft=draft,
        live=await visit.do(live_of, means, guide_id),
        content=typed.content,
        value_of=value_of,
        label_of=label_of,
        is_day=lambda text: not text or parse_day(text) is not None,
        sections=sections(),
        told=told,
        wrong=by_control(told),
        seen=fingerprint(draft.content),
        departments=sorted({one.card.department for one in others if one.card.department}),
        titles=sorted(one.card.title for one in others if one.guide_id != guide_id),
        errors=errors or {},
        note=visit.field("note") if visit.page.method == "POST" else "",
    )
