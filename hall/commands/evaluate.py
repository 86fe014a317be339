"""`linli evaluate`: how well the matcher finds what is asked, on a knowledge base and labelled questions."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hall.diet_peer import NOTE, DietFailed, DietPeer, engine_python
from hall.progress import Progress
from knowledge.baselines import BASELINES
from knowledge.diagnosis import diagnose
from knowledge.encoder import Encoder, EncoderUnavailable
from knowledge.evaluation import (
    Build,
    Question,
    Run,
    UnreadableLines,
    read_entries,
    read_questions,
    report,
    run,
    write_predictions,
)
from knowledge.evaluation_page import Page, render_page
from knowledge.forms import Entry
from knowledge.guide import Guide
from knowledge.held_aside import QUARTERS, Measured, by_kind, by_style, measure
from knowledge.library import Library
from knowledge.matching import Matcher, Verdict, entries_of
from language.reply import Decision

OpenLibrary = Callable[[], Library]
FindEngine = Callable[[], Path | None]
AskPeer = Callable[[str, Build], Run]

DIET = "rasa-diet"
PEERS = (*sorted(BASELINES), DIET)
_SAMPLE_SEED = 5


@dataclass
class Results:
    """Our run, the peers' runs, and what the page and the file of figures say besides."""

    title: str
    done: Run
    peers: dict[str, Run] = field(default_factory=dict)
    styles: dict[str, Run] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Return all figures as plain data."""
        return {
            **Measured(self.done, self.styles).figures(),
            **diagnose(self.done),
            "baselines": {name: report(peer) for name, peer in self.peers.items()},
            "notes": self.notes,
        }


def register(subparsers: Any, open_library: OpenLibrary, find_engine: FindEngine = engine_python) -> None:
    """Add the subcommand. The library is opened only where the published guides are measured.

    `find_engine` returns the Python of Rasa's environment, or None where there is none.
    """
    parser = subparsers.add_parser("evaluate", help="measure the matcher on labelled questions")
    parser.add_argument("--guides", type=Path, metavar="KB", help="kb.jsonl, or a folder that holds one")
    parser.add_argument("--questions", type=Path, metavar="QUESTIONS", help="queries.jsonl, or its folder")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with pictures to FILE")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="write one JSON line a question")
    parser.add_argument("--baseline", choices=PEERS, action="append", default=[])
    parser.add_argument(
        "--baseline-sample",
        type=int,
        metavar="N",
        help="with --questions: ask the baselines only N, drawn at random",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="without --questions: by random quarters only, not by style as well",
    )
    parser.add_argument(
        "--encoder",
        type=Path,
        metavar="FOLDER",
        help="ask the sentence encoder in FOLDER (model.onnx, tokenizer.json) as well",
    )
    parser.set_defaults(run=lambda arguments: evaluate(arguments, open_library, find_engine))


def evaluate(arguments: argparse.Namespace, open_library: OpenLibrary, find_engine: FindEngine) -> int:
    """Run the evaluation that the arguments describe; return the exit code."""
    try:
        with Progress() as progress:
            results, ask = _run(arguments, open_library, progress)
            _ask_peers(arguments.baseline, results, ask, find_engine)
    except (UnreadableLines, DietFailed, EncoderUnavailable) as problem:
        print(problem, file=sys.stderr)
        return 2
    try:
        _write(arguments, results)
    except OSError as problem:
        print(
            f"{problem.filename} cannot be written: {problem.strerror}. Name another place.", file=sys.stderr
        )
        return 1
    _print_table(
        {"linli": report(results.done), **{name: report(peer) for name, peer in results.peers.items()}}
    )
    if results.styles:
        _print_groups("each style as a whole held aside", results.styles)
    _print_groups("by style", by_style(results.done))
    _print_groups("by kind", by_kind(results.done))
    for note in results.notes:
        print(note)
    return 0


def _run(
    arguments: argparse.Namespace, open_library: OpenLibrary, progress: Progress
) -> tuple[Results, AskPeer]:
    """Measure our matcher; return the results, and what measures a peer in the same way."""
    if arguments.guides is not None and arguments.questions is None:
        raise UnreadableLines("--guides needs --questions: labelled questions for that knowledge base")
    encoder = Encoder.load(arguments.encoder) if arguments.encoder is not None else None
    if arguments.questions is None:
        guides = _published(open_library())
        measured = measure(guides, progress=progress.tell, styles=not arguments.quick, encoder=encoder)
        results = Results(
            "Linli: own phrasings held aside 问法留作考题", measured.quarters, styles=measured.styles
        )

        def ask(name: str, build: Build) -> Run:
            rounds = 1 if name == DIET else QUARTERS
            return measure(guides, build, _named(progress, name), styles=False, rounds=rounds).quarters
    else:
        entries = _entries(arguments, open_library)
        questions = read_questions(arguments.questions)
        begun = time.perf_counter()
        matcher = Matcher.from_entries(
            entries, lambda share: progress.tell("learning", share), encoder=encoder
        )
        built = time.perf_counter() - begun
        done = run(matcher.judge, questions, built, lambda share: progress.tell("asking", share))
        results = Results(f"Linli: {arguments.questions}", done, names={e.id: e.names[0] for e in entries})
        asked = _sample(questions, arguments.baseline_sample)

        def ask(name: str, build: Build) -> Run:
            begun = time.perf_counter()
            judge = build(entries)
            built = time.perf_counter() - begun
            return run(judge, asked, built, lambda share: progress.tell(f"asking {name}", share))

    return results, ask


def _ask_peers(names: Sequence[str], results: Results, ask: AskPeer, find_engine: FindEngine) -> None:
    for name in dict.fromkeys(names):
        if name != DIET:
            results.peers[name] = ask(name, _plain_peer(name))
            continue
        python = find_engine()
        if python is None:
            results.notes.append(
                "rasa-diet was left out: Rasa's environment is absent. Make it with `make install`."
            )
            continue
        with DietPeer(python) as peer:
            results.peers[name] = ask(name, peer.build)
        results.notes.append(NOTE)


def _entries(arguments: argparse.Namespace, open_library: OpenLibrary) -> list[Entry]:
    if arguments.guides is not None:
        return read_entries(arguments.guides)
    return entries_of(_published(open_library()), id_of=lambda guide: guide.title)


def _published(library: Library) -> list[Guide]:
    return [guide for guide, _ in library.published()]


def _sample(questions: Sequence[Question], count: int | None) -> Sequence[Question]:
    if count is None or count >= len(questions):
        return questions
    return random.Random(_SAMPLE_SEED).sample(list(questions), max(count, 1))


def _named(progress: Progress, name: str) -> Callable[[str, float], None]:
    return lambda what, share: progress.tell(f"{name}: {what}", share)


def _plain_peer(name: str) -> Build:
    """Return what builds a baseline. It always answers: it has no confidence to refuse by."""

    def build(entries: Sequence[Entry]) -> Callable[[str], Verdict]:
        rank = BASELINES[name](entries)
        return lambda text: Verdict(Decision.ANSWER, tuple(rank(text)))

    return build


def _write(arguments: argparse.Namespace, results: Results) -> None:
    if arguments.predictions:
        write_predictions(results.done, arguments.predictions)
    if arguments.json:
        arguments.json.write_text(json.dumps(results.figures(), ensure_ascii=False, indent=2) + "\n", "utf-8")
    if arguments.html:
        page = Page(
            results.title,
            date.today().isoformat(),  # noqa: DTZ011 - the day on the reader's own wall
            results.peers,
            results.styles,
            results.names,
            tuple(results.notes),
        )
        arguments.html.write_text(render_page(results.done, page), "utf-8")


def _print_table(columns: dict[str, dict[str, Any]]) -> None:
    print(f"{'':24}" + "".join(f"{name:>12}" for name in columns))
    for figure in next(iter(columns.values())):
        cells = (_cell(values.get(figure)) for values in columns.values())
        print(f"{figure:24}" + "".join(f"{cell:>12}" for cell in cells))


_GROUP_FIGURES = (
    "questions",
    "top_1",
    "top_4",
    "answered",
    "clarified",
    "declined",
    "answered_wrongly",
    "sibling_refused",
    "near_refused",
)


def _print_groups(title: str, groups: dict[str, Run]) -> None:
    print(f"\n{title:24}" + "".join(f"{figure:>17}" for figure in _GROUP_FIGURES))
    for name, done in groups.items():
        values = report(done)
        print(f"{name:24}" + "".join(f"{_cell(values[figure]):>17}" for figure in _GROUP_FIGURES))


def _cell(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.1f}" if value > 10 else f"{value:.4f}"
