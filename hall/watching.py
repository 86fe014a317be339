"""Looks again and again at what other processes may have changed, beside the event loop and its threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

# What staff change holds in every process within a second; this leaves time for a slow database.
LOOK_EVERY_SECONDS = 0.25
# After a failure, so that a database that comes back is not stormed.
REST_SECONDS = 2.0


class Watch:
    """A thread of its own: one that serves turns may be late when there are many."""

    def __init__(
        self,
        name: str,
        look: Callable[[], object],
        every_seconds: float = LOOK_EVERY_SECONDS,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._name = name
        self._look = look
        self._every = every_seconds
        self._rest = rest_seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{name}", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; does not wait for a look that is under way."""
        self._over.set()

    def _run(self) -> None:
        is_failing = False
        while not self._over.is_set():
            try:
                self._look()
                is_failing = False
            except Exception as fault:  # noqa: BLE001  the edge of a thread: what was seen last stands
                if not is_failing:
                    logger.warning(
                        "%s cannot be looked at (%s); tried again", self._name, type(fault).__name__
                    )
                is_failing = True
            self._over.wait(self._rest if is_failing else self._every)
