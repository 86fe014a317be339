"""Keep one program running: start it, pass on what it says, notice when it hangs, start it again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hall.groups import Undertaker, kill_group
from hall.heartbeat import VARIABLE as HEARTBEAT_VARIABLE

FOLDER = Path(__file__).parent
LONGEST_PAUSE_SECONDS = 30.0
LONGEST_LINE = 8192

Say = Callable[[str], None]
Check = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Patience:
    """How long a program may take. Generous: under load a healthy one is slow too."""

    starting_seconds: float = 300.0
    check_every_seconds: float = 5.0
    failures_allowed: int = 6
    silent_seconds: float = 30.0
    healthy_after_seconds: float = 60.0


@dataclass(frozen=True)
class Program:
    """What to run. A program without `check` proves by heartbeats (hall/heartbeat.py) that it is alive.

    `may_work` is set once nothing keeps the program waiting: its time to get ready begins there.
    `remedy` is what to do when it ends before it was ready.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    descriptors: tuple[int, ...] = ()
    check: Check | None = None
    first_pause_seconds: float = 1.0
    patience: Patience = field(default_factory=Patience)
    may_work: asyncio.Event | None = None
    remedy: str = ""
    # Given the code that it ended with before it was ready: another command to go on with, or None.
    renew: Callable[[int], Awaitable[tuple[str, ...] | None]] | None = None
    stop_signal: signal.Signals = signal.SIGTERM


class BackOff:
    """Pauses before the next start: `first`, then 1, 2, 4 ... 30 s; from the beginning after good health."""

    def __init__(self, first_seconds: float, healthy_after_seconds: float) -> None:
        self._first = first_seconds
        self._healthy_after = healthy_after_seconds
        self._next = first_seconds

    def pause_after(self, ran_seconds: float) -> float:
        """Return the seconds to wait after a run that lasted `ran_seconds`."""
        if ran_seconds >= self._healthy_after:
            self._next = self._first
        pause = self._next
        self._next = min(max(1.0, pause * 2), LONGEST_PAUSE_SECONDS)
        return pause


class Keeper:
    """Runs one program until it is told to stop."""

    def __init__(self, program: Program, undertaker: Undertaker, say: Say) -> None:
        self.program = program
        self.is_ready = asyncio.Event()
        self.on_start: Callable[[int], None] = lambda pid: None
        self._command = program.command
        self._undertaker = undertaker
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._last_beat = 0.0
        self._starts = 0

    async def keep(self) -> None:
        """Start the program, and again whenever it ends or hangs, with growing pauses, until stopped."""
        patience = self.program.patience
        back_off = BackOff(self.program.first_pause_seconds, patience.healthy_after_seconds)
        while not self._stopping:
            started = time.monotonic()
            code = await self.run_once()
            if self._stopping:
                return
            pause = back_off.pause_after(time.monotonic() - started)
            when = f"in {pause:.0f} s" if pause else "now"
            unready = "" if self.is_ready.is_set() else " before it was ready"
            self._say(f"{self.program.name} ended{unready} ({_how(code)}); it is started again {when}")
            if unready and self.program.remedy:
                self._say(self.program.remedy)
            if self.program.renew is not None and unready:
                self._command = await self.program.renew(code) or self._command
            await asyncio.sleep(pause)

    async def run_once(self) -> int:
        """Run the program to its end and return its exit code (negative: the signal that ended it)."""
        self.is_ready.clear()
        self._starts += 1
        self._last_beat = 0.0
        said_read, said_write = os.pipe()
        beat_read, beat_write = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(FOLDER / "tether.py"), str(os.getpid())),
                *self._command,
                cwd=self.program.folder,
                env={
                    **self.program.environment,
                    HEARTBEAT_VARIABLE: str(beat_write),
                    "PYTHONUNBUFFERED": "1",
                },
                stdin=subprocess.DEVNULL,
                stdout=said_write,
                stderr=said_write,
                pass_fds=(*self.program.descriptors, beat_write),
                start_new_session=True,
            )
        finally:
            os.close(said_write)
            os.close(beat_write)
        group = self._process.pid
        if self._stopping:  # told so while it was being started
            kill_group(group, signal.SIGTERM)
        self._undertaker.watch(group)
        self.on_start(group)
        watch = asyncio.create_task(self._watch(group))
        said = await _connect(said_read, _Lines(self._pass_on))
        beats = await _connect(beat_read, _Beats(self._on_beat))
        try:
            return await self._process.wait()
        finally:
            watch.cancel()
            # The program may have left others of its group behind.
            kill_group(group, signal.SIGKILL)
            self._undertaker.forget(group)
            said.close()
            beats.close()
            self._process = None

    async def ended(self) -> None:
        """Return when the program has ended."""
        if self._process is not None:
            await self._process.wait()

    def stop(self, number: signal.Signals) -> None:
        """Send a signal to the program and all that it started; it is not started again."""
        self._stopping = True
        if self._process is not None:
            kill_group(self._process.pid, number)

    async def _watch(self, group: int) -> None:
        """Kill the program's group when it does not get ready, or no longer shows that it is alive."""
        patience = self.program.patience
        if self.program.may_work is not None:
            await self.program.may_work.wait()
        deadline = time.monotonic() + patience.starting_seconds
        while not await self._is_alive():
            if time.monotonic() > deadline:
                self._say(
                    f"{self.program.name} was not ready after {patience.starting_seconds:.0f} s: killed"
                )
                return kill_group(group, signal.SIGKILL)
            await asyncio.sleep(min(0.5, patience.check_every_seconds))
        self.is_ready.set()
        if self._starts > 1:
            self._say(f"{self.program.name} works again")
        failures = 0
        while failures < patience.failures_allowed:
            await asyncio.sleep(patience.check_every_seconds)
            failures = 0 if await self._is_alive() else failures + 1
        self._say(f"{self.program.name} no longer answers: killed")
        kill_group(group, signal.SIGKILL)

    async def _is_alive(self) -> bool:
        if self.program.check is not None:
            return await self.program.check()
        return (
            bool(self._last_beat)
            and time.monotonic() - self._last_beat < self.program.patience.silent_seconds
        )

    def _on_beat(self) -> None:
        self._last_beat = time.monotonic()
        self.is_ready.set()

    def _pass_on(self, line: str) -> None:
        self._say(f"{self.program.name} | {line}")


class _Lines(asyncio.Protocol):
    """Cuts what a program says into lines."""

    def __init__(self, take: Say) -> None:
        self._take = take
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._take(line.decode("utf-8", "replace").rstrip())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._rest:
            self._take(self._rest.decode("utf-8", "replace").rstrip())
            self._rest = b""


class _Beats(asyncio.Protocol):
    """Notes that a heartbeat came."""

    def __init__(self, note: Callable[[], None]) -> None:
        self._note = note

    def data_received(self, data: bytes) -> None:
        self._note()


async def _connect(descriptor: int, protocol: asyncio.Protocol) -> asyncio.ReadTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(descriptor, "rb", buffering=0))
    return transport


def _how(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"by {signal.Signals(-code).name}"
    return f"exit code {code}"
