"""Reading a registry from .yml or .xlsx, with every fault of every row named at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cases.workbook import MAX_FILE_BYTES, WorkbookError, read_sheets

_NEEDED = {
    "grids": ("id", "name"),
    "buildings": ("id", "grid", "estate", "name"),
    "groups": ("id", "name", "grid"),
    "staff": ("grid", "duty", "name"),
}
_OPTIONAL = {
    "grids": (),
    "buildings": ("address", "aliases"),
    "groups": ("building",),
    "staff": ("login",),
}
_LONGEST = {
    "id": 64,
    "grid": 64,
    "building": 64,
    "login": 64,
    "duty": 32,
    "name": 40,
    "estate": 80,
    "address": 120,
}
_LONGEST_GROUP_ID = 128
DUTIES = ("head", "member")


class RegistryError(Exception):
    """A registry that was not loaded. `faults` names each row and what to change."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults[:5]) + (f" and {len(faults) - 5} more" if len(faults) > 5 else ""))
        self.faults = faults


@dataclass(frozen=True)
class Registry:
    """Lists of plain entries by column, ready to be stored."""

    grids: tuple[Mapping[str, Any], ...]
    buildings: tuple[Mapping[str, Any], ...]
    groups: tuple[Mapping[str, Any], ...]
    staff: tuple[Mapping[str, Any], ...]


def read_registry(file: Path) -> Registry:
    """Return the registry of a file. Raises RegistryError with every fault."""
    entries = _read(file)
    faults = [fault for part in _NEEDED for fault in _part_faults(part, entries[part])]
    faults += _reference_faults(entries)
    if faults:
        raise RegistryError(faults)
    return Registry(*(tuple(_clean(part, entry) for _, entry in entries[part]) for part in _NEEDED))


def _read(file: Path) -> dict[str, list[tuple[int, Mapping[str, Any]]]]:
    try:
        if file.suffix == ".xlsx":
            sheets: dict[str, list[tuple[int, Mapping[str, Any]]]] = dict(read_sheets(file))
        else:
            sheets = _read_yaml(file)
    except (WorkbookError, OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise RegistryError([f"{file.name} cannot be read: {problem}"]) from problem
    if unknown := sorted(set(sheets) - set(_NEEDED)):
        raise RegistryError(
            [f"{file.name}: no list is called {', '.join(unknown)}: use {', '.join(_NEEDED)}"]
        )
    return {part: sheets.get(part, []) for part in _NEEDED}


def _read_yaml(file: Path) -> dict[str, list[tuple[int, Mapping[str, Any]]]]:
    if file.stat().st_size > MAX_FILE_BYTES:
        raise RegistryError([f"{file.name} is too large for a registry"])
    content = yaml.safe_load(file.read_text("utf-8"))
    if not isinstance(content, dict) or not all(isinstance(entries, list) for entries in content.values()):
        raise RegistryError([f"{file.name}: write lists called {', '.join(_NEEDED)}"])
    return {
        str(part): [(row, e if isinstance(e, dict) else {}) for row, e in enumerate(entries, start=1)]
        for part, entries in content.items()
    }


def _part_faults(part: str, entries: list[tuple[int, Mapping[str, Any]]]) -> Iterator[str]:
    known = (*_NEEDED[part], *_OPTIONAL[part])
    for row, entry in entries:
        where = f"{part} {row}"
        if unknown := sorted(str(key) for key in entry.keys() - set(known)):
            yield f"{where}: no column is called {', '.join(unknown)}"
        for key in _NEEDED[part]:
            if not str(entry.get(key) or "").strip():
                yield f"{where}: `{key}` is missing"
        for key, most in _LONGEST.items():
            most = _LONGEST_GROUP_ID if (part, key) == ("groups", "id") else most
            if len(str(entry.get(key) or "")) > most:
                yield f"{where}: `{key}` has more than {most} characters"
    names = ("grid", "duty", "name") if part == "staff" else ("id",)
    counted = Counter(tuple(str(entry.get(name)) for name in names) for _, entry in entries)
    yield from (f"{part}: {' '.join(found)} is listed {n} times" for found, n in counted.items() if n > 1)


def _reference_faults(entries: Mapping[str, list[tuple[int, Mapping[str, Any]]]]) -> Iterator[str]:
    grids = {str(entry.get("id")) for _, entry in entries["grids"]}
    buildings = {str(entry.get("id")) for _, entry in entries["buildings"]}
    for part in ("buildings", "groups", "staff"):
        for row, entry in entries[part]:
            if entry.get("grid") and str(entry["grid"]) not in grids:
                yield f"{part} {row}: there is no grid {entry['grid']}"
            if entry.get("building") and str(entry["building"]) not in buildings:
                yield f"{part} {row}: there is no building {entry['building']}"
            if part == "staff" and entry.get("duty") and entry["duty"] not in DUTIES:
                yield f"{part} {row}: `duty` is one of {', '.join(DUTIES)}"


def _clean(part: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    plain: dict[str, Any] = {
        key: str(entry[key]).strip() if entry.get(key) else None
        for key in (*_NEEDED[part], *_OPTIONAL[part])
        if key != "aliases"
    }
    if part == "buildings":
        aliases = entry.get("aliases") or []
        # In a sheet they stand in one cell.
        parts = (
            aliases.replace("，", ",").replace("、", ",").split(",") if isinstance(aliases, str) else aliases
        )
        plain["aliases"] = [str(alias).strip() for alias in parts if str(alias).strip()]
    return plain
