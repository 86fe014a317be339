"""Make the two Python environments from their lock files: the hall's and Rasa's."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hall.setup import interpreters, stamps
from hall.setup.caches import cache_folder
from hall.setup.checkout import HALL_PYTHONS, Checkout, running_python
from hall.setup.commands import SetupFailed, failure
from hall.setup.tools import uv

ENGINE_VERSION = "3.10"
GIGABYTE = 10**9
# Measured: 2.5 GB installed. uv links files out of its cache, so the two are one copy on one file system.
ENGINE_BYTES = 3 * GIGABYTE
HALL_BYTES = GIGABYTE // 2
STAMP = "linli.stamp.json"
# Rasa looks for a graphics card, says so at length, and calls home.
ENGINE_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "RASA_TELEMETRY_ENABLED": "false",
}

FreeBytes = Callable[[Path], int]


def free_bytes(folder: Path) -> int:
    """Return how much of the disk that holds `folder` (or the nearest folder that exists) is free."""
    while not os.path.exists(folder):  # Path.exists() raises in another account's home
        folder = folder.parent
    return shutil.disk_usage(folder).free


def hall_is_current(checkout: Checkout, *, for_tests: bool) -> bool:
    """True when the hall's environment was made here from the present lock file; takes milliseconds."""
    said = stamps.read(checkout.hall_environment / STAMP)
    return (
        said.get("made from") == _hall_sources(checkout)
        and said.get("root") == str(checkout.root)
        and (bool(said.get("for tests")) or not for_tests)
        and checkout.hall_python.exists()
    )


def make_hall(checkout: Checkout, *, for_tests: bool, free: FreeBytes = free_bytes) -> None:
    """Make or renew `.venv/`. Raises SetupFailed; without this environment nothing can be served."""
    _require_disk(checkout, checkout.root, HALL_BYTES, "The hall's Python environment", free)
    program = uv(checkout)
    said = stamps.read(checkout.hall_environment / STAMP)
    # Scripts in an environment hold its absolute path: one that was moved or copied along is made anew.
    _discard_unless_usable(checkout.hall_environment, said, checkout)
    with checkout.screen.step("The hall's Python environment") as step:
        arguments = ["sync", "--frozen", "--inexact", *_python_of(checkout.hall_environment)]
        if not checkout.hall_python.exists():
            arguments += ["--python", str(_hall_interpreter(checkout))]
        with_tests = for_tests or bool(said.get("for tests"))
        if not with_tests:
            arguments.append("--no-dev")
        extra = {"UV_PROJECT_ENVIRONMENT": str(checkout.hall_environment), "UV_PYTHON_DOWNLOADS": "never"}
        outcome = checkout.run(program, *arguments, step=step, extra=extra)
        if not outcome.succeeded:
            raise failure(
                "The hall's Python environment could not be installed", outcome, checkout.log, checkout.again
            )
    made_from = _hall_sources(checkout)
    stamps.write(
        checkout.hall_environment / STAMP,
        {"made from": made_from, "root": str(checkout.root), "for tests": with_tests},
    )


def engine_is_current(checkout: Checkout) -> bool:
    """True when Rasa's environment was made here from the present lock file and has been seen to start."""
    said = stamps.read(checkout.engine_environment / STAMP)
    return (
        said.get("made from") == _engine_sources(checkout)
        and said.get("root") == str(checkout.root)
        and checkout.engine_python.exists()
    )


