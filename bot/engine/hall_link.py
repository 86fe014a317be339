"""Connections to the hall that stay open: just enough HTTP/1.1 for one service that is ours at both ends.

A general client took longer over a call than the rest of a turn's dialogue together.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

# A hall that is slow is waited for: the person has had a reply after 4 s, and this one comes late. A hall
# process that hangs is killed by its supervisor before this time is up.
ANSWER_SECONDS = 60.0
CONNECT_SECONDS = 2.0
# Shorter than the hall keeps a silent connection (Sanic: 120 s), so that this side always closes first.
IDLE_SECONDS = 30.0
MOST_BYTES = 8_000_000

_BROKEN = (OSError, EOFError, asyncio.LimitOverrunError, ValueError, LookupError)


class HallGone(Exception):
    """Nobody listens, the line broke, or the answer took too long."""


@dataclass
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used_at: float

    def is_fresh(self) -> bool:
        """Return whether it may be used again."""
        return not self.reader.at_eof() and time.monotonic() - self.used_at < IDLE_SECONDS


class HallLink:
    """A pool of connections to one address. Belongs to the event loop that it is first used in."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        """Keep the address; the first call connects."""
        parts = urlsplit(url)
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._host, self._port = parts.hostname or "", parts.port or (443 if self._ssl else 80)
        fields = {"Host": parts.netloc.rpartition("@")[2], "Content-Type": "application/json", **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self._head = f"POST {parts.path or '/'} HTTP/1.1\r\n{lines}Content-Length: "
        self._idle: list[_Line] = []

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Send one request and return status and body. Raises HallGone.

        A hall process that was restarted has dropped its lines; then a new one is asked. Asking twice is
        safe: an action only reads, or files by the form's request key.
        """
        while self._idle:
            line = self._idle.pop()
            if not line.is_fresh():
                line.writer.close()
                continue
            try:
                return await self._exchange(line, body)
            except HallGone:
                break
        return await self._exchange(await self._connect(), body)

    def close(self) -> None:
        """Close the lines that nobody uses."""
        while self._idle:
            self._idle.pop().writer.close()

    async def _connect(self) -> _Line:
        try:
            reader, writer = await asyncio.wait_for(
                asyncio.open_connection(self._host, self._port, ssl=self._ssl, limit=MOST_BYTES),
                CONNECT_SECONDS,
            )
        except (OSError, asyncio.TimeoutError) as problem:  # noqa: UP041 (not yet the same in 3.10)
            raise HallGone(type(problem).__name__) from None
        return _Line(reader, writer, time.monotonic())

    async def _exchange(self, line: _Line, body: bytes) -> tuple[int, bytes]:
        # Cheaper than a task of its own for each call: too late an answer finds the line cut.
        cut = asyncio.get_running_loop().call_later(ANSWER_SECONDS, line.writer.transport.abort)
        try:
            status, answer, stays = await self._talk(line, body)
        except BaseException as problem:
            # Cancelled or broken in mid-answer: the rest of it must not become the next one's.
            line.writer.close()
            if isinstance(problem, _BROKEN):
                raise HallGone(type(problem).__name__) from None
            raise
        finally:
            cut.cancel()
        if stays:
            line.used_at = time.monotonic()
            self._idle.append(line)
        else:
            line.writer.close()
        return status, answer

    async def _talk(self, line: _Line, body: bytes) -> tuple[int, bytes, bool]:
        line.writer.write(f"{self._head}{len(body)}\r\n\r\n".encode("latin-1") + body)
        told = await line.reader.readuntil(b"\r\n\r\n")
        status_line, *lines = told.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (entry.partition(":") for entry in lines)}
        answer = await line.reader.readexactly(int(fields["content-length"]))
        return int(status_line.split()[1]), answer, fields.get("connection", "").lower() != "close"
