"""`python -m hall.prepare`: what must be done once before any hall process works. Run by the supervisor."""

from __future__ import annotations

import sys

from sqlalchemy.exc import SQLAlchemyError

from hall.settings import Settings, SettingsError, read_settings
from hall.setup.screen import Screen
from hall.shipped import is_up_to_date, shipped_digest

READY, FAILED, TO_LEARN = 0, 1, 3


def main() -> int:
    """Bring tables and guides up to date; return whether the guides are to be learned from yet."""
    try:
        settings = read_settings()
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return FAILED
    # The hall process that writes it anew is the one that says the code at this start.
    settings.set_up_file.unlink(missing_ok=True)
    if is_up_to_date(settings, _digest(settings)):
        return READY
    try:
        with Screen().step("The database and the guides in it"):
            return READY if _bring_up_to_date(settings) else TO_LEARN
    except (SQLAlchemyError, OSError) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return FAILED


def _digest(settings: Settings) -> str:
    """Return what changes with what a start must do; say, once a start, why an encoder is done without."""
    if settings.encoder is None:
        return shipped_digest()  # the wiring takes half a second to import
    from hall.startup import start_digest
    from hall.wiring import Wiring

    wiring = Wiring(settings)
    if wiring.encoding.problem:
        print(wiring.encoding.problem, file=sys.stderr)
    return start_digest(wiring)


def _bring_up_to_date(settings: Settings) -> bool:
    """Do it, and return whether all guides are learned from already."""
    from hall.database import migrate
    from hall.startup import import_shipped
    from knowledge.problems import GuideErrors

    migrate(settings)
    try:
        return import_shipped(settings)
    except GuideErrors as wrong:
        # The guides that are published already go on being served.
        print("The guides under knowledge/guides were not published:", file=sys.stderr)
        for error in wrong.errors:
            print(f"  {error.line('en')}", file=sys.stderr)
        return True


if __name__ == "__main__":
    sys.exit(main())
