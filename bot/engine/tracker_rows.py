"""The table behind Rasa's conversations, read and written with one short statement each.

On SQLite the statements run in the event loop, on a connection of their own: a thread and SQLAlchemy's way to
a statement took twenty times as long as the statement (0.6 of 0.03 ms a turn). What waits for the disk there
is done beside the loop. On a database across the network they run in threads.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from typing import Any, NamedTuple

import sqlalchemy as sa

# A session ends after half an hour; a day later nobody comes back to it.
KEPT_SECONDS = 24 * 3600.0
WRITES_BETWEEN_PURGES = 1000
# Every so many writes what lies in SQLite's journal is moved to its file: about a megabyte.
WRITES_BETWEEN_CHECKPOINTS = 250
BUSY_MILLISECONDS = 5000

TABLE = sa.Table(
    "tracker",
    sa.MetaData(),
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("turns", sa.Text, nullable=False, server_default=""),
    sa.Column("replies", sa.Text),
)
_READ = "SELECT events, version, turns, replies FROM tracker WHERE sender_id = :sender_id"
# Only over the version that was read: of two processes with the same conversation one can save it.
_WRITE = """
INSERT INTO tracker (sender_id, events, updated_at, version, turns, replies)
VALUES (:sender_id, :events, :updated_at, :version, :turns, :replies)
ON CONFLICT (sender_id) DO UPDATE SET events = excluded.events, updated_at = excluded.updated_at,
    version = excluded.version, turns = excluded.turns, replies = excluded.replies
WHERE tracker.version = excluded.version - 1
"""
_PURGE = "DELETE FROM tracker WHERE updated_at < :before"
_IDS = "SELECT sender_id FROM tracker"


class Row(NamedTuple):
    """What is read of a conversation."""

    events: str
    version: int
    turns: str
    replies: str | None


class NetworkRows:
    """The table in PostgreSQL, shared by several processes."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        """Make the table where it is missing."""
        make_table(engine)
        self._engine = engine
        self._writes = 0

    async def read(self, sender_id: str) -> Row | None:
        """Return a conversation's row. Raises sqlalchemy's DBAPIError, as all here do."""
        found = await asyncio.to_thread(self._run, _READ, {"sender_id": sender_id})
        return Row(*found[0]) if found else None

    async def write(self, row: dict[str, Any]) -> bool:
        """Write a row; return False when it changed since it was read."""
        if self._writes % WRITES_BETWEEN_PURGES == 0:
            await asyncio.to_thread(self._run, _PURGE, {"before": time.time() - KEPT_SECONDS})
        self._writes += 1
        return bool(await asyncio.to_thread(self._run, _WRITE, row))

    async def ids(self) -> list[str]:
        """Return every conversation's id."""
        return [sender for (sender,) in await asyncio.to_thread(self._run, _IDS, {})]

    def _run(self, statement: str, values: dict[str, Any]) -> Any:
        """Return the rows of a query, or how many rows a statement changed."""
        with self._engine.connect() as connection:
            done = connection.exec_driver_sql(re.sub(r":(\w+)", r"%(\1)s", statement), values)
            return done.all() if done.returns_rows else done.rowcount


class FileRows:
    """The table in a file of SQLite's, for the one Rasa process of a machine."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        """Make the table where it is missing, and open a connection of one's own."""
        make_table(engine)
        engine.dispose()
        self._file = str(engine.url.database)
        self._connection = self._open()
        # Moving the journal waits for the disk, and with it would every conversation.
        self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        self._writes = 0

    async def read(self, sender_id: str) -> Row | None:
        """Return a conversation's row. Raises sqlalchemy's DBAPIError, as all here do."""
        found = self._run(_READ, {"sender_id": sender_id}).fetchone()
        return Row(*found) if found else None

    async def write(self, row: dict[str, Any]) -> bool:
        """Write a row; return False when it changed since it was read."""
        if self._writes % WRITES_BETWEEN_CHECKPOINTS == 0:
            await asyncio.to_thread(self._tidy, self._writes % WRITES_BETWEEN_PURGES == 0)
        self._writes += 1
        return bool(self._run(_WRITE, row).rowcount)

    async def ids(self) -> list[str]:
        """Return every conversation's id."""
        return [sender for (sender,) in self._run(_IDS, {}).fetchall()]

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._file, isolation_level=None, check_same_thread=False, timeout=BUSY_MILLISECONDS / 1000
        )
        connection.execute("PRAGMA journal_mode = WAL")
        # A lost tracker row costs a repeated question, never a case: those are the hall's own database.
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _tidy(self, is_purge: bool) -> None:
        connection = self._open()
        try:
            if is_purge:
                connection.execute(_PURGE, {"before": time.time() - KEPT_SECONDS})
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()

    def _run(self, statement: str, values: dict[str, Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as problem:
            raise sa.exc.OperationalError("tracker", {}, problem) from None


def open_rows(url: str) -> FileRows | NetworkRows:
    """Open the table at a URL of SQLAlchemy's form."""
    if url.startswith("sqlite"):
        return FileRows(sa.create_engine(url, future=True))
    # Every statement stands for itself: a transaction around it would be two more ways across the network.
    return NetworkRows(sa.create_engine(url, future=True, pool_pre_ping=True, isolation_level="AUTOCOMMIT"))


def make_table(engine: sa.engine.Engine) -> None:
    """Make the table, or give one of an earlier version its new columns."""
    try:
        TABLE.metadata.create_all(engine)
        present = {column["name"] for column in sa.inspect(engine).get_columns(TABLE.name)}
        with engine.begin() as connection:
            for column in TABLE.columns:
                if column.name not in present:
                    written = sa.schema.CreateColumn(column).compile(engine)
                    connection.execute(sa.text(f"ALTER TABLE {TABLE.name} ADD COLUMN {written}"))
    except (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.IntegrityError):
        # Another Rasa that starts at the same moment was quicker.
        missing = {column.name for column in TABLE.columns}
        if missing - {column["name"] for column in sa.inspect(engine).get_columns(TABLE.name)}:
            raise
