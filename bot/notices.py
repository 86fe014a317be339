"""Notices in the talk that they are owed to: each has its place among the late replies until it is fetched.

Only the place is kept here. The words stay with the case, are read when they are fetched, and go with it when
it is erased.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from bot.promises import hold_order
from bot.tables import LateReplyRow
from bot.turn import Channel
from cases.case import TooManyAttempts
from cases.notices.left import LeftNotices
from cases.notices.notice import KEPT_FOR, Notice
from cases.notices.wording import say_notice
from cases.resident_replies import choices
from cases.residents import Residents
from language.moments import Clock
from language.reply import Choice, Decision, HandledBy, Reply, text_block

# As long as a resolved case can be opened again; what it is then, the choice finds out.
CHOICES_GOOD_FOR = timedelta(days=15)


@dataclass(frozen=True)
class Fetched:
    """A notice as a late reply; its choices have no ids yet. `is_new` the first time."""

    number: int
    reply: Reply
    is_new: bool


class TalkNotices:
    """Leaves notices in talks and reads them back."""

    def __init__(
        self, sessions: sessionmaker[Session], left: LeftNotices, residents: Residents, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._left = left
        self._residents = residents
        self._clock = clock

    def leave(self, notice: Notice) -> None:
        """Leave a notice in the talk that filed its case; leaving it again leaves it once."""
        with self._sessions.begin() as session:
            hold_order(session, notice.conversation)
            is_postgres = session.get_bind().dialect.name == "postgresql"
            place = (postgresql.insert if is_postgres else sqlite.insert)(LateReplyRow)
            values = {
                "key": notice.conversation,
                "at": self._clock(),
                "notice": notice.id,
                "until": notice.created_at + KEPT_FOR,
            }
            session.execute(place.values(**values).on_conflict_do_nothing())

    def fetch(self, key: str, after: int) -> list[Fetched]:
        """Return the notices of a talk with a place above `after`, oldest first; they count as sent now."""
        place = LateReplyRow
        waiting = select(place.id, place.notice).where(
            place.key == key, place.id > after, place.notice.is_not(None), place.until > self._clock()
        )
        with self._sessions() as session:
            places = {notice: number for number, notice in session.execute(waiting) if notice is not None}
        if not places:
            return []
        # The place names the talk, and so must the case.
        found = [notice for notice in self._left.read(list(places)) if notice.conversation == key]
        new = self._left.fetched([notice.id for notice in found])
        # Where the reminder is there as well, the result before it need not ask.
        asking = {one.number: one.id for one in found if one.asks_rating}
        fetched = [
            Fetched(places[one.id], self._reply(one, one.id in asking.values()), one.id in new)
            for one in found
        ]
        return sorted(fetched, key=attrgetter("number"))

    def _reply(self, notice: Notice, asks_rating: bool) -> Reply:
        if notice.channel == Channel.GROUP:
            return _says(say_notice("in_group", notice.locale, number=notice.number))
        reply = _says(notice.words[notice.locale])
        if not asks_rating:
            return reply
        ask = text_block(say_notice("rate_by_touch", notice.locale))
        return replace(reply, blocks=(*reply.blocks, ask), choices=self._choices(notice))

    def _choices(self, notice: Notice) -> tuple[Choice, ...]:
        """Return what the resident may do now: the choice itself says which case, for this talk alone."""
        try:
            view = self._residents.look_up(notice.number, None, notice.conversation)
        except TooManyAttempts:
            return ()  # somebody guesses codes here
        if view is None:
            return ()
        return choices(view, {"number": notice.number}, self._clock(), notice.locale)


def _says(sentence: str) -> Reply:
    return Reply(
        Decision.STATUS, (text_block(sentence),), sentence, private=True, handled_by=HandledBy.SCREEN
    )
