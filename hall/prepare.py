"""`python -m hall.prepare`: what must be done once before any hall process starts. Run by the supervisor."""

from __future__ import annotations

import sys

from hall.settings import SettingsError, read_settings


def main() -> int:
    """Bring the database up to date, publish the shipped guides, learn from them; return the exit code."""
    from hall.database import migrate
    from hall.startup import import_shipped
    from knowledge.problems import GuideErrors

    try:
        settings = read_settings()
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return 1
    migrate(settings)
    try:
        import_shipped(settings)
    except GuideErrors as wrong:
        # The guides that are published already go on being served.
        print("The guides under knowledge/guides were not published:", file=sys.stderr)
        for error in wrong.errors:
            print(f"  {error.line('en')}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
