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

# Turns that are about the talk itself, or about a case: a guide that merely resembles them must not win.
_ACTS = {
    "greet", "thank", "goodbye", "affirm", "deny", "cancel", "skip", "ask_person", "check_case",
    "file_request", "who_are_you", "help",
}  # fmt: skip
# What may break into a form without a question being asked.
_FORM_BREAKERS = {"cancel", "ask_person", "skip", "who_are_you"}
_FREE_TEXT = {"description", "place"}
_YES_NO = {"affirm", "deny", "cancel"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class TurnArbiter(GraphComponent, IntentClassifier):
    """Replace the classifier's intent by the kind of turn that classifier and match agree on."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the thresholds; config.yml says where its numbers come from."""
        return {
            "act_probability": 0.25,
            "act_sureness": 0.7,
            "act_over_match": 0.85,
            "break_form": 0.8,
            "sure_match": 0.8,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        """Keep the thresholds."""
        self._config = config

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
                kind = self.judge(intent["name"], self._sureness(message), hall)
                message.set("intent", {**intent, "name": kind}, add_to_output=True)
        return messages

    def judge(self, intent: str, sureness: float, hall: dict[str, Any]) -> str:
        """Return the kind of turn.

        `sureness` is 0.5 to 1, or 0 where the classifier guesses. `hall` is what the hall found: `pending`
        (form field asked last, or None), `question` (the text asks something), `letters` (it is more than
        digits), and `match`, the wire form of knowledge.answering's Finding.
        """
        match = hall["match"]
        best = match["matches"][0] if match["matches"] else None
        if hall["pending"]:
            return self._judge_in_form(intent, sureness, hall, best)
        is_act = intent in _ACTS and sureness >= self._config["act_sureness"]
        if best is not None and best["exact"] and not (is_act and sureness >= 0.95):
            return "ask_guide"
        if match["about_hall"]:
            return "ask_hall"
        if is_act and (
            sureness >= self._config["act_over_match"]
            or best is None
            or best["confidence"] < self._config["sure_match"]
        ):
            return intent
        if match["bare_aspect"]:
            return "ask_aspect"
        return "ask_guide" if match["decision"] != "decline" else "out_of_scope"

    def _judge_in_form(
        self, intent: str, sureness: float, hall: dict[str, Any], best: dict[str, Any] | None
    ) -> str:
        match = hall["match"]
        if hall["pending"] == "confirmed" and intent in _YES_NO and sureness > 0:
            return intent
        if intent in _FORM_BREAKERS and sureness >= self._config["break_form"]:
            return intent
        # An answer to a form is never taken for a question, unless it plainly asks one.
        if hall["question"]:
            if match["about_hall"]:
                return "ask_hall"
            if best is not None and (best["exact"] or best["confidence"] >= self._config["sure_match"]):
                return "ask_guide"
        # The bare name of a guide is no name, number or yes; but it may well be what happened, or where.
        if best is not None and best["exact"] and hall["letters"] and hall["pending"] not in _FREE_TEXT:
            return "ask_guide"
        return "inform"

    def _sureness(self, message: Message) -> float:
        """Return the best intent's share against the runner-up; 0 where its own probability is too low."""
        probabilities = [float(entry["confidence"]) for entry in message.get("intent_ranking", [])[:2]]
        if not probabilities or probabilities[0] < self._config["act_probability"]:
            return 0.0
        return probabilities[0] / sum(probabilities)
