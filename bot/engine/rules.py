"""What the rules say next, remembered.

Stock plays the whole conversation back for each of the three predictions of a turn and holds every rule
against it, twice (measured: 18 % of a turn in Rasa, and more with every turn of the talk). What comes out
depends on the last few states alone: a rule looks no further back than it is long. `install` makes the
policy remember what it said to the same states before; what it has not met, and what these states do not
show in full (entities, slots with features, rules on a text), it works out as stock does.
"""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.shared.core.constants import USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT

# This bot's intents, actions and forms make some thousands of short histories; beyond that it begins anew.
MOST_REMEMBERED = 20_000

_STOCK = RulePolicy._predict
# They change nothing of what the rules look at, or change it in the tracker itself, which is looked at.
_UNSEEN = {BotUttered, SessionStarted, SlotSet, LoopInterrupted, ActionExecutionRejected}

Answer = tuple[PolicyPrediction, "str | None"]


def _predict(self: RulePolicy, tracker: DialogueStateTracker, domain: Domain) -> Answer:
    """Return what stock predicts for the tracker, and where it took that from."""
    reach = _reach(self, domain)
    seen = _seen(tracker, reach) if reach else None
    if seen is None:
        return _stock(self, tracker, domain)
    remembered: dict[Any, Answer] = self.__dict__.setdefault("_linli_remembered", {})
    found = remembered.get(seen)
    if found is None:
        prediction, source = _stock(self, tracker, domain)
        if not _is_plain(prediction):
            return prediction, source
        if len(remembered) >= MOST_REMEMBERED:
            remembered.clear()
        found = remembered[seen] = (_copy(prediction), source)
    return _copy(found[0]), found[1]


def _stock(policy: RulePolicy, tracker: DialogueStateTracker, domain: Domain) -> Answer:
    answer: Answer = _STOCK(policy, tracker, domain)
    return answer


def _reach(policy: RulePolicy, domain: Domain) -> int:
    """Return how many states the longest rule has; 0 where states as seen here do not decide."""
    kept: dict[str, Any] = policy.__dict__
    if "_linli_reach" not in kept:
        keys = [*policy.lookup[RULES], *policy.lookup[RULES_FOR_LOOP_UNHAPPY_PATH]]
        rules = [policy._rule_key_to_state(key) for key in keys]
        reads_text = any(TEXT in state.get(USER, {}) for rule in rules for state in rule)
        has_features = any(slot.has_features() for slot in domain.slots)
        is_weighed = bool(policy.config["use_nlu_confidence_as_score"])
        decides = bool(rules) and not (reads_text or has_features or is_weighed)
        kept["_linli_reach"] = max(map(len, rules)) if decides else 0
    reach: int = kept["_linli_reach"]
    return reach


def _seen(tracker: DialogueStateTracker, reach: int) -> tuple[Any, ...] | None:
    """Return the last states as (intent, action before, form), and what else a prediction reads."""
    states: list[tuple[str | None, Any, str | None]] = []
    intent: str | None = None
    action: Any = None
    loop: str | None = None
    for event in tracker.applied_events():
        kind = type(event)
        if kind is ActionExecuted:
            states.append((intent, action, loop))
            action = event.action_name or (event.action_text,)
        elif kind is UserUttered:
            if event.entities or event.use_text_for_featurization:
                return None
            intent = event.intent_name
        elif kind is ActiveLoop:
            loop = event.name
        elif kind is DefinePrevUserUtteredFeaturization:
            if event.use_text_for_featurization:
                return None
        elif kind not in _UNSEEN:
            return None
    states.append((intent, action, loop))
    said = tracker.latest_message.intent_name if tracker.latest_message else None
    rest = (said, tracker.latest_action_name, tracker.active_loop_name, tracker.is_active_loop_rejected)
    return (*states[-reach:], rest)


def _is_plain(prediction: PolicyPrediction) -> bool:
    """Return whether a prediction is a rule's, with nothing in it but what `_copy` copies."""
    return (
        # Where no rule fits, the source that stock names is the whole history.
        prediction.max_confidence == 1.0
        and all(event == LoopInterrupted(True) for event in prediction.events)
        and not (prediction.optional_events or prediction.diagnostic_data or prediction.action_metadata)
    )


def _copy(prediction: PolicyPrediction) -> PolicyPrediction:
    """Return a prediction of one's own: the ensemble changes its numbers, and events bear their moment."""
    return PolicyPrediction(
        list(prediction.probabilities),
        prediction.policy_name,
        prediction.policy_priority,
        events=[LoopInterrupted(True) for _ in prediction.events],
        is_end_to_end_prediction=prediction.is_end_to_end_prediction,
        is_no_user_prediction=prediction.is_no_user_prediction,
        hide_rule_turn=prediction.hide_rule_turn,
    )


def install() -> None:
    """Put the remembering in place. Call once, before the server starts."""
    RulePolicy._predict = _predict
