"""How a case stands, by its number and code, and what its resident does with it: rate, reopen, withdraw."""

from __future__ import annotations

import asyncio

from sanic import HTTPResponse, Request

from cases.masks import mask_text
from cases.resident_replies import ASKS_REASON, ASKS_SURE, DONE, ResidentReplies, Who
from cases.residents import Act, Rating, Residents
from kiosk import rendering
from kiosk.door import Door, field, go
from kiosk.session import KioskSession, Visit
from language.reply import Reply

PATH = "/kiosk/status"
MAX_CHARS = 40
_LOOKS = {ASKS_REASON: "reason", ASKS_SURE: "sure", DONE: "done"}
_LEVELS = {str(rating.value): rating for rating in Rating}


class StatusScreens:
    """The look-up screen."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._replies = ResidentReplies(Residents(door.needs.desk))

    async def show(self, request: Request, visit: Visit) -> HTTPResponse:
        """Ask for number and code, or show what was found; `?new=1` asks again."""
        session = visit.session
        if "new" in request.args:
            session.looked_up, session.number, session.code = None, "", ""
        session.visit(PATH)
        if session.code and session.looked_in != session.locale:
            await self._show(session, await asyncio.to_thread(self._replies.look_up, _who(session)))
        reply = Reply.from_wire(session.looked_up) if session.looked_up else None
        choices = reply.choices if reply else ()
        return self._door.render(
            visit,
            "status.html",
            reply=reply,
            parts=rendering.arrange(reply) if reply else None,
            look=_look(reply),
            rating=[choice for choice in choices if "stars" in choice.payload],
            acts=[choice for choice in choices if "stars" not in choice.payload],
        )

    async def look_up(self, request: Request, visit: Visit) -> HTTPResponse:
        """Look a case up."""
        session = visit.session
        session.number = field(request, "number").strip()[:MAX_CHARS]
        session.code = field(request, "code").strip()[:MAX_CHARS]
        if not session.number or not session.code:
            # Said by the screen: a browser's own hint is small and gone in a moment.
            session.looked_up, session.notice, session.code = None, "status_empty", ""
            return go(PATH)
        return await self._show(session, await asyncio.to_thread(self._replies.look_up, _who(session)))

    async def act(self, request: Request, visit: Visit) -> HTTPResponse:
        """Do with the case what was touched; number and code are those of the look-up."""
        session = visit.session
        if not session.code:
            return go(PATH)
        reason = field(request, "reason")
        danger = await self._door.danger(visit, reason)
        if danger is not None:
            return go(f"/kiosk/answer/{danger}")
        wanted, stars = field(request, "act"), field(request, "stars")
        who, replies = _who(session), self._replies
        if wanted == Act.RATE and stars in _LEVELS:
            reply = await asyncio.to_thread(replies.rate, who, _LEVELS[stars])
        elif wanted == Act.REOPEN and "reason" in (request.form or {}):
            reply = await asyncio.to_thread(replies.reopen, who, mask_text(reason))
        elif wanted == Act.REOPEN:
            reply = await asyncio.to_thread(replies.ask_reason, who)
        elif wanted == Act.WITHDRAW:
            do = replies.withdraw if field(request, "sure") else replies.ask_sure
            reply = await asyncio.to_thread(do, who)
        else:
            reply = await asyncio.to_thread(replies.look_up, who)
        return await self._show(session, reply)

    async def _show(self, session: KioskSession, reply: Reply) -> HTTPResponse:
        session.looked_up, session.looked_in = reply.to_wire(), session.locale
        if _look(reply) == "ask":
            session.code = ""
        return go(PATH)


def _look(reply: Reply | None) -> str:
    """Return which look the screen has: what was found has facts, a word that nothing was found has none."""
    if reply is None:
        return "ask"
    has_facts = len(reply.blocks) > 1
    return _LOOKS.get(reply.act or "", "found" if has_facts else "ask")


def _who(session: KioskSession) -> Who:
    return Who(session.number, session.code, session.conversation, session.locale)
