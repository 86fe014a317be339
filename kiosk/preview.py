"""Shows staff what residents would see: the kiosk's answer screen and the phone's page, from a Reply."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from kiosk import rendering
from kiosk.needs import HallFacts, Timeouts
from kiosk.session import KioskSession, Shown
from language.moments import Clock
from language.reply import Reply

# What a guide says is escaped: only the templates' own links look like this.
_LINK = re.compile(r"""(<a\b[^>]*?)\shref="[^">]*\"""")


class Preview:
    """Draws replies with the kiosk's own templates; no session, and links that lead nowhere."""

    def __init__(self, hall: Callable[[str], HallFacts], clock: Clock, zone: ZoneInfo) -> None:
        self._hall = hall
        self._clock = clock
        self._zone = zone
        self._templates = rendering.make_environment()

    def screen(self, reply: Reply, question: str) -> str:
        """Return the kiosk's screen after `question`, as HTML."""
        now = self._clock().astimezone(self._zone)
        clock_time, clock_day = rendering.say_clock(now, "zh")
        page = self._templates.get_template("preview.html").render(
            t=rendering.sayer("zh"),
            session=KioskSession(conversation=""),
            hall=self._hall("zh"),
            now=now,
            clock_time=clock_time,
            clock_day=clock_day,
            timeouts=Timeouts(),
            can_speak=True,
            is_untouched=False,
            shown=Shown(question, {}),
            number="1",
            reply=reply,
            look=rendering.kind_of_screen(reply),
            parts=rendering.arrange(reply),
            qr=None,
        )
        return _leading_nowhere(page)

    def page(self, reply: Reply) -> str:
        """Return the page that a phone opens from the kiosk's code, as HTML."""
        page = self._templates.get_template("guide.html").render(
            t=rendering.sayer("zh"),
            hall=self._hall("zh"),
            reply=reply,
            parts=rendering.arrange(reply),
        )
        return _leading_nowhere(page)


def _leading_nowhere(page: str) -> str:
    """Take the addresses off the links: a preview can be scrolled and read, not left."""
    return _LINK.sub(r"\1", page)
