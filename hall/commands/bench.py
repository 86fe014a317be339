"""`linli bench`: measures speed, start-up and memory, ours next to stock Rasa."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hall.settings import ROOT, Settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

PAGE = ROOT / "docs" / "performance.md"


def register(subparsers: Subparsers, settings: Settings) -> None:
    """Add the command; it sets `run`, a function of the arguments that returns the exit code.

    It measures halls of its own in a temporary folder, so the settings of this one do not matter.
    """
    parser = subparsers.add_parser("bench", help="measure speed and memory next to a stock Rasa (10 minutes)")
    parser.add_argument("--out", type=Path, default=PAGE, help="page to write (default: docs/performance.md)")
    parser.add_argument("--turns", type=int, default=200, help="turns per number of clients (default: 200)")
    parser.add_argument("--keep", type=Path, help="folder to keep databases and logs in, for a closer look")
    parser.add_argument("--only", choices=["cases"], help="measure the case room alone; writes no page")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from hall.bench.run import run, run_cases

    if arguments.only == "cases":
        return run_cases(arguments.keep)
    return run(arguments.out, arguments.turns, arguments.keep)
