"""What the supervisor says to the person at the terminal."""

from __future__ import annotations

from contextlib import suppress

from hall.setup.screen import Screen

SCREEN = Screen()


def say(line: str) -> None:
    """Write a line for the person at the terminal; one that has gone away is no reason to stop serving."""
    with suppress(OSError, ValueError):
        SCREEN.say(line)
