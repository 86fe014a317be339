"""Ready sentences for what staff write to residents, to be chosen and changed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("replies.yml")


@cache
def reply_templates() -> tuple[tuple[str, str], ...]:
    """Return the sentences with their short names, in the file's order."""
    entries: list[dict[str, str]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return tuple((entry["name"], entry["text"]) for entry in entries)
