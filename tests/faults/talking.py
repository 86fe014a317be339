"""A person at a chat page: what was not answered is sent again, what comes late is waited for."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.running_hall import RunningHall

PATIENCE_SECONDS = 120.0
# Each step and a part of what its reply says, so that nothing is taken twice or left out.
FORM = (
    ("我要报修", "是什么事"),
    ("3号楼的楼道灯坏了", "在什么地方"),
    ("幸福里小区3号楼", "称呼和电话"),
    ("可以", "怎么称呼"),
    ("王小明", "留个电话"),
    ("13812345678", "请核对"),
    ("确认提交", "受理编号"),
)


@dataclass
class Talker:
    """Talks in one conversation as static/chat.js does."""

    hall: RunningHall
    conversation: str = field(default_factory=lambda: secrets.token_hex(16))
    newest_late: int = 0
    was_late: int = 0
    slowest_seconds: float = 0.0

    def say(self, text: str) -> dict[str, Any]:
        """Return the real reply, however it comes. Raises AssertionError when none does."""
        message = {"conversation": self.conversation, "text": text, "message_id": secrets.token_hex(8)}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            reply = self._send(message)
            if reply is not None and not reply["late"]:
                return reply
            if reply is not None:
                self.was_late += 1
                return self._wait_for(reply["turn"], deadline)
            time.sleep(0.1)
        raise AssertionError(f"never answered: {text}")

    def _send(self, message: dict[str, str]) -> dict[str, Any] | None:
        """Return a reply, or None where the line broke or the hall could not."""
        # A new connection each time: the kernel gives it to any of the hall's processes.
        began = time.monotonic()
        try:
            answer = httpx.post(
                f"{self.hall.url}/api/chat",
                json=message,
                headers={"connection": "close"},
                timeout=30,
                trust_env=False,
            )
        except httpx.TransportError:
            return None
        self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
        if answer.status_code >= 500:
            return None
        assert answer.status_code == 200, answer.text
        reply: dict[str, Any] = answer.json()
        return reply

    def _wait_for(self, turn: str, deadline: float) -> dict[str, Any]:
        while time.monotonic() < deadline:
            try:
                late = self.hall.late_replies(self.conversation, self.newest_late)
            except (httpx.TransportError, AssertionError):
                late = []
            for reply in late:
                self.newest_late = max(self.newest_late, reply["id"])
            for reply in late:
                if reply["turn"] == turn:
                    return dict(reply)
            time.sleep(0.1)
        raise AssertionError("what was promised never came")


def fill_form(talker: Talker, steps: Sequence[tuple[str, str]] = FORM) -> str:
    """Go through steps of the form; return the number of the case, if they file it."""
    reply: dict[str, Any] = {}
    for said, answered in steps:
        reply = talker.say(said)
        assert answered in reply["text"], (said, reply["text"])
        if said == "13812345678":
            assert "王小明" in reply["text"]
            assert "138****5678" in reply["text"]
    return str(reply["case"]["number"]) if reply.get("case") else ""


def kill_soon(cluster: RunningHall, name: str, after_seconds: float) -> threading.Thread:
    """Kill a process in a moment, while something is being said."""

    def kill() -> None:
        time.sleep(after_seconds)
        ended = cluster.log.count(f"{name} ended")
        cluster.kill(name)
        cluster.wait_for(lambda: cluster.log.count(f"{name} ended") > ended, "it is noticed")

    killer = threading.Thread(target=kill)
    killer.start()
    return killer
