"""Reviews: what waits, and another person's look at a revision before residents may see it."""

from __future__ import annotations

from collections.abc import Mapping

from sanic import Blueprint, HTTPResponse

from knowledge.reading import parse_day
from knowledge.revisions import NoSuchRevision, NotInReview, OwnWork, RevisionState
from staff.console import Console
from staff.guides.differences import differences
from staff.guides.form_reading import Typed
from staff.guides.list_pages import REVIEWERS
from staff.guides.subjects import against_live, entry_of, people_of, read_matter
from staff.guides.telling import tell_problems, tells
from staff.means import StaffMeans
from staff.roles import EVERY_ROLE, Role
from staff.visit import Visit

_REASON_CHARS = 500


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    one = "/guides/<guide_id:str>/review/<number:int>"
    desk.page("GET", "/reviews", allow=EVERY_ROLE, nav="reviews")(show_waiting)
    desk.page("GET", one, allow=EVERY_ROLE)(tells(show_review))
    desk.page("POST", f"{one}/approve", allow=REVIEWERS, act="guide.approve")(tells(approve))
    desk.page("POST", f"{one}/send-back", allow=(Role.REVIEWER, Role.EDITOR), act="guide.send_back")(
        tells(send_back)
    )


async def show_waiting(visit: Visit) -> HTTPResponse:
    """Show what waits for a reviewer, and what is approved and waits for a release."""
    means = visit.means
    waiting = await visit.do(means.editorial.waiting)
    approved = await visit.do(means.editorial.approved)
    cards = {entry.guide_id: entry.card for entry in await visit.do(means.overview.entries)}
    return visit.show(
        "guides/reviews.html",
        waiting=waiting,
        approved=approved,
        cards=cards,
        people=await visit.do(people_of, means),
    )


async def show_review(visit: Visit, guide_id: str, number: int) -> HTTPResponse:
    """Show a revision to who decides about it."""
    return await _show(visit, guide_id, number, {})


async def approve(visit: Visit, guide_id: str, number: int) -> HTTPResponse:
    """Let a revision into the next release, or into the first one after a day."""
    text = visit.field("publish_on").strip()
    day = parse_day(text)
    today = visit.means.clock().astimezone(visit.means.zone).date()
    if text and (day is None or day < today):
        return await _show(visit, guide_id, number, {"publish_on": visit.say("guide_day_wrong")})
    visit.note("guide", guide_id, after={"revision": number, "publish_on": str(day or "")})
    try:
        await visit.do(visit.means.editorial.approve, guide_id, number, visit.member.login, day)
    except OwnWork:
        return await _show(visit, guide_id, number, {"approve": visit.say("guide_own_work_text")}, 403)
    visit.flash("guide_approved_from" if day else "guide_approved", day=day or "")
    return visit.go("/reviews")


async def send_back(visit: Visit, guide_id: str, number: int) -> HTTPResponse:
    """Refuse a revision with a reason. An editor may take back their own."""
    reason = visit.field("reason").strip()
    is_own = await visit.do(_is_own, visit.means, guide_id, number, visit.member.login)
    if not is_own and not visit.member.may(REVIEWERS):
        return visit.problem(403, "not_your_role", roles=REVIEWERS)
    if not reason or len(reason) > _REASON_CHARS:
        return await _show(visit, guide_id, number, {"reason": visit.say("guide_reason_missing")})
    visit.note("guide", guide_id, after={"revision": number})
    await visit.do(visit.means.editorial.send_back, guide_id, number, visit.member.login, reason)
    visit.flash("guide_taken_back" if is_own else "guide_sent_back")
    return visit.go(f"/guides/{guide_id}" if is_own else "/reviews")


async def _show(
    visit: Visit, guide_id: str, number: int, errors: Mapping[str, str], status: int = 422
) -> HTTPResponse:
    means = visit.means
    entry = await visit.do(entry_of, means, guide_id)
    matter = await visit.do(read_matter, means, guide_id, str(number))
    info = matter.info
    if info is None:
        raise NoSuchRevision(guide_id)
    if errors and info.state is not RevisionState.REVIEW:
        raise NotInReview(guide_id)
    changes = await visit.do(against_live, means, matter)
    problems = [] if info.withdraws else await visit.do(means.editorial.problems, matter.content)
    is_open = info.state is RevisionState.REVIEW
    is_own = await visit.do(_is_own, means, guide_id, number, visit.member.login)
    return visit.show(
        "guides/review.html",
        status if errors else 200,
        people=await visit.do(people_of, visit.means),
        entry=entry,
        matter=matter,
        info=info,
        changes=differences(changes),
        problems=tell_problems(visit, problems, Typed({})),
        is_open=is_open,
        is_own=is_own,
        may_review=visit.member.may(REVIEWERS),
        errors=errors,
        typed={name: visit.field(name) if errors else "" for name in ("publish_on", "reason")},
    )


def _is_own(means: StaffMeans, guide_id: str, number: int, login: str) -> bool:
    """Say whether a member had a hand in a revision: then another must decide."""
    return login in means.overview.editors(guide_id, number)
