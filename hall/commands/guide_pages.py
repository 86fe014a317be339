"""`linli guides statistics`: what the guides hold, as a page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.library import Library, load_shipped
from knowledge.statistics import count
from knowledge.statistics_page import render_statistics

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register_statistics(
    actions: Subparsers, open_library: Callable[[], Library], today: Callable[[], date]
) -> None:
    """Add the action to `linli guides`."""
    parser = actions.add_parser("statistics", help="count departments, sources, years and blanks")
    parser.add_argument("--shipped", action="store_true", help="of the guides that come with Linli")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page to FILE (Markdown)")
    parser.set_defaults(run=lambda arguments: tell_statistics(arguments, open_library, today))


def tell_statistics(
    arguments: argparse.Namespace, open_library: Callable[[], Library], today: Callable[[], date]
) -> int:
    """Print the page, or write it. Returns 0, or 1 with the reason on standard error."""
    guides = load_shipped() if arguments.shipped else [guide for guide, _ in open_library().published()]
    page = render_statistics(count(guides, today()), today())
    if arguments.write is None:
        print(page, end="")
        return 0
    try:
        arguments.write.write_text(page, "utf-8")
    except OSError as error:
        print(f"{arguments.write} cannot be written: {error.strerror}. Name another place.", file=sys.stderr)
        return 1
    print(f"statistics of {len(guides)} guides written to {arguments.write}")
    return 0
