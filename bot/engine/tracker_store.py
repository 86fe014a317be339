"""Where Rasa keeps a conversation: one small row, rewritten after each turn, without what a person wrote.

Rasa's own SQL store adds a row per event and replays all of them, so a conversation slows as it grows
(measured: 94 to 269 ms over 136 messages), and it keeps what people typed in clear. Here a conversation is
its slots, its active form and its last few turns; what came before is folded into the slots. The text of a
message is blanked before it is written: after its turn nothing reads it again.

A row also keeps the ids of the last turns that were handled, and what was replied to the last one where it
changed something (sealed by the hall): a turn that comes again is not handled again. Rows carry a version, so
of two processes that have the same conversation at once only one can save it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    SESSION_START_METADATA_SLOT,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.tracker_rows import open_rows
from bot.engine.turns import TurnHandled, TurnOvertaken, TurnUnderWay, under_way

# Rules look at the last turn; two more leave room for a policy that looks further.
TURNS_KEPT = 3
# Folding costs a replay, so it is done once this many turns have gathered.
TURNS_BEFORE_FOLDING = 6
# A turn comes again within seconds; few others come in between.
TURNS_KNOWN = 8
# What these say outside of a form is found again from the question: no need to keep it.
_PLAIN = {
    "action_answer", "action_answer_hall", "action_choose", "action_decline", "action_smalltalk",
    "action_hand_over", ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME,
}  # fmt: skip


@dataclass(frozen=True)
class _Seen:
    """What a tracker's row was when it was read: its version and the last turns handled."""

    version: int = 0
    turns: tuple[str, ...] = ()


class FoldingTrackerStore(TrackerStore):
    """Keep each conversation as one row of JSON, folded so that it never grows."""

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        url: str = "",
        **kwargs: Any,
    ) -> None:
        """Open the database at `url` (SQLAlchemy form) and make the table where it is missing."""
        # Rasa passes a custom store its endpoint configuration, whose other keys are arguments.
        if isinstance(url, EndpointConfig):
            url = url.url or ""
        url = os.path.expandvars(url or os.environ["LINLI_TRACKER_URL"])
        self.rows = open_rows(url)
        super().__init__(domain, event_broker, **kwargs)

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """Return a new conversation. Stock saves it at once, though nothing has happened in it."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the conversation's row. Raises TurnOvertaken when it changed since it was read."""
        await self.stream_events(tracker)
        events = fold(tracker, self.domain)
        seen, turn = _seen(tracker), under_way.get()
        turns = seen.turns
        if turn is not None and turn.id:
            turns = (*seen.turns, turn.id)[-TURNS_KNOWN:]
        row = {
            "sender_id": tracker.sender_id,
            "events": json.dumps([without_words(event) for event in events], ensure_ascii=False),
            "updated_at": events[-1].timestamp if events else 0.0,
            "version": seen.version + 1,
            "turns": " ".join(turns),
            "replies": _kept_replies(tracker, turn),
        }
        if not await self.rows.write(row):
            raise TurnOvertaken
        tracker.linli_seen = _Seen(seen.version + 1, turns)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation, or None where there is none. Raises TurnHandled, see there."""
        row = await self.rows.read(sender_id)
        if row is None or self.domain is None:
            return None
        seen, turn = _Seen(row.version, tuple(row.turns.split())), under_way.get()
        if turn is not None and turn.id in seen.turns:
            is_last = turn.id == seen.turns[-1] and row.replies
            raise TurnHandled(json.loads(row.replies) if is_last else None)
        events = [_class_of(event["event"])._from_parameters(event) for event in json.loads(row.events)]
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        tracker.linli_seen = seen
        return tracker

    async def keys(self) -> Iterable[str]:
        """Return every conversation's id."""
        return await self.rows.ids()


def fold(tracker: DialogueStateTracker, domain: Domain | None) -> list[Event]:
    """Return the events to keep: the conversation so far as slots and loop, then its last turns.

    What the bot said is left out, and what came along with the message that began the session: no policy
    reads either, and both quote the person.
    """
    events = [event for event in tracker.events if not _is_aside(event)]
    turns = [position for position, event in enumerate(events) if isinstance(event, UserUttered)]
    if domain is None or len(turns) <= TURNS_BEFORE_FOLDING:
        return events
    cut = turns[-TURNS_KEPT]
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], slots=domain.slots)
    moment = events[cut - 1].timestamp
    folded: list[Event] = [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=moment),
        SessionStarted(timestamp=moment),
    ]
    folded += [
        SlotSet(name, slot.value, timestamp=moment)
        for name, slot in before.slots.items()
        if slot.value != slot.initial_value
    ]
    if before.active_loop_name:
        folded.append(ActionExecuted(before.active_loop_name, timestamp=moment))
        folded.append(ActiveLoop(before.active_loop_name, timestamp=moment))
    folded.append(ActionExecuted(ACTION_LISTEN_NAME, timestamp=moment))
    return folded + events[cut:]


def _is_aside(event: Event) -> bool:
    """Return whether nothing depends on an event."""
    return isinstance(event, BotUttered) or (
        isinstance(event, SlotSet) and event.key == SESSION_START_METADATA_SLOT
    )


def without_words(event: Event) -> dict[str, Any]:
    """Return the event as JSON types, without what a person wrote and what came with it."""
    written = event.as_dict()
    if isinstance(event, UserUttered):
        intent = {"name": event.intent_name, "confidence": event.intent.get("confidence", 1.0)}
        written.update(
            text="",
            metadata={},
            parse_data={"intent": intent, "entities": [], "text": "", "metadata": {}},
        )
    written.pop("metadata", None)
    return written


@lru_cache(maxsize=64)
def _class_of(event: str) -> type[Event]:
    """Return the class of an event's name. Stock looks through all subclasses for each event it reads."""
    return Event.resolve_by_type(event)


def _seen(tracker: DialogueStateTracker) -> _Seen:
    """Return what the tracker's row was when it was read; a new conversation has none."""
    return getattr(tracker, "linli_seen", None) or _Seen()


def _kept_replies(tracker: DialogueStateTracker, turn: TurnUnderWay | None) -> str | None:
    """Return the turn's replies as they are kept; None where they are found again from the question."""
    if turn is None or not turn.id:
        return None
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return None
        if isinstance(event, ActionExecuted) and event.action_name not in _PLAIN:
            break
    return json.dumps(turn.replies(), ensure_ascii=False)
