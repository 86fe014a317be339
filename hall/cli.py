"""`linli`: the command line of a hall, one module under hall/commands/ a subject."""

from __future__ import annotations

import argparse
import logging
import sys
from typing import TYPE_CHECKING

from hall.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from hall.commands.archive import Places
    from hall.commands.staff import StaffParts
    from hall.wiring import Wiring


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    try:
        settings = read_settings()
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return 2
    given = sys.argv[1:] if arguments is None else arguments
    parsed = _parser(settings, given[0] if given else "").parse_args(given)
    code: int = parsed.run(parsed)
    return code


def _parser(settings: Settings, wanted: str) -> argparse.ArgumentParser:
    from hall.commands import serve

    parser = argparse.ArgumentParser(prog="linli", description="The assistant of a community service hall.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve.register(commands, settings)
    if wanted in ("serve", "migrate"):
        return parser
    # Only now: a hall must not wait at its start for what `linli evaluate` needs.
    from hall.commands import ask, backup, bench, cases, evaluate, gold, guides, staff, unanswered
    from hall.encoding import load_encoding

    ask.register(commands, settings)
    guides.register(
        commands,
        lambda: _ready(settings).library,
        load_encoder=lambda: load_encoding(settings).encoder,
    )
    evaluate.register(commands, lambda: _ready(settings).library)
    gold.register(commands, lambda: _ready(settings))
    unanswered.register(commands, lambda: _ready(settings).unanswered)
    cases.register(commands, lambda: _ready(settings).desk)
    staff.register(commands, lambda: _staff_parts(settings))
    backup.register(commands, lambda: _places(settings))
    bench.register(commands, settings)
    return parser


def _ready(settings: Settings) -> Wiring:
    """Return the wiring over a database that is up to date."""
    from hall.startup import open_ready

    return open_ready(settings)


def _staff_parts(settings: Settings) -> StaffParts:
    from hall.staff_wiring import make_staff_parts

    return make_staff_parts(_ready(settings))


def _places(settings: Settings) -> Places:
    from hall.commands.archive import Places
    from hall.state import LOCK

    return Places(settings.database_url, settings.tracker_url, settings.key_file, settings.folder / LOCK)


if __name__ == "__main__":
    sys.exit(main())
