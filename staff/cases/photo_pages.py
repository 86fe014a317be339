"""Photos of a case: brought in by who works it, and shown to nobody else."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse

from cases.arrivals.photos import MAX_BYTES, PhotoRefused, make_small
from cases.case import NoSuchCase
from staff.cases.case_pages import open_dossier, show
from staff.cases.people import DESK, actor_of
from staff.console import Console
from staff.visit import Visit

# Three of the largest at once, or six of what telephones take.
PHOTO_BYTES = 3 * MAX_BYTES + 1_000_000
_SMALL = "small"


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages."""
    desk.page("POST", "/cases/<number:str>/photos", allow=DESK, act="case.photo", body_limit=PHOTO_BYTES)(add)
    desk.page("GET", "/cases/<number:str>/photos/<photo:int>", allow=DESK)(show_photo)


async def add(visit: Visit, number: str) -> HTTPResponse:
    """Keep the photos that were chosen; those that are none are told, the others stay."""
    dossier = await open_dossier(visit, number)
    if isinstance(dossier, HTTPResponse):
        return dossier
    kept, refused = await keep_photos(visit, number)
    visit.note("case", number, after={"photos": len(kept)})
    if not kept and not refused:
        refused = [visit.say("case_photo_missing")]
    if kept:
        visit.flash("case_did_photos", count=len(kept))
    if not refused:
        return visit.go(f"/cases/{number}")
    fresh = await open_dossier(visit, number)
    if isinstance(fresh, HTTPResponse):
        return fresh
    return await show(visit, fresh, {"photos": " ".join(refused)}, status=422)


async def show_photo(visit: Visit, number: str, photo: int) -> HTTPResponse:
    """Give a photo as a JPEG that no browser takes for anything else; `?size=small` for a list."""
    dossier = await open_dossier(visit, number)
    if isinstance(dossier, HTTPResponse):
        return dossier
    try:
        content = await visit.do(visit.means.casework.photos.read, min(photo, 2**31 - 1), number)
    except NoSuchCase:
        return visit.problem(404, "not_found")
    if visit.arg("size") == _SMALL:
        content = await visit.do(make_small, content)
    # Named by us: what the file was called when it was sent is nobody's header.
    headers = {"Content-Disposition": f'inline; filename="{number}-{photo}.jpg"'}
    return HTTPResponse(content, content_type="image/jpeg", headers=headers)


async def keep_photos(visit: Visit, number: str, field: str = "photos") -> tuple[list[int], list[str]]:
    """Keep the files of a form's field; return the photos' ids, and in words why others were not kept."""
    kept: list[int] = []
    refused: list[str] = []
    photos, actor = visit.means.casework.photos, actor_of(visit.member)
    for place, file in enumerate(visit.files(field), start=1):
        try:
            kept.append(await visit.do_slow(photos.add, number, file.name, file.body, actor))
        except PhotoRefused as problem:
            refused.append(visit.say(f"case_photo_{problem.fault}", place=place))
    return kept, refused
