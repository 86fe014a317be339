"""What is done with a case: moving it, calling others in, whistling, coming, notes, links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sanic import Blueprint, HTTPResponse

from cases.case import Actor, CaseError, CaseStatus, Incomplete
from cases.work.moving import NOTE_MAX_CHARS, Move, PauseReason
from staff.cases.case_pages import open_dossier, show
from staff.cases.people import DESK, actor_of
from staff.cases.photo_pages import PHOTO_BYTES
from staff.cases.telling import Unreadable, tell
from staff.console import MAX_BODY_BYTES, Console
from staff.visit import Visit

LONGEST_PAUSE = timedelta(days=366)

Act = Callable[[Visit, str, Actor], None]


def add_pages(routes: Blueprint, desk: Console) -> None:
    """Declare the pages; the word in a page's address names the act."""
    acts: dict[str, Act] = {
        "move": _move,
        "note": _note,
        "call-in": _call_in,
        "accept-part": _accept_part,
        "finish-part": _finish_part,
        "release": _release,
        "whistle": _whistle,
        "come": _come,
        "take-over": _take_over,
        "link": _link,
    }
    for name, act in acts.items():
        limit = PHOTO_BYTES if name == "come" else MAX_BODY_BYTES
        page = desk.page(
            "POST", f"/cases/<number:str>/{name}", allow=DESK, act=f"case.{name}", body_limit=limit
        )
        page(_page_of(name, act))


def _page_of(name: str, act: Act) -> Callable[[Visit, str], Awaitable[HTTPResponse]]:
    async def do(visit: Visit, number: str) -> HTTPResponse:
        before = await open_dossier(visit, number)
        if isinstance(before, HTTPResponse):
            return before
        visit.note("case", number, before={"status": str(before.status)})
        try:
            if len(visit.field("note")) > NOTE_MAX_CHARS:
                raise Unreadable("case_note_long")
            await visit.do(act, visit, number, actor_of(visit.member))
        except CaseError as problem:
            now = await open_dossier(visit, number)
            errors = {name: tell(visit, problem)}
            return now if isinstance(now, HTTPResponse) else await show(visit, now, errors, status=409)
        facts = {"wanted": visit.field("wanted"), "department": visit.field("department")}
        visit.note(
            "case",
            number,
            before={"status": str(before.status)},
            after={key: value[:64] for key, value in facts.items() if value},
        )
        visit.flash(f"case_did_{name.replace('-', '_')}")
        return visit.go(f"/cases/{number}")

    return do


def _move(visit: Visit, number: str, actor: Actor) -> None:
    wanted = visit.field("wanted")
    if wanted not in list(CaseStatus):
        raise Incomplete("no status was chosen")
    pause = visit.field("pause")
    move = Move(
        CaseStatus(wanted),
        actor,
        visit.field("note"),
        department=visit.field("department") or None,
        assisting=tuple(one for one in visit.fields("assisting") if one != visit.field("department")),
        pause=PauseReason(pause) if pause in list(PauseReason) else None,
        until=_instant(visit, "until"),
        master=visit.field("master").strip() or None,
    )
    visit.means.casework.desk.move(number, move)


def _note(visit: Visit, number: str, actor: Actor) -> None:
    visit.means.casework.working.note(number, actor, visit.field("note"))


def _call_in(visit: Visit, number: str, actor: Actor) -> None:
    visit.means.casework.working.call_in(number, visit.field("department"), actor)


def _accept_part(visit: Visit, number: str, actor: Actor) -> None:
    visit.means.casework.working.accept_part(number, actor)


def _finish_part(visit: Visit, number: str, actor: Actor) -> None:
    visit.means.casework.working.finish_part(number, actor, visit.field("note"))


def _release(visit: Visit, number: str, actor: Actor) -> None:
    visit.means.casework.working.release(number, visit.field("department"), actor, visit.field("note"))


def _whistle(visit: Visit, number: str, actor: Actor) -> None:
    called = visit.fields("departments")
    visit.means.casework.working.whistle(number, called, actor, visit.field("note"))


def _come(visit: Visit, number: str, actor: Actor) -> None:
    whistle = visit.field("whistle")
    if not (whistle.isascii() and whistle.isdigit()):
        raise Incomplete("no whistle was named")
    words, proof, casework = visit.field("note"), visit.file("proof"), visit.means.casework
    if not words.strip():
        raise Incomplete("who came, and what was seen, was not said")
    photo = casework.photos.add(number, proof.name, proof.body, actor) if proof else None
    casework.working.come(int(whistle), actor, words, photo)


def _take_over(visit: Visit, number: str, actor: Actor) -> None:
    visit.means.casework.working.take_over(number, actor)


def _link(visit: Visit, number: str, actor: Actor) -> None:
    visit.means.casework.working.link(number, visit.field("other").strip(), actor)


def _instant(visit: Visit, name: str) -> datetime | None:
    """Return what a datetime-local field says, in the hall's time; None where it is empty.

    Raises Unreadable for what is no time, is over, or lies further ahead than anybody waits.
    """
    typed, now = visit.field(name).strip(), visit.means.clock()
    if not typed:
        return None
    try:
        at = datetime.fromisoformat(typed).replace(tzinfo=visit.means.zone)
    except ValueError:
        raise Unreadable("case_until_unreadable") from None
    if at <= now:
        raise Unreadable("case_until_past")
    if at > now + LONGEST_PAUSE:
        raise Unreadable("case_until_far")
    return at
