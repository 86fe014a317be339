"""The list of all guides, and starting a new one."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, HTTPResponse

from knowledge.guide import Theme
from knowledge.guide_file import GUIDE_FIELDS
from knowledge.overview import Entry, Standing
from knowledge.problems import GuideErrors
from knowledge.revisions import NoSuchRevision
from language.normalise import normalise
from language.pinyin import syllable
from staff.console import Console
from staff.guides.catalogue import SORTS, Wanted, is_old, shelf
from staff.guides.fields import word_of
from staff.guides.subjects import people_of
from staff.guides.telling import is_slug
from staff.means import StaffMeans
from staff.roles import EVERY_ROLE, Role
from staff.visit import Visit

WRITERS = (Role.EDITOR,)
REVIEWERS = (Role.REVIEWER,)
COMPLETENESS = ("full", "partial", "pointer")
_SLUG_CHARS = 60
# What a copy must not take along: wordings lead to one guide only, and nobody has checked the copy.
_NOT_COPIED = ("id", "title", "plain_name", "aliases", "phrasings", "english", "verified_on", "review_by")


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/guides", allow=EVERY_ROLE, nav="guides")(show_list)
    desk.page("GET", "/guides/-/new", allow=WRITERS)(ask_new)
    desk.page("POST", "/guides/-/new", allow=WRITERS, act="guide.start")(start)


def wanted_of(visit: Visit) -> Wanted:
    """Return what the address asks the list for."""
    return Wanted(
        words=visit.arg("words")[:100],
        department=visit.arg("department"),
        theme=visit.arg("theme"),
        completeness=visit.arg("completeness"),
        standing=visit.arg("standing"),
        sort=visit.arg("sort") if visit.arg("sort") in SORTS else "",
    )


async def show_list(visit: Visit) -> HTTPResponse:
    """Show the guides that were asked for."""
    means, wanted = visit.means, wanted_of(visit)
    entries = await visit.do(means.overview.entries)
    today = means.clock().astimezone(means.zone).date()
    return visit.show(
        "guides/list.html",
        people=await visit.do(people_of, visit.means),
        shelf=shelf(entries, wanted, visit.number("page"), today),
        wanted=wanted,
        themes=tuple(map(str, Theme)),
        completeness=COMPLETENESS,
        standings=tuple(Standing),
        sorts=SORTS,
        today=today,
        word=word_of,
        is_old=lambda text: is_old(text, today),
        may_write=visit.member.may(WRITERS),
    )


async def ask_new(visit: Visit) -> HTTPResponse:
    """Ask what a new guide is called, and what it is begun from."""
    entries = await visit.do(visit.means.overview.entries)
    typed = {"id": "", "title": visit.arg("title")[:100], "copy": visit.arg("copy")[:_SLUG_CHARS]}
    return visit.show("guides/new.html", entries=_named(entries), errors={}, typed=typed)


async def start(visit: Visit) -> HTTPResponse:
    """Save the first draft of a new guide."""
    typed = {name: " ".join(visit.field(name).split())[:200] for name in ("id", "title", "copy")}
    errors: dict[str, str] = {}
    guide_id = typed["id"] or slug_of(typed["title"])
    if not typed["title"] or len(typed["title"]) > 100:
        errors["title"] = visit.say("guide_title_missing")
    elif not is_slug(guide_id):
        errors["id"] = visit.say("guide_id_malformed")
    content: dict[str, Any] = {}
    if typed["copy"]:
        try:
            content = await visit.do(_copied, visit.means, typed["copy"])
        except NoSuchRevision:
            errors["copy"] = visit.say("guide_copy_unknown")
    if not errors:
        content |= {"title": typed["title"]}
        try:
            await visit.do(visit.means.editorial.start_draft, guide_id, content, visit.member.login)
        except GuideErrors:
            errors["id"] = visit.say("guide_id_taken", id=guide_id)
            typed["id"] = guide_id
    if errors:
        entries = await visit.do(visit.means.overview.entries)
        return visit.show("guides/new.html", 422, entries=_named(entries), errors=errors, typed=typed)
    visit.note("guide", guide_id, after={"copied_from": typed["copy"]} if typed["copy"] else {})
    visit.flash("guide_started")
    return visit.go(f"/guides/{guide_id}/edit")


def slug_of(title: str) -> str:
    """Return an id made of how a title sounds: 居住证 is ju-zhu-zheng."""
    words = [syllable(character) for character in normalise(title)]
    latin = [word for word in words if word.isascii() and word.isalnum()]
    slug = "-".join(latin)[:_SLUG_CHARS].strip("-")
    return slug if not slug or slug[0].isalpha() else f"g-{slug}"[:_SLUG_CHARS].strip("-")


def _copied(means: StaffMeans, named: str) -> dict[str, Any]:
    """Return what a copy takes over. `named` is an id or an official name. Raises NoSuchRevision."""
    entry = next((one for one in means.overview.entries() if named in (one.guide_id, one.card.title)), None)
    if entry is None:
        raise NoSuchRevision(named)
    content = means.editorial.open_draft(entry.guide_id, "").content
    return {name: content.get(name) for name in GUIDE_FIELDS if name not in _NOT_COPIED}


def _named(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.card.title)
