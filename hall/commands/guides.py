"""`linli guides import|export|statistics`: carry guides to and from files, and count them."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from hall.commands.guide_pages import register_statistics
from hall.current_release import learn_release
from knowledge.encoder import Encoder
from knowledge.exchange import SUFFIXES, read_file, read_records, write_file
from knowledge.guide import Guide
from knowledge.library import ImportSummary, Library
from knowledge.problems import GuideErrors
from knowledge.record_mapping import map_records, mapping_names, read_mapping

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

OpenLibrary = Callable[[], Library]
LoadEncoder = Callable[[], Encoder | None]

_FILE_HELP = f"a file that ends in {', '.join(SUFFIXES)}"
# A long list of problems hides the first one; the rest shows once these are mended.
_MAX_PROBLEMS = 100
_MAX_TOLD = 300


def register(
    subparsers: Subparsers,
    open_library: OpenLibrary,
    today: Callable[[], date] = date.today,
    load_encoder: LoadEncoder = lambda: None,
) -> None:
    """Add the command to `linli`. `open_library` and `load_encoder` are called only when it needs them."""
    parser = subparsers.add_parser("guides", help="import guides from a file, export them, count them")
    actions = parser.add_subparsers(dest="action", required=True)

    into = actions.add_parser("import", help="publish the guides of FILE; unchanged ones stay as they are")
    into.add_argument("file", type=Path, metavar="FILE", help=_FILE_HELP)
    into.add_argument("--dry-run", action="store_true", help="check FILE and tell what would change, no more")
    into.add_argument("--author", type=_author, help="whose change it is (default: cli:<user>)")
    into.add_argument("--note", default="", help="why, for the history")
    into.add_argument("--locale", choices=("zh", "en"), default="zh", help="language of the problems found")
    into.add_argument(
        "--mapping",
        metavar="NAME",
        help=f"FILE holds foreign records; NAME is {', '.join(mapping_names())} or a mapping file (.yml)",
    )
    into.add_argument(
        "--leave-out",
        action="store_true",
        help="with --mapping: import the valid records, leave out the others",
    )
    into.set_defaults(run=lambda arguments: run_import(arguments, open_library, load_encoder))

    out = actions.add_parser("export", help="write the published guides to FILE")
    out.add_argument("file", type=Path, metavar="FILE", help=_FILE_HELP)
    out.set_defaults(run=lambda arguments: run_export(arguments, open_library))
    register_statistics(actions, open_library, today)


def run_import(
    arguments: argparse.Namespace, open_library: OpenLibrary, load_encoder: LoadEncoder = lambda: None
) -> int:
    """Import a file whole or not at all. Returns 0, or 1 with every problem on standard error."""
    try:
        author = arguments.author or f"cli:{getpass.getuser()}"[:64]
        if arguments.mapping:
            library = open_library()
            guides = _mapped(arguments, library)
        else:
            guides = read_file(arguments.file)
            library = open_library()
        summary = library.import_guides(guides, author, arguments.note, dry_run=arguments.dry_run)
    except GuideErrors as wrong:
        return _tell_problems(wrong, arguments.locale)
    _tell_summary(summary, arguments.dry_run)
    if summary.touched and not arguments.dry_run:
        # Until then a running hall answers from the new guides with the numbers that come with Linli.
        learn_release(library, encoder=load_encoder())
    return 0


def run_export(arguments: argparse.Namespace, open_library: OpenLibrary) -> int:
    """Write the published guides to a file. Returns 0, or 1 with the reason on standard error."""
    try:
        guides = [guide for guide, _ in open_library().published()]
        write_file(guides, arguments.file)
    except GuideErrors as wrong:
        return _tell_problems(wrong, "en")
    except OSError as error:
        print(f"{arguments.file} cannot be written: {error.strerror}. Name another place.", file=sys.stderr)
        return 1
    print(f"{len(guides)} guides written to {arguments.file}")
    return 0


def _mapped(arguments: argparse.Namespace, library: Library) -> list[Guide]:
    """Return the guides that foreign records make, and tell what was done to them. Raises GuideErrors."""
    mapping = read_mapping(arguments.mapping)
    published = [guide for guide, _ in library.published()]
    done = map_records(read_records(arguments.file), mapping, arguments.file.name, published)
    print(
        f"{len(done.guides)} records made guides, {done.refused} did not; {len(done.renamed)} titles "
        f"were told apart; {done.wordings_left_out} lesser names that were not one record's own were left out"
    )
    if done.errors and not (arguments.leave_out and done.guides):
        raise GuideErrors(done.errors)
    for error in done.errors[:_MAX_PROBLEMS]:
        print(f"left out: {error.line(arguments.locale)}", file=sys.stderr)
    return done.guides


def _author(text: str) -> str:
    """Return a name that history can hold; the shipped guides' own name is taken."""
    if not text.strip() or len(text) > 64 or text == "shipped":
        raise argparse.ArgumentTypeError("give a name of 1 to 64 characters other than 'shipped'")
    return text.strip()


def _tell_problems(wrong: GuideErrors, locale: str) -> int:
    for line in wrong.lines(locale)[:_MAX_PROBLEMS]:
        print(line, file=sys.stderr)
    more = len(wrong.errors) - _MAX_PROBLEMS
    if more > 0:
        print(f"... and {more} more", file=sys.stderr)
    print(f"{len(wrong.errors)} problems; nothing was changed", file=sys.stderr)
    return 1


def _tell_summary(summary: ImportSummary, dry_run: bool) -> None:
    for word, ids in (("new", summary.new), ("changed", summary.changed)):
        for guide_id in ids[:_MAX_TOLD]:
            print(f"{word}: {guide_id}")
        if len(ids) > _MAX_TOLD:
            print(f"{word}: ... and {len(ids) - _MAX_TOLD} more")
    counts = f"{len(summary.new)} new, {len(summary.changed)} changed, {len(summary.same)} unchanged"
    print(f"{counts}; this was a dry run, nothing was changed" if dry_run else counts)
