"""`linli cases erase|hand-out|rotate`: a resident's right to their data, and a new key."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cases.case import CaseError
from cases.desk import Desk
from cases.privacy.erasing import erase, preview_erasure
from cases.privacy.handing_out import hand_out
from cases.privacy.rotation import seal_anew
from cases.sealing import SealError
from hall.commands.case_lists import operator

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(actions: Subparsers, open_desk: Callable[[], Desk]) -> None:
    """Add the commands; `run` of the parsed arguments returns the exit code."""
    erasing = actions.add_parser("erase", help="show, and with --yes erase, what was written about a case")
    erasing.add_argument("number", metavar="NUMBER")
    erasing.add_argument("--reason", default="", help="who asked for it and why (needed with --yes)")
    erasing.add_argument("--yes", action="store_true", help="erase; without it nothing is changed")
    erasing.set_defaults(run=lambda arguments: run_erase(arguments, open_desk))
    giving = actions.add_parser("hand-out", help="write all that is kept about a case to FILE (JSON)")
    giving.add_argument("number", metavar="NUMBER")
    giving.add_argument("file", type=Path, metavar="FILE")
    giving.add_argument("--reason", required=True, help="who asked, and how they showed who they are")
    giving.set_defaults(run=lambda arguments: run_hand_out(arguments, open_desk))
    rotating = actions.add_parser("rotate", help="seal anew with the first key of the key file")
    rotating.set_defaults(run=lambda _arguments: run_rotate(open_desk))


def run_erase(arguments: argparse.Namespace, open_desk: Callable[[], Desk]) -> int:
    """Show what would go, or erase it and print the receipt; return the exit code."""
    desk = open_desk()
    try:
        found = preview_erasure(desk.store, arguments.number)
        fields = ", ".join(found.fields) or "no field"
        print(f"Case {found.number} holds {fields}, {found.notes} notes and {found.photos} photos.")
        if not arguments.yes:
            print('Nothing was changed. To erase it: --yes --reason "who asked and why".')
            return 0
        receipt = erase(desk.store, arguments.number, operator(), arguments.reason)
    except CaseError as problem:
        return _fail(str(problem))
    print(f"Erased. Receipt: entry {receipt.sequence} of the history, signed {receipt.signature}")
    return 0


def run_hand_out(arguments: argparse.Namespace, open_desk: Callable[[], Desk]) -> int:
    """Write the file (mode 0600); return the exit code."""
    try:
        given = hand_out(open_desk().store, arguments.number, operator(), arguments.reason)
        handle = os.open(arguments.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(given, file, ensure_ascii=False, indent=2)
    except (CaseError, SealError) as problem:
        return _fail(str(problem))
    except OSError as problem:
        return _fail(f"{arguments.file} cannot be written: {problem.strerror}. Choose another name.")
    print(f"Written to {arguments.file}; the handing-out is in the history of the case.")
    return 0


def run_rotate(open_desk: Callable[[], Desk]) -> int:
    """Seal anew; return the exit code."""
    try:
        count = seal_anew(open_desk().store)
    except SealError as problem:
        return _fail(str(problem))
    print(f"{count} values sealed with the newest key. Keep the old keys: signatures and codes need them.")
    return 0


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
