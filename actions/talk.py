"""The talk around the business: greetings, thanks, leaving a form, the way to a person."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.heard import Heard
from actions.rooms import Events, HallAction
from cases.status import LookUpField
from language.reply import Choice, Decision, Reply, text_block

FORM_SLOTS = (
    "request_key", "request_kind", "description", "place", "details", "consent", "contact_name",
    "contact_phone", "confirmed", "second_request", "case_number", "case_code", "requested_slot",
)  # fmt: skip


def clear_forms() -> Events:
    """Return the events that forget every form."""
    return [SlotSet(slot, None) for slot in FORM_SLOTS]


# What is offered beside the sentence, as intents.
_OFFERED = {"help": ("file_request", "check_case", "ask_person"), "upset": ("ask_person",)}
# Remarks that get a sentence of their own in the middle of a form.
_IN_FORM = {"greet", "thank", "acknowledge"}


class ActionSmalltalk(HallAction):
    """A greeting, thanks, who are you; the sentence is named after the intent."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Say the sentence."""
        is_in_form = heard.intent in _IN_FORM and heard.slots.get("requested_slot") is not None
        key = f"{heard.intent}_in_form" if is_in_form else heard.intent
        sentence = self._rooms.texts.say(key, heard.locale)
        choices = tuple(
            Choice(self._rooms.texts.say(f"choice_{intent}", heard.locale), payload={"intent": intent})
            for intent in _OFFERED.get(heard.intent, ())
        )
        return Reply(Decision.SMALLTALK, (text_block(sentence),), sentence, choices, act=heard.intent), []


class ActionPassOn(HallAction):
    """Something about the talk itself: a rating, the same once more, another voice, none of these.

    Only the hallway remembers the talk; its bot/ways.py turns the named act into a reply.
    """

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Name the act."""
        return Reply(Decision.SMALLTALK, act=heard.intent), []


class ActionHandOver(HallAction):
    """A person is wanted."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Say who, where and when."""
        return self._rooms.answering().hand_over(heard.locale), []


class ActionCancel(HallAction):
    """A form is left on purpose."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Forget what was filled in and say so."""
        was_looking_up = heard.slots.get("requested_slot") in list(LookUpField)
        sentence = self._rooms.texts.say("look_up_left" if was_looking_up else "cancelled", heard.locale)
        return Reply(Decision.SMALLTALK, (text_block(sentence),), sentence), clear_forms()


class ActionSwitch(HallAction):
    """One form is left for the other."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Forget what was filled in; say so where something was."""
        if not heard.slots.get("description"):
            return None, clear_forms()
        sentence = self._rooms.texts.say("switched", heard.locale)
        return Reply(Decision.FORM, (text_block(sentence),), sentence), clear_forms()
