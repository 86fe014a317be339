"""Keeps the matcher of a release as it was built: reading it back is five times faster than building it."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from hall import pickling
from hall.settings import ROOT
from hall.setup import stamps
from hall.shipped import matching_sources
from knowledge.encoder import Encoder
from knowledge.guide import Guide
from knowledge.learned import Learned
from knowledge.matching import Matcher
from knowledge.meanings import Meanings

logger = logging.getLogger(__name__)

KEPT = 2


@cache
def code_of_matching() -> str:
    """Return what changes with the code and the libraries that a pickled matcher needs.

    Looked at once: this process keeps the code that it began with, whatever is installed meanwhile.
    """
    return f"{stamps.digest(matching_sources(), ROOT)} {platform.python_version()} {np.__version__}"


class BuiltIndex:
    """Built matchers in a folder that only this account may write: a pickle can run code when it is read."""

    def __init__(self, folder: Path, encoder: Encoder | None = None) -> None:
        self._folder = folder
        self.encoder = encoder
        self._code = code_of_matching()

    def matcher(
        self, texts_digest: str, guides: Sequence[Guide], learned: Learned, known: Meanings | None = None
    ) -> Matcher:
        """Return the matcher of these guides: as it was kept, else built now and kept.

        `texts_digest` names the sentence encoder as well, if there is one; it need not be asked again what is
        `known`.
        """
        file = self._folder / f"{self._name(texts_digest, learned)}.pickle"
        kept = _read(file)
        if kept is not None:
            kept.attach(self.encoder)
            return kept
        matcher = Matcher.build(guides, learned=learned, encoder=known or self.encoder)
        try:
            self._keep(file, matcher)
        except Exception as problem:  # noqa: BLE001  it only saves time, whatever stands in its way
            logger.warning("the built index was not kept, starts take longer: %s (%s)", problem, self._folder)
        return matcher

    def _name(self, texts_digest: str, learned: Learned) -> str:
        """Everything that a built matcher depends on, in one name."""
        numbers = json.dumps(learned.to_mapping(), sort_keys=True)
        return hashlib.sha256("\0".join((texts_digest, numbers, self._code)).encode()).hexdigest()

    def _keep(self, file: Path, matcher: Matcher) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = file.with_name(f"{file.name}.{os.getpid()}")
        try:
            half.touch(mode=0o600)
            half.write_bytes(_pickled(matcher))
            half.replace(file)
        finally:
            half.unlink(missing_ok=True)
        by_age = sorted(self._folder.glob("*.pickle"), key=lambda kept: kept.stat().st_mtime)
        for old in by_age[:-KEPT]:
            old.unlink(missing_ok=True)


def _pickled(matcher: Matcher) -> bytes:
    stream = io.BytesIO()
    pickling.dump(matcher, stream)
    return stream.getvalue()


def _read(file: Path) -> Matcher | None:
    """Return a kept matcher; None when there is none, or it is damaged, or another could have made it."""
    try:
        with file.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None
            matcher = pickling.load(stream)
    except FileNotFoundError:
        return None
    except Exception:  # noqa: BLE001  a damaged pickle raises anything; then it is built anew
        logger.warning("the built index %s cannot be read and is made anew", file.name)
        return None
    with suppress(OSError):
        os.utime(file)
    return matcher if isinstance(matcher, Matcher) else None
