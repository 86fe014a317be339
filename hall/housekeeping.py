"""Forgets what has had its time: sealed values, look-up attempts, talks, kept replies, sessions."""

from __future__ import annotations

import asyncio
import logging

from hall.kiosk_wiring import make_kiosk_sessions
from hall.staff_wiring import purge_staff
from hall.wiring import Wiring

logger = logging.getLogger(__name__)

EVERY_SECONDS = 600.0


async def keep_house(wiring: Wiring) -> None:
    """Clear up every ten minutes, for ever. Several workers may: deleting twice deletes once."""
    while True:
        try:
            await asyncio.to_thread(clear_up, wiring)
        except Exception:  # the edge of a background job: it is tried again in ten minutes
            logger.exception("clearing up failed; it is tried again in %d minutes", EVERY_SECONDS / 60)
        await asyncio.sleep(EVERY_SECONDS)


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
