"""`linli gold import|export|run`: carry the gold questions to and from files, and ask them."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.gold import GoldChange, first_of, points
from knowledge.gold_files import SUFFIXES, read_gold, write_gold
from knowledge.guide import Guide
from knowledge.problems import GuideErrors

if TYPE_CHECKING:
    from hall.wiring import Wiring

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_FILE_HELP = f"a file that ends in {', '.join(SUFFIXES)}"


def register(subparsers: Subparsers, open_wiring: Callable[[], Wiring]) -> None:
    """Add the command to `linli`. `open_wiring` is called only when the command runs."""
    parser = subparsers.add_parser("gold", help="the questions that a release must not do worse on")
    actions = parser.add_subparsers(dest="action", required=True)
    into = actions.add_parser("import", help="add the questions of FILE; those with the same wording change")
    into.add_argument("file", type=Path, metavar="FILE", help=_FILE_HELP)
    into.add_argument("--locale", choices=("zh", "en"), default="zh", help="language of the problems found")
    into.set_defaults(run=lambda arguments: run_import(arguments, open_wiring))
    out = actions.add_parser("export", help="write the questions to FILE")
    out.add_argument("file", type=Path, metavar="FILE", help=_FILE_HELP)
    out.set_defaults(run=lambda arguments: run_export(arguments, open_wiring))
    ask = actions.add_parser("run", help="ask the current release every question; tell what is not right")
    ask.add_argument("--json", type=Path, metavar="FILE", help="write the outcome to FILE")
    ask.set_defaults(run=lambda arguments: run_gold(arguments, open_wiring))


def run_import(arguments: argparse.Namespace, open_wiring: Callable[[], Wiring]) -> int:
    """Import a file whole or not at all. Returns 0, or 1 with every problem on standard error."""
    wiring = open_wiring()
    try:
        records = read_gold(_bytes(arguments.file), arguments.file.name, _guides(wiring))
    except GuideErrors as wrong:
        return _tell(wrong, arguments.locale)
    except OSError as error:
        return _fail(f"{arguments.file} cannot be read: {error.strerror}.")
    done = wiring.gold.import_records(records, f"cli:{getpass.getuser()}"[:64])
    print(f"{done.new} new, {done.changed} changed, {done.same} unchanged")
    return 0


def run_export(arguments: argparse.Namespace, open_wiring: Callable[[], Wiring]) -> int:
    """Write the questions to a file. Returns 0, or 1 with the reason on standard error."""
    wiring = open_wiring()
    records = wiring.gold.records()
    try:
        arguments.file.write_bytes(write_gold(records, arguments.file.name, _guides(wiring)))
    except GuideErrors as wrong:
        return _tell(wrong, "en")
    except OSError as error:
        return _fail(f"{arguments.file} cannot be written: {error.strerror}. Name another place.")
    print(f"{len(records)} questions written to {arguments.file}")
    return 0


def run_gold(arguments: argparse.Namespace, open_wiring: Callable[[], Wiring]) -> int:
    """Ask every question. Returns 0 whatever comes out: the gate of a release sees that it gets no worse."""
    wiring = open_wiring()
    judge = wiring.release.answering().consider
    wrong: list[GoldChange] = []
    right = 0.0
    questions = wiring.gold.questions()
    for question in questions:
        judged = judge(question.text)
        right += (got := points(judged, question.guide_id))
        if got < 1:
            found, decision = first_of(judged), str(judged.decision)
            wrong.append(GoldChange(question.text, question.guide_id, found, found, decision, decision))
            shown = f"{decision} {found or '-'}"
            print(f"{got:.1f}  {question.text}  wanted {question.guide_id or 'decline'}, got {shown}")
    print(f"{right:g} of {len(questions)} right")
    if arguments.json:
        outcome = {"asked": len(questions), "right": right, "wrong": [asdict(one) for one in wrong]}
        arguments.json.write_text(json.dumps(outcome, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


def _guides(wiring: Wiring) -> list[Guide]:
    return [guide for guide, _ in wiring.library.published()]


def _bytes(file: Path) -> bytes:
    return file.read_bytes()


def _tell(wrong: GuideErrors, locale: str) -> int:
    for line in wrong.lines(locale):
        print(line, file=sys.stderr)
    return _fail(f"{len(wrong.errors)} problems; nothing was changed")


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
