"""Migrations lead an empty database to the tables that the code expects, and back, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect

import bot.tables
import cases.arrivals.tables
import cases.figures.tables
import cases.places.tables
import cases.tables
import cases.work.tables
import kiosk.tables
import knowledge.curation_tables
import knowledge.tables
import staff.tables
from hall.database import migrate_engine, open_engine, open_sessions
from hall.settings import read_settings
from knowledge.releases import Releases
from language.moments import utc_now

ROOMS = (knowledge.tables, cases.tables, bot.tables, kiosk.tables, staff.tables)


def tables_of(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrating_makes_the_tables_that_the_rooms_expect(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate_engine(engine)
    expected = {name for room in ROOMS for name in room.Base.metadata.tables}
    assert tables_of(engine) == expected
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [
            change
            for room in ROOMS
            for change in compare_metadata(context, room.Base.metadata)
            # Another room's tables are not missing from this one.
            if change[0] not in ("remove_table", "remove_index")
        ]
    assert differences == []
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate_engine(engine)
    before = tables_of(engine)
    migrate_engine(engine)
    assert tables_of(engine) == before
    engine.dispose()


def test_migrating_down_takes_everything_away(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate_engine(engine)
    migrate_engine(engine, "base")
    assert tables_of(engine) == set()
    migrate_engine(engine)
    assert tables_of(engine)
    engine.dispose()


def test_what_residents_saw_before_there_were_releases_becomes_one(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate_engine(engine, "0003")
    with engine.begin() as connection:
        at = "2026-01-31 04:00:00"
        for statement in (
            f"INSERT INTO guide_release (id, number, changed_at) VALUES (1, 7, '{at}')",
            "INSERT INTO guides VALUES ('one', 2, 'published'), ('two', 1, 'withdrawn')",
            "INSERT INTO guide_revisions (guide_id, revision, content, author, created_at, note) VALUES"
            f" ('one', 2, '{{}}', 'lin', '{at}', ''), ('two', 1, '{{}}', 'lin', '{at}', '')",
        ):
            connection.exec_driver_sql(statement)
    migrate_engine(engine)
    releases = Releases(open_sessions(engine), utc_now)
    current = releases.current()
    assert current is not None
    assert (current.number, current.state) == (7, "current")
    with engine.connect() as connection:
        held = connection.exec_driver_sql("SELECT release, guide_id, revision FROM release_guides").all()
    assert [tuple(row) for row in held] == [(7, "one", 2)]
    migrate_engine(engine, "0003")
    assert "releases" not in tables_of(engine)
    engine.dispose()


def test_cases_of_before_there_was_a_whole_life_are_received_ones(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate_engine(engine, "0006")
    columns = "number, code_hash, request_key, kind, status, channel, conversation, created_at, updated_at"
    at = "2026-01-31 04:00:00"
    with engine.begin() as connection:
        for number, status in (("260131-0001", "filed"), ("260131-0002", "closed")):
            connection.exec_driver_sql(
                f"INSERT INTO cases ({columns}) VALUES"
                f" ('{number}', 'h', '{number}', 'repair', '{status}', 'chat', 'c', '{at}', '{at}')"
            )
    migrate_engine(engine)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT status, resolved_at IS NULL FROM cases ORDER BY number"
        ).all()
    assert [(status, bool(is_open)) for status, is_open in found] == [("received", True), ("closed", False)]
    migrate_engine(engine, "0006")
    with engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT status FROM cases ORDER BY number").scalars().all()
    assert before == ["filed", "closed"]
    engine.dispose()


def test_sqlite_is_opened_so_that_what_is_acknowledged_is_on_disk(tmp_path: object) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/linli.db")
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    engine.dispose()


def test_a_database_of_another_kind_is_opened_as_it_is(database_url: str) -> None:
    engine = open_engine(database_url)
    assert engine.dialect.name == create_engine(database_url).dialect.name
    engine.dispose()


def test_the_database_is_in_the_halls_folder_unless_told_otherwise() -> None:
    settings = read_settings({"LINLI_FOLDER": "/srv/linli"})
    assert settings.database_url == "sqlite:////srv/linli/linli.db"
    assert (
        read_settings({"LINLI_DATABASE_URL": "postgresql+psycopg://x"}).database_url
        == "postgresql+psycopg://x"
    )
