"""Opens the hall's database and brings its tables up to date."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event

from hall.settings import Settings

# Alembic and the mapper are imported where they are used: seeing that all is up to date needs neither.
if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def open_engine(url: str) -> Engine:
    """Return an engine for SQLite or PostgreSQL, tuned so that what was acknowledged is on disk."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": 10})
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, pool_size=10)


def open_hasty(url: str, engine: Engine) -> Engine:
    """Return an engine for rows that need not survive a power cut: its commits do not wait for the disk.

    `engine` is the one for the rest. On PostgreSQL it serves: such tables are unlogged there.
    """
    if engine.dialect.name != "sqlite":
        return engine
    hasty = open_engine(url)
    event.listen(hasty, "connect", _spare_the_disk)
    return hasty


def open_sessions(engine: Engine) -> sessionmaker[Session]:
    """Return the factory of sessions that the rooms are given."""
    from sqlalchemy.orm import sessionmaker

    return sessionmaker(engine, expire_on_commit=False)


def migrate(settings: Settings, revision: str = "head") -> None:
    """Bring the database to `revision` (default: the newest). Safe to call at every start."""
    engine = open_engine(settings.database_url)
    try:
        migrate_engine(engine, revision)
    finally:
        engine.dispose()


def migrate_engine(engine: Engine, revision: str = "head") -> None:
    """Bring the database behind `engine` to `revision`: up, or down for an earlier one."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    config = alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        present = MigrationContext.configure(connection).get_current_revision()
        if revision in _below(config, present):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
        connection.commit()


def newest_revision() -> str:
    """Return the revision that no other follows, as Alembic would, without importing it."""
    texts = [file.read_text(encoding="utf-8") for file in (MIGRATIONS / "versions").glob("*.py")]
    own, before = (
        {found for text in texts for found in re.findall(rf'^{name} = "(\w+)"', text, re.MULTILINE)}
        for name in ("revision", "down_revision")
    )
    (newest,) = own - before
    return str(newest)


def _below(config: Config, present: str | None) -> set[str]:
    """Return the revisions that lie below `present`, and the words for going down."""
    if present is None:
        return set()
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(config)
    below = {script.revision for script in scripts.iterate_revisions(present, "base")} - {present}
    return below | {"base", "-1"}


def alembic_config() -> Config:
    """Return Alembic's configuration; there is no alembic.ini, the hall is its own command line."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # Transactions begin where SQLAlchemy says (see _begin_sqlite), not where the driver guesses.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # an acknowledged case survives a power cut
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA busy_timeout=10000")


def _spare_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: Any) -> None:
    # DEFERRED lets readers pass; a room that reads in order to write says IMMEDIATE for itself.
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("sqlite_immediate") else "BEGIN")
