"""Decides what kind of turn this is, from the classifier's view and the hall's own match together.

The hall matches first and sends what it found along as metadata (`hall`); the classifier never learned a
single guide. Only here do both meet, before the policies choose an action.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.training_data.message import Message

from bot.engine.judgement import THRESHOLDS, Judgement


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class TurnArbiter(GraphComponent, IntentClassifier):
    """Replace the classifier's intent by the kind of turn that classifier and match agree on."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the thresholds; config.yml says where its numbers come from."""
        return dict(THRESHOLDS)

    def __init__(self, config: dict[str, Any]) -> None:
        """Keep the thresholds."""
        self._judgement = Judgement(config)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TurnArbiter:
        """Create the component, as Rasa's graph asks."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent to the kind of its turn."""
        for message in messages:
            hall = (message.get("metadata") or {}).get("hall")
            intent = message.get("intent") or {"name": None, "confidence": 0.0}
            if hall is not None and intent.get("name"):
                sureness = self._judgement.sureness(message.get("intent_ranking", []))
                kind = self._judgement.judge(intent["name"], sureness, hall)
                message.set("intent", {**intent, "name": kind}, add_to_output=True)
        return messages

    def judge(self, intent: str, sureness: float, hall: dict[str, Any]) -> str:
        """Return the kind of turn: see Judgement.judge."""
        return self._judgement.judge(intent, sureness, hall)
