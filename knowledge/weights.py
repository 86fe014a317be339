"""How much a character says about what is meant, learned from texts that mean the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np

from knowledge.grid import Channel
from knowledge.terms import Floats

SHIPPED = Path(__file__).with_name("character_survival.json")

# A character's share is drawn towards the mean until it was seen often enough. Mean and strength: development
# questions about law, where a character of a question comes back in a paraphrase 73 times out of 100.
PRIOR_SHARE = 0.731
PRIOR_SIGHTINGS = 8.0
# More texts of one group add little and would outweigh small groups.
MAX_GROUP = 12


def count_survival(groups: Iterable[Sequence[str]]) -> dict[str, tuple[float, float]]:
    """Return for each character how often it stood in a text, and how often in another of the same group too.

    Every group weighs as much as it has texts, however many pairs they make.
    """
    counts: dict[str, list[float]] = {}
    for group in groups:
        texts = [dict.fromkeys(text) for text in list(group)[:MAX_GROUP]]
        share = 1 / max(1, len(texts) - 1)
        for one, other in permutations(texts, 2):
            for character in one:
                seen = counts.setdefault(character, [0.0, 0.0])
                seen[0] += share
                seen[1] += share * (character in other)
    return {character: (seen, kept) for character, (seen, kept) in counts.items()}


def survival_shares(
    counts: Mapping[str, tuple[float, float]], prior: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return for each character the chance that it survives a paraphrase, drawn to `prior` or the mean."""
    known = dict(prior or {})
    for character, (seen, kept) in counts.items():
        before = known.get(character, PRIOR_SHARE)
        known[character] = (kept + PRIOR_SIGHTINGS * before) / (seen + PRIOR_SIGHTINGS)
    return known


@cache
def shipped_survival() -> dict[str, float]:
    """Return the shares that come with Linli: numbers for single characters, learned on development data."""
    shares: dict[str, float] = json.loads(SHIPPED.read_text("utf-8"))
    return shares


def character_weights(
    table: Channel, entries: Channel, survival: Mapping[str, float]
) -> tuple[Floats, float]:
    """Return the weights of the vocabulary's characters, and that of characters the table does not hold.

    A weight is the log likelihood ratio of seeing the character again in a text that means the same against
    one that does not: log(s (1 - p) / (p (1 - s))), s its survival and p the share of entries that hold it.
    """
    characters = table.vocabulary.terms()
    holders = dict(zip(entries.vocabulary.terms(), entries.holders.tolist(), strict=True))
    p = np.array([(holders.get(character, 0.0) + 0.5) / (entries.rows + 1) for character in characters])
    s = np.array([survival.get(character, PRIOR_SHARE) for character in characters])
    p = np.clip(p, 1e-6, 0.93)
    s = np.clip(np.maximum(s, 1.05 * p), 0.02, 0.97)
    weights = np.maximum(0.0, np.log(s * (1 - p) / (p * (1 - s))))
    # A character the entries never use is as telling as their rare ones: it speaks for none of them.
    held = weights[table.holders > 0]
    unknown = float(np.percentile(held, 95)) if len(held) else 1.0
    return weights.astype(np.float32), unknown
