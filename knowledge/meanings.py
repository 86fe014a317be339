"""What the texts of a knowledge base mean, as vectors: encoded once, and kept with the index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Encoder
from knowledge.forms import BLANK, Entry
from knowledge.terms import Floats, Places
from language.normalise import normalise

# Half the memory of float32; a cosine changes by less than a thousandth.
Halves = NDArray[np.float16]
# What an encoder adds to the FEATURES of a candidate.
NEARNESS = ("cosine", "nearer")


class Meanings:
    """Vectors of known texts; any other text is asked of the encoder. `of_texts` makes those of more."""

    def __init__(self, encoder: Encoder, texts: Sequence[str] = (), vectors: Halves | None = None) -> None:
        self.encoder: Encoder | None = encoder
        self.digest = encoder.digest
        self._places = {text: place for place, text in enumerate(texts)}
        self._vectors: Halves = np.zeros((0, 0), np.float16) if vectors is None else vectors

    @classmethod
    def by(cls, encoder: Encoder | Meanings | None) -> Meanings | None:
        """Return what is known by an encoder: nothing yet, or what was encoded before."""
        return cls(encoder) if isinstance(encoder, Encoder) else encoder

    def of_texts(
        self, texts: Iterable[str], progress: Callable[[float], None] = lambda share: None
    ) -> Meanings:
        """Return the meanings of just these texts; only those not known yet are encoded."""
        wanted = list(dict.fromkeys(texts))
        missing = [text for text in wanted if text not in self._places]
        made = self._asked().encode(missing, progress).astype(np.float16)
        if len(missing) < len(wanted):
            width = self._vectors.shape[1]
            vectors = np.empty((len(wanted), width), np.float16)
            is_new = np.array([text not in self._places for text in wanted])
            vectors[is_new] = made.reshape(len(missing), width)
            vectors[~is_new] = self._vectors[[self._places[text] for text in wanted if text in self._places]]
            return Meanings(self._asked(), wanted, vectors)
        return Meanings(self._asked(), wanted, made)

    def places(self, texts: Sequence[str]) -> Places:
        """Return where the vectors of known texts stand, for `cosines`."""
        return np.array([self._places[text] for text in texts], np.int32)

    def cosines(self, asked: str, places: Places) -> Floats:
        """Return how near a text comes to those at `places`, -1 to 1."""
        known = self._places.get(asked)
        question = (
            self._asked().encode([asked])[0] if known is None else self._vectors[known].astype(np.float32)
        )
        # Not `@`: BLAS shares so small a product among threads, and on busy cores waits 10 ms for them.
        near: Floats = np.einsum("ij,j->i", self._vectors[places].astype(np.float32), question)
        return near

    def attach(self, encoder: Encoder | None) -> None:
        """Use this encoder from now on: a stored index holds the vectors, not the model."""
        if encoder is None or encoder.digest != self.digest:
            raise ValueError("the index was made with another sentence encoder: build it anew")
        self.encoder = encoder

    def _asked(self) -> Encoder:
        if self.encoder is None:
            raise ValueError("the index was read without its sentence encoder: attach it first")
        return self.encoder

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "encoder": None}


def texts_of(entries: Iterable[Entry], others: Iterable[str] = ()) -> list[str]:
    """Return every text of the entries as an index holds it, and other questions likewise."""
    own = (text for entry in entries for text in (*entry.names, *entry.phrasings))
    return [normalise(text) for text in (BLANK, *own, *others)]


def nearness(cosines: Floats) -> Floats:
    """Return NEARNESS for candidates by their cosines: the cosine, and how many others come nearer."""
    nearer = (cosines[np.newaxis, :] > cosines[:, np.newaxis]).sum(axis=1)
    return np.stack([cosines, np.log1p(nearer)], axis=1).astype(np.float32)
