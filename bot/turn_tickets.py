"""Places in the queue of a talk, for halls of several processes: kept in the database they share.

Rows live for as long as a turn. A process that died leaves its rows behind; they count for a few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Float,
    cast,
    delete,
    extract,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from bot.tables import TurnTicketRow

# A place is kept that long without a sign of life: under a person's patience, over a busy moment.
HELD_SECONDS = 3.0
_FORGOTTEN_SECONDS = 60.0


def database_now(connection: Connection) -> ColumnElement[float]:
    """Return the seconds since 1970 by one clock for all processes: the server's, or this machine's."""
    if connection.dialect.name == "postgresql":
        return cast(extract("epoch", func.clock_timestamp()), Float)
    return literal(time.time())


class TurnTickets:
    """Hands out places and takes them back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, key: str, turn: str) -> int:
        """Take the last place in a talk's queue; return its number."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Numbers are given before they are seen: without it a later one could be seen first.
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})
            until = database_now(connection) + HELD_SECONDS
            row = insert(TurnTicketRow).values(key=key, turn=turn, until=until)
            return int(connection.execute(row.returning(TurnTicketRow.id)).scalar_one())

    def ahead(self, key: str, ticket: int) -> list[str]:
        """Return the turns that come before this place and whose processes live."""
        with self._engine.connect() as connection:
            before = select(TurnTicketRow.turn).where(
                TurnTicketRow.key == key,
                TurnTicketRow.id < ticket,
                TurnTicketRow.until > database_now(connection),
            )
            return list(connection.scalars(before))

    def renew(self, tickets: Sequence[int]) -> None:
        """Say that the turns in these places are still at work, or still wait."""
        with self._engine.begin() as connection:
            until = database_now(connection) + HELD_SECONDS
            connection.execute(update(TurnTicketRow).where(TurnTicketRow.id.in_(tickets)).values(until=until))

    def give_back(self, ticket: int) -> None:
        """Leave the queue."""
        with self._engine.begin() as connection:
            connection.execute(delete(TurnTicketRow).where(TurnTicketRow.id == ticket))

    def purge_expired(self) -> None:
        """Forget the places of processes that died."""
        with self._engine.begin() as connection:
            oldest = database_now(connection) - _FORGOTTEN_SECONDS
            connection.execute(delete(TurnTicketRow).where(TurnTicketRow.until < oldest))
