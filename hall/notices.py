"""What a worker does for notices beside its work: hands those that are due to the door of their resident."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Mapping

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.notices import TalkNotices
from bot.turn import Channel
from cases.case import CaseStatus
from cases.notices.notice import Notice
from cases.notices.outbox import Handed, NotDelivered
from hall.wiring import Wiring

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 3.0
# After a failure it waits longer each time, so that a database that comes back is not stormed.
LONGEST_REST_SECONDS = 60.0
TALK_KEY_CHARS = 64
# Where a case came from decides how its resident hears of it. In a talk there is a page, or a program, that
# asks for late replies. The hotline's own people tell its callers, from the sheet that goes back to them.
_TALKS = frozenset({Channel.CHAT.value, Channel.GROUP.value})
_TOLD: Mapping[str, Handed] = {
    Channel.KIOSK.value: Handed.UNREACHABLE,
    "window": Handed.UNREACHABLE,
    "phone": Handed.UNREACHABLE,
    "hotline": Handed.KEPT,
    "open311": Handed.UNREACHABLE,
}


class Post:
    """Hands a notice to its door: the port that the outbox asks for."""

    def __init__(self, talks: TalkNotices) -> None:
        self._talks = talks

    def __call__(self, notice: Notice) -> Handed:
        """Leave a notice in its talk, or say that there is none. Raises NotDelivered."""
        if notice.channel not in _TALKS and notice.channel not in _TOLD:
            raise NotDelivered("channel_unknown", is_final=True)
        if notice.subject == CaseStatus.RECEIVED:
            return Handed.KEPT  # the receipt has told it: in the talk, on the screen, at the window
        if notice.channel in _TOLD:
            return _TOLD[notice.channel]
        if len(notice.conversation) != TALK_KEY_CHARS:
            raise NotDelivered("talk_unknown", is_final=True)
        try:
            self._talks.leave(notice)
        except OperationalError:
            raise  # the database is away: for all of them
        except SQLAlchemyError as problem:
            # Without its message, which may quote what was to be written.
            logger.warning("notice %d is not delivered (%s)", notice.id, type(problem).__name__)
            raise NotDelivered("fault") from None
        return Handed.LEFT


async def send_notices(wiring: Wiring) -> None:
    """Send what is due every few seconds, for ever. Any number of workers may: each claims what it sends."""
    rest = LOOK_EVERY_SECONDS
    while True:
        await asyncio.sleep(rest)
        try:
            is_more = await asyncio.to_thread(send_some, wiring)
            rest = 0.0 if is_more else LOOK_EVERY_SECONDS
        except Exception as problem:  # noqa: BLE001  the edge of a background job: it is tried again
            rest = min(max(rest, LOOK_EVERY_SECONDS) * 2, LONGEST_REST_SECONDS)
            # Without its message, which may quote what was to be read or written.
            logger.warning("notices wait (%s); tried again in %d seconds", type(problem).__name__, rest)
            if not isinstance(problem, SQLAlchemyError):
                logger.error("%s", "".join(traceback.format_tb(problem.__traceback__)))


def send_some(wiring: Wiring) -> bool:
    """Send a few that are due, give up a few that nobody fetched; return whether there may be more.

    A few at a time: a process that is told to end does not wait for long.
    """
    sent = wiring.outbox.send(Post(wiring.talk_notices))
    given_up = wiring.left_notices.give_up()
    return bool(sent or given_up)
