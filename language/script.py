"""Traditional characters as simplified ones, for all text that is understood by its words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("traditional.yml")


def simplified(text: str) -> str:
    """Return `text` with the traditional characters of everyday words replaced; its length stays the same."""
    return text if text.isascii() else text.translate(_table())


@cache
def _table() -> dict[int, str]:
    pairs: str = yaml.safe_load(_FILE.read_text("utf-8"))["pairs"]
    return {ord(pair[0]): pair[1] for pair in pairs.split()}
