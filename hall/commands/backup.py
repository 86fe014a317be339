"""`linli backup` and `linli restore`: database, conversations and key in one file, and back again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hall.commands.archive import ArchiveError, Places, make_archive, restore_archive
from language.moments import Clock, utc_now

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(subparsers: Subparsers, locate: Callable[[], Places], clock: Clock = utc_now) -> None:
    """Add `backup` and `restore`; `run` of the parsed arguments returns the exit code."""
    backup = subparsers.add_parser("backup", help="save database, conversations and key to one file")
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file, such as linli-monday.tar.gz")
    backup.set_defaults(run=lambda arguments: run_backup(arguments.file, locate(), clock))

    restore = subparsers.add_parser("restore", help="put a backup back; the hall must be stopped")
    restore.add_argument("file", type=Path, metavar="FILE", help="a file that `linli backup` made")
    restore.set_defaults(run=lambda arguments: run_restore(arguments.file, locate(), clock))


def run_backup(file: Path, places: Places, clock: Clock) -> int:
    """Make the archive and say what is in it; return the exit code."""
    try:
        entries = make_archive(file, places, clock())
    except (ArchiveError, OSError) as problem:
        return _fail(f"No backup was made. {problem}")
    for entry in entries:
        print(f"  {entry.name}  {entry.size:,} bytes  sha256 {entry.sha256}")
    print(f"Saved to {file}. It holds the key to every contact field: keep it where only you can read it.")
    return 0


def run_restore(file: Path, places: Places, clock: Clock) -> int:
    """Put the archive's files in place and say where the old ones are; return the exit code."""
    try:
        kept = restore_archive(file, places, clock())
    except (ArchiveError, OSError) as problem:
        return _fail(f"Nothing was restored and nothing was changed. {problem}")
    print(f"Restored from {file}.")
    for old in kept:
        print(f"  the former file is kept as {old}")
    print("Start the hall again with: make serve")
    return 0


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
