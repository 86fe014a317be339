"""Two editors on one guide: the second sees both versions, field by field, and chooses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sanic import Blueprint, HTTPResponse

from knowledge.guide_file import GUIDE_FIELDS
from knowledge.revisions import Draft, DraftChanged, NoSuchRevision, field_changes
from staff.console import Console
from staff.guides.differences import differences
from staff.guides.form_reading import in_order_of
from staff.guides.list_pages import WRITERS
from staff.guides.telling import tells
from staff.guides.touched import touched
from staff.visit import Visit

_DIGITS = 9


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("POST", "/guides/<guide_id:str>/merge", allow=WRITERS, act="guide.merge")(tells(merge))


async def show_conflict(visit: Visit, guide_id: str, mine: Mapping[str, Any], theirs: Draft) -> HTTPResponse:
    """Show both versions; what this editor did not touch is chosen from the other's to begin with."""
    mine = {**in_order_of(mine, theirs.content), "id": guide_id}
    changes = field_changes({**theirs.content, "id": guide_id}, mine)
    name = await visit.do(_name, visit, theirs.editor)
    return visit.show(
        "guides/conflict.html",
        409,
        guide_id=guide_id,
        theirs=theirs,
        their_name=name,
        mine=json.dumps(mine, ensure_ascii=False),
        changes=differences(changes),
        touched=touched(visit.arg("seen"), mine),
    )


async def merge(visit: Visit, guide_id: str) -> HTTPResponse:
    """Save what was chosen of both versions over the other editor's."""
    mine = _mine(visit.field("mine"))
    if mine is None:
        return visit.problem(400, "bad_request")
    version, base = _number(visit.arg("version")), _number(visit.arg("base"))
    try:
        theirs = await visit.do(_theirs, visit, guide_id, version or 0, base)
        whole = visit.field("whole")
        taken = {
            name
            for name in GUIDE_FIELDS
            if whole == "mine" or (not whole and visit.field(f"pick.{name}") == "mine")
        }
        content = {name: (mine if name in taken else theirs.content).get(name) for name in GUIDE_FIELDS}
        draft = await visit.do(
            visit.means.editorial.save_draft,
            guide_id,
            theirs.version,
            content,
            visit.member.login,
            base_revision=theirs.base_revision,
        )
    except DraftChanged as changed:  # a third one was faster still
        return await show_conflict(visit, guide_id, mine, changed.theirs)
    visit.note("guide", guide_id, after={"version": draft.version, "fields": len(taken)})
    visit.flash("guide_merged")
    return visit.go(f"/guides/{guide_id}/edit")


def _theirs(visit: Visit, guide_id: str, version: int, base: int | None) -> Draft:
    """Return the version that the page showed: a draft, or a revision newer than it. Raises DraftChanged."""
    means = visit.means
    draft = means.editorial.open_draft(guide_id, visit.member.login)
    if draft.version != version:
        raise DraftChanged(draft)
    if base is None or base == draft.base_revision:
        return draft
    history = means.editorial.history(guide_id)
    if not history or history[0].revision < base:
        raise NoSuchRevision(guide_id)
    newest = history[0]
    content = means.overview.content(guide_id, newest.revision)
    shown = Draft(guide_id, newest.revision, content, version, newest.author, newest.created_at)
    if newest.revision != base:
        raise DraftChanged(shown)
    return shown


def _mine(text: str) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    return {name: content.get(name) for name in GUIDE_FIELDS}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _name(visit: Visit, login: str) -> str:
    member = visit.means.accounts.find(login)
    return member.name if member is not None else login
