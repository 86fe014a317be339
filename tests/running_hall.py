"""A hall as an operator starts it: `linli serve` with the real Rasa, for tests to talk to and to hurt."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

READY_SECONDS = 180


@dataclass
class RunningHall:
    """A hall in a folder of its own. `log` is everything that its processes wrote."""

    root: Path
    folder: Path
    process: subprocess.Popen[bytes]
    url: str = ""
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, trust_env=False))

    @classmethod
    def start(cls, root: Path, folder: Path, **settings: str) -> RunningHall:
        """Start `linli serve` and wait until hall and conversation are ready."""
        hall = cls._start(root, folder, ("hall.cli", "serve"), settings)
        if settings.get("LINLI_WITHOUT_RASA") != "1":
            with hall.ended_unless_ready():
                hall.wait_for_rasa()
                hall.wait_for(hall.has_learned, "the guides are learned from")
        return hall

    @classmethod
    def start_cluster(cls, root: Path, folder: Path, **settings: str) -> RunningHall:
        """Start what `make serve-cluster` does: two Rasas and two hall processes on PostgreSQL and Redis.

        Its servers run as another account where this one is root: `folder` must let others pass.
        """
        hall = cls._start(root, folder, ("hall.cluster",), settings)
        hall.http.close()
        # A new connection for each turn: the kernel gives it to any of the hall's processes.
        limits = httpx.Limits(max_keepalive_connections=0)
        hall.http = httpx.Client(timeout=30, trust_env=False, limits=limits)
        with hall.ended_unless_ready():
            hall.wait_for(hall.has_all_rasas, "every Rasa is ready", 2 * READY_SECONDS)
            hall.wait_for(hall.has_learned, "the guides are learned from")
        return hall

    @classmethod
    def _start(
        cls, root: Path, folder: Path, module: Sequence[str], settings: Mapping[str, str]
    ) -> RunningHall:
        """Start a module of the hall and wait until it serves."""
        environment = {
            **os.environ,
            "LINLI_FOLDER": str(folder),
            "LINLI_PORT": "0",
            "LINLI_TURNS_PER_MINUTE": "600",
            **settings,
        }
        with (folder / "serve.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module], cwd=root, env=environment, stdout=log, stderr=log
            )
        hall = cls(root, folder, process)
        hall.wait_for(lambda: hall.state() is not None and hall.is_up(), "the hall serves")
        return hall

    @contextmanager
    def ended_unless_ready(self) -> Iterator[None]:
        """End the hall where waiting for it fails: nobody else would."""
        try:
            yield
        except BaseException:
            self.process.terminate()
            raise

    @property
    def log(self) -> str:
        """What the hall's processes wrote so far."""
        return (self.folder / "serve.log").read_text("utf-8", errors="replace")

    def state(self) -> dict[str, Any] | None:
        """What the supervisor wrote of itself."""
        try:
            state: dict[str, Any] = json.loads((self.folder / "hall.json").read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        self.url = state["url"]
        return state

    def pid_of(self, name: str) -> int:
        """Return the process id of `hall-1`, `rasa`, ..."""
        state = self.state()
        assert state is not None
        return int(state["processes"][name])

    def kill(self, name: str) -> int:
        """Kill a process the hard way; return its id."""
        pid = self.pid_of(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def is_up(self) -> bool:
        """Whether the hall answers."""
        try:
            return self.http.get(f"{self.url}/health").status_code == 200
        except httpx.HTTPError:
            return False

    def has_rasa(self) -> bool:
        """Whether the conversation engine answers."""
        try:
            return bool(self.http.get(f"{self.url}/health").json()["rasa"] == "ready")
        except httpx.HTTPError:
            return False

    def has_learned(self) -> bool:
        """Whether answers are as sure as they will be: a first start learns beside its work."""
        is_learning = "learn | Learning from the guides" in self.log
        return not is_learning or any(f"{mark} Learning from" in self.log for mark in ("✓", "done:"))

    def has_all_rasas(self) -> bool:
        """Whether every Rasa process answers."""
        try:
            processes = self.http.get(f"{self.url}/health").json()["rasa_processes"]
        except httpx.HTTPError:
            return False
        return bool(processes["ready"] == processes["of"])

    def is_whole(self) -> bool:
        """Whether every process works: what ended works again, and every Rasa is ready."""
        state, log = self.state(), self.log
        return (
            state is not None
            and all(
                log.rfind(f"{name} ended") <= log.rfind(f"{name} works again") for name in state["processes"]
            )
            and self.has_all_rasas()
        )

    def late_replies(self, conversation: str, after: int = 0) -> list[dict[str, Any]]:
        """Return the replies of a conversation that came late."""
        asked = {"conversation": conversation, "after": str(after)}
        answer = self.http.get(f"{self.url}/api/chat/replies", params=asked)
        assert answer.status_code == 200, answer.text
        replies: list[dict[str, Any]] = answer.json()["replies"]
        return replies

    def wait_for_rasa(self) -> None:
        """Wait until the conversation is ready."""
        self.wait_for(self.has_rasa, "the conversation is ready")

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = READY_SECONDS) -> None:
        """Poll until a condition holds. Raises AssertionError with the log's end when it never does."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return
            assert self.process.poll() is None, f"the hall ended before {what}:\n{self.log[-3000:]}"
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {what}\n{self.log[-3000:]}")

    def post(self, body: object, path: str = "/api/chat", **kwargs: Any) -> httpx.Response:
        """Post JSON."""
        return self.http.post(f"{self.url}{path}", json=body, **kwargs)

    def say(self, conversation: str, text: str, **more: Any) -> dict[str, Any]:
        """Say something in a conversation and return the reply."""
        answer = self.post({"conversation": conversation, "text": text, **more})
        assert answer.status_code == 200, answer.text
        reply: dict[str, Any] = answer.json()
        return reply

    def choose(self, conversation: str, choice_id: str, **more: Any) -> dict[str, Any]:
        """Touch a choice and return the reply."""
        answer = self.post({"conversation": conversation, "choice": choice_id, **more})
        assert answer.status_code == 200, answer.text
        reply: dict[str, Any] = answer.json()
        return reply

    def choose_first(self, reply: dict[str, Any], conversation: str) -> dict[str, Any]:
        """Touch the first choice of a reply."""
        return self.choose(conversation, reply["choices"][0]["id"])

    def stop(self) -> int:
        """End the hall as Ctrl-C does; return its exit code."""
        self.http.close()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=10)
