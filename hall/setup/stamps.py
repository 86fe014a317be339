"""Tell in milliseconds whether a step's work is still good, by a stamp that it left beside its work."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def digest(files: Iterable[Path], root: Path) -> str:
    """Return the SHA-256 of the files' names (below `root`) and contents, in a fixed order."""
    sum_ = hashlib.sha256()
    for file in sorted(set(files)):
        content = file.read_bytes()
        sum_.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        sum_.update(content)
    return sum_.hexdigest()


def read(stamp: Path) -> dict[str, Any]:
    """Return what the stamp says; nothing when it is missing or damaged, so that the work is done again."""
    try:
        said = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def write(stamp: Path, said: dict[str, Any]) -> None:
    """Write the stamp whole or not at all."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    half = stamp.with_name(f"{stamp.name}.{os.getpid()}")
    half.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    half.replace(stamp)
