"""`python -m hall.prepare`: what must be done once before any hall process starts. Run by the supervisor."""

from __future__ import annotations

import sys

from hall.settings import SettingsError, read_settings


def main() -> int:
    """Bring the database up to date and import the shipped guides; return the exit code."""
    from hall.database import migrate
    from hall.startup import import_shipped

    try:
        settings = read_settings()
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return 1
    migrate(settings)
    import_shipped(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
