"""Linear support vectors over the features of bot/engine/features.py, one intent against the rest.

Knows nothing of Rasa, so that it is measured without starting it. Margins become probabilities by one
sharpness.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.engine.features import Features
from bot.engine.tokens import tokens_of

Lookups = dict[str, list[list[str]]]

_WORDS, _NUMBERS = "words.json", "numbers.npz"
# Sharpness of probabilities that is tried on examples the margins were not learned from.
_SHARPNESS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)
_FOLDS = 3


@dataclass(frozen=True)
class Options:
    """How it learns: `strength` is the support vectors' C; `balance` 0 counts examples alike, 1 intents."""

    strength: float = 1.0
    balance: float = 0.5


class LinearModel:
    """Tells which intent a text has, with a probability for each."""

    def __init__(self, labels: list[str], places: dict[str, int], lookups: Lookups, **numbers: Any) -> None:
        """Keep what was learned; `numbers` are rarity, weights (features by labels), bias and sharpness."""
        self._labels, self._places, self._lookups = labels, places, lookups
        self._features = Features(lookups)
        self._numbers = numbers
        self._rarity, self._weights = numbers["rarity"], numbers["weights"]
        self._bias, self._sharpness = numbers["bias"], float(numbers["sharpness"])

    @classmethod
    def learn(
        cls, texts: Sequence[str], intents: Sequence[str], lookups: Lookups, options: Options
    ) -> LinearModel:
        """Learn from texts and their intents. `lookups` are word lists by topic, each word as its tokens."""
        features = Features(lookups)
        read = [features.of(tokens_of(text)) for text in texts]
        labels = sorted(set(intents))
        met = Counter(feature for text in read for feature in text)
        places = {feature: place for place, feature in enumerate(sorted(met))}
        seen = np.array([met[feature] for feature in places])
        rarity = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
        table = _table(read, places, rarity)
        known = np.array([labels.index(intent) for intent in intents])
        sharpness = _best_sharpness(table, known, options)
        weights, bias = _fit(table, known, len(labels), options)
        return cls(
            labels,
            places,
            lookups,
            rarity=rarity,
            weights=weights.astype(np.float32),
            bias=bias.astype(np.float32),
            sharpness=sharpness,
        )

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Return the model that was saved in a folder."""
        words = json.loads((folder / _WORDS).read_text("utf-8"))
        with np.load(folder / _NUMBERS) as stored:
            numbers = {name: stored[name] for name in stored.files}
        places = {feature: place for place, feature in enumerate(words["features"])}
        return cls(words["labels"], places, words["lookups"], **numbers)

    def save(self, folder: Path) -> None:
        """Write two plain files: what is words, and what is numbers."""
        words = {"labels": self._labels, "features": list(self._places), "lookups": self._lookups}
        (folder / _WORDS).write_text(json.dumps(words, ensure_ascii=False), "utf-8")
        np.savez(folder / _NUMBERS, **self._numbers)

    def rank(self, text: str) -> list[dict[str, Any]]:
        """Return every intent with its probability, the likeliest first."""
        features = self._features.of(tokens_of(text))
        places = [self._places[feature] for feature in features if feature in self._places]
        strengths = self._rarity[places]
        norm = float(np.sqrt((strengths**2).sum())) or 1.0
        margins = (strengths / norm) @ self._weights[places] + self._bias
        chances = _chances(margins[None, :], self._sharpness)[0]
        order = np.argsort(-chances, kind="stable")
        return [{"name": self._labels[at], "confidence": float(chances[at])} for at in order]


def _table(read: Sequence[Sequence[str]], places: dict[str, int], rarity: Any) -> Any:
    """Return texts by features, sparse; every row of length 1."""
    from scipy.sparse import csr_matrix

    columns = [np.array([places[feature] for feature in text], np.int64) for text in read]
    ends = np.cumsum([0, *map(len, columns)])
    norms = np.sqrt([(rarity[row] ** 2).sum() for row in columns])
    flat = np.concatenate(columns)
    values = rarity[flat] / np.repeat(norms, np.diff(ends))
    return csr_matrix((values, flat, ends), shape=(len(read), len(places)))


def _best_sharpness(table: Any, known: Any, options: Options) -> float:
    """Return the sharpness under which examples that were not learned from are the least surprising."""
    from sklearn.model_selection import StratifiedKFold

    count = known.max() + 1
    margins = np.zeros((len(known), count))
    for seen, unseen in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(table, known):
        weights, bias = _fit(table[seen], known[seen], count, options)
        margins[unseen] = table[unseen] @ weights + bias
    return min(_SHARPNESS, key=lambda sharpness: _surprise(margins, known, sharpness))


def _fit(table: Any, known: Any, count: int, options: Options) -> tuple[Any, Any]:
    """Return the weights (features by `count` intents) and biases that separate the rows.

    An intent without a row here is never the likeliest. At least three intents have rows.
    """
    from sklearn.svm import LinearSVC

    sizes = np.bincount(known, minlength=count)
    # An intent with few examples is not rarer among people: it weighs more, though not in full.
    weights = {at: (sizes.mean() / size) ** options.balance for at, size in enumerate(sizes) if size}
    machine = LinearSVC(C=options.strength, class_weight=weights, random_state=0)
    machine.fit(table, known)
    weights_of, bias = np.zeros((table.shape[1], count)), np.full(count, -1.0)
    weights_of[:, machine.classes_], bias[machine.classes_] = machine.coef_.T, machine.intercept_
    return weights_of, bias


def _chances(margins: Any, sharpness: float) -> Any:
    scaled = margins * sharpness
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _surprise(margins: Any, known: Any, sharpness: float) -> float:
    """Return the mean negative log probability of what each row really was."""
    chances = _chances(margins, sharpness)[np.arange(len(known)), known]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())
