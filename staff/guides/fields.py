"""The fields of a guide as staff read and fill them: labels, sections, options, and the columns of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.guide import FACT_FIELDS, Theme
from knowledge.sheet_layout import FLAG_FIELDS, NUMBER_FIELDS, layout

_FORM = Path(__file__).with_name("form.yml")
# What is long in a row gets a line of its own.
_LONG_COLUMNS = frozenset(("title", "name", "note", "when", "differs", "url", "date_note", "value", "what"))


@dataclass(frozen=True)
class Column:
    """A cell of a row: text, number, option, flag, or ticks (which fields a source bears)."""

    name: str
    label: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Field:
    """One control of the form. `name` is a field of Guide, or one inside a group: `agent.text`."""

    name: str
    kind: str
    label: str
    note: str = ""
    required: bool = False
    rows: int = 0
    max_chars: int = 0
    suggestions: str = ""
    one: str = ""  # what a row is called
    options: tuple[tuple[str, str], ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def group(self) -> str:
        """The guide's field that this is in."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Section:
    """Fields that belong together, under one heading."""

    key: str
    title: str
    short: str  # where there is little room
    fields: tuple[Field, ...]


@cache
def sections() -> tuple[Section, ...]:
    """Return the form's sections in order."""
    plain: list[dict[str, Any]] = yaml.safe_load(_FORM.read_text("utf-8"))
    return tuple(
        Section(one["key"], one["title"], one["short"], tuple(_field(field) for field in one["fields"]))
        for one in plain
    )


@cache
def all_fields() -> Mapping[str, Field]:
    """Return the form's fields by name."""
    return {field.name: field for section in sections() for field in section.fields}


def label_of(name: str) -> str:
    """Return what staff call a field, `materials` and `agent.text` and `sources.url` alike."""
    plan = layout()
    if name in plan.columns:
        return plan.columns[name]
    if name in plan.item_sheets:
        return plan.item_sheets[name][0]
    outer, _, inner = name.partition(".")
    if outer in plan.item_sheets:
        return plan.item_sheets[outer][1].get(inner, inner)
    return plan.words["fields"].get(outer, outer)


def word_of(field: str, value: object) -> str:
    """Return the word for a fixed value: full is 完整."""
    if isinstance(value, bool):
        return layout().flags[value]
    return layout().words.get(field, {}).get(str(value), str(value))


def _field(plain: dict[str, Any]) -> Field:
    name = plain["name"]
    return Field(
        name=name,
        kind=plain["kind"],
        label=label_of(name),
        note=plain.get("note", ""),
        required=plain.get("required", False),
        rows=plain.get("rows", 0),
        max_chars=plain.get("max", 0),
        suggestions=plain.get("list", ""),
        one=plain.get("one", ""),
        options=_options(name),
        columns=_columns(name) if plain["kind"] == "rows" else (),
    )


def _columns(name: str) -> tuple[Column, ...]:
    return tuple(
        Column(column, label, _kind(column), _options(column))
        for column, label in layout().item_sheets[name][1].items()
    )


def _kind(column: str) -> str:
    if column in FLAG_FIELDS:
        return "flag"
    if column in NUMBER_FIELDS:
        return "number"
    if column == "fields":
        return "ticks"
    if column in layout().words:
        return "option"
    return "long" if column in _LONG_COLUMNS else "text"


def _options(name: str) -> tuple[tuple[str, str], ...]:
    if name == "theme":
        return tuple((str(theme), str(theme)) for theme in Theme)
    words = layout().words.get(name, {})
    if name == "fields":
        return tuple((field, words[field]) for field in FACT_FIELDS)
    return tuple(words.items())
