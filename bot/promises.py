"""Replies that were promised for later: kept until the turn is done, by whichever process is left to do it.

A turn waits here sealed, with all that its person wrote; its row goes when the reply comes, which waits
sealed for a day until the door fetches it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from bot.tables import LateReplyRow, PromisedTurnRow
from bot.turn import Channel, Turn
from bot.turn_tickets import database_now
from cases.sealing import Sealer, Unopenable
from knowledge.transactions import writing
from language.moments import Clock
from language.reply import Reply

# A promise whose holder is silent for so long is taken over.
HELD_SECONDS = 6.0
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Promised:
    """A turn that is to be seen through, under which key, and since when."""

    turn: Turn
    key: str
    at: datetime


class Promises:
    """Reads and writes promised turns and late replies."""

    def __init__(self, sessions: sessionmaker[Session], sealer: Sealer, clock: Clock) -> None:
        self._sessions = sessions
        self._sealer = sealer
        self._clock = clock

    def make(self, turn: Turn, key: str) -> None:
        """Keep a turn until it is done; keeping it twice keeps it once."""
        sealed = self._sealer.seal(json.dumps(asdict(turn), ensure_ascii=False), _context("turn", turn.id))
        with self._sessions.begin() as session:
            connection = session.connection()
            is_postgres = connection.dialect.name == "postgresql"
            row = (postgresql.insert if is_postgres else sqlite.insert)(PromisedTurnRow)
            until = database_now(connection) + HELD_SECONDS
            values = {"turn": turn.id, "key": key, "at": self._clock(), "sealed_turn": sealed, "until": until}
            connection.execute(row.values(**values).on_conflict_do_nothing())

    def take_back(self, turn_id: str) -> None:
        """Forget a promise: its reply came in time after all."""
        with self._sessions.begin() as session:
            session.execute(delete(PromisedTurnRow).where(PromisedTurnRow.turn == turn_id))

    def keep(self, turn_id: str, key: str, reply: Reply) -> bool:
        """Put the reply where the door fetches it; return False where another process has done so."""
        with self._sessions.begin() as session:
            done = session.execute(delete(PromisedTurnRow).where(PromisedTurnRow.turn == turn_id))
            if not cast("CursorResult[Any]", done).rowcount:
                return False
            wire = json.dumps(reply.to_wire(), ensure_ascii=False)
            sealed = self._sealer.seal(wire, _context("late", key))
            hold_order(session, key)
            session.add(LateReplyRow(key=key, at=self._clock(), sealed_reply=sealed))
            return True

    def renew(self, turn_ids: set[str]) -> None:
        """Say that this process is still at work on these turns."""
        with self._sessions.begin() as session:
            until = database_now(session.connection()) + HELD_SECONDS
            held = PromisedTurnRow.turn.in_(turn_ids)
            session.execute(update(PromisedTurnRow).where(held).values(until=until))

    def take_over(self) -> list[Promised]:
        """Take the promises of processes that died, oldest first."""
        with self._sessions() as session:
            expired = PromisedTurnRow.until < database_now(session.connection())
            if session.scalar(select(PromisedTurnRow.id).where(expired).limit(1)) is None:
                return []
        with writing(self._sessions) as session:
            now = database_now(session.connection())
            found = select(PromisedTurnRow).where(PromisedTurnRow.until < now).order_by(PromisedTurnRow.id)
            rows = session.scalars(found.with_for_update(skip_locked=True)).all()
            for row in rows:
                session.execute(
                    update(PromisedTurnRow)
                    .where(PromisedTurnRow.id == row.id)
                    .values(until=database_now(session.connection()) + HELD_SECONDS)
                )
            return [promised for row in rows if (promised := self._open(row)) is not None]

    def replies(self, key: str, after: int) -> list[tuple[int, Reply]]:
        """Return the late replies of a talk with a number above `after`, with their numbers, oldest first."""
        late = select(LateReplyRow.id, LateReplyRow.sealed_reply).where(
            LateReplyRow.key == key, LateReplyRow.id > after
        )
        with self._sessions() as session:
            rows = session.execute(late.order_by(LateReplyRow.id)).all()
        # Where nothing is sealed there is the place of a notice: bot/notices.py reads those.
        opened = ((row.id, self._sealer.open(row[1], _context("late", key))) for row in rows if row[1])
        return [(number, Reply.from_wire(json.loads(wire))) for number, wire in opened]

    def forget(self, key: str) -> None:
        """Forget what is owed to a talk that has ended."""
        with self._sessions.begin() as session:
            session.execute(delete(PromisedTurnRow).where(PromisedTurnRow.key == key))
            session.execute(delete(LateReplyRow).where(LateReplyRow.key == key))

    def purge_expired(self) -> None:
        """Forget after a day what nobody fetched, and what nobody could do; notices when they are over."""
        oldest = self._clock() - KEPT
        is_over = and_(LateReplyRow.until.is_(None), LateReplyRow.at < oldest)
        with self._sessions.begin() as session:
            session.execute(delete(PromisedTurnRow).where(PromisedTurnRow.at < oldest))
            session.execute(delete(LateReplyRow).where(or_(is_over, LateReplyRow.until < self._clock())))

    def _open(self, row: PromisedTurnRow) -> Promised | None:
        try:
            parts = json.loads(self._sealer.open(row.sealed_turn, _context("turn", row.turn)))
        except Unopenable:
            return None  # sealed with a key that is gone; forgotten after a day
        return Promised(Turn(**{**parts, "channel": Channel(parts["channel"])}), row.key, row.at)


def hold_order(session: Session, key: str) -> None:
    """Let nobody else put a late reply into this talk before this transaction has ended.

    A door asks for what has a higher number than it has seen: none may come to light after a higher one.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:talk, 0))"), {"talk": f"late/{key}"}
        )


def _context(kind: str, name: str) -> str:
    return f"promise/{kind}/{name}"
