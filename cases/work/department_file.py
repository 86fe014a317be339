"""Reading a list of departments from .yml or .xlsx."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cases.work.departments import Department
from cases.workbook import WorkbookError, read_sheets

SAMPLE = Path(__file__).with_name("departments.yml")
_LONGEST = {"id": 64, "name": 80, "phone": 32, "supervisor": 64}


class DepartmentsError(Exception):
    """A list of departments that was not loaded. `faults` names each row and what to change."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def read_departments(file: Path) -> tuple[Department, ...]:
    """Return the departments of a file: id, name, and where known phone and supervisor (a login)."""
    entries = _read(file)
    faults = []
    for row, entry in entries:
        faults += [f"row {row}: no column is called {key}" for key in entry if key not in _LONGEST]
        faults += [f"row {row}: `{key}` is missing" for key in ("id", "name") if not entry.get(key)]
        faults += [
            f"row {row}: `{key}` has more than {most} characters"
            for key, most in _LONGEST.items()
            if len(str(entry.get(key) or "")) > most
        ]
    for key in ("id", "name"):
        counted = Counter(str(entry.get(key)) for _, entry in entries)
        faults += [
            f"`{key}` {found} is listed {count} times" for found, count in counted.items() if count > 1
        ]
    if faults or not entries:
        raise DepartmentsError(faults or [f"{file.name} lists no department"])
    plain = [{key: str(value).strip() or None for key, value in entry.items()} for _, entry in entries]
    return tuple(Department(**entry) for entry in plain)  # type: ignore[arg-type]


def _read(file: Path) -> list[tuple[int, Mapping[str, Any]]]:
    try:
        if file.suffix == ".xlsx":
            return [row for rows in read_sheets(file).values() for row in rows]
        content = yaml.safe_load(file.read_text("utf-8"))
    except (WorkbookError, OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise DepartmentsError([f"{file.name} cannot be read: {problem}"]) from problem
    if not isinstance(content, list):
        raise DepartmentsError([f"{file.name}: write a list of departments with id and name"])
    return [(row, entry if isinstance(entry, dict) else {}) for row, entry in enumerate(content, start=1)]
