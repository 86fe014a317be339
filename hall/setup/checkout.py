"""The checkout that is being set up: where everything in it lies, and what every step needs to know."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hall.setup.caches import own_caches
from hall.setup.commands import Outcome, clean_environment, run, system_trust
from hall.setup.interpreters import Places
from hall.setup.screen import Screen, Step

HALL_PYTHONS = ("3.13", "3.12", "3.11", "3.14")


@dataclass(frozen=True)
class Checkout:
    """A folder with Linli's source, and the environment variables of whoever sets it up."""

    root: Path
    environment: Mapping[str, str]
    screen: Screen
    again: str = "run the same command again"

    @classmethod
    def here(cls, screen: Screen | None = None) -> Checkout:
        """Return the checkout that this file belongs to."""
        root = Path(__file__).resolve().parents[2]
        environment = clean_environment(os.environ)
        return cls(root, {**environment, **own_caches(environment, root / "var")}, screen or Screen())

    @property
    def var(self) -> Path:
        """Everything made here that is neither source nor an environment."""
        return self.root / "var"

    @property
    def tools(self) -> Path:
        """Programs that setup fetched for itself."""
        return self.var / "tools"

    @property
    def stamps(self) -> Path:
        """Where steps that leave nothing of their own keep their stamps."""
        return self.var / "setup"

    @property
    def log(self) -> Path:
        """What the programs that setup ran have said."""
        return self.var / "log" / "setup.log"

    @property
    def hall_environment(self) -> Path:
        """The environment of everything but Rasa."""
        return self.root / ".venv"

    @property
    def hall_python(self) -> Path:
        """The Python of the hall's environment."""
        return self.hall_environment / "bin" / "python"

    @property
    def engine_environment(self) -> Path:
        """Rasa's own environment."""
        return self.root / ".rasa-venv"

    @property
    def engine_python(self) -> Path:
        """The Python of Rasa's environment."""
        return self.engine_environment / "bin" / "python"

    @property
    def models(self) -> Path:
        """Where trained models are kept."""
        return self.var / "models"

    def places(self) -> Places:
        """Return where to look for interpreters; our own environments do not count."""
        own = (self.hall_environment, self.engine_environment, self.tools)
        return Places.of_this_machine(self.environment, own)

    def run(
        self,
        *command: str | Path,
        step: Step | None = None,
        extra: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Outcome:
        """Run a program in the checkout's folder; its output goes to the log."""
        return run(
            [str(part) for part in command],
            folder=self.root,
            environment={**system_trust(self.environment), **self.environment, **(extra or {})},
            log=self.log,
            step=step,
            timeout_seconds=timeout_seconds,
        )


@contextmanager
def alone(checkout: Checkout) -> Iterator[None]:
    """Hold the checkout's setup lock; wait, saying for whom, while another setup works in this folder."""
    file = checkout.var / "setup.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            with checkout.screen.step(f"Waiting for another setup in this folder (process {holder})"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def running_python() -> str:
    """Return "3.11" or the like for the Python that runs this setup."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"
