"""What a running hall leaves in its folder: the lock that keeps it alone, and where others find it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

STATE, TOKEN, LOCK = "hall.json", "engine.token", "hall.lock"


class AlreadyServing(Exception):
    """Another `linli serve` works in this folder; the message says which."""


class FolderUnusable(Exception):
    """The hall's folder cannot be written; the message says why and which setting to change."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for this hall. Raises AlreadyServing when another one does, or FolderUnusable."""
    with _open_lock(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            state = read_state(folder)
            who = f"process {state['pid']} at {state['url']}" if state else "a process that is just starting"
            raise AlreadyServing(
                f"A hall is being served from {folder} already ({who}). Use that one, stop it,"
                " or set LINLI_FOLDER and LINLI_PORT for a second hall."
            ) from None
        yield


def _open_lock(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / LOCK).open("a")
    except OSError as problem:
        raise FolderUnusable(
            f"The hall cannot write into {folder} ({problem.strerror}). Free some space, mend who may write"
            " there, or set LINLI_FOLDER to another folder."
        ) from problem


def read_state(folder: Path) -> dict[str, Any] | None:
    """Return what the hall served from this folder has written of itself; None when none is served.

    Keys: pid, host, port, url, engine_url (empty without Rasa), engine_token_file, processes (name to pid).
    """
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        os.kill(state["pid"], 0)
    except PermissionError:
        return state if isinstance(state, dict) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if isinstance(state, dict) else None


def write_state(folder: Path, state: Mapping[str, Any], engine_token: str) -> None:
    """Write the state; only this account may read it, or the token beside it."""
    _write_private(folder / TOKEN, engine_token)
    told = {**state, "engine_token_file": str(folder / TOKEN)}
    _write_private(folder / STATE, json.dumps(told, indent=1) + "\n")


def remove_state(folder: Path) -> None:
    """Take the state away: no hall is served from this folder."""
    for name in (STATE, TOKEN):
        (folder / name).unlink(missing_ok=True)


def _write_private(file: Path, text: str) -> None:
    half = file.with_name(f"{file.name}.new")
    half.unlink(missing_ok=True)
    with os.fdopen(
        os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as stream:
        stream.write(text)
    half.replace(file)
