"""Writes matchers as pickles and reads them back without stopping the process for long."""

from __future__ import annotations

import copyreg
import gc
import pickle
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from knowledge.aspects import Wordings

# A 120 MB index shrinks to an eighth at this level, in half a second.
_LEVEL = 1
_PIECE_BYTES = 1 << 20


def dump(value: object, stream: Any) -> None:
    """Pickle a value that holds matchers to anything with `write`."""
    pickler = pickle.Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL)
    # What is made anew in milliseconds: compiled patterns with a cache, and scratch space of each thread.
    pickler.dispatch_table = copyreg.dispatch_table.copy()
    pickler.dispatch_table[Wordings] = lambda wordings: (Wordings, ())
    pickler.dispatch_table[threading.local] = lambda scratch: (threading.local, ())
    pickler.dump(value)


def load(stream: IO[bytes]) -> Any:
    """Return what `dump` wrote. The bytes must be ours: a pickle can run code when it is read."""
    with _no_collecting():
        return pickle.load(stream)


def compressed(value: object) -> Iterator[bytes]:
    """Yield the pickle of a value, compressed, in pieces."""
    taken = _Pieces()
    dump(value, taken)
    packer = zlib.compressobj(_LEVEL)
    for piece in taken.pieces:
        packed = packer.compress(piece)
        if packed:
            yield packed
    yield packer.flush()


def uncompressed(packed: bytes) -> Any:
    """Return the value that `compressed` wrote; a reader of pieces lets other threads have their turn."""
    # Any: pickle asks for the three methods only.
    stream: Any = _Unpacker(packed)
    return load(stream)


class _Pieces:
    """Takes what a pickler writes."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: Any) -> int:
        """Keep a piece: bytes, or the buffer of an array."""
        self.pieces.append(bytes(piece))
        return len(self.pieces[-1])


class _Unpacker:
    """A stream over compressed bytes. It is Python, so a long pickle.load yields to other threads here."""

    def __init__(self, packed: bytes) -> None:
        self._rest = memoryview(packed)
        self._zip = zlib.decompressobj()
        self._ready = b""

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end."""
        while len(self._ready) < size and self._fill():
            pass
        taken, self._ready = self._ready[:size], self._ready[size:]
        return taken

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; return how much of it."""
        taken = self.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)

    def readline(self) -> bytes:
        """Return the next line; today's protocols have none."""
        while b"\n" not in self._ready and self._fill():
            pass
        line, mark, self._ready = self._ready.partition(b"\n")
        return line + mark

    def _fill(self) -> bool:
        if not self._rest:
            return False
        piece, self._rest = self._rest[:_PIECE_BYTES], self._rest[_PIECE_BYTES:]
        self._ready += self._zip.decompress(piece)
        if not self._rest:
            self._ready += self._zip.flush()
        return True


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Half of the reading would be the collector looking for garbage among what was just read."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
