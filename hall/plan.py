"""Which programs a hall consists of, and how long each may take."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hall.programs import Check, Patience
from hall.settings import Settings
from hall.setup.checkout import Checkout
from hall.setup.model import current_model

# A worker is ready in a second or two; one that is not after this long hangs.
WORKER_PATIENCE = Patience(starting_seconds=90.0, check_every_seconds=2.0, failures_allowed=3)

# Said beside the traceback of a program that ends before it was ready.
WORKER_REMEDY = (
    "The lines above say why. Mend what they name (a setting in .env, a file in the hall's folder, free"
    " memory); after an upgrade, `make install`. The hall tries again by itself."
)
# What `python -m bot.engine serve` ends with when Rasa cannot load its model.
MODEL_UNUSABLE = 65
STORE_REMEDY = (
    "The lines above say why. Mend what they name (free space or memory, who may enter the folder); it is"
    " tried again by itself."
)
ENGINE_REMEDY = (
    "The lines above say why; the hall serves without Rasa meanwhile. If a file is damaged, remove .rasa-venv"
    " or var/models and start again. Rasa is tried again by itself."
)


@dataclass(frozen=True)
class Store:
    """A server that keeps the hall's data, started with it and ended after it (hall/cluster.py)."""

    name: str
    command: tuple[str, ...]
    folder: Path
    check: Check
    stop_signal: signal.Signals = signal.SIGTERM
    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": os.defpath, "LC_ALL": "C.UTF-8"})


@dataclass(frozen=True)
class Plan:
    """What to serve and with which programs.

    `engine` makes Rasa's command for a port; it returns None while there is no model, and is None itself
    to serve without a Rasa of our own.
    """

    host: str
    port: int
    folder: Path
    workers: int
    prepare: tuple[str, ...]
    worker: tuple[str, ...]
    learn: tuple[str, ...] = ()
    engine_setup: tuple[str, ...] = ()
    engine: Callable[[int], tuple[str, ...] | None] | None = None
    engines: int = 1
    stores: tuple[Store, ...] = ()
    redis_url: str = ""
    engine_url: str = ""
    engine_token: str = ""
    actions_url: str = ""
    tracker_url: str = ""
    worker_patience: Patience = WORKER_PATIENCE
    engine_patience: Patience = field(default_factory=Patience)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


def plan_of(settings: Settings) -> Plan:
    """Return the plan for a hall with these settings."""
    python = sys.executable
    has_own_engine = not settings.without_rasa and not settings.engine_url
    return Plan(
        host=settings.host,
        port=settings.port,
        folder=settings.folder,
        workers=settings.hall_workers,
        prepare=(python, "-m", "hall.prepare"),
        worker=(python, "-m", "hall.worker"),
        learn=(python, "-m", "hall.learn"),
        engine_setup=(python, "-m", "hall.setup", "engine"),
        engine=_engine_command if has_own_engine else None,
        engines=settings.engines,
        redis_url=settings.redis_url,
        engine_url="" if settings.without_rasa else settings.engine_url,
        engine_token=settings.engine_token,
        actions_url=settings.actions_url,
        tracker_url=settings.tracker_url,
    )


def _engine_command(port: int) -> tuple[str, ...] | None:
    checkout = Checkout.here()
    model = current_model(checkout)
    if model is None:
        return None
    python = str(checkout.engine_python)
    return (python, "-m", "bot.engine", "serve", "--model", str(model.file), "--port", str(port))
