"""`linli`: the command line of a hall, one module under hall/commands/ a subject."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from hall.settings import Settings, SettingsError, read_settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    try:
        settings = read_settings()
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return 2
    parsed = _parser(settings).parse_args(arguments)
    code: int = parsed.run(parsed)
    return code


def _parser(settings: Settings) -> argparse.ArgumentParser:
    # Imported here: `linli serve` must not wait for what only `linli evaluate` needs.
    from hall.commands import ask, backup, bench, cases, evaluate, guides, serve

    parser = argparse.ArgumentParser(prog="linli", description="The assistant of a community service hall.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve.register(commands, settings)
    ask.register(commands, settings)
    guides.register(commands, lambda: _ready(settings).library)
    evaluate.register(commands)
    cases.register(commands, lambda: _ready(settings).desk)
    backup.register(commands, lambda: _places(settings))
    bench.register(commands, settings)
    return parser


def _ready(settings: Settings):  # type: ignore[no-untyped-def]
    """Return the wiring over a database that is up to date."""
    from hall.startup import open_ready

    return open_ready(settings)


def _places(settings: Settings):  # type: ignore[no-untyped-def]
    from hall.commands.archive import Places
    from hall.state import LOCK

    return Places(
        settings.database_url, settings.tracker_url, settings.key_file, Path(settings.folder / LOCK)
    )


if __name__ == "__main__":
    sys.exit(main())
