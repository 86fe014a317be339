"""Tell the supervisor that this process's event loop turns: a hung worker is told from a busy one."""

from __future__ import annotations

import asyncio
import os

BEAT_SECONDS = 1.0
VARIABLE = "LINLI_HEARTBEAT_FD"


async def beat() -> None:
    """Write a byte to the supervisor each second, for ever. The first one says that this process serves.

    Returns at once where no supervisor asked for it.
    """
    descriptor = os.environ.get(VARIABLE)
    if not descriptor:
        return
    pipe = int(descriptor)
    os.set_blocking(pipe, False)
    while True:
        try:
            os.write(pipe, b".")
        except BlockingIOError:
            pass  # nobody has read for a long while; the next beat will do
        except OSError:
            return  # the supervisor is gone, and so are we in a moment
        await asyncio.sleep(BEAT_SECONDS)
