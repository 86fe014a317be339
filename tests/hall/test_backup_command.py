"""A backup brings a hall back as it was; a bad one, or a running hall, changes nothing."""

from __future__ import annotations

import argparse
import fcntl
import io
import json
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from cases.case import CaseKind, Receipt, Request
from cases.desk import Desk
from cases.sealing import Sealer, load_or_make_key
from cases.tables import Base
from hall.commands import backup as command
from hall.commands.archive import DATABASE, KEY, MANIFEST, TRACKER, Places, make_archive
from hall.database import open_engine
from language.moments import utc_now

AT = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)


class Hall:
    """The files of a hall, and its desk."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.places = Places(
            database_url=f"sqlite:///{folder / 'linli.db'}",
            tracker_url=f"sqlite:///{folder / 'rasa.db'}",
            key_file=folder / "secret.key",
            lock=folder / "hall.lock",
        )

    def desk(self) -> Desk:
        self.engine = open_engine(self.places.database_url)
        Base.metadata.create_all(self.engine)
        sessions: sessionmaker[Session] = sessionmaker(self.engine)
        return Desk(sessions, Sealer(load_or_make_key(self.places.key_file)), utc_now)

    def track(self, words: str) -> None:
        with closing(sqlite3.connect(self.folder / "rasa.db")) as connection, connection:
            connection.execute("CREATE TABLE IF NOT EXISTS events (words TEXT)")
            connection.execute("INSERT INTO events VALUES (?)", (words,))

    def run(self, *arguments: str | Path) -> int:
        parser = argparse.ArgumentParser()
        command.register(parser.add_subparsers(), lambda: self.places, lambda: AT)
        parsed = parser.parse_args([*map(str, arguments)])
        code: int = parsed.run(parsed)
        return code

    def contents(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.folder.iterdir() if file.name != "hall.lock"}


def file_case(desk: Desk, key: str) -> Receipt:
    return desk.file_case(
        Request(key, CaseKind.REPAIR, "楼道灯不亮了", "3号楼", None, "13812341234", "chat", "c")
    )


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    return Hall(tmp_path / "hall")


def test_a_restored_hall_knows_its_cases_and_nothing_later(hall: Hall, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    desk = hall.desk()
    receipt = file_case(desk, "before")
    hall.track("before")
    assert hall.run("backup", file) == 0  # the engine is still open: the hall is running
    later = file_case(desk, "after")
    hall.engine.dispose()
    hall.places.key_file.unlink()

    assert hall.run("restore", file) == 0
    restored = hall.desk()
    assert restored.look_up(receipt.number, receipt.code, "x") is not None
    assert restored.look_up(later.number, later.code, "x") is None
    assert file_case(restored, "before") == Receipt(receipt.number, receipt.code, is_new=False)
    assert restored.verify() == []
    assert stat.S_IMODE(hall.places.key_file.stat().st_mode) == 0o600


def test_a_backup_moves_a_hall_to_an_empty_machine(hall: Hall, tmp_path: Path) -> None:
    receipt = file_case(hall.desk(), "before")
    assert hall.run("backup", tmp_path / "backup.tar.gz") == 0
    elsewhere = Hall(tmp_path / "elsewhere")
    assert elsewhere.run("restore", tmp_path / "backup.tar.gz") == 0
    assert sorted(elsewhere.contents()) == ["linli.db", "secret.key"]
    assert elsewhere.desk().look_up(receipt.number, receipt.code, "x") is not None


def test_the_replaced_files_are_kept_beside_and_open(
    hall: Hall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = hall.desk()
    hall.run("backup", tmp_path / "backup.tar.gz")
    file_case(desk, "after")  # still in the WAL file, which must move along
    assert (hall.folder / "linli.db-wal").stat().st_size > 0
    assert hall.run("restore", tmp_path / "backup.tar.gz") == 0
    old = hall.folder / "linli.db.before-restore-20260611-020000"
    assert str(old) in capsys.readouterr().out
    assert not (hall.folder / "linli.db-wal").exists()
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT count(*) FROM cases").fetchone() == (1,)


def test_a_restore_is_refused_while_a_hall_runs(
    hall: Hall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hall.desk()
    hall.run("backup", tmp_path / "backup.tar.gz")
    before = hall.contents()
    with hall.places.lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert hall.run("restore", tmp_path / "backup.tar.gz") == 1
    assert "stop it first" in capsys.readouterr().err
    assert hall.contents() == before


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def repack(change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Callable[[bytes], bytes]:
    """An archive with each member changed, or left out."""

    def repacked(raw: bytes) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=io.BytesIO(raw)) as old, tarfile.open(fileobj=out, mode="w:gz") as new:
            for member in old.getmembers():
                stream = old.extractfile(member)
                assert stream is not None
                if changed := change(member.name, stream.read()):
                    info = tarfile.TarInfo(changed[0])
                    info.size = len(changed[1])
                    new.addfile(info, io.BytesIO(changed[1]))
        return out.getvalue()

    return repacked


def manifest_with(name: str, value: object) -> Callable[[str, bytes], tuple[str, bytes]]:
    def change(member: str, content: bytes) -> tuple[str, bytes]:
        if member == MANIFEST:
            manifest = json.loads(content)
            if name == "format":
                manifest["format"] = value
            else:
                manifest["files"][0][name] = value
            content = json.dumps(manifest).encode()
        return member, content

    return change


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda raw: b"",
    "cut in half": cut,
    "not an archive": lambda raw: b"hello" * 100,
    "one byte changed": lambda raw: raw[:-300] + bytes([raw[-300] ^ 1]) + raw[-299:],
    "another key": repack(lambda name, raw: (name, raw[::-1] if name == KEY else raw)),
    "longer database": repack(lambda name, raw: (name, raw + b"x" if name == DATABASE else raw)),
    "no manifest": repack(lambda name, raw: None if name == MANIFEST else (name, raw)),
    "no database": repack(lambda name, raw: None if name == DATABASE else (name, raw)),
    "manifest is no JSON": repack(lambda name, raw: (name, b"[" if name == MANIFEST else raw)),
    "manifest of a newer Linli": repack(manifest_with("format", 2)),
    "manifest with a path": repack(manifest_with("name", "../../etc/passwd")),
    "manifest without sizes": repack(manifest_with("size", None)),
    "negative size": repack(manifest_with("size", -1)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_bad_archive_changes_nothing_and_says_so(
    damage: str, hall: Hall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup.tar.gz"
    file_case(hall.desk(), "before")
    hall.track("words")
    hall.engine.dispose()
    assert hall.run("backup", file) == 0
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    before = hall.contents()
    assert hall.run("restore", file) == 1
    assert "nothing was changed" in capsys.readouterr().err
    assert hall.contents() == before


def test_links_in_an_archive_lead_nowhere(hall: Hall, tmp_path: Path) -> None:
    hall.desk()
    file = tmp_path / "backup.tar.gz"
    hall.run("backup", file)
    with tarfile.open(file) as old:
        stream = old.extractfile(MANIFEST)
        assert stream is not None
        manifest = stream.read()
    with tarfile.open(file, "w:gz") as new:
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(manifest)
        new.addfile(info, io.BytesIO(manifest))
        for name in (DATABASE, KEY):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            new.addfile(link)
    assert hall.run("restore", file) == 1


def test_an_archive_is_for_its_owner_only_and_its_manifest_is_true(hall: Hall, tmp_path: Path) -> None:
    hall.desk()
    hall.track("words")
    file = tmp_path / "backup.tar.gz"
    entries = make_archive(file, hall.places, AT)
    assert [entry.name for entry in entries] == [DATABASE, TRACKER, KEY]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        assert tar.getnames() == [MANIFEST, DATABASE, TRACKER, KEY]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "hall"]


def test_a_backup_never_replaces_a_file(
    hall: Hall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hall.desk()
    (tmp_path / "backup.tar.gz").write_text("former")
    assert hall.run("backup", tmp_path / "backup.tar.gz") == 1
    assert (tmp_path / "backup.tar.gz").read_text() == "former"
    assert "choose a new name" in capsys.readouterr().err


def test_without_a_hall_or_a_folder_there_is_a_sentence(
    hall: Hall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hall.run("backup", tmp_path / "backup.tar.gz") == 1
    assert "has this hall been started" in capsys.readouterr().err
    hall.desk()
    assert hall.run("backup", tmp_path / "missing" / "backup.tar.gz") == 1
    assert hall.run("restore", tmp_path / "missing.tar.gz") == 1
    assert "missing.tar.gz" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["backup", "restore"])
def test_postgresql_is_left_to_its_own_tools(
    verb: str, hall: Hall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "postgresql+psycopg://linli:secret@db.example:5433/linli"
    hall.places = Places(url, "", hall.places.key_file, hall.places.lock)
    assert hall.run(verb, tmp_path / "backup.tar.gz") == 1
    said = capsys.readouterr().err
    assert "pg_dump --format=custom --file=linli.dump 'postgresql://linli@db.example:5433/linli'" in said
    assert "secret.key" in said
    assert ":secret@" not in said
