"""Show the person at the terminal which step is at work, that it is alive, and how long it took."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
FRAME_SECONDS = 0.1
# Without a terminal (a log, CI) a line each ten seconds is enough to see that it has not hung.
PLAIN_LINE_SECONDS = 10.0


class Step:
    """One step at work. `detail` is the latest thing it said, shown beside the seconds on a terminal."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = ""
        self.note = ""
        self.failed = False  # for a step that others make up for; else an exception says so


class Screen:
    """Writes the steps to a stream: with a spinner on a terminal, in plain lines elsewhere."""

    def __init__(
        self,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        line_seconds: float = PLAIN_LINE_SECONDS,
    ) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._line_seconds = line_seconds
        self._terminal = self._stream.isatty() and "CI" not in os.environ
        self._unicode = "utf" in (getattr(self._stream, "encoding", None) or "").lower()

    def say(self, sentence: str) -> None:
        """Write one sentence on a line of its own."""
        self._write(f"{self._clear()}{sentence}\n")

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show `title` as at work until the block ends, then how it ended and after how many seconds."""
        step, started, ended = Step(title), self._clock(), threading.Event()
        if not self._terminal:
            self.say(f"{title} ...")
        sign = threading.Thread(target=self._keep_alive, args=(step, started, ended), daemon=True)
        sign.start()
        step_failed = True
        try:
            yield step
            step_failed = step.failed
        finally:
            ended.set()
            sign.join()
            good, bad = ("✓", "✗") if self._unicode else ("done:", "failed:")
            mark = bad if step_failed else good
            note = f" ({step.note})" if step.note else ""
            self.say(f"{mark} {title}{note}, {self._clock() - started:.1f} s")

    def _keep_alive(self, step: Step, started: float, ended: threading.Event) -> None:
        pause = FRAME_SECONDS if self._terminal else self._line_seconds
        frame = 0
        while not ended.wait(pause):
            seconds = self._clock() - started
            if not self._terminal:
                self._write(f"  {step.title}: still at work, {seconds:.0f} s\n")
                continue
            sign = SPINNER[frame % len(SPINNER)] if self._unicode else "|/-\\"[frame % 4]
            frame += 1
            line = f"{sign} {step.title}, {seconds:.0f} s  {step.detail}"
            self._write(self._clear() + line[:79])

    def _clear(self) -> str:
        return "\r\x1b[K" if self._terminal else ""

    def _write(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
