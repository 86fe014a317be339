"""`linli serve` and `linli migrate`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hall.settings import Settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(subparsers: Subparsers, settings: Settings) -> None:
    """Add both commands; each sets `run`, a function of the arguments that returns the exit code."""
    parser = subparsers.add_parser("serve", help="serve the hall and everything it needs until Ctrl-C")
    parser.set_defaults(run=lambda _arguments: _serve(settings))
    migrate = subparsers.add_parser("migrate", help="bring the database up to date (serve does it by itself)")
    migrate.add_argument("--to", default="head", help="another revision, or base")
    migrate.set_defaults(run=lambda arguments: _migrate(settings, arguments.to))


def _serve(settings: Settings) -> int:
    from hall.supervisor import serve

    return serve(settings)


def _migrate(settings: Settings, revision: str) -> int:
    from hall.database import migrate

    migrate(settings, revision)
    print(f"The database is at {revision}.")
    return 0
