"""The archive of a hall: one tar.gz with a manifest, made while it runs, put back all or nothing."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy.engine import make_url

from cases.sealing import KeyFileError, load_or_make_key

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE, TRACKER, KEY = "linli.db", "rasa.db", "secret.key"
_MANIFEST_MAX_BYTES = 100_000
_CHUNK_BYTES = 1 << 20
_SQLITE_SIDE_FILES = ("-wal", "-shm")


class ArchiveError(Exception):
    """A backup that cannot be made or put back; the message says why and what to do."""


@dataclass(frozen=True)
class Places:
    """Where a hall keeps what a backup saves. `lock` is the file that a running hall holds with flock."""

    database_url: str
    tracker_url: str
    key_file: Path
    lock: Path


@dataclass(frozen=True)
class Entry:
    """One file of an archive, as its manifest tells."""

    name: str
    size: int
    sha256: str


def make_archive(file: Path, places: Places, at: datetime) -> list[Entry]:
    """Write `file` (mode 0600) and return what is in it. The hall may go on running.

    Raises ArchiveError when the database is not SQLite, something is missing, or `file` exists.
    """
    sources = _files(places)
    if file.exists():
        raise ArchiveError(f"{file} exists already: choose a new name.")
    for name in (DATABASE, KEY):
        if not sources[name].exists():
            raise ArchiveError(f"{sources[name]} is missing: has this hall been started yet?")
    with tempfile.TemporaryDirectory(prefix=".linli-backup-", dir=file.resolve().parent) as folder:
        # The key last: it only ever grows, so it opens whatever the copies before it hold.
        copies = {
            name: Path(folder) / name for name in (DATABASE, TRACKER, KEY) if sources.get(name, file).exists()
        }
        for name, copy in copies.items():
            (shutil.copyfile if name == KEY else _copy_database)(sources[name], copy)
        entries = [_entry(name, copy) for name, copy in copies.items()]
        draft = Path(folder) / "archive"
        _pack(draft, entries, copies, at)
        draft.replace(file)
    return entries


def restore_archive(file: Path, places: Places, at: datetime) -> list[Path]:
    """Put the files of an archive in place; return where the replaced ones are kept.

    Everything is unpacked and checked first. Raises ArchiveError, with nothing changed, when a hall is
    running or the archive is not whole.
    """
    targets = _files(places)
    with _no_hall_running(places.lock):
        drafts = {
            name: _beside(target, f"restoring-{secrets.token_hex(4)}") for name, target in targets.items()
        }
        try:
            names = _unpack(file, drafts)
            return _swap(
                {drafts[name]: targets[name] for name in names}, f"before-restore-{at:%Y%m%d-%H%M%S}"
            )
        finally:
            for draft in drafts.values():
                for side in ("", *_SQLITE_SIDE_FILES):
                    draft.with_name(draft.name + side).unlink(missing_ok=True)


def _files(places: Places) -> dict[str, Path]:
    database = make_url(places.database_url)
    if database.get_backend_name() != "sqlite" or not database.database:
        shown = database._replace(drivername="postgresql", password=None).render_as_string()
        raise ArchiveError(
            "The hall's database is PostgreSQL, which has its own tools. Save it with\n"
            f"  pg_dump --format=custom --file=linli.dump '{shown}'\n"
            "and put it back with\n"
            f"  pg_restore --clean --if-exists --dbname='{shown}' linli.dump\n"
            f"(both ask for the password). Keep a copy of {places.key_file} with it: "
            "without that key no contact field can be read."
        )
    files = {DATABASE: Path(database.database), KEY: places.key_file}
    tracker = make_url(places.tracker_url) if places.tracker_url else None
    if tracker is not None and tracker.get_backend_name() == "sqlite" and tracker.database:
        files[TRACKER] = Path(tracker.database)
    return files


def _copy_database(source: Path, copy: Path) -> None:
    # All pages in one step: a consistent copy although others are writing.
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as origin,
        closing(sqlite3.connect(copy)) as target,
    ):
        origin.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    _check_database(copy)


def _check_database(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    except sqlite3.DatabaseError as problem:
        said = [str(problem)]
    if said != ["ok"]:
        raise ArchiveError(f"The database {file.name} is damaged ({said[0]}): use another backup.")


def _entry(name: str, file: Path) -> Entry:
    with file.open("rb") as stream:
        return Entry(name, file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def _pack(draft: Path, entries: list[Entry], copies: dict[str, Path], at: datetime) -> None:
    manifest = {"format": FORMAT, "made_at": at.isoformat(), "files": [asdict(entry) for entry in entries]}
    manifest_file = draft.with_name(MANIFEST)
    manifest_file.write_text(json.dumps(manifest, indent=2), "utf-8")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        with tarfile.open(fileobj=stream, mode="w:gz") as tar:
            tar.add(manifest_file, MANIFEST)
            for name, copy in copies.items():
                tar.add(copy, name)
        stream.flush()
        os.fsync(stream.fileno())


_NOT_WHOLE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, KeyError, ValueError, TypeError)


def _unpack(file: Path, drafts: dict[str, Path]) -> list[str]:
    """Write the archive's files to `drafts` and check each; return their names."""
    try:
        with gzip.open(file) as whole:  # to the end, where its checksum is: reading members stops before it
            while whole.read(_CHUNK_BYTES):
                pass
        with tarfile.open(file, "r:gz") as tar:
            entries = _read_manifest(tar)
            for entry in entries:
                if entry.name not in drafts:
                    raise ArchiveError(f"The archive holds {entry.name}, which has no place in this hall.")
                _unpack_one(tar, entry, drafts[entry.name])
    except _NOT_WHOLE as problem:
        raise ArchiveError(f"{file} is not a whole backup of a hall: use another one.") from problem
    names = [entry.name for entry in entries]
    if not {DATABASE, KEY} <= set(names):
        raise ArchiveError(f"{file} lacks the database or the key: use another backup.")
    for name in names:
        if name != KEY:
            _check_database(drafts[name])
    try:
        load_or_make_key(drafts[KEY])
    except KeyFileError as problem:
        raise ArchiveError(f"The key in {file} is damaged: use another backup.") from problem
    return names


