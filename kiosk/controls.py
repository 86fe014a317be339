"""The buttons of the footer: larger type, contrast, volume, language, back, and the end of a session."""

from __future__ import annotations

import asyncio

from sanic import HTTPResponse, Request, empty
from sanic.exceptions import NotFound

from bot.conversation import Channel, Turn
from kiosk.door import COOKIE, Door, field, go
from kiosk.session import KioskSession, Visit

SETTINGS: dict[str, tuple[str, ...]] = {
    "elder": ("0", "1"),
    "contrast": ("0", "1"),
    "read_aloud": ("0", "1"),
    "volume": ("0", "1", "2", "3"),
    "locale": ("zh", "en"),
}


class Controls:
    """What changes the session and shows no screen of its own."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._needs = door.needs

    async def set(self, request: Request, visit: Visit) -> HTTPResponse:
        """Change one setting and show the same screen again; an unknown one changes nothing."""
        change(visit.session, field(request, "name"), field(request, "value"))
        return go(visit.session.current())

    async def back(self, request: Request, visit: Visit) -> HTTPResponse:
        """Show the screen before this one."""
        return go(visit.session.previous())

    async def stay(self, request: Request, visit: Visit) -> HTTPResponse:
        """Note that somebody is there; the screen sends this while it is touched."""
        return empty()

    async def nowhere(self, request: Request, visit: Visit, rest: str) -> HTTPResponse:
        """Refuse an address that leads nowhere with a calm screen, as every other refusal here."""
        raise NotFound("no such screen")

    async def end(self, request: Request) -> HTTPResponse:
        """Forget the session and show the first screen. Works for a session that is gone, too."""
        token = request.cookies.get(COOKIE)
        if token:
            ended = await asyncio.to_thread(self._needs.sessions.end, token)
            if ended is not None:
                await self._needs.conversation.forget(Turn(Channel.KIOSK, ended.conversation))
        response = go("/")
        response.delete_cookie(COOKIE, path="/")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


def change(session: KioskSession, name: str, value: str) -> None:
    """Set `name` to `value` where both are known."""
    if value not in SETTINGS.get(name, ()):
        return
    if name == "volume":
        session.volume = int(value)
    elif name == "locale":
        session.locale = value
    else:
        setattr(session, name, value == "1")
