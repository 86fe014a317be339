"""A real Sanic server in a thread of the test's own process, ended without a trace."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

from sanic import Sanic


class ServedApp:
    """An app that answers on a free port until it is closed. Raises what keeps it from starting."""

    def __init__(self, app: Sanic[Any, Any]) -> None:
        self._app = app
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._is_up = threading.Event()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._is_up.wait(120), "the small server hangs"
        if self._problem is not None:
            raise self._problem

    def close(self) -> None:
        """Stop serving. Connections and loop are closed too: hundreds of tests would gather them."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        Sanic.unregister_app(self._app)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as problem:
            self._problem = problem
        finally:
            self._is_up.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await self._app.create_server(
            sock=self._socket, return_asyncio_server=True, access_log=False
        )
        assert server is not None
        await server.startup()
        await server.start_serving()
        self._is_up.set()
        await self._stop.wait()
        server.close()
