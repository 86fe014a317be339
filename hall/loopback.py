"""Ask a program on this machine whether it is well."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

TIMEOUT_SECONDS = 10.0


async def answers_well(port: int, path: str, headers: Mapping[str, str]) -> bool:
    """True when a GET on 127.0.0.1 is answered with 200 in time."""
    with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await _get(port, path, headers) == b"200"
    return False


async def _get(port: int, path: str, headers: Mapping[str, str]) -> bytes:
    """Return the status. By hand: urllib would ask a proxy for loopback, and block."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        status = await reader.readuntil(b"\r\n")
        return b"".join(status.split()[1:2])
    finally:
        writer.close()