def _read_manifest(tar: tarfile.TarFile) -> list[Entry]:
    first = tar.next()
    if first is None or first.name != MANIFEST or first.size > _MANIFEST_MAX_BYTES:
        raise ValueError("no manifest")
    manifest = json.loads(_open_member(tar, first).read())
    if manifest["format"] != FORMAT:
        raise ArchiveError("The archive was made by a newer Linli: restore it with that version.")
    return [Entry(str(e["name"]), int(e["size"]), str(e["sha256"])) for e in manifest["files"]]


def _unpack_one(tar: tarfile.TarFile, entry: Entry, draft: Path) -> None:
    member = tar.getmember(entry.name)
    digest = hashlib.sha256()
    if member.size != entry.size:
        raise ValueError("size")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        source = _open_member(tar, member)
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    if digest.hexdigest() != entry.sha256:
        raise ArchiveError(
            f"{entry.name} in the archive was changed (its sha256 differs): use another backup."
        )


def _open_member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    # Only plain files are read, and only to names of ours: links and paths in an archive lead nowhere.
    stream = tar.extractfile(member) if member.isreg() else None
    if stream is None:
        raise ValueError("not a plain file")
    return stream


def _swap(moves: dict[Path, Path], suffix: str) -> list[Path]:
    """Move each target aside and its draft in; where one step fails, take all of them back."""
    done: list[tuple[Path, Path]] = []
    kept: list[Path] = []
    try:
        for draft, target in moves.items():
            old = _beside(target, suffix)
            for side in ("", *_SQLITE_SIDE_FILES):
                present = target.with_name(target.name + side)
                if present.exists():
                    aside = old.with_name(old.name + side)
                    present.rename(aside)
                    done.append((present, aside))
                    kept.append(aside)
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.rename(target)
            done.append((draft, target))
    except OSError:
        for origin, now in reversed(done):
            now.rename(origin)
        raise
    return kept


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(f"{file.name}.{suffix}")


@contextmanager
def _no_hall_running(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(
                "A hall is running on these files: stop it first (Ctrl-C, or end `linli serve`)."
            ) from None
        yield
