"""Writes turns to the database, together where several are waiting: every commit waits for the disk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from bot.tables import TalkRow, TurnRow
from knowledge.unanswered import insert_rows

# All that is kept of where a talk stands.
_MOVED = tuple(column.name for column in TalkRow.__table__.columns if column.name != "key")

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Entry:
    """One turn and where its talk stands after it, as columns; and the question, if it went badly."""

    turn: Mapping[str, Any]
    talk: Mapping[str, Any]
    missed: Mapping[str, Any] | None = None
    is_done: bool = False
    fault: Exception | None = None


class Recorder:
    """Commits what all threads of this process bring; whoever comes first writes for those who wait."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Made once: putting these two together took as long as everything else in writing a turn.
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        talk = insert(TalkRow)
        moved = {name: talk.excluded[name] for name in _MOVED}
        self._move_talk = talk.on_conflict_do_update(index_elements=["key"], set_=moved)
        self._add_turn = insert(TurnRow).on_conflict_do_nothing()
        self._waiting: list[Entry] = []
        self._gate = threading.Lock()
        self._writing = threading.Lock()

    def write(self, entry: Entry) -> None:
        """Return when the entry is on disk. A turn whose message is recorded already is left as it was."""
        with self._gate:
            self._waiting.append(entry)
        with self._writing:
            if not entry.is_done:
                with self._gate:
                    batch, self._waiting = self._waiting, []
                self._write(batch)
        if entry.fault is not None:
            raise entry.fault

    def keep_talk(self, talk: Mapping[str, Any]) -> None:
        """Write where a talk stands, without a turn."""
        with self._engine.begin() as connection:
            connection.execute(self._move_talk, [dict(talk)])

    def _write(self, batch: Sequence[Entry]) -> None:
        try:
            with self._engine.begin() as connection:
                self._insert(connection, batch)
        except Exception as fault:  # noqa: BLE001 (raised again where the entry came from)
            if len(batch) > 1:
                for entry in batch:
                    self._write([entry])
                return
            batch[0].fault = fault
        for entry in batch:
            entry.is_done = True

    def _insert(self, connection: Connection, batch: Sequence[Entry]) -> None:
        """Write first and read nothing: SQLite refuses a reader that turns writer while another writes."""
        # The last word on each talk: one statement may not change a row twice.
        talks = {entry.talk["key"]: dict(entry.talk) for entry in batch}
        connection.execute(self._move_talk, list(talks.values()))
        connection.execute(self._add_turn, [dict(entry.turn) for entry in batch])
        _insert_missed(connection, [entry.missed for entry in batch if entry.missed is not None])


def _insert_missed(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what went badly; where that fails, the turns are recorded all the same."""
    if not rows:
        return
    try:
        with connection.begin_nested():
            insert_rows(connection, rows)
    except SQLAlchemyError as fault:
        # Without its message, which quotes what was to be written.
        logger.warning("%d unanswered questions were not kept (%s)", len(rows), type(fault).__name__)
