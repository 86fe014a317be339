"""Tells what kind of turn a text is: a linear classifier over the features of bot/engine/features.py.

In place of Rasa's LogisticRegressionClassifier: better on what was measured, trained in seconds, and its
model is two plain files (skops took a third of Rasa's start-up). docs/decisions/0013 has the figures.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.features import Features
from bot.engine.tokenizer import tokens_of

_WORDS, _NUMBERS = "words.json", "numbers.npz"
# Sharpness of probabilities that is tried on examples the margins were not learned from.
_SHARPNESS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)
_FOLDS = 3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Linear support vectors, one against the rest; margins become probabilities by one sharpness."""

    @classmethod
    def required_packages(cls) -> list[str]:
        """Return what must be installed."""
        return ["sklearn", "pypinyin"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options; config.yml says where its numbers come from."""
        return {"strength": 1.0, "balance": 0.5, "ranking_length": 5}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """Keep the options; nothing is learned yet."""
        self._config, self._storage, self._resource = config, storage, resource
        self._lookups: dict[str, list[list[str]]] = {}
        self._features = Features({})
        self._places: dict[str, int] = {}
        self._rarity = np.zeros(0, np.float32)
        self._weights = np.zeros((0, 0), np.float32)
        self._bias = np.zeros(0, np.float32)
        self._labels: list[str] = []
        self._sharpness = 1.0

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Create the component, as Rasa's graph asks."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> LinearIntentClassifier:
        """Load what was learned."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / _WORDS).read_text("utf-8"))
            with np.load(folder / _NUMBERS) as numbers:
                component._rarity, component._weights = numbers["rarity"], numbers["weights"]
                component._bias, component._sharpness = numbers["bias"], float(numbers["sharpness"])
        component._labels = words["labels"]
        component._places = {feature: place for place, feature in enumerate(words["features"])}
        component._read_with(words["lookups"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent, and store what was learned."""
        lookups = {
            table["name"]: [tokens_of(word) for word in table["elements"]]
            for table in training_data.lookup_tables
            if isinstance(table["elements"], list)
        }
        examples = [one for one in training_data.intent_examples if one.get("text") and one.get("intent")]
        self.learn([one.get("text") for one in examples], [one.get("intent") for one in examples], lookups)
        with self._storage.write_to(self._resource) as folder:
            words = {"labels": self._labels, "features": list(self._places), "lookups": self._lookups}
            (folder / _WORDS).write_text(json.dumps(words, ensure_ascii=False), "utf-8")
            np.savez(
                folder / _NUMBERS,
                rarity=self._rarity,
                weights=self._weights,
                bias=self._bias,
                sharpness=self._sharpness,
            )
        return self._resource

    def learn(
        self, texts: Sequence[str], intents: Sequence[str], lookups: dict[str, list[list[str]]]
    ) -> None:
        """Learn from texts and their intents. `lookups` are word lists by topic, each word as its tokens."""
        self._read_with(lookups)
        self._learn([self._features.of(tokens_of(text)) for text in texts], intents)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent and ranking."""
        for message in messages:
            ranking = self.rank(message.get("text") or "")
            message.set("intent", ranking[0] if ranking else {"name": None, "confidence": 0.0}, True)
            message.set("intent_ranking", ranking[: self._config["ranking_length"]], True)
        return messages

    def rank(self, text: str) -> list[dict[str, Any]]:
        """Return every intent with its probability, the likeliest first."""
        if not self._labels:
            return []
        places = [
            place
            for feature in self._features.of(tokens_of(text))
            if (place := self._places.get(feature)) is not None
        ]
        strengths = self._rarity[places]
        norm = float(np.sqrt((strengths**2).sum())) or 1.0
        margins = (strengths / norm) @ self._weights[places] + self._bias
        chances = _chances(margins[None, :], self._sharpness)[0]
        order = np.argsort(-chances, kind="stable")
        return [{"name": self._labels[at], "confidence": float(chances[at])} for at in order]

    def _read_with(self, lookups: dict[str, list[list[str]]]) -> None:
        self._lookups, self._features = lookups, Features(lookups)

    def _learn(self, texts: Sequence[Sequence[str]], intents: Sequence[str]) -> None:
        """Find weights, and the sharpness under which unseen examples are the least surprising."""
        from scipy.sparse import csr_matrix
        from sklearn.model_selection import StratifiedKFold

        self._labels = sorted(set(intents))
        met = Counter(feature for text in texts for feature in text)
        self._places = {feature: place for place, feature in enumerate(sorted(met))}
        seen = np.array([met[feature] for feature in self._places])
        self._rarity = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
        columns = [[self._places[feature] for feature in text] for text in texts]
        ends = np.cumsum([0, *map(len, columns)])
        flat = np.concatenate([np.array(row, np.int64) for row in columns])
        norms = np.sqrt([(self._rarity[row] ** 2).sum() for row in columns])
        values = self._rarity[flat] / np.repeat(norms, np.diff(ends))
        table = csr_matrix((values, flat, ends), shape=(len(texts), len(self._places)))
        known = np.array([self._labels.index(intent) for intent in intents])
        margins = np.zeros((len(texts), len(self._labels)))
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
        for seen_rows, unseen_rows in folds.split(table, known):
            weights, bias = self._fit(table[seen_rows], known[seen_rows])
            margins[unseen_rows] = table[unseen_rows] @ weights + bias
        self._sharpness = min(_SHARPNESS, key=lambda sharpness: _surprise(margins, known, sharpness))
        weights, bias = self._fit(table, known)
        self._weights, self._bias = weights.astype(np.float32), bias.astype(np.float32)

    def _fit(self, table: Any, known: Any) -> tuple[Any, Any]:
        """Return the weights (features by intents) and biases that separate the rows."""
        from sklearn.svm import LinearSVC

        sizes = np.bincount(known, minlength=len(self._labels))
        # An intent with few examples is not rarer among people: it weighs more, though not in full.
        weights = {at: (sizes.mean() / size) ** self._config["balance"] for at, size in enumerate(sizes)}
        machine = LinearSVC(C=self._config["strength"], class_weight=weights, random_state=0)
        machine.fit(table, known)
        return machine.coef_.T, machine.intercept_


def _chances(margins: Any, sharpness: float) -> Any:
    scaled = margins * sharpness
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _surprise(margins: Any, known: Any, sharpness: float) -> float:
    """Return the mean negative log probability of what each row really was."""
    chances = _chances(margins, sharpness)[np.arange(len(known)), known]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())
