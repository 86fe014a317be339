"""The sentence encoder of a hall: loaded where a setting names one, and done without where it cannot be."""

from __future__ import annotations

from dataclasses import dataclass

from hall.settings import Settings
from knowledge.encoder import Encoder, EncoderUnavailable


@dataclass(frozen=True)
class Encoding:
    """The encoder, or why there is none. Without the setting there is neither."""

    encoder: Encoder | None = None
    problem: str = ""


def load_encoding(settings: Settings) -> Encoding:
    """Load the encoder that LINLI_ENCODER names; takes a second or two where it names one."""
    if settings.encoder is None:
        return Encoding()
    try:
        return Encoding(Encoder.load(settings.encoder))
    except EncoderUnavailable as problem:
        return Encoding(problem=f"{problem} Linli goes on without it.")
