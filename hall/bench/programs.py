"""Starts what is measured, waits until it answers, and ends all of it again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from hall.settings import ROOT, TABLE

TETHER = ROOT / "hall" / "tether.py"
# Rasa takes 16 to 30 s; a loaded machine longer.
PATIENCE_SECONDS = 180.0
POLITE_SECONDS = 10.0


class NotReady(Exception):
    """A program ended or did not answer in time; the message shows its last lines."""


@dataclass(frozen=True)
class Running:
    """A program that was started, when (monotonic seconds), and where its output goes."""

    name: str
    process: subprocess.Popen[bytes]
    started: float
    log: Path


class Programs:
    """The programs of one measurement; leaving the context ends those that still run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[Running] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        self.end_all()

    def end_all(self) -> None:
        """End every program that still runs, the last one first."""
        for running in reversed(self._running):
            self.end(running)
        self._running.clear()

    def start(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> Running:
        """Start a program in the checkout. It dies with this process."""
        log = self._folder / f"{name}.log"
        tied = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *map(str, command)]
        with log.open("ab") as stream:
            process = subprocess.Popen(
                tied,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        running = Running(name, process, time.monotonic(), log)
        self._running.append(running)
        return running

    def end(self, running: Running) -> None:
        """End a program and everything that it started."""
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(POLITE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()


async def seconds_until(running: Running, is_ready: Callable[[], Awaitable[bool]]) -> float:
    """Return the seconds from a program's start until `is_ready`. Raises NotReady."""
    deadline = running.started + PATIENCE_SECONDS
    while time.monotonic() < deadline and running.process.poll() is None:
        if await is_ready():
            return time.monotonic() - running.started
        await asyncio.sleep(0.02)
    last = "\n    ".join(running.log.read_text("utf-8", "replace").splitlines()[-8:])
    raise NotReady(f"{running.name} did not get ready. It said last:\n    {last}")


def clean_environment(**own: object) -> dict[str, str]:
    """Return this process's environment with no setting of a hall but `own`: no real database is touched."""
    cleared = dict.fromkeys((name for name, _, _ in TABLE), "")  # empty beats what a .env says
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    # Without Python's bytecode cache every start compiles every module again, on both sides.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, **quiet, **cleared, **{name: str(value) for name, value in own.items()}}


def memory_mb(pid: int, *, with_children: bool = False) -> float:
    """Return the resident memory of a process in megabytes, of its children too where asked."""
    import psutil

    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)] if with_children else [process]
    return float(sum(member.memory_info().rss for member in family)) / 1e6
