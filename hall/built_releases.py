"""Releases as they were built beforehand: guides and matcher in one signed piece, from the database."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from typing import NamedTuple

from hall import pickling
from hall.built_index import code_of_matching
from knowledge.encoder import Encoder
from knowledge.learned import Learned
from knowledge.library import Published
from knowledge.matching import Matcher
from knowledge.release_builds import BuildStore

logger = logging.getLogger(__name__)

_CODE_CHARS = 16


class Built(NamedTuple):
    """A release's guides and their matcher: one value, so that they cannot come from two releases."""

    published: tuple[Published, ...]
    matcher: Matcher
    digest: str  # of the texts that the matcher learned from


class BuiltReleases:
    """Built releases. A name begins with the code and encoder that built it: others build for themselves."""

    def __init__(self, store: BuildStore, encoder: Encoder | None = None) -> None:
        self._store = store
        self._encoder = encoder
        code = code_of_matching() + ("" if encoder is None else encoder.digest)
        self._code = hashlib.sha256(code.encode()).hexdigest()[:_CODE_CHARS]

    def name(self, published: Sequence[Published], digest: str, learned: Learned) -> str:
        """Return the name of a build: everything that it depends on, in 64 characters."""
        revisions = [(guide.id, revision) for guide, revision in published]
        parts = json.dumps([revisions, digest, learned.to_mapping()], sort_keys=True)
        return self._code + hashlib.sha256(parts.encode()).hexdigest()[: 64 - _CODE_CHARS]

    def has(self, name: str) -> bool:
        """Say whether a build of this name is stored."""
        return self._store.has(name)

    def keep(self, name: str, built: Built) -> None:
        """Store a build and let go of those that nothing needs any more."""
        self._store.write(name, pickling.compressed(tuple(built)))
        self._store.prune()

    def read(self, name: str) -> Built | None:
        """Return a stored build; None where there is none, other code made it, or it is not signed by us."""
        if not name.startswith(self._code):
            return None
        packed = self._store.read(name)
        if packed is None:
            logger.warning("the stored build %s is missing or not signed by this hall's key", name[:12])
            return None
        try:
            published, matcher, digest = pickling.uncompressed(packed)
        except Exception:  # noqa: BLE001  a damaged pickle raises anything; then it is built anew
            logger.warning("the stored build %s cannot be read", name[:12])
            return None
        matcher.attach(self._encoder)
        return Built(published, matcher, digest)
