"""What a hall does before it works: tables up to date, shipped guides published."""

from __future__ import annotations

import logging

from hall.current_release import learn_release
from hall.database import migrate_engine
from hall.settings import Settings
from hall.wiring import Wiring
from knowledge.library import ImportSummary, load_shipped

logger = logging.getLogger(__name__)


def import_shipped(settings: Settings) -> ImportSummary:
    """Publish the guides that come with Linli and learn from all; what staff changed stays theirs."""
    wiring = Wiring(settings)
    try:
        summary = wiring.library.import_shipped(load_shipped())
        learn_release(wiring.library)
        return summary
    finally:
        wiring.engine.dispose()


def open_ready(settings: Settings) -> Wiring:
    """Return the wiring over a database that is up to date; a new one gets the shipped guides."""
    wiring = Wiring(settings)
    migrate_engine(wiring.engine)
    if wiring.library.release() == 0:
        wiring.library.import_shipped(load_shipped())
        learn_release(wiring.library)
    return wiring
