"""What the workbook of guides looks like: its sheets, headers and words, as sheets.yml says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from knowledge.yaml_text import load_yaml

LIST_FIELDS = frozenset(
    (
        *("aliases", "life_events", "conditions", "steps", "where", "basis", "online", "phrasings", "fields"),
        "english.phrasings",
    )
)
# Fields of the guide that hold fields of their own: `agent.text`.
GROUP_FIELDS = ("time_limit", "agent", "english")
FLAG_FIELDS = frozenset(("fetched_by_window", "required"))
NUMBER_FIELDS = frozenset(
    ("popularity", "count", "time_limit.statutory_days", "time_limit.promised_days"),
)


@dataclass(frozen=True)
class Layout:
    """What sheets.yml says. `columns` and the items' columns lead from our field to the header."""

    guides_sheet: str
    help_sheet: str
    id_header: str
    columns: Mapping[str, str]
    item_sheets: Mapping[str, tuple[str, Mapping[str, str]]]  # field -> sheet, its columns without the id
    words: Mapping[str, Mapping[str, str]]  # field -> our value -> the word for it
    flags: Mapping[bool, str]
    help: tuple[str, ...]


@cache
def layout() -> Layout:
    """Return the workbook's layout."""
    path = Path(__file__).with_name("sheets.yml")
    plain: Any = load_yaml(path.read_text("utf-8"), path.name)
    return Layout(
        guides_sheet=plain["guides_sheet"],
        help_sheet=plain["help_sheet"],
        id_header=plain["id_header"],
        columns=plain["guide_columns"],
        item_sheets={field: (one["sheet"], one["columns"]) for field, one in plain["item_sheets"].items()},
        words=plain["words"],
        flags={True: plain["yes"], False: plain["no"]},
        help=tuple(plain["help"]),
    )
