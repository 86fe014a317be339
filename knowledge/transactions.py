"""A transaction that reads in order to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker


@contextmanager
def writing(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Give a session that commits at the end; SQLite lets no other writer in between its reads and writes."""
    with sessions.begin() as session:
        session.connection(execution_options={"sqlite_immediate": True})
        yield session
