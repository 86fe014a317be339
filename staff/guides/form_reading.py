"""Reads the form of a guide into plain data, as it was typed, and puts plain data back into the form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.guide_file import GUIDE_FIELDS
from knowledge.sheet_layout import GROUP_FIELDS
from staff.guides.fields import Column, Field, all_fields

_ROW = re.compile(r"(\w+)\.(\d{1,4})\.(\w+)", re.ASCII)
_MOST_ROWS = 400


@dataclass(frozen=True)
class Typed:
    """What a form held. `rows` tells which row of the form each item of a list came from."""

    content: dict[str, Any]
    rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def control(self, place: str) -> str:
        """Return the name of the control that a problem's place is about: `materials[2].form`.

        A place inside a list of lines is about its whole box.
        """
        found = re.fullmatch(r"(\w+)\[(\d+)\](?:\.(\w+).*)?", place)
        if found is None:
            whole_box = place.partition("[")[0]
            return whole_box if whole_box in all_fields() else place.partition(".")[0]
        name, at, inner = found[1], int(found[2]), found[3]
        if name not in all_fields() or all_fields()[name].kind != "rows":
            return name
        rows = self.rows.get(name)
        row = rows[at] if rows is not None and at < len(rows) else at
        return f"{name}.{row}.{inner or all_fields()[name].columns[0].name}"


def read_form(names: Iterable[str], values: Callable[[str], list[str]]) -> Typed:
    """Return the guide that a form describes; `values` gives all values of a control.

    Nothing is judged here: a number that is none stays the text that was typed.
    """
    content: dict[str, Any] = dict.fromkeys(GUIDE_FIELDS)
    rows: dict[str, tuple[int, ...]] = {}
    cells = _cells(names)
    for name, one in all_fields().items():
        if one.kind == "rows":
            kept = [(at, row) for at, row in _rows(one, cells.get(name, {}), values) if row is not None]
            content[name] = [row for _, row in kept]
            rows[name] = tuple(at for at, _ in kept)
            continue
        value = _value(one.kind, values(name))
        outer, _, inner = name.partition(".")
        if not inner:
            content[name] = value
        elif value not in (None, []) or content[outer] is not None:
            content[outer] = {**(content[outer] or {}), inner: value}
    for group in GROUP_FIELDS:
        if content[group] is not None:
            inner_names = [name.partition(".")[2] for name in all_fields() if name.startswith(f"{group}.")]
            content[group] = {inner: content[group].get(inner) for inner in inner_names}
    return Typed(content, rows)


def move_row(content: Mapping[str, Any], order: str) -> dict[str, Any]:
    """Return the guide with a row moved or taken away: `materials.2.up`, `down` or `remove`.

    Rows are counted as in `content`. An order that makes no sense changes nothing.
    """
    changed = dict(content)
    name, _, rest = order.partition(".")
    place, _, act = rest.partition(".")
    rows = list(changed.get(name) or [])
    at = int(place) if place.isdigit() else -1
    if not 0 <= at < len(rows):
        return changed
    if act == "remove":
        del rows[at]
    elif act in ("up", "down"):
        to = at - 1 if act == "up" else at + 1
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
    changed[name] = rows
    return changed


def in_order_of(content: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the guide with what each source bears in the order that it had: ticks know of no order."""
    orders = {_key(source): source["fields"] for source in _with_fields(before)}
    ordered = {id(source): orders.get(_key(source)) for source in _with_fields(content)}
    sources = content.get("sources")
    if not isinstance(sources, list):
        return dict(content)
    return {
        **content,
        "sources": [
            {**source, "fields": ordered[id(source)]} if ordered.get(id(source)) else source
            for source in sources
        ],
    }


def _with_fields(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the sources that name fields, whatever else a draft holds."""
    return [
        source
        for source in value_of(content, "sources")
        if isinstance(source.get("fields"), list) and all(isinstance(one, str) for one in source["fields"])
    ]


def _key(source: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    return str(source.get("title")), frozenset(source["fields"])


def value_of(content: Mapping[str, Any], name: str) -> Any:
    """Return what a control shows: text, or a list of rows as mappings; whatever a draft holds."""
    outer, _, inner = name.partition(".")
    value = content.get(outer)
    if inner:
        value = value.get(inner) if isinstance(value, Mapping) else None
    kind = all_fields()[name].kind
    if kind == "rows":
        return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
    if kind == "lines":
        return "\n".join(map(str, value)) if isinstance(value, list) else _shown(value)
    return _shown(value)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _cells(names: Iterable[str]) -> dict[str, dict[int, set[str]]]:
    """Return which cells of which rows a form has."""
    found: dict[str, dict[int, set[str]]] = {}
    for name in names:
        cell = _ROW.fullmatch(name)
        if cell:
            found.setdefault(cell[1], {}).setdefault(int(cell[2]), set()).add(cell[3])
    return found


def _rows(
    one: Field, cells: Mapping[int, set[str]], values: Callable[[str], list[str]]
) -> Iterable[tuple[int, dict[str, Any] | None]]:
    for at in sorted(cells)[:_MOST_ROWS]:
        row = {column.name: _cell(column, values(f"{one.name}.{at}.{column.name}")) for column in one.columns}
        is_filled = any(
            row[column.name] not in (None, []) for column in one.columns if column.kind not in ("flag",)
        )
        yield at, row if is_filled else None


def _cell(column: Column, values: list[str]) -> Any:
    if column.kind == "flag":
        return bool(values)
    if column.kind == "ticks":
        return [value for value in values if value]
    return _value(column.kind, values)


def _value(kind: str, values: list[str]) -> Any:
    text = "\n".join(values[:1]).replace("\r\n", "\n").replace("\r", "\n")
    if kind == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    text = text.strip()
    if kind == "number" and re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        return int(text)
    return text or None
