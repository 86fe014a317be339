"""Find uv, or fetch it from the package registry with whatever this machine has for that."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from hall.setup.checkout import Checkout
from hall.setup.commands import Outcome, SetupFailed, failure
from hall.setup.screen import Step
from hall.setup.system import apt_command, apt_install, may_install

# The lock files are of revision 3, which uv writes and reads since 0.7.
OLDEST_UV = (0, 7)
UV_REQUIREMENT = "uv>=0.9"


def uv(checkout: Checkout) -> str:
    """Return the path of a uv that runs, fetching one into var/tools when there is none.

    Raises SetupFailed with the one command to run when nothing here can fetch it.
    """
    for found in _present(checkout):
        return found
    with checkout.screen.step("Fetching uv, which installs the rest") as step:
        outcome = _fetch(checkout, step)
        for found in _present(checkout):
            return found
        if outcome is not None:
            raise failure("uv could not be installed", outcome, checkout.log, checkout.again)
        raise SetupFailed(
            "This Python can install nothing (neither venv nor pip). As root run"
            f"\n    {apt_command(['python3-venv'])}\nthen {checkout.again}."
        )


def _present(checkout: Checkout) -> list[str]:
    spots = [checkout.tools / "venv/bin/uv", checkout.tools / "lib/bin/uv"]
    for folder in checkout.environment.get("PATH", "").split(":"):
        spots.append(Path(folder or ".") / "uv")
    if home := checkout.environment.get("HOME"):
        spots += [Path(home) / ".local/bin/uv", Path(home) / ".cargo/bin/uv"]
    return [str(spot) for spot in spots if os.path.isfile(spot) and _is_recent(checkout, spot)][:1]


def _is_recent(checkout: Checkout, program: Path) -> bool:
    outcome = checkout.run(program, "--version", timeout_seconds=30)
    version = re.search(r"uv (\d+)\.(\d+)", outcome.tail)
    return outcome.succeeded and version is not None and (int(version[1]), int(version[2])) >= OLDEST_UV


def _fetch(checkout: Checkout, step: Step) -> Outcome | None:
    """Try every way to fetch uv; return how the last one ended, or None when there was no way at all."""
    outcome = _by_venv(checkout, step) or _by_pip(checkout, step)
    if outcome is None and may_install():
        step.detail = "apt-get install python3-venv"
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        names = ["python3-venv", version] if sys.executable.startswith("/usr/bin") else ["python3-venv"]
        installed = apt_install(checkout, names, step)
        if not installed.succeeded and len(names) > 1:
            installed = apt_install(checkout, names[:1], step)
        outcome = _by_venv(checkout, step) or installed
    return outcome


def _by_venv(checkout: Checkout, step: Step) -> Outcome | None:
    """Install uv into an environment of its own; None when this Python cannot make one with pip in it."""
    folder = checkout.tools / "venv"
    if not checkout.run(sys.executable, "-I", "-c", "import venv, ensurepip", timeout_seconds=30).succeeded:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    made = checkout.run(sys.executable, "-m", "venv", folder, step=step, timeout_seconds=300)
    if not made.succeeded:
        return None
    return checkout.run(folder / "bin/python", "-m", "pip", "install", UV_REQUIREMENT, step=step)


def _by_pip(checkout: Checkout, step: Step) -> Outcome | None:
    """Install uv beside nothing else with this Python's pip; None when it has none."""
    if not checkout.run(sys.executable, "-m", "pip", "--version", timeout_seconds=60).succeeded:
        return None
    # --target is allowed where the system's own environment is marked as externally managed (PEP 668).
    folder = checkout.tools / "lib"
    return checkout.run(
        sys.executable, "-m", "pip", "install", "--upgrade", "--target", folder, UV_REQUIREMENT, step=step
    )
