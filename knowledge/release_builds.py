"""Stored builds: bytes in the database that every machine reads, and only a holder of the key can make."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Protocol

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.release_tables import PENDING, BuildChunkRow, BuildRow, ReleaseRow, ReleaseState
from knowledge.transactions import writing
from language.moments import Clock

KEPT = 5
# Small enough that no other writer waits long while a piece is written.
CHUNK_BYTES = 2_000_000
# What no release names by then was left by a builder that died.
_HALF_WRITTEN = timedelta(hours=1)


class Signer(Protocol):
    """Signs with a key that is not in the database."""

    def sign(self, purpose: str, text: str) -> str:
        """Return the signature of a text."""

    def is_signed(self, purpose: str, text: str, signature: str) -> bool:
        """Say whether the signature is that of the text."""


class BuildStore:
    """The stored builds. A build is there once it is signed; what a dead builder left half is not."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock, signer: Signer) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signer = signer

    def has(self, name: str) -> bool:
        """Say whether a build is stored and signed. Its bytes are checked when they are read."""
        with self._sessions() as session:
            return bool(session.scalar(select(BuildRow.signature).where(BuildRow.name == name)))

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Store a build, piece by piece, and sign it at the end."""
        with writing(self._sessions) as session:
            _remove(session, [name])
            session.add(BuildRow(name=name, made_at=self._clock(), chunks=0, size=0, signature=""))
        digest = hashlib.sha256()
        place = size = 0
        for place, body in enumerate(_chunks(pieces), start=1):
            digest.update(body)
            size += len(body)
            with writing(self._sessions) as session:
                session.add(BuildChunkRow(build=name, place=place, body=body))
        with writing(self._sessions) as session:
            row = session.get_one(BuildRow, name)
            row.chunks, row.size = place, size
            row.signature = self._signer.sign("release-build", _signed_text(name, digest.hexdigest()))

    def read(self, name: str) -> bytes | None:
        """Return a build's bytes; None where it is not there, not whole, or not signed with our key."""
        with self._sessions() as session:
            row = session.get(BuildRow, name)
            if row is None or not row.signature:
                return None
            bodies = session.scalars(
                select(BuildChunkRow.body).where(BuildChunkRow.build == name).order_by(BuildChunkRow.place)
            )
            whole = b"".join(bodies)
        text = _signed_text(name, hashlib.sha256(whole).hexdigest())
        return whole if self._signer.is_signed("release-build", text, row.signature) else None

    def prune(self) -> None:
        """Keep the builds of the last releases and of all that may still become current."""
        with writing(self._sessions) as session:
            newest = (
                select(ReleaseRow.build)
                .where(ReleaseRow.build.is_not(None))
                .group_by(ReleaseRow.build)
                .order_by(func.max(ReleaseRow.number).desc())
                .limit(KEPT)
            )
            needed = select(ReleaseRow.build).where(
                ReleaseRow.build.is_not(None), ReleaseRow.state.in_((*PENDING, ReleaseState.CURRENT))
            )
            kept = {*session.scalars(newest), *session.scalars(needed)}
            half = self._clock() - _HALF_WRITTEN
            named = set(session.scalars(select(ReleaseRow.build).where(ReleaseRow.build.is_not(None))))
            stored = session.execute(select(BuildRow.name, BuildRow.made_at)).all()
            # A build is written before its release names it: an unnamed young one may be on its way.
            old = [name for name, at in stored if name not in kept and (name in named or at < half)]
            _remove(session, old)

    def names(self) -> list[str]:
        """Return the names of the stored builds, oldest first."""
        with self._sessions() as session:
            return list(session.scalars(select(BuildRow.name).order_by(BuildRow.made_at, BuildRow.name)))


def _signed_text(name: str, digest: str) -> str:
    return f"{name}\n{digest}"


def _remove(session: Session, names: Iterable[str]) -> None:
    for name in names:
        session.execute(delete(BuildChunkRow).where(BuildChunkRow.build == name))
        session.execute(delete(BuildRow).where(BuildRow.name == name))


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut and join the pieces to chunks of one size."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= CHUNK_BYTES:
            yield bytes(held[:CHUNK_BYTES])
            del held[:CHUNK_BYTES]
    if held:
        yield bytes(held)
