"""A fake hall behind a real Sanic server, in a thread of the test's own process."""

from __future__ import annotations

import asyncio
import socket
import threading

from sanic import Sanic

from tests.kiosk.fakes import FakeHall


class ServedHall:
    """An app that answers on a free port until it is closed."""

    def __init__(self, hall: FakeHall, name: str) -> None:
        self.hall = hall
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._app = hall.app(name)
        self._loop = asyncio.new_event_loop()
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._is_up.wait(20), "the small hall did not start"

    def close(self) -> None:
        """Stop serving."""
        self.hall.conversation.go_on.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        Sanic.unregister_app(self._app)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._is_up.set()
        self._loop.run_forever()

    async def _serve(self) -> None:
        server = await self._app.create_server(
            sock=self._socket, return_asyncio_server=True, access_log=False
        )
        assert server is not None
        await server.startup()
        await server.start_serving()
