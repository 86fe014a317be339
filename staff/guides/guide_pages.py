"""One guide: all that is known of it, its history, and what differs between two states."""

from __future__ import annotations

from collections.abc import Sequence

from sanic import Blueprint, HTTPResponse

from knowledge.overview import Standing
from knowledge.problems import GuideErrors
from knowledge.revisions import FieldChange, NoSuchRevision, RevisionInfo, RevisionState, field_changes
from staff.console import Console
from staff.guides.catalogue import is_old
from staff.guides.differences import differences, lines_of
from staff.guides.fields import label_of, sections, word_of
from staff.guides.list_pages import REVIEWERS, WRITERS
from staff.guides.subjects import DRAFT, LIVE, Matter, entry_of, people_of, read_matter
from staff.guides.telling import said, tells
from staff.means import StaffMeans
from staff.roles import EVERY_ROLE
from staff.visit import Visit

_NOTE_CHARS = 500
# What residents do not read as such comes after what they do.
_LATER = ("names", "place", "dates", "notes")


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("GET", "/guides/<guide_id:str>", allow=EVERY_ROLE)(tells(show_guide))
    desk.page("GET", "/guides/<guide_id:str>/history", allow=EVERY_ROLE)(tells(show_history))
    desk.page("GET", "/guides/<guide_id:str>/diff", allow=EVERY_ROLE)(tells(show_diff))
    desk.page("POST", "/guides/<guide_id:str>/restore", allow=WRITERS, act="guide.restore")(tells(restore))
    desk.page("POST", "/guides/<guide_id:str>/withdraw", allow=WRITERS, act="guide.withdraw")(tells(withdraw))


async def show_guide(visit: Visit, guide_id: str) -> HTTPResponse:
    """Show a guide as staff see it: what residents see, or `?of=` another state."""
    return await _show_guide(visit, guide_id, {})


async def show_history(visit: Visit, guide_id: str) -> HTTPResponse:
    """Show every revision: who, when, why, and what became of it."""
    means = visit.means
    entry = await visit.do(entry_of, means, guide_id)
    history = await visit.do(means.editorial.history, guide_id)
    return visit.show(
        "guides/history.html",
        people=await visit.do(people_of, visit.means),
        entry=entry,
        history=history,
        may_write=visit.member.may(WRITERS),
        errors={},
    )


async def show_diff(visit: Visit, guide_id: str) -> HTTPResponse:
    """Show what differs between `?a=` and `?b=`: numbers of revisions, or live and draft."""
    means = visit.means
    entry = await visit.do(entry_of, means, guide_id)
    history = await visit.do(means.editorial.history, guide_id)
    a, b = visit.arg("a"), visit.arg("b")
    if not a or not b:
        a, b = _usual(entry.live_revision, history, entry.drafted_by is not None)
    before, after, changes = await visit.do(_diff, means, guide_id, a, b)
    return visit.show(
        "guides/diff.html",
        people=await visit.do(people_of, visit.means),
        entry=entry,
        history=history,
        a=a,
        b=b,
        before=before,
        after=after,
        changes=differences(changes),
    )


async def restore(visit: Visit, guide_id: str) -> HTTPResponse:
    """Propose the content of an old revision anew."""
    number, note = visit.field("revision"), visit.field("note").strip()
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise NoSuchRevision(guide_id)
    if not note or len(note) > _NOTE_CHARS:
        return await _history_again(visit, guide_id, {f"restore-{number}": visit.say("guide_note_missing")})
    try:
        revision = await visit.do(
            visit.means.editorial.restore, guide_id, int(number), visit.member.login, note
        )
    except GuideErrors as wrong:
        words = visit.say("guide_cannot_restore", lines=said(wrong.errors))
        return await _history_again(visit, guide_id, {f"restore-{number}": words})
    visit.note("guide", guide_id, before={"revision": int(number)}, after={"revision": revision})
    visit.flash("guide_submitted", number=revision)
    return visit.go(f"/guides/{guide_id}")


async def withdraw(visit: Visit, guide_id: str) -> HTTPResponse:
    """Propose to take a guide away from residents."""
    reason = visit.field("reason").strip()
    if not reason or len(reason) > _NOTE_CHARS:
        return await _show_guide(visit, guide_id, {"reason": visit.say("guide_reason_missing")})
    revision = await visit.do(visit.means.editorial.withdraw, guide_id, visit.member.login, reason)
    visit.note("guide", guide_id, after={"revision": revision})
    visit.flash("guide_withdrawal_submitted")
    return visit.go(f"/guides/{guide_id}")


async def _show_guide(visit: Visit, guide_id: str, errors: dict[str, str]) -> HTTPResponse:
    means = visit.means
    entry = await visit.do(entry_of, means, guide_id)
    of = visit.arg("of")
    if not of:
        newest = str(entry.newest.revision) if entry.newest is not None else DRAFT
        of = LIVE if entry.live_revision is not None else newest
    matter = await visit.do(read_matter, means, guide_id, of)
    today = means.clock().astimezone(means.zone).date()
    history = await visit.do(means.editorial.history, guide_id)
    return visit.show(
        "guides/guide.html",
        422 if errors else 200,
        people=await visit.do(people_of, visit.means),
        entry=entry,
        matter=matter,
        standings=entry.standings(today),
        Standing=Standing,
        waiting=[one for one in history if one.state is RevisionState.REVIEW],
        sections=sorted(sections(), key=lambda section: section.key in _LATER),
        lines_of=lines_of,
        label_of=label_of,
        word=word_of,
        is_old=lambda text: is_old(text, today),
        may_write=visit.member.may(WRITERS),
        may_review=visit.member.may(REVIEWERS),
        errors=errors,
        typed={"reason": visit.field("reason")} if errors else {"reason": ""},
    )


async def _history_again(visit: Visit, guide_id: str, errors: dict[str, str]) -> HTTPResponse:
    entry = await visit.do(entry_of, visit.means, guide_id)
    history = await visit.do(visit.means.editorial.history, guide_id)
    return visit.show(
        "guides/history.html",
        422,
        people=await visit.do(people_of, visit.means),
        entry=entry,
        history=history,
        may_write=True,
        errors=errors,
    )


def _usual(live: int | None, history: Sequence[RevisionInfo], has_draft: bool) -> tuple[str, str]:
    """Return the two states that one most wants to compare."""
    numbers = [str(one.revision) for one in history]
    if has_draft and live is not None:
        return LIVE, DRAFT
    if len(numbers) > 1:
        newest = numbers[0]
        return (LIVE, newest) if live is not None and str(live) != newest else (numbers[1], newest)
    only = numbers[0] if numbers else DRAFT
    return only, only


def _diff(means: StaffMeans, guide_id: str, a: str, b: str) -> tuple[Matter, Matter, list[FieldChange]]:
    before, after = read_matter(means, guide_id, a), read_matter(means, guide_id, b)
    return before, after, field_changes(before.content, after.content)