def make_engine(checkout: Checkout, free: FreeBytes = free_bytes) -> None:
    """Make or renew `.rasa-venv/` and import Rasa once. Raises SetupFailed; the hall can serve without it."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise SetupFailed(
            f"Rasa needs Linux on x86_64, and this is {sys.platform} on {platform.machine()}."
            " Run Rasa on such a machine and point LINLI_ENGINE_URL at it."
        )
    said = stamps.read(checkout.engine_environment / STAMP)
    _discard_unless_usable(checkout.engine_environment, said, checkout)
    if not said:
        _require_disk(checkout, checkout.root, ENGINE_BYTES, "Rasa's environment", free)
    program = uv(checkout)
    python = (
        checkout.engine_python if checkout.engine_python.exists() else engine_interpreter(checkout, program)
    )
    with checkout.screen.step("Rasa's environment (about 2.5 GB)") as step:
        extra = {"UV_PROJECT_ENVIRONMENT": str(checkout.engine_environment), "UV_PYTHON_DOWNLOADS": "never"}
        project = checkout.root / "bot/engine"
        outcome = checkout.run(
            program, "sync", "--frozen", "--project", project, "--python", python, step=step, extra=extra
        )
        if not outcome.succeeded:
            raise failure("Rasa's environment could not be installed", outcome, checkout.log, checkout.again)
    with checkout.screen.step("Rasa's environment: first import") as step:
        smoke = checkout.run(
            checkout.engine_python, "-I", "-c", "import tensorflow, rasa", step=step, extra=ENGINE_QUIET
        )
        if not smoke.succeeded:
            raise failure(
                "Rasa was installed but cannot be imported (remove .rasa-venv to install it anew)",
                smoke,
                checkout.log,
                checkout.again,
            )
    stamps.write(
        checkout.engine_environment / STAMP,
        {"made from": _engine_sources(checkout), "root": str(checkout.root)},
    )


def engine_interpreter(checkout: Checkout, uv_program: str) -> Path:
    """Return a Python 3.10 that works: one found on this machine, else one that uv downloads."""
    with checkout.screen.step("Looking for a Python 3.10 for Rasa") as step:
        found = interpreters.find([ENGINE_VERSION], checkout.places())
        step.note = str(found) if found else "none here that has ssl and sqlite3"
    if found:
        return found
    with checkout.screen.step("Downloading Python 3.10 through uv") as step:
        outcome = checkout.run(uv_program, "python", "install", ENGINE_VERSION, step=step)
        if outcome.succeeded:
            found = interpreters.find([ENGINE_VERSION], checkout.places()) or _by_uv(checkout, uv_program)
        else:
            step.failed = True
    if found:
        return found
    raise SetupFailed(
        "Rasa needs Python 3.10 and this machine has none with ssl and sqlite3. Put one on PATH (with"
        " `pyenv install 3.10`, or `uv python install 3.10` where the network allows it), then"
        f" {checkout.again}. Details: {checkout.log}",
        passing=True,
    )


def _by_uv(checkout: Checkout, uv_program: str) -> Path | None:
    outcome = checkout.run(
        uv_program, "python", "find", "--managed-python", ENGINE_VERSION, timeout_seconds=60
    )
    path = Path(outcome.tail.splitlines()[-1]) if outcome.succeeded and outcome.tail else None
    if path and interpreters.version_of(path, checkout.environment) == ENGINE_VERSION:
        return path
    return None


def _hall_interpreter(checkout: Checkout) -> Path:
    own = Path(getattr(sys, "_base_executable", None) or sys.executable)
    if running_python() in HALL_PYTHONS and interpreters.version_of(own, checkout.environment):
        return own
    found = interpreters.find(HALL_PYTHONS, checkout.places())
    if found:
        return found
    raise SetupFailed(
        f"The hall needs Python 3.11 or newer with ssl and sqlite3, and {own} lacks one of them. Install"
        f" another (Debian: apt-get install python3), then {checkout.again}."
    )


def _python_of(environment: Path) -> list[str]:
    """Name the environment's own Python to uv, lest it prefers another and empties an environment in use."""
    python = environment / "bin" / "python"
    return ["--python", str(python)] if python.exists() else []


def _discard_unless_usable(environment: Path, said: dict[str, Any], checkout: Checkout) -> None:
    python = environment / "bin" / "python"
    moved = said.get("root", str(checkout.root)) != str(checkout.root)
    if environment.exists() and (moved or interpreters.version_of(python, checkout.environment) is None):
        with checkout.screen.step(f"Removing {environment.name}, which was moved or no longer runs"):
            shutil.rmtree(environment)


def _require_disk(checkout: Checkout, folder: Path, needed: int, what: str, free: FreeBytes) -> None:
    cache = _uv_cache(checkout)
    for spot in {folder, cache}:
        if free(spot) < needed:
            raise SetupFailed(
                f"{what} needs {needed / GIGABYTE:.1f} GB and {spot} has {free(spot) / GIGABYTE:.1f} GB free."
                f" Free some space or move the folder to a larger disk, then {checkout.again}."
            )


def _uv_cache(checkout: Checkout) -> Path:
    variables = checkout.environment
    if folder := variables.get("UV_CACHE_DIR"):
        return Path(folder)
    return cache_folder(variables) / "uv"


def _hall_sources(checkout: Checkout) -> str:
    """Return the digest of the lock file and the parts of pyproject.toml that an environment is made from."""
    project = tomllib.loads((checkout.root / "pyproject.toml").read_text(encoding="utf-8"))
    parts = {name: project.get(name) for name in ("project", "dependency-groups", "build-system")}
    parts["hatch"] = project.get("tool", {}).get("hatch")
    said = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(said.encode() + (checkout.root / "uv.lock").read_bytes()).hexdigest()


def _engine_sources(checkout: Checkout) -> str:
    folder = checkout.root / "bot/engine"
    return stamps.digest([folder / "pyproject.toml", folder / "uv.lock"], checkout.root)
