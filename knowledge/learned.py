"""What a release learned from its own texts, kept so that a process need not learn it anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from knowledge.encoder import Encoder
from knowledge.features import FEATURES
from knowledge.forms import Entry
from knowledge.learning import Calibration, Vector
from knowledge.meanings import NEARNESS
from knowledge.rehearsal import Trust
from knowledge.scoring import SIGNALS, shipped_defaults


@dataclass(frozen=True)
class Learned:
    """The weights of the ranking, and how far to trust it."""

    ranker: Vector  # of FEATURES; learned with a sentence encoder, of NEARNESS besides
    trust: Trust

    @property
    def asks_encoder(self) -> bool:
        """True when it was learned how much a sentence encoder's cosines count."""
        return len(self.ranker) > len(FEATURES)

    def to_mapping(self) -> dict[str, Any]:
        """Return plain JSON types, complete enough for `from_mapping`."""
        return {
            "ranker": self.ranker.tolist(),
            "signal_scales": self.trust.signal_scales.tolist(),
            "presence": self.trust.presence.weights.tolist(),
            "calibration": self.trust.calibration.weights.tolist(),
            "belonging": self.trust.belonging.weights.tolist(),
            "answer_from": float(self.trust.answer_from),
            "clarify_from": float(self.trust.clarify_from),
            "origin": self.trust.origin,
            "figures": {name: float(figure) for name, figure in self.trust.figures.items()},
        }

    @classmethod
    def from_mapping(cls, numbers: Mapping[str, Any]) -> Learned:
        """Read back what `to_mapping` wrote. Raises KeyError or ValueError on anything else."""
        widths = (len(FEATURES), len(FEATURES) + len(NEARNESS))
        if len(numbers["ranker"]) not in widths or len(numbers["signal_scales"]) != len(SIGNALS):
            raise ValueError("learned by another version of the matcher: learn anew")
        return cls(
            np.array(numbers["ranker"]),
            Trust(
                signal_scales=np.array(numbers["signal_scales"]),
                presence=Calibration(np.array(numbers["presence"])),
                calibration=Calibration(np.array(numbers["calibration"])),
                belonging=Calibration(np.array(numbers["belonging"])),
                answer_from=numbers["answer_from"],
                clarify_from=numbers["clarify_from"],
                origin=numbers["origin"],
                figures=dict(numbers["figures"]),
            ),
        )


def shipped_learning() -> Learned:
    """Return the numbers that come with Linli, for guides too few to learn from, or not learned from yet."""
    defaults = shipped_defaults()
    trust = Trust(
        defaults.signal_scales,
        defaults.presence,
        defaults.calibration,
        defaults.belonging,
        defaults.answer_from,
        defaults.clarify_from,
        defaults.origin,
    )
    return Learned(defaults.ranker, trust)


def digest_of(entries: Iterable[Entry], encoder: Encoder | None = None) -> str:
    """Return what changes with anything that is learned from: the texts, and what is measured on them."""
    texts = [asdict(entry) for entry in sorted(entries, key=lambda entry: entry.id)]
    parts = [FEATURES, SIGNALS, texts, *([] if encoder is None else [NEARNESS, encoder.digest])]
    known = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=list)
    return hashlib.sha256(known.encode()).hexdigest()
