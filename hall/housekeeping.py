"""Forgets what has had its time: sealed values, look-up attempts, talks, kept replies, sessions."""

from __future__ import annotations

import asyncio
import logging

from hall.kiosk_wiring import make_kiosk_sessions
from hall.staff_wiring import purge_staff
from hall.wiring import Wiring

logger = logging.getLogger(__name__)

EVERY_SECONDS = 600.0
# A department's whistle runs for two hours: what is late enters the history while people can still go.
CLOCKS_EVERY_SECONDS = 20.0


async def keep_house(wiring: Wiring) -> None:
    """Clear up every ten minutes, for ever. Several workers may: deleting twice deletes once."""
    while True:
        try:
            await asyncio.to_thread(clear_up, wiring)
        except Exception:  # the edge of a background job: it is tried again in ten minutes
            logger.exception("clearing up failed; it is tried again in %d minutes", EVERY_SECONDS / 60)
        await asyncio.sleep(EVERY_SECONDS)


async def keep_time(wiring: Wiring) -> None:
    """Let the cases' clocks act, for ever; each act checks again, so several workers may.

    Where nothing is due it reads two short ranges of an index and writes nothing.
    """
    while True:
        try:
            await asyncio.to_thread(wiring.desk.keep_time)
        except Exception:  # the edge of a background job: it is tried again in a moment
            logger.exception("the clocks were not read; tried again in %d seconds", CLOCKS_EVERY_SECONDS)
        await asyncio.sleep(CLOCKS_EVERY_SECONDS)


def clear_up(wiring: Wiring) -> None:
    """Delete what has expired, in every room that keeps something, and let the cases' clocks act."""
    wiring.vault.purge_expired()
    wiring.desk.purge_expired()
    wiring.desk.tick()
    wiring.memory.purge_expired()
    wiring.alerts.purge_expired()
    wiring.promises.purge_expired()
    if wiring.turn_tickets is not None:
        wiring.turn_tickets.purge_expired()
    wiring.unanswered.purge_expired()
    make_kiosk_sessions(wiring).purge_idle()
    purge_staff(wiring)
