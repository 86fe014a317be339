"""The numbers that working a case goes by, from rules.yml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases.work.deadlines import Term, read_term

_FILE = Path(__file__).with_name("rules.yml")


@dataclass(frozen=True)
class Rules:
    """Office hours, terms and waits; terms in working time, waits in calendar days."""

    office_hours: tuple[tuple[time, time], ...]
    warn_share: float
    escalate_after: Term
    respond: Term
    resolve: Term
    arrive: Term
    reopen_within: timedelta
    remind_after: timedelta


@cache
def load_rules() -> Rules:
    """Return the rules of the file that is shipped."""
    entry: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return Rules(
        office_hours=tuple(_span(span) for span in entry["office_hours"]),
        warn_share=float(entry["warn_share"]),
        escalate_after=read_term(entry["escalate_after"]),
        respond=read_term(entry["respond"]),
        resolve=read_term(entry["resolve"]),
        arrive=read_term(entry["arrive"]),
        reopen_within=timedelta(days=entry["reopen_within_days"]),
        remind_after=timedelta(days=entry["remind_after_days"]),
    )


def _span(text: str) -> tuple[time, time]:
    opens, _, closes = text.partition("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)
