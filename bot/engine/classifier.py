"""Tells what kind of turn a text is: bot/engine/linear.py as a component of Rasa's pipeline.

In place of Rasa's LogisticRegressionClassifier: better on what was measured, trained in seconds, and its
model is two plain files (skops took a third of Rasa's start-up). docs/decisions/0013 has the figures.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.linear import LinearModel, Options
from bot.engine.tokens import tokens_of


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Set each message's intent, and the likeliest intents with their probabilities."""

    @classmethod
    def required_packages(cls) -> list[str]:
        """Return what must be installed."""
        return ["sklearn", "pypinyin"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options; config.yml says where its numbers come from."""
        return {"strength": 1.0, "balance": 0.5, "ranking_length": 5}

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: LinearModel | None = None,
    ) -> None:
        """Keep the options, and what was learned before."""
        self._config, self._storage, self._resource, self._model = config, storage, resource, model

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
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, LinearModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent, and store what was learned."""
        lookups = {
            table["name"]: [tokens_of(word) for word in table["elements"]]
            for table in training_data.lookup_tables
            if isinstance(table["elements"], list)
        }
        examples = [one for one in training_data.intent_examples if one.get("text") and one.get("intent")]
        self._model = LinearModel.learn(
            [one.get("text") for one in examples],
            [one.get("intent") for one in examples],
            lookups,
            Options(self._config["strength"], self._config["balance"]),
        )
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent and ranking."""
        if self._model is not None:
            for message in messages:
                ranking = self._model.rank(message.get("text") or "")
                message.set("intent", ranking[0], add_to_output=True)
                message.set("intent_ranking", ranking[: self._config["ranking_length"]], add_to_output=True)
        return messages
