"""The orders of `make`, and `engine`, which the supervisor gives."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from hall.setup.checkout import Checkout, alone
from hall.setup.commands import SetupFailed
from hall.setup.environments import engine_is_current, hall_is_current, make_engine, make_hall
from hall.setup.frontend import failed_lately, frontend_is_current, make_frontend
from hall.setup.model import current_model, is_damaged, model_is_current, reject_model, train
from hall.setup.system import TO_CLUSTER, TO_SERVE, TO_TEST, system_packages

# What the supervisor reads from `engine`: a model to serve, none, or none yet but trying later may help.
READY, FAILED, TRY_LATER = 0, 1, 75
# Said with `engine` where Rasa could not use the model that there is.
ANEW = "anew"


def main(arguments: Sequence[str]) -> int:
    """Carry out the order named first and return the exit code."""
    orders: dict[str, Callable[[Checkout, Sequence[str]], int]] = {
        "install": install,
        "serve": serve,
        "serve-cluster": serve_cluster,
        "engine": engine,
        "train": engine,
        "test": test,
        "bench": bench,
        "lint": lint,
    }
    if not arguments or arguments[0] not in orders:
        sys.stderr.write(f"Give one of: {', '.join(orders)}\n")
        return 2
    checkout = Checkout.here()
    try:
        return orders[arguments[0]](checkout, arguments[1:])
    except SetupFailed as problem:
        checkout.screen.say(str(problem))
        return FAILED
    except OSError as problem:
        checkout.screen.say(_unwritable(problem, checkout))
        return FAILED
    except KeyboardInterrupt:
        checkout.screen.say("Stopped. What is done is kept; the same command goes on from here.")
        return 130


def _unwritable(problem: OSError, checkout: Checkout) -> str:
    """Return the sentence for a file that could not be written, read or started."""
    where = problem.filename or checkout.root
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {where} is full. Free some space, then {checkout.again}."
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{where} cannot be written ({problem.strerror}). Run this as the account that owns"
            f" {checkout.root}, or clone Linli into a folder of your own."
        )
    return f"{where}: {problem.strerror or problem}. Mend that, then {checkout.again}."


def serve(checkout: Checkout, arguments: Sequence[str]) -> int:
    """Make what the hall needs to serve and become its supervisor, which sees to Rasa in the background."""
    prepare_hall(checkout, for_tests=False, insist=False)
    # Not through `linli serve`, which imports much else first: a second start is to be quick.
    _become(checkout, "hall.supervisor")


def serve_cluster(checkout: Checkout, arguments: Sequence[str]) -> int:
    """Serve with several processes of each kind, on a PostgreSQL and a Redis started for this hall alone."""
    prepare_hall(checkout, for_tests=False, insist=False)
    if system_packages(checkout, TO_CLUSTER, insist=True):
        return FAILED
    _become(checkout, "hall.cluster")


def _become(checkout: Checkout, module: str) -> NoReturn:
    sys.stderr.flush()
    command = [str(checkout.hall_python), "-m", module]
    os.chdir(checkout.root)
    os.execve(command[0], command, dict(checkout.environment))


def install(checkout: Checkout, arguments: Sequence[str]) -> int:
    """Make both environments, the front-end files and the system packages."""
    started = time.monotonic()
    prepare_hall(checkout, for_tests=True, insist=True)
    if not engine_is_current(checkout):
        with alone(checkout):
            if not engine_is_current(checkout):
                make_engine(checkout)
    checkout.screen.say(f"Installed, {time.monotonic() - started:.0f} s. Next: make serve")
    return READY


def prepare_hall(checkout: Checkout, *, for_tests: bool, insist: bool) -> None:
    """Make the hall's environment, then what it can do without: front-end files and system packages."""
    if not hall_is_current(checkout, for_tests=for_tests):
        with alone(checkout):
            if not hall_is_current(checkout, for_tests=for_tests):
                make_hall(checkout, for_tests=for_tests)
    if not (checkout.root / "package-lock.json").exists():
        checkout.screen.say("No package-lock.json here: the pages use plain forms.")
    elif not frontend_is_current(checkout) and (insist or not failed_lately(checkout)):
        with alone(checkout):
            try:
                make_frontend(checkout)
            except SetupFailed as problem:
                checkout.screen.say(f"{problem}\nUntil then the pages use plain forms.")
    system_packages(checkout, TO_TEST if for_tests else TO_SERVE, insist=insist)


def engine(checkout: Checkout, arguments: Sequence[str] = ()) -> int:
    """Make Rasa's environment and a current model; READY also when an older model can be served instead."""
    if ANEW in arguments:
        reject_model(checkout)
    elif is_damaged(checkout):
        checkout.screen.say("The conversation model is damaged; it is trained anew.")
    try:
        if not (engine_is_current(checkout) and model_is_current(checkout)):
            with alone(checkout):
                if not engine_is_current(checkout):
                    make_engine(checkout)
                if not model_is_current(checkout):
                    train(checkout)
    except SetupFailed as problem:
        checkout.screen.say(str(problem))
        if engine_is_current(checkout) and current_model(checkout):
            return READY
        return TRY_LATER if problem.passing else FAILED
    return READY


def test(checkout: Checkout, arguments: Sequence[str]) -> int:
    """Install, train, check the style and the types, and run every test."""
    install(checkout, ())
    if engine(checkout) != READY or not model_is_current(checkout):
        return FAILED
    checks = _style_checks(checkout)
    # Two at once: each may start a hall with Rasa, and half of a test's time is waiting for one.
    at_once = ["-n", str(min(2, os.cpu_count() or 1)), "--dist", "loadscope", "--no-loadscope-reorder"]
    checks["tests"] = [str(checkout.hall_python), "-m", "pytest", *at_once, *arguments]
    return _run_all(checkout, checks)


def lint(checkout: Checkout, arguments: Sequence[str]) -> int:
    """Check the style and the types."""
    if not hall_is_current(checkout, for_tests=True):
        make_hall(checkout, for_tests=True)
    return _run_all(checkout, _style_checks(checkout))


def bench(checkout: Checkout, arguments: Sequence[str]) -> int:
    """Install, train and measure."""
    install(checkout, ())
    if engine(checkout) != READY:
        return FAILED
    return _run_all(checkout, {"bench": [str(checkout.hall_environment / "bin/linli"), "bench", *arguments]})


def _style_checks(checkout: Checkout) -> dict[str, list[str]]:
    tools = checkout.hall_environment / "bin"
    return {
        "style": [str(tools / "ruff"), "check"],
        "format": [str(tools / "ruff"), "format", "--check"],
        "types": [str(tools / "mypy")],
    }


def _run_all(checkout: Checkout, checks: dict[str, list[str]]) -> int:
    """Run every check in full view, even after one has failed, and end with a line that names those."""
    failed = []
    for name, command in checks.items():
        started = time.monotonic()
        code = subprocess.run(
            command, cwd=checkout.root, env=dict(checkout.environment), check=False
        ).returncode
        verdict = "passed" if code == 0 else "FAILED"
        checkout.screen.say(
            f"{name}: {verdict}, {time.monotonic() - started:.1f} s ({Path(command[0]).name})"
        )
        if code:
            failed.append(name)
    if failed:
        checkout.screen.say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0
