"""Whatever the case room keeps is in a backup: every row of every table comes back, and the history holds."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    Table,
    insert,
    select,
)
from sqlalchemy.orm import sessionmaker

import cases.places
from cases.case import CaseKind, CaseStatus, Request
from cases.desk import Desk
from cases.places.registry import Places as Registry
from cases.places.registry_file import read_registry
from cases.sealing import Sealer, load_or_make_key
from cases.tables import Base
from cases.work.calendar import load_announcement
from cases.work.working import Working
from hall.commands import backup as command
from hall.commands.archive import Places
from hall.database import migrate_engine, open_engine
from language.workdays import read_announcement
from tests.cases.conftest import HandClock
from tests.cases.working import BOSS, WANG, ZHOU, bring, open_departments
from tests.postgres import find_programs

NOW = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")
Rows = dict[str, list[tuple[Any, ...]]]


def desk_at(engine: Engine, folder: Path) -> Desk:
    return Desk(sessionmaker(engine), Sealer(load_or_make_key(folder / "secret.key")), HandClock(NOW))


def work(desk: Desk) -> None:
    """Let the desk write what it writes: cases, clocks, history, notices, departments, whistles, places."""
    open_departments(desk)
    holidays = {"year": 2031, "source": "test", "days_off": ["2031-01-01"], "days_worked": ["2031-01-04"]}
    load_announcement(desk.store, read_announcement(holidays), BOSS)
    Registry(desk.store).replace(read_registry(SAMPLE))
    numbers = [desk.file_case(make(f"key {count}")).number for count in range(4)]
    for number, status in zip(
        numbers, (CaseStatus.IN_PROGRESS, CaseStatus.CLOSED, CaseStatus.PAUSED), strict=False
    ):
        bring(desk, number, status)
    working = Working(desk.store)
    working.call_in(numbers[0], "gardens", WANG)
    working.come(working.whistle(numbers[0], ["gardens"], WANG, "树倒了"), ZHOU, "到了")
    working.link(numbers[0], numbers[1], WANG)


def fill_the_rest(engine: Engine) -> None:
    """Put a row into each table that is still empty, whatever its columns are: new tables too."""
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.execute(select(table).limit(1)).first() is None:
                values = {column.name: value_for(connection, column) for column in table.columns}
                connection.execute(insert(table).values(values))


def value_for(connection: Connection, column: Column[Any]) -> object:
    """Return a value that the column takes; for a reference, what it refers to."""
    for key in column.foreign_keys:
        return connection.scalar(select(key.column).limit(1))
    kind = getattr(column.type, "impl", column.type)
    for known, value in (
        (Boolean, True),
        (Integer, 7),
        (JSON, ["2026-06-11"]),
        (LargeBinary, bytes(range(256))),
        (DateTime, NOW),
        (Date, date(2026, 6, 11)),
    ):
        if isinstance(kind, known):
            return value
    return "中文"[: getattr(column.type, "length", None)]


def rows_of(engine: Engine) -> Rows:
    """Return every row of every table of the case room, in the order of their keys."""

    def read(connection: Connection, table: Table) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]

    with engine.connect() as connection:
        return {table.name: read(connection, table) for table in Base.metadata.sorted_tables}


def make(key: str) -> Request:
    return Request(
        key, CaseKind.REPAIR, "楼道灯不亮了", "桂花坊1号楼", "王建国", "13812345678", "chat", "talk"
    )


def filled(url: str, folder: Path) -> Rows:
    """Make a hall with something in every table; return its rows."""
    engine = open_engine(url)
    migrate_engine(engine)
    work(desk_at(engine, folder))
    fill_the_rest(engine)
    rows = rows_of(engine)
    engine.dispose()
    assert all(rows.values()), f"nothing in {[name for name, some in rows.items() if not some]}"
    return rows


def run(places: Places, *arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    command.register(parser.add_subparsers(), lambda: places, lambda: NOW)
    parsed = parser.parse_args([*map(str, arguments)])
    code: int = parsed.run(parsed)
    return code


def places_of(url: str, folder: Path) -> Places:
    folder.mkdir(exist_ok=True)
    return Places(url, "", folder / "secret.key", folder / "hall.lock")


def assert_is_the_same(url: str, folder: Path, rows: Rows) -> None:
    engine = open_engine(url)
    try:
        back = rows_of(engine)
        for name, some in rows.items():
            assert back[name] == some, name
        desk = desk_at(engine, folder)
        assert desk.verify() == []
        assert not desk.file_case(make("key 0")).is_new
        assert desk.file_case(make("later")).is_new
        assert desk.verify() == []
    finally:
        engine.dispose()


def test_every_row_comes_back_into_an_empty_hall(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    places = places_of(f"sqlite:///{here / 'linli.db'}", here)
    rows = filled(places.database_url, here)
    assert run(places, "backup", tmp_path / "hall.tar.gz") == 0
    elsewhere = places_of(f"sqlite:///{there / 'linli.db'}", there)
    assert run(elsewhere, "restore", tmp_path / "hall.tar.gz") == 0
    assert_is_the_same(elsewhere.database_url, there, rows)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_tools_that_are_named_for_postgresql_bring_every_row_back(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "hall"
    places = places_of(database_url, folder)
    rows = filled(database_url, folder)
    assert run(places, "backup", tmp_path / "unused.tar.gz") == 1
    save, put_back = re.findall(r"^  (pg_\w+ .*)$", capsys.readouterr().err, re.MULTILINE)
    with_tool(save, tmp_path)
    engine = open_engine(database_url)
    Base.metadata.drop_all(engine)
    engine.dispose()
    with_tool(put_back, tmp_path)
    assert_is_the_same(database_url, folder, rows)


def with_tool(line: str, folder: Path) -> None:
    """Run a command as it was printed, in the folder that holds the dump."""
    programs = find_programs()
    assert programs is not None
    tool, *arguments = shlex.split(line)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    program = shutil.which(tool, path=path)
    assert program is not None
    subprocess.run([program, *arguments], cwd=folder, check=True, timeout=60)
