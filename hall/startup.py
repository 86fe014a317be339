"""What a hall does before it works: tables up to date, shipped guides published and learned from."""

from __future__ import annotations

import hashlib
import logging

from hall.current_release import learn_release, read_learned
from hall.database import migrate_engine
from hall.settings import Settings
from hall.shipped import is_up_to_date, shipped_digest
from hall.wiring import Wiring
from knowledge.encoder import Encoder
from knowledge.gold import shipped_gold
from knowledge.learned import digest_of
from knowledge.library import Library, load_shipped
from knowledge.matching import entries_of

logger = logging.getLogger(__name__)


def import_shipped(settings: Settings) -> bool:
    """Publish the guides that come with Linli; what staff changed stays theirs.

    Returns whether all are learned from already. Raises GuideErrors when a file is wrong.
    """
    wiring = Wiring(settings)
    digest = start_digest(wiring)
    try:
        wiring.library.import_shipped(load_shipped())
        wiring.gold.import_shipped(shipped_gold())
        if is_learned(wiring.library, wiring.encoder):
            wiring.library.note_shipped(digest)
            return True
        return False
    finally:
        wiring.engine.dispose()


def start_digest(wiring: Wiring) -> str:
    """Return what changes with what a start must import or learn: what is shipped, and the encoder."""
    shipped = shipped_digest()
    if wiring.encoder is None:
        return shipped
    return hashlib.sha256(f"{shipped} {wiring.encoder.digest}".encode()).hexdigest()


def is_learned(library: Library, encoder: Encoder | None = None) -> bool:
    """True when somebody has learned from the guides that are published now."""
    entries = entries_of([guide for guide, _ in library.published()])
    return read_learned(library, digest_of(entries, encoder)) is not None


def learn_shipped(settings: Settings) -> None:
    """Learn from the published guides and note that the shipped ones need not be looked at again."""
    wiring = Wiring(settings)
    digest = start_digest(wiring)
    try:
        learn_release(wiring.library, encoder=wiring.encoder)
        wiring.library.note_shipped(digest)
    finally:
        wiring.engine.dispose()


def open_ready(settings: Settings) -> Wiring:
    """Return the wiring over a database that is up to date; a new one gets the shipped guides."""
    wiring = Wiring(settings)
    if wiring.encoding.problem:
        logger.warning("%s", wiring.encoding.problem)
    if is_up_to_date(settings, start_digest(wiring)):
        return wiring
    migrate_engine(wiring.engine)
    if not wiring.gold.questions():
        wiring.gold.import_shipped(shipped_gold())
    if wiring.library.release() == 0:
        wiring.library.import_shipped(load_shipped())
        learn_release(wiring.library, encoder=wiring.encoder)
    return wiring
