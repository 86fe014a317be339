"""How a case stands, by its number and code."""

from __future__ import annotations

import asyncio

from sanic import HTTPResponse, Request

from cases.resident_replies import ResidentReplies, Who
from cases.residents import Residents
from kiosk import rendering
from kiosk.door import Door, field, go
from kiosk.session import KioskSession, Visit
from language.reply import Reply

PATH = "/kiosk/status"
MAX_CHARS = 40


class StatusScreens:
    """The look-up screen."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._replies = ResidentReplies(Residents(door.needs.desk))

    async def show(self, request: Request, visit: Visit) -> HTTPResponse:
        """Ask for number and code, or show what was found; `?new` asks again."""
        session = visit.session
        if "new" in request.args:
            session.looked_up, session.number = None, ""
        session.visit(PATH)
        reply = Reply.from_wire(session.looked_up) if session.looked_up else None
        parts = rendering.arrange(reply) if reply else None
        # What was found has facts; a word that nothing was found leaves the fields to be mended.
        found = parts is not None and bool(parts.cards or parts.more)
        return self._door.render(visit, "status.html", reply=reply, parts=parts, found=found)

    async def look_up(self, request: Request, visit: Visit) -> HTTPResponse:
        """Look a case up."""
        session = visit.session
        session.number = field(request, "number").strip()[:MAX_CHARS]
        if not session.number or not field(request, "code").strip():
            # Said by the screen: a browser's own hint is small and gone in a moment.
            session.looked_up, session.notice = None, "status_empty"
            return go(PATH)
        session.code = field(request, "code")[:MAX_CHARS]
        reply = await asyncio.to_thread(self._replies.look_up, _who(session))
        session.looked_up = reply.to_wire()
        return go(PATH)


def _who(session: KioskSession) -> Who:
    return Who(session.number, session.code, session.conversation, session.locale)
