"""`linli evaluate`: how well the matcher finds what is asked, on a knowledge base and labelled questions."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from knowledge.baselines import BASELINES
from knowledge.evaluation import (
    Run,
    UnreadableLines,
    held_aside,
    read_entries,
    read_questions,
    report,
    run,
    write_predictions,
)
from knowledge.forms import Entry
from knowledge.guide import Guide
from knowledge.library import Library
from knowledge.matching import Matcher, Verdict, entries_of
from language.reply import Decision

OpenLibrary = Callable[[], Library]


def register(subparsers: Any, open_library: OpenLibrary) -> None:
    """Add the subcommand. The library is opened only where the published guides are measured."""
    parser = subparsers.add_parser("evaluate", help="measure the matcher on labelled questions")
    parser.add_argument("--guides", type=Path, metavar="KB", help="kb.jsonl, or a folder that holds one")
    parser.add_argument("--questions", type=Path, metavar="QUESTIONS", help="queries.jsonl, or its folder")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="write one JSON line a question")
    parser.add_argument("--baseline", choices=sorted(BASELINES), action="append", default=[])
    parser.set_defaults(run=lambda arguments: evaluate(arguments, open_library))


def evaluate(arguments: argparse.Namespace, open_library: OpenLibrary) -> int:
    """Run the evaluation that the arguments describe; return the exit code."""
    try:
        done, peers = _runs(arguments, open_library)
    except UnreadableLines as problem:
        print(problem, file=sys.stderr)
        return 2
    figures: dict[str, Any] = report(done)
    figures["baselines"] = {name: report(peer) for name, peer in peers.items()}
    if arguments.predictions:
        write_predictions(done, arguments.predictions)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    _print_table({"linli": report(done), **figures["baselines"]})
    return 0


def _runs(arguments: argparse.Namespace, open_library: OpenLibrary) -> tuple[Run, dict[str, Run]]:
    if arguments.guides is not None and arguments.questions is None:
        raise UnreadableLines("--guides needs --questions: labelled questions for that knowledge base")
    if arguments.questions is None:
        guides = _published(open_library())
        peers = {name: held_aside(guides, _peer(name)) for name in arguments.baseline}
        return held_aside(guides), peers
    if arguments.guides is None:
        entries = entries_of(_published(open_library()), id_of=lambda guide: guide.title)
    else:
        entries = read_entries(arguments.guides)
    questions = read_questions(arguments.questions)
    begun = time.perf_counter()
    matcher = Matcher.from_entries(entries)
    done = run(matcher.judge, questions, time.perf_counter() - begun)
    return done, {name: run(_peer(name)(entries), questions) for name in arguments.baseline}


def _published(library: Library) -> list[Guide]:
    return [guide for guide, _ in library.published()]


def _peer(name: str) -> Callable[[Sequence[Entry]], Callable[[str], Verdict]]:
    """Return what builds a baseline. It always answers: it has no confidence to refuse by."""

    def build(entries: Sequence[Entry]) -> Callable[[str], Verdict]:
        rank = BASELINES[name](entries)
        return lambda text: Verdict(Decision.ANSWER, tuple(rank(text)))

    return build


def _print_table(columns: dict[str, dict[str, Any]]) -> None:
    print(f"{'':24}" + "".join(f"{name:>12}" for name in columns))
    for figure in next(iter(columns.values())):
        cells = (_cell(values.get(figure)) for values in columns.values())
        print(f"{figure:24}" + "".join(f"{cell:>12}" for cell in cells))


def _cell(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.1f}" if value > 10 else f"{value:.4f}"
