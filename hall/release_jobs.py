"""What a worker does for releases beside its work: has queued ones built, publishes scheduled ones."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from hall.heartbeat import VARIABLE as HEARTBEAT_VARIABLE
from hall.settings import ROOT
from hall.wiring import Wiring
from knowledge.release_info import NotLoaded, ReleaseError
from knowledge.release_queue import LEASE_SECONDS, LeaseLost

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
RENEW_EVERY_SECONDS = LEASE_SECONDS / 5
# After a failure, so that a database that comes back is not stormed.
REST_SECONDS = 3.0
TETHER = ROOT / "hall" / "tether.py"

T = TypeVar("T")


async def publish_scheduled(wiring: Wiring) -> None:
    """Publish each scheduled release at its time, for ever. All workers try; one commit does it."""
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        try:
            number = await asyncio.to_thread(wiring.releases.publish_due)
            if number is not None:
                logger.info("release %d is published at its time", number)
        except NotLoaded:
            pass  # tried again in a second, when the last process has loaded it
        except (SQLAlchemyError, ReleaseError) as problem:
            logger.warning("no scheduled release can be published (%s); tried again", type(problem).__name__)
            await asyncio.sleep(REST_SECONDS)
        except Exception:  # the edge of a background job
            logger.exception("no scheduled release can be published; tried again")
            await asyncio.sleep(REST_SECONDS)


async def build_queued(wiring: Wiring) -> None:
    """Have queued releases built in child processes, one at a time, for ever."""
    owner = wiring.worker_id
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        try:
            number = await asyncio.to_thread(wiring.release_queue.claim, owner)
            if number is not None:
                await _build(wiring, number, owner)
        except (SQLAlchemyError, OSError) as problem:
            logger.warning("no release can be built (%s); tried again", type(problem).__name__)
            await asyncio.sleep(REST_SECONDS)
        except Exception:  # the edge of a background job
            logger.exception("no release can be built; tried again")
            await asyncio.sleep(REST_SECONDS)


async def _build(wiring: Wiring, number: int, owner: str) -> None:
    """Run the child, renew the lease while it lives, and queue what it left unfinished."""
    child = await _start(number, owner)
    waiting = asyncio.create_task(child.wait())
    is_told_to_stop = True  # unless it turns out otherwise: cancelled in the middle
    try:
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=RENEW_EVERY_SECONDS)
            if not waiting.done() and not await _renew(wiring, number, owner):
                child.kill()
        is_told_to_stop = False
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        handing_back = _until_done(
            lambda: wiring.release_queue.hand_back(number, owner, is_tired=is_told_to_stop),
            tries=1 if is_told_to_stop else None,
        )
        await asyncio.shield(handing_back)


async def _start(number: int, owner: str) -> asyncio.subprocess.Process:
    environment = {name: value for name, value in os.environ.items() if name != HEARTBEAT_VARIABLE}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(TETHER), str(os.getpid())),
        *(sys.executable, "-m", "hall.release_build", str(number), "--owner", owner),
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        # A signal to the worker's group is for the worker: it ends the child and hands the release back.
        start_new_session=True,
    )


async def _renew(wiring: Wiring, number: int, owner: str) -> bool:
    """Renew the lease; say whether the release is still ours to build."""
    try:
        await asyncio.to_thread(wiring.release_queue.renew, number, owner)
    except LeaseLost:
        return False
    except SQLAlchemyError as problem:
        logger.warning("the lease of release %d is not renewed (%s)", number, type(problem).__name__)
    return True


async def _until_done(act: Callable[[], T], tries: int | None) -> None:
    """Do it; where the database is away, again until it is back or `tries` are used up."""
    while tries is None or tries > 0:
        try:
            await asyncio.to_thread(act)
            return
        except SQLAlchemyError as problem:
            logger.warning("a release is not handed back yet (%s)", type(problem).__name__)
            await asyncio.sleep(REST_SECONDS)
        tries = tries - 1 if tries is not None else None
