"""What residents would see of a state of a guide: framed pages, drawn by the kiosk's own templates."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, html

from knowledge.answering import GuideUnknown
from language.reply import Reply
from staff.console import Console
from staff.guides.subjects import DRAFT, Matter, read_matter
from staff.guides.telling import tells
from staff.roles import EVERY_ROLE
from staff.visit import Visit

_DOORS = ("kiosk", "phone")


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    path = "/guides/<guide_id:str>/preview/<door:str>"
    desk.page("GET", path, allow=EVERY_ROLE, quiet=True, framed=True)(tells(show_preview))


async def show_preview(visit: Visit, guide_id: str, door: str) -> HTTPResponse:
    """Show the kiosk's screen or the phone's page of `?of=`: the draft, live, or a revision."""
    if door not in _DOORS:
        return visit.problem(404, "not_found")
    matter = await visit.do(read_matter, visit.means, guide_id, visit.arg("of") or DRAFT)
    reply = await visit.do(_reply, visit, matter)
    if reply is None:
        return visit.problem(404, "no_guide")
    if door == "phone":
        return html(await visit.do(visit.means.draw_page, reply))
    asked = matter.subject.guide.plain_name if matter.subject.guide else matter.title
    return html(await visit.do(visit.means.draw_screen, reply, asked))


def _reply(visit: Visit, matter: Matter) -> Reply | None:
    try:
        return visit.means.trials.preview(matter.subject).answer_guide(matter.subject.guide_id)
    except GuideUnknown:  # it takes the guide away: residents are told that it is not known here
        return visit.means.trials.live().decline()
