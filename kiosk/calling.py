"""The help screen: where a person is to be found, and a button that tells staff that somebody waits."""

from __future__ import annotations

import asyncio

from sanic import HTTPResponse, Request

from kiosk import rendering
from kiosk.door import Door, go
from kiosk.session import Visit

PATH = "/kiosk/help"


class HelpScreens:
    """Screens of the staff call."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._needs = door.needs

    async def show(self, request: Request, visit: Visit) -> HTTPResponse:
        """Say where a person is to be found, or when the hall opens."""
        visit.session.visit(PATH)
        now = self._needs.clock().astimezone(self._needs.zone)
        opening = self._needs.hall(visit.session.locale).next_opening
        opens = rendering.say_opening(opening, now, visit.session.locale) if opening else ""
        return self._door.render(visit, "help.html", opens=opens)

    async def call(self, request: Request, visit: Visit) -> HTTPResponse:
        """Tell staff, and say that they were told; while the hall is closed the screen says when it opens."""
        if await asyncio.to_thread(self._needs.call_staff, visit.session.conversation):
            visit.session.notice = "help_called"
        return go(PATH)
