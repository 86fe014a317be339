"""Talks to the process that speaks: starts it when it is needed, and anew when it hangs or dies."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_START_SECONDS = 15.0  # importing pyttsx3 takes 0.2 s on an idle machine, seconds on a busy one


class SpeechUnavailable(Exception):
    """Nothing can be read aloud now; the message says what to do. The screen goes on without sound."""


class SpeechProcess:
    """One child process, one request at a time. Not safe for several threads: Speech queues them."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._unread = b""
        self._is_closing = False
        self.driver = ""

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def find_voice(self, voice: str) -> None:
        """Raise SpeechUnavailable unless the driver runs and has this voice."""
        self._ask({"voice": voice}, voice)

    def speak(self, text: str, voice: str, rate_wpm: int, path: Path) -> float:
        """Write one sentence to `path` and return its seconds. Raises SpeechUnavailable."""
        return self._ask({"text": text, "voice": voice, "rate_wpm": rate_wpm, "path": str(path)}, voice)

    def interrupt(self) -> None:
        """Let a request under way in another thread fail now; call `stop` when that thread has ended."""
        self._is_closing = True
        child = self._child
        if child is not None:
            child.kill()

    def stop(self) -> None:
        """End the child; the next request starts another."""
        child, self._child, self._unread = self._child, None, b""
        self._is_closing = False
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, request: dict[str, Any], voice: str) -> float:
        answer: dict[str, Any] | None = None
        for _ in range(2):  # a child that hangs or was killed is replaced once
            self._start()
            answer = self._exchange(request)
            if answer is not None:
                break
            if self._is_closing:
                raise SpeechUnavailable("reading aloud is closing: the hall stops")
            self.stop()
        if answer is None:
            raise SpeechUnavailable(
                "the voice driver does not answer: see whether espeak-ng works on its own"
            )
        if answer.get("error") == "voice":
            raise SpeechUnavailable(
                f"the voice '{voice}' is not installed: install espeak-ng 1.51 or newer with its data"
            )
        if "error" in answer:
            raise SpeechUnavailable("the voice driver made no sound: see whether espeak-ng works on its own")
        return float(answer["seconds"])

    def _start(self) -> None:
        if self.pid is not None:
            return
        if self._is_closing:
            raise SpeechUnavailable("reading aloud is closing: the hall stops")
        self.stop()
        # The package need not be installed: the child finds it where this file lies.
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "kiosk.speech_child", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # drivers write warnings there at every start
            env={**os.environ, "PYTHONPATH": path},
        )
        hello = self._read(_START_SECONDS)
        if hello is None or "driver" not in hello:
            self.stop()
            raise SpeechUnavailable("no voice driver starts: install espeak-ng (apt-get install espeak-ng)")
        self.driver = str(hello["driver"])

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any] | None:
        assert self._child is not None
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(request).encode() + b"\n")
            self._child.stdin.flush()
        except OSError:
            return None
        return self._read(self._timeout)

    def _read(self, seconds: float) -> dict[str, Any] | None:
        """Return the child's next line, or None: it ended, or said nothing for so long."""
        assert self._child is not None
        assert self._child.stdout is not None
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._child.stdout, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                if not waiting.select(max(0.0, until - time.monotonic())):
                    return None
                chunk = os.read(self._child.stdout.fileno(), 65536)
                if not chunk:
                    return None
                self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer
