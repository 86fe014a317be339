"""What /metrics tells: turns by door, decision and who handled them, and how long they took."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from language.reply import Reply

_turns = Counter("linli_turns_total", "Turns answered.", ["channel", "decision", "handled_by"])
_seconds = Histogram(
    "linli_turn_seconds",
    "Seconds from a turn to its reply.",
    ["handled_by"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)


def observe_turn(reply: Reply, channel: str, milliseconds: int) -> None:
    """Count one turn."""
    _turns.labels(str(channel), str(reply.decision), str(reply.handled_by)).inc()
    _seconds.labels(str(reply.handled_by)).observe(milliseconds / 1000)
