"""One way to write: a transaction that takes its place before it reads, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker


@contextmanager
def writing(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Give a transaction that is committed at the end.

    SQLite refuses to turn a reader of an older state into a writer, so it writes from the start.
    """
    with sessions() as session:
        session.connection(execution_options={"sqlite_immediate": True})
        yield session
        session.commit()
