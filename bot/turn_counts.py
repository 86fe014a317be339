"""Counts the turns and ratings that the conversation keeps, day by day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bot.tables import RatingRow, TurnRow
from knowledge.figures import RatingCount, TurnCount, days_between


class TurnCounts:
    """Reads figures from the turn rows. A day is one of `zone`."""

    def __init__(self, sessions: sessionmaker[Session], zone: ZoneInfo) -> None:
        self._sessions = sessions
        self._zone = zone

    def turns(self, first: date, last: date) -> list[TurnCount]:
        """Return the turns of the days from `first` to `last`, counted by day, door, decision, guide, aspect.

        One question a day to the database, along the index: no database is asked to know time zones.
        """
        kinds = (TurnRow.channel, TurnRow.decision, TurnRow.guide, TurnRow.aspect)
        counts: list[TurnCount] = []
        with self._sessions() as session:
            for day in days_between(first, last):
                begin, end = self._limits(day)
                query = (
                    select(*kinds, func.count()).where(TurnRow.at >= begin, TurnRow.at < end).group_by(*kinds)
                )
                counts += [TurnCount(day, *row) for row in session.execute(query)]
        return counts

    def ratings(self, first: date, last: date) -> list[RatingCount]:
        """Return the ratings of those days by stars and by the guide that was rated."""
        begin, end = self.limits(first, last)
        query = (
            select(RatingRow.stars, TurnRow.guide, func.count())
            .outerjoin(TurnRow, TurnRow.id == RatingRow.turn_id)
            .where(RatingRow.at >= begin, RatingRow.at < end)
            .group_by(RatingRow.stars, TurnRow.guide)
        )
        with self._sessions() as session:
            return [RatingCount(*row) for row in session.execute(query)]

    def limits(self, first: date, last: date) -> tuple[datetime, datetime]:
        """Return the instants at which the span of days begins and ends."""
        return self._limits(first)[0], self._limits(last)[1]

    def _limits(self, day: date) -> tuple[datetime, datetime]:
        begin = datetime.combine(day, time(), self._zone)
        return begin, datetime.combine(day + timedelta(days=1), time(), self._zone)
