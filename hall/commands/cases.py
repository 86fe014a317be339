"""`linli cases`: write the cases to a file, check that nobody has tampered with them, load their lists."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cases.case import Reveal
from cases.desk import SHANGHAI, Desk
from cases.figures import tallies
from cases.sealing import SealError
from cases.sheets import SheetError, write_records
from hall.commands import case_lists, case_privacy

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

REASON_MIN_CHARS = 4


def register(subparsers: Subparsers, open_desk: Callable[[], Desk]) -> None:
    """Add `cases` with its commands; `run` of the parsed arguments returns the exit code."""
    parser = subparsers.add_parser("cases", help="write out, check, load and erase what the case store keeps")
    actions = parser.add_subparsers(dest="cases_action", required=True)

    export = actions.add_parser("export", help="write all cases to FILE, contact fields masked")
    export.add_argument("file", type=Path, metavar="FILE", help="a name that ends in .xlsx or .jsonl")
    export.add_argument(
        "--reveal",
        action="store_true",
        help="contact fields in clear; each reading goes into the case's history",
    )
    export.add_argument("--reason", default="", help="why contact fields are read (needed with --reveal)")
    export.set_defaults(run=lambda arguments: run_export(arguments, open_desk))

    case_lists.register(actions, open_desk)
    case_privacy.register(actions, open_desk)
    verify = actions.add_parser("verify", help="check that history, cases, notices and figures are whole")
    verify.set_defaults(run=lambda _arguments: run_verify(open_desk))
    recount = actions.add_parser("recount", help="sum the figures anew from the cases")
    recount.set_defaults(run=lambda _arguments: run_recount(open_desk))


def run_export(arguments: argparse.Namespace, open_desk: Callable[[], Desk]) -> int:
    """Write the file and say what is in it; return 0, or 1 (it cannot be written) or 2 (no reason given)."""
    reason = arguments.reason.strip()
    if arguments.reveal and len(reason) < REASON_MIN_CHARS:
        return _fail('--reveal needs --reason "why contact fields are read"; it is kept in the history.', 2)
    if reason and not arguments.reveal:
        return _fail("--reason belongs to --reveal: without it contact fields stay masked.", 2)
    reveal = Reveal(author=f"cli:{getpass.getuser()}"[:64], reason=reason) if arguments.reveal else None
    try:
        count = write_records(open_desk().records(reveal), arguments.file, SHANGHAI)
    except (SheetError, SealError) as problem:
        return _fail(str(problem), 1)
    how = "in clear; each reading is in the history" if reveal else "masked"
    print(f"{count} cases written to {arguments.file}, contact fields {how}.")
    return 0


def run_verify(open_desk: Callable[[], Desk]) -> int:
    """Print what is wrong with the case store, one line each; return 0 when all is well, else 1."""
    faults = open_desk().verify()
    for fault in faults:
        print(fault)
    if faults:
        return _fail(
            f"{len(faults)} faults. Compare with a backup (linli restore) before you change anything.", 1
        )
    print("The history is whole, every case has its history and its notices, and the figures are theirs.")
    return 0


def run_recount(open_desk: Callable[[], Desk]) -> int:
    """Forget the sums of settled cases and make them anew; return 0. The hall may go on meanwhile."""
    store = open_desk().store
    tallies.forget(store)
    print(f"{tallies.count_waiting(store)} settled cases are summed anew.")
    return 0


def _fail(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code
