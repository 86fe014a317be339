"""Connections to Rasa that stay open: just enough HTTP/1.1 for one service that is ours at both ends.

A general client spent more of the hall's time on a turn than everything else together (40 % of its loop).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST_CONNECTIONS = 64
# Rasa's Sanic hangs up after 5 s of silence; a connection about to be hung up is not used again.
IDLE_SECONDS = 3.0
CONNECT_SECONDS = 1.0
MOST_BYTES = 8_000_000


class LinkBroken(Exception):
    """Nobody listens, or the answer cannot be read. `was_sent` where the request may have arrived."""

    def __init__(self, cause: str, *, was_sent: bool) -> None:
        super().__init__(cause)
        self.was_sent = was_sent


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used_at: float

    def is_fresh(self) -> bool:
        """Return whether it may be used again."""
        return not self.reader.at_eof() and time.monotonic() - self.used_at < IDLE_SECONDS


class Link:
    """A pool of connections to one address. Belongs to the event loop that it is first used in."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._ssl else 80)
        self._base = parts.path.rstrip("/")
        self._head = f"Host: {parts.netloc.rpartition('@')[2]}\r\nx-linli-token: {token}\r\n"
        self._idle: list[_Connection] = []
        self._slots = asyncio.Semaphore(MOST_CONNECTIONS)

    async def exchange(
        self, method: str, path: str, body: bytes, timeout_seconds: float
    ) -> tuple[int, bytes]:
        """Send one request and return status and body. Raises LinkBroken, also when it takes too long.

        A request may arrive twice: where a connection that was kept open breaks, it goes over a new one.
        """
        was_sent = False
        try:
            async with asyncio.timeout(timeout_seconds), self._slots:
                connection = self._kept()
                while True:
                    is_new = connection is None
                    connection = connection or await self._connect()
                    was_sent = True
                    try:
                        status, answer, stays = await self._talk(connection, method, path, body)
                        break
                    except (OSError, EOFError):
                        connection.writer.close()
                        if is_new:
                            raise
                        connection = None
                    except BaseException:
                        # Cancelled or broken in mid-answer: the rest of it must not become the next one's.
                        connection.writer.close()
                        raise
        except (OSError, EOFError, ValueError, KeyError, asyncio.LimitOverrunError) as problem:
            raise LinkBroken(type(problem).__name__, was_sent=was_sent) from None
        if stays:
            connection.used_at = time.monotonic()
            self._idle.append(connection)
        else:
            connection.writer.close()
        return status, answer

    def close(self) -> None:
        """Hang up every connection that is not in use."""
        while self._idle:
            self._idle.pop().writer.close()

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_fresh():
                return connection
            connection.writer.close()
        return None

    async def _connect(self) -> _Connection:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(
                self._host, self._port, ssl=self._ssl, limit=MOST_BYTES
            )
        return _Connection(reader, writer, time.monotonic())

    async def _talk(
        self, connection: _Connection, method: str, path: str, body: bytes
    ) -> tuple[int, bytes, bool]:
        about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {self._base}{path} HTTP/1.1\r\n{self._head}{about}\r\n"
        connection.writer.write(head.encode("ascii") + body)
        told = await connection.reader.readuntil(b"\r\n\r\n")
        status_line, *lines = told.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        stays = fields.get("connection", "").lower() != "close"
        if fields.get("transfer-encoding", "").lower() == "chunked":
            return int(status_line.split()[1]), await _read_chunks(connection.reader), stays
        answer = await connection.reader.readexactly(int(fields["content-length"]))
        return int(status_line.split()[1]), answer, stays


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    """Read a body whose length was not known beforehand, as a proxy in between may send it."""
    pieces = []
    while length := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        pieces.append(await reader.readexactly(length))
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass  # fields after the body say nothing to us
    return b"".join(pieces)
