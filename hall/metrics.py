"""What /metrics tells: turns by door, decision and who handled them, their time; notices that wait."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram

from cases.tables import NoticeState
from language.reply import Reply

_turns = Counter("linli_turns_total", "Turns answered.", ["channel", "decision", "handled_by"])
_seconds = Histogram(
    "linli_turn_seconds",
    "Seconds from a turn to its reply.",
    ["handled_by"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)

_notices = Gauge("linli_notices", "Notices that are not with their resident yet, by state.", ["state"])


def show_notices(counts: Mapping[NoticeState, int]) -> None:
    """Say how many notices wait. They are counted when somebody asks: each process tells the same."""
    for state, count in counts.items():
        _notices.labels(state.value).set(count)


def forget_notices() -> None:
    """Say nothing of notices: they cannot be counted now."""
    _notices.clear()


def observe_turn(reply: Reply, channel: str, milliseconds: int) -> None:
    """Count one turn."""
    _turns.labels(str(channel), str(reply.decision), str(reply.handled_by)).inc()
    _seconds.labels(str(reply.handled_by)).observe(milliseconds / 1000)
