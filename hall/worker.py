"""One hall process: the public app and the actions listener on sockets that the supervisor opened."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

import uvloop
from sanic import Sanic
from sqlalchemy.exc import SQLAlchemyError

from actions.registry import make_executor
from hall.actions_app import make_actions_app
from hall.gate import wait_until_open
from hall.heartbeat import beat
from hall.housekeeping import keep_house, keep_time
from hall.notices import send_notices
from hall.public_app import make_public_app
from hall.release_jobs import build_queued, publish_scheduled
from hall.settings import read_settings
from hall.staff_wiring import tell_set_up_code
from hall.watching import Watch
from hall.wiring import Wiring

logger = logging.getLogger(__name__)

# What is being answered may finish; the supervisor kills after 2.5 s.
GRACE_SECONDS = 2.0


def main() -> int:
    """Serve until told to stop; return the exit code."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    for chatty in ("httpx", "httpcore", "rasa_sdk", "sanic.root", "sanic.server", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    wait_until_open()
    # Sanic's own choice of loop; its transports take half the time of asyncio's.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
    return 0


async def serve() -> None:
    """Run both apps in this process's one event loop."""
    wiring = Wiring(read_settings())
    announce(wiring)
    public = make_public_app(wiring)
    actions = make_actions_app(make_executor(wiring.rooms), wiring.settings.engine_token, wiring.sealer)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # Before it takes calls: those that a process takes while it loads wait, though another could answer them.
    await warm_up(wiring)
    # Guides and index stay: looking through them for what can go stopped everybody for a tenth of a second.
    gc.freeze()
    servers = [
        await _start(actions, int(os.environ["LINLI_ACTIONS_FD"])),
        await _start(public, int(os.environ["LINLI_PUBLIC_FD"])),
    ]
    jobs = (
        beat(),
        keep_house(wiring),
        keep_time(wiring),
        build_queued(wiring),
        publish_scheduled(wiring),
        send_notices(wiring),
        wiring.conversation.keep_promises(),
    )
    once = asyncio.to_thread(tell_set_up_code, wiring)
    background = [asyncio.create_task(job) for job in (*jobs, once)]
    switches = Watch("switches", wiring.switches.refresh)
    switches.start()
    await asyncio.to_thread(follow, wiring)
    await stop.wait()
    switches.stop()
    for server in servers:
        server.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            for server in servers:
                await server.wait_closed()
    for task in background:
        task.cancel()
    await asyncio.wait(background, timeout=GRACE_SECONDS / 4)
    await asyncio.to_thread(leave, wiring)
    await wiring.rasa.close()
    wiring.speech.close()


def announce(wiring: Wiring) -> None:
    """Say that this process will answer, before it looks which release is current: none is missed between."""
    with suppress(SQLAlchemyError):
        wiring.presence.say(wiring.worker_id, {})


def follow(wiring: Wiring) -> None:
    """Begin to follow what is published."""
    with suppress(SQLAlchemyError):
        wiring.follower.start()


def leave(wiring: Wiring) -> None:
    """Follow no more, so that nobody waits for this process."""
    with suppress(SQLAlchemyError):
        wiring.follower.stop()


async def warm_up(wiring: Wiring) -> None:
    """Load what is loaded on first use, so that nobody who asks waits for it."""

    def load() -> None:
        wiring.release.answering().consider("居住证怎么办")

    try:
        await asyncio.to_thread(load)
    except Exception as fault:  # noqa: BLE001  it is met again, and told, where a turn needs it
        logger.error("nothing could be loaded beforehand: %s", type(fault).__name__)


async def _start(app: Sanic[Any, Any], descriptor: int) -> Any:
    listener = socket.socket(fileno=descriptor)
    listener.setblocking(False)
    # Any: Sanic's server wrapper is untyped.
    server: Any = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    if server is None:
        raise RuntimeError(f"{app.name} did not start")
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    return server


if __name__ == "__main__":
    sys.exit(main())
