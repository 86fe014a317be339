"""Where installers keep what they fetch: in the account's home, or in var/ where that cannot be written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder that programs of this account keep their caches in."""
    if folder := environment.get("XDG_CACHE_HOME"):
        return Path(folder)
    return _home(environment) / ".cache"


def own_caches(environment: Mapping[str, str], var: Path) -> dict[str, str]:
    """Return variables that move caches, and Pythons that uv downloads, into `var` where the usual ones fail.

    What the person has set stays.
    """
    home = _home(environment)
    moved = {}
    if not _can_be_made(cache_folder(environment) / "uv"):
        moved["UV_CACHE_DIR"] = str(var / "cache/uv")
    if not _can_be_made(home / ".npm"):
        moved["npm_config_cache"] = str(var / "cache/npm")
    if not _can_be_made(Path(environment.get("XDG_DATA_HOME") or home / ".local/share") / "uv"):
        moved["UV_PYTHON_INSTALL_DIR"] = str(var / "pythons")
    return {name: folder for name, folder in moved.items() if not environment.get(name)}


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or os.path.expanduser("~"))


def _can_be_made(folder: Path) -> bool:
    """True when the folder can be written, or made in the nearest one that exists.

    Not by Path.exists(), which raises in another account's home (`su` keeps HOME).
    """
    while not os.path.exists(folder) and folder != folder.parent:
        folder = folder.parent
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)
