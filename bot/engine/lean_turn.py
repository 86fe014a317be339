"""What stock Rasa does in every turn and nobody needs, left out or done once.

- It copies whatever it would log at debug level, whether or not anybody listens.
- It makes all actions anew to find one of them.
- It asks every slot how it is filled from the message; ours are filled by the hall alone.
- It copies a tracker by playing all its events back, several times a turn.

Each function here returns what stock's would; where it cannot know that, it calls stock's.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from copy import copy
from types import SimpleNamespace
from typing import Any

import rasa.core.actions.action as actions
import rasa.core.actions.forms as forms
import rasa.core.policies.rule_policy as rule_policy
import rasa.core.processor as processor
from rasa.shared.constants import DEFAULT_SENDER_ID
from rasa.shared.core.constants import (
    ACTION_VALIDATE_SLOT_MAPPINGS,
    DEFAULT_SLOT_NAMES,
    MAPPING_TYPE,
    REQUESTED_SLOT,
    SlotMappingType,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

# Modules whose only copies are those for their debug lines (a check reads their source).
LOGGING_MODULES = (processor, forms, rule_policy)

_STOCK_ACTION = actions.action_for_name_or_text
_STOCK_EXTRACT = actions.ActionExtractSlots.run
_STOCK_COPY = DialogueStateTracker.copy
_STOCK_TEMPORARY = forms.FormAction._temporary_tracker
_STOCK_IS_EMPTY = Domain.is_empty

# After these a tracker is what its events made it; others take something back or schedule something.
_LASTING = {
    ActionExecuted, ActionExecutionRejected, ActiveLoop, BotUttered, DefinePrevUserUtteredFeaturization,
    LoopInterrupted, SessionStarted, SlotSet, UserUttered,
}  # fmt: skip


def _action_for(name: str, domain: Domain, endpoint: Any) -> Any:
    """Return the action of this name; it keeps nothing from one turn to the next, so one does for all."""
    made: dict[tuple[str, int], Any] = domain.__dict__.setdefault("_linli_actions", {})
    # The endpoint is kept with its action, so that no other can take its id.
    found = made.get((name, id(endpoint)))
    if found is None:
        found = made[name, id(endpoint)] = (_STOCK_ACTION(name, domain, endpoint), endpoint)
    return found[0]


async def _extract(self: Any, channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Domain) -> Any:
    """Return the slots that the message fills: none, where all are filled by actions."""
    if "_linli_fills" not in domain.__dict__:
        domain.__dict__["_linli_fills"] = _message_fills_slots(domain)
    if domain.__dict__["_linli_fills"]:
        return await _STOCK_EXTRACT(self, channel, nlg, tracker, domain)
    return []


def _message_fills_slots(domain: Domain) -> bool:
    mappings = [
        mapping for slot in domain.slots if slot.name not in DEFAULT_SLOT_NAMES for mapping in slot.mappings
    ]
    custom = str(SlotMappingType.CUSTOM)
    is_bare = all(mapping.get(MAPPING_TYPE) == custom and not mapping.get("action") for mapping in mappings)
    return not is_bare or ACTION_VALIDATE_SLOT_MAPPINGS in domain.user_actions


def _is_lasting(tracker: DialogueStateTracker) -> bool:
    return set(map(type, tracker.events)) <= _LASTING


def _copy(self: DialogueStateTracker) -> DialogueStateTracker:
    """Return a tracker with the same events and the state that they led to."""
    if not _is_lasting(self) or type(self) is not DialogueStateTracker:
        stock: DialogueStateTracker = _STOCK_COPY(self)
        return stock
    twin = DialogueStateTracker.__new__(DialogueStateTracker)
    twin.__dict__.update(self.__dict__)
    twin.sender_id = self.sender_id or DEFAULT_SENDER_ID
    twin.events = deque(self.events, self._max_event_history)
    twin.slots = {name: copy(slot) for name, slot in self.slots.items()}
    twin.active_loop = dataclasses.replace(self.active_loop) if self.active_loop else None
    # As in stock a copy forgets where it came from, so that it writes nothing into its events.
    twin.sender_source = twin.model_id = twin.assistant_id = None
    return twin


def _temporary(
    self: Any, current: DialogueStateTracker, additional: list[Event], domain: Domain
) -> DialogueStateTracker:
    """Return a copy for a form to try its values on."""
    if not _is_lasting(current):
        stock: DialogueStateTracker = _STOCK_TEMPORARY(self, current, additional, domain)
        return stock
    twin: DialogueStateTracker = current.copy()
    asked = SlotSet(REQUESTED_SLOT, self.get_slot_to_fill(current))
    for event in (asked, ActionExecuted(self.name()), *additional):
        twin.update(event)
    return twin


def _is_empty(self: Domain) -> bool:
    """Return whether the domain is an empty one; it does not change while it is served."""
    if "_linli_is_empty" not in self.__dict__:
        self.__dict__["_linli_is_empty"] = _STOCK_IS_EMPTY(self)
    found: bool = self.__dict__["_linli_is_empty"]
    return found


def install() -> None:
    """Put the lean functions in place. Call once, before the server starts."""
    for module in LOGGING_MODULES:
        module.copy = SimpleNamespace(deepcopy=lambda value: value)
    actions.action_for_name_or_text = _action_for
    actions.ActionExtractSlots.run = _extract
    DialogueStateTracker.copy = _copy
    forms.FormAction._temporary_tracker = _temporary
    Domain.is_empty = _is_empty
