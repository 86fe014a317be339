"""System packages: the voice, Chinese fonts, and what the tests need; installed where we may, else named."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hall.setup import stamps
from hall.setup.checkout import Checkout
from hall.setup.commands import Outcome
from hall.setup.screen import Step

APT_TIMEOUT_SECONDS = 900
# A machine that could not install them a moment ago is not made to wait for it at every start.
RETRY_AFTER_SECONDS = 24 * 3600
FRESH_LISTS_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Package:
    """A Debian package, how to see that what it brings is here, and what is missing without it."""

    names: tuple[str, ...]
    is_here: Callable[[], bool]
    without: str


def _program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def _file(*patterns: str) -> Callable[[], bool]:
    return lambda: any(next(Path("/").glob(pattern), None) for pattern in patterns)


VOICE = Package(("espeak-ng", "libespeak-ng1"), _program("espeak-ng"), "the kiosk does not speak")
FONTS = Package(
    ("fonts-noto-cjk",),
    _file(
        "usr/share/fonts/opentype/noto/NotoSansCJK*", "usr/share/fonts/**/*CJK*", "usr/share/fonts/**/wqy*"
    ),
    "a kiosk screen on this machine may lack Chinese characters",
)
CHROMIUM = Package(
    ("chromium",), _program("chromium", "chromium-browser", "google-chrome"), "browser tests cannot run"
)
POSTGRESQL = Package(
    ("postgresql",),
    _file("usr/lib/postgresql/*/bin/postgres"),
    "neither `make serve-cluster` nor tests on PostgreSQL can run",
)
REDIS = Package(
    ("redis-server",), _program("redis-server"), "neither `make serve-cluster` nor its tests can run"
)
TO_SERVE = (VOICE, FONTS)
TO_CLUSTER = (POSTGRESQL, REDIS)
TO_TEST = (VOICE, FONTS, CHROMIUM, POSTGRESQL, REDIS)


def may_install() -> bool:
    """True when this account may install system packages: root, on a system with apt-get."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_command(names: Sequence[str]) -> str:
    """Return the one command a person can run to install the packages."""
    return f"apt-get update && apt-get install -y --no-install-recommends {' '.join(names)}"


def apt_install(checkout: Checkout, names: Sequence[str], step: Step) -> Outcome:
    """Install Debian packages without asking anything; refresh the lists only where missing or old."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    patience = (
        "-o",
        "Acquire::Retries=1",
        "-o",
        "Acquire::http::Timeout=20",
        "-o",
        "DPkg::Lock::Timeout=120",
    )
    install = ("apt-get", *patience, "install", "-y", "-q", "--no-install-recommends", *names)
    if _lists_are_fresh():
        outcome = checkout.run(*install, step=step, extra=quiet, timeout_seconds=APT_TIMEOUT_SECONDS)
        if outcome.succeeded:
            return outcome
    checkout.run(
        "apt-get", *patience, "update", "-q", step=step, extra=quiet, timeout_seconds=APT_TIMEOUT_SECONDS
    )
    return checkout.run(*install, step=step, extra=quiet, timeout_seconds=APT_TIMEOUT_SECONDS)


def system_packages(
    checkout: Checkout, wanted: Sequence[Package], *, insist: bool, allowed: bool | None = None
) -> list[Package]:
    """Install what is missing of `wanted` and return what is missing still, having said what that means.

    `insist` tries again even if the last try failed less than a day ago.
    """
    missing = [package for package in wanted if not package.is_here()]
    if not missing:
        return []
    names = [name for package in missing for name in package.names]
    stamp = checkout.stamps / "packages.json"
    if may_install() if allowed is None else allowed:
        failed = stamps.read(stamp)
        is_recent = time.time() - float(failed.get("at", 0)) < RETRY_AFTER_SECONDS
        if insist or not (is_recent and failed.get("names") == names):
            with checkout.screen.step(f"System packages: {' '.join(names)}") as step:
                outcome = apt_install(checkout, names, step)
                if not outcome.succeeded:
                    step.failed = True
                    stamps.write(stamp, {"names": names, "at": time.time()})
    missing = [package for package in missing if not package.is_here()]
    if missing:
        lacking = "; ".join(package.without for package in missing)
        still = [name for package in missing for name in package.names]
        checkout.screen.say(f"Without some system packages: {lacking}. As root run\n    {apt_command(still)}")
    return missing


def _lists_are_fresh() -> bool:
    lists = Path("/var/lib/apt/lists")
    times = [file.stat().st_mtime for file in lists.glob("*_Packages*")] if lists.is_dir() else []
    return bool(times) and time.time() - max(times) < FRESH_LISTS_SECONDS
