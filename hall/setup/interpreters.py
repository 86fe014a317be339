"""Find a Python on this machine that really works, in the places where people keep them."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# A Python built without these two installs packages badly and fails late: it does not count.
PROBE = "import ssl, sqlite3, sys; print('%d.%d' % sys.version_info[:2])"
PROBE_SECONDS = 30
SYSTEM_FOLDERS = ("/usr/bin", "/usr/local/bin", "/opt")
PYENV_FOLDERS = (
    "/opt/pyenv",
    "/usr/local/pyenv",
    "/usr/local/share/pyenv",
    "/usr/share/pyenv",
    "/var/lib/pyenv",
)


def _account_homes() -> list[Path]:
    try:
        return [Path(pwd.getpwuid(os.getuid()).pw_dir)]
    except KeyError:  # a number without a name, as in some containers
        return []


@dataclass(frozen=True)
class Places:
    """Where to look: variables such as PATH, homes (the account's may differ from HOME), system folders."""

    environment: Mapping[str, str]
    homes: tuple[Path, ...] = ()
    system: tuple[str, ...] = SYSTEM_FOLDERS
    pyenv: tuple[str, ...] = PYENV_FOLDERS
    excluded: tuple[Path, ...] = field(default=())

    @classmethod
    def of_this_machine(cls, environment: Mapping[str, str], excluded: tuple[Path, ...]) -> Places:
        """Return the usual places; `excluded` are the environments that we make ourselves."""
        homes = [Path(environment["HOME"])] if environment.get("HOME") else []
        return cls(environment, homes=(*homes, *_account_homes()), excluded=excluded)


def find(versions: Iterable[str], places: Places) -> Path | None:
    """Return the first Python of one of `versions` ("3.10", best first) that runs and has ssl and sqlite3."""
    for version in versions:
        for candidate in _candidates(version, places):
            if version_of(candidate, places.environment) == version:
                return candidate
    return None


def version_of(python: Path, environment: Mapping[str, str]) -> str | None:
    """Return "3.10" or the like; None when it does not run (pyenv's shims may only print an error)."""
    try:
        probe = subprocess.run(
            [str(python), "-I", "-c", PROBE],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return probe.stdout.strip() if probe.returncode == 0 else None


def _candidates(version: str, places: Places) -> Iterator[Path]:
    """Yield the executable files that may be this version, each once, the likeliest first."""
    seen: set[Path] = set()
    for path in _spots(version, places):
        # By os.path: Path.is_file() raises in another account's home (`su` keeps HOME).
        if path in seen or not os.path.isfile(path) or not os.access(path, os.X_OK):
            continue
        seen.add(path)
        if not any(path.is_relative_to(folder) for folder in places.excluded):
            yield path


def _spots(version: str, places: Places) -> Iterator[Path]:
    name = f"python{version}"
    folders = [Path(entry) for entry in places.environment.get("PATH", "").split(os.pathsep) if entry]
    for folder in folders:
        yield folder / name
    for root in _pyenv_roots(folders, places):
        yield from _newest(root / "versions", f"{version}*/bin/{name}")
    for root in _uv_roots(places):
        yield from _newest(root, f"*-{version}*/bin/{name}")
    for home in places.homes:
        yield home / ".local/bin" / name
        yield from _newest(home / ".asdf/installs/python", f"{version}*/bin/{name}")
        yield from _newest(home / ".local/share/mise/installs/python", f"{version}*/bin/{name}")
        for conda in ("miniconda3", "anaconda3", "miniforge3", "mambaforge"):
            yield home / conda / "bin" / name
            yield from _newest(home / conda / "envs", f"*/bin/{name}")
    for system in places.system:
        root = Path(system)
        yield root / name
        yield from _newest(root, f"*/bin/{name}")
        yield from _newest(root, f"python*/*/bin/{name}")
    for folder in folders:
        # Last: a plain python3 may be any version; the probe tells.
        yield folder / "python3"
        yield folder / "python"


def _newest(folder: Path, pattern: str) -> list[Path]:
    def key(path: Path) -> tuple[list[int], str]:
        release = str(path.relative_to(folder)).split(os.sep)[0]
        return [int(part) for part in release.split("-")[-1].split(".") if part.isdigit()], str(path)

    return sorted(folder.glob(pattern), key=key, reverse=True) if os.path.isdir(folder) else []


def _pyenv_roots(folders: list[Path], places: Places) -> Iterator[Path]:
    if root := places.environment.get("PYENV_ROOT"):
        yield Path(root)
    for folder in folders:
        # .../pyenv/shims on PATH tells where pyenv lives even when HOME does not.
        if folder.name in ("shims", "bin") and os.path.isdir(folder.parent / "versions"):
            yield folder.parent
    yield from (home / ".pyenv" for home in places.homes)
    yield from (Path(root) for root in places.pyenv)


def _uv_roots(places: Places) -> Iterator[Path]:
    if folder := places.environment.get("UV_PYTHON_INSTALL_DIR"):
        yield Path(folder)
    if folder := places.environment.get("XDG_DATA_HOME"):
        yield Path(folder) / "uv/python"
    yield from (home / ".local/share/uv/python" for home in places.homes)
