"""What the figures were measured on: machine, versions, commit, and how busy it was."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from hall.setup.checkout import Checkout


def describe_machine(checkout: Checkout) -> Mapping[str, str]:
    """Return name and value of everything that a reader of the figures wants to know."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    machine = f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB"
    python, sanic, sdk = platform.python_version(), version("sanic"), version("rasa-sdk")
    return {
        "Measured on": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Commit": _commit(checkout.root),
        "Machine": f"{machine}, {platform.system()} {platform.release()}",
        "Load before the start (1 min)": f"{os.getloadavg()[0]:.1f}",
        "Hall": f"Python {python}, Sanic {sanic}, rasa-sdk {sdk}",
        "Rasa, ours and stock": _engine(checkout),
    }


def _commit(root: Path) -> str:
    def git(*arguments: str) -> str:
        command = ("git", "-C", str(root), *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = git("rev-parse", "--short=10", "HEAD")
    if not commit:
        return "unknown (no git checkout)"
    return f"{commit}, with changes" if git("status", "--porcelain", "--untracked-files=no") else commit


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    return found.group(1).strip() if found else platform.machine()


def _engine(checkout: Checkout) -> str:
    script = (
        "import platform; from importlib.metadata import version as v;"
        'print(f\'Python {platform.python_version()}, rasa {v("rasa")}, Sanic {v("sanic")}\')'
    )
    command = (str(checkout.engine_python), "-c", script)
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
