"""`linli unanswered list`: what people ask in vain, like questions together."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from knowledge.unanswered import Unanswered

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_SHOWN = 50


def register(subparsers: Subparsers, open_unanswered: Callable[[], Unanswered]) -> None:
    """Add the command to `linli`. `open_unanswered` is called only when the command runs."""
    parser = subparsers.add_parser("unanswered", help="the questions that nobody could answer")
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="tell what is asked in vain, the most asked first")
    listing.add_argument("--limit", type=int, default=_SHOWN, metavar="N", help=f"so many (default {_SHOWN})")
    listing.set_defaults(run=lambda arguments: run_list(arguments, open_unanswered))


def run_list(arguments: argparse.Namespace, open_unanswered: Callable[[], Unanswered]) -> int:
    """Print a line a cluster: how often, since when, why, at which doors, what, and the nearest guide."""
    unanswered = open_unanswered()
    for cluster in unanswered.clusters(max(0, arguments.limit)):
        nearest = cluster.nearest[0][0] if cluster.nearest else "-"
        days = f"{cluster.first_at:%Y-%m-%d}..{cluster.last_at:%Y-%m-%d}"
        told = (
            f"{cluster.size:>4}",
            days,
            _told(cluster.reasons),
            _told(cluster.doors),
            cluster.label,
            nearest,
        )
        print("  ".join(told))
    print(f"{unanswered.count()} questions wait")
    return 0


def _told(counts: Mapping[str, int]) -> str:
    return ",".join(f"{name}:{number}" for name, number in counts.items())
