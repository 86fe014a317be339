"""A lean HTTP client for loopback: the load generator must not be what is measured on two cores."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

# A socket that is open before its program serves takes a request and says nothing.
PATIENCE_SECONDS = 20.0


class ExchangeFailed(Exception):
    """The other side hung up, or answered in a way that this client does not read."""


class Connection:
    """One kept-alive HTTP/1.1 connection to a port of 127.0.0.1."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._port = port
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        """Connect. Raises OSError where nobody listens."""
        self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=4_000_000)

    async def exchange(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send one request and return status and body. Raises ExchangeFailed."""
        if self._streams is None:
            await self.open()
        assert self._streams is not None
        reader, writer = self._streams
        about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{self._headers}{about}\r\n"
        try:
            writer.write(head.encode("ascii") + body)
            async with asyncio.timeout(PATIENCE_SECONDS):
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
                fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
                answer = await reader.readexactly(int(fields["content-length"]))
        except (OSError, asyncio.IncompleteReadError, TimeoutError, KeyError, ValueError) as problem:
            self.close()
            raise ExchangeFailed(f"{method} {path}: {problem!r}") from None
        if fields.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1]), answer

    def close(self) -> None:
        """Hang up; the next exchange connects again."""
        if self._streams is not None:
            with suppress(OSError):
                self._streams[1].close()
            self._streams = None


async def get_json(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
    """Return status and JSON of one GET; (0, None) where nobody answers."""
    connection = Connection(port, headers)
    try:
        status, body = await connection.exchange("GET", path)
        return status, json.loads(body)
    except (OSError, ExchangeFailed, ValueError):
        return 0, None
    finally:
        connection.close()
