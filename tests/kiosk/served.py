"""A fake hall behind a real Sanic server, in a thread of the test's own process."""

from __future__ import annotations

from tests.kiosk.fakes import FakeHall
from tests.serving import ServedApp


class ServedHall:
    """An app that answers on a free port until it is closed."""

    def __init__(self, hall: FakeHall, name: str) -> None:
        self.hall = hall
        self._served = ServedApp(hall.app(name))
        self.url = self._served.url

    def close(self) -> None:
        """Stop serving."""
        self.hall.conversation.go_on.set()
        self._served.close()
