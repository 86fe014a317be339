"""The talk around the business: greetings, thanks, leaving a form, the way to a person."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.heard import Heard
from actions.rooms import Events, HallAction
from language.reply import Choice, Decision, Reply, text_block

FORM_SLOTS = (
    "request_key", "request_kind", "description", "place", "contact_name", "contact_phone", "confirmed",
    "case_number", "case_code", "requested_slot",
)  # fmt: skip


def clear_forms() -> Events:
    """Return the events that forget every form."""
    return [SlotSet(slot, None) for slot in FORM_SLOTS]


class ActionSmalltalk(HallAction):
    """A greeting, thanks, who are you; the sentence is named after the intent."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Say the sentence."""
        sentence = self._rooms.texts.say(heard.intent, heard.locale)
        choices: tuple[Choice, ...] = ()
        if heard.intent == "help":
            choices = tuple(
                Choice(self._rooms.texts.say(f"choice_{intent}", heard.locale), payload={"intent": intent})
                for intent in ("file_request", "check_case", "ask_person")
            )
        return Reply(Decision.SMALLTALK, (text_block(sentence),), sentence, choices), []


class ActionHandOver(HallAction):
    """A person is wanted."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Say who, where and when."""
        return self._rooms.answering().hand_over(heard.locale), []


class ActionCancel(HallAction):
    """A form is left on purpose."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Forget what was filled in and say so."""
        sentence = self._rooms.texts.say("cancelled", heard.locale)
        return Reply(Decision.SMALLTALK, (text_block(sentence),), sentence), clear_forms()
