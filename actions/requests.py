"""The request form: each turn fills a field, the last one files the case."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from rasa_sdk.events import SlotSet

from actions.heard import Heard
from actions.rooms import Events, HallAction, Rooms
from actions.talk import clear_forms
from cases import intake, request_form
from cases.case import CaseKind
from cases.intake import Said, Step
from cases.request_form import SKIPPED, YES, Field
from cases.vault import TOKEN
from language.reply import Reply

# Turns that answer the form; any other is an interruption, after which Rasa only wants the field asked again.
_ANSWERS = {"inform", "affirm", "deny", "skip", "change_field"}
_OPEN = {SKIPPED, YES, *CaseKind}  # values that are no secret
_SLOT_OF = {"kind": "request_kind"}  # the other slots bear their field's name


class ValidateRequestForm(HallAction):
    """What Rasa calls when the form opens and after each turn inside it."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Take the answer in, and name the field to ask next."""
        asked = heard.slots.get("requested_slot")
        text = await asyncio.to_thread(self._rooms.vault.reveal_all, heard.key, heard.text)
        said = Said(heard.intent, text, heard.choice.get("field"))
        if asked is None or heard.slots.get("request_key") is None:
            step = intake.open_form(said, heard.locale)
            # Made here, once: a kill before the reply repeats the filing, and the key makes it one case.
            opening = [SlotSet("request_key", secrets.token_hex(16))]
            return step.reply, opening + await self._slots(heard, step)
        if heard.intent not in _ANSWERS:
            return None, [SlotSet("requested_slot", asked)]
        values = await clear_values(self._rooms, heard)
        step = intake.advance(values, Field(asked), said, heard.locale)
        return step.reply, await self._slots(heard, step)

    async def _slots(self, heard: Heard, step: Step) -> Events:
        events: list[dict[str, Any]] = []
        for name, value in step.changes.items():
            if value is not None and value not in _OPEN:
                value = await asyncio.to_thread(self._rooms.vault.keep, heard.key, "field", value)
            events.append(SlotSet(_SLOT_OF.get(name, name), value))
        return [*events, SlotSet("requested_slot", step.next_field.value if step.next_field else None)]


class AskRequestField(HallAction):
    """The question for one field; the last one reads everything back."""

    def __init__(self, field: Field, rooms: Rooms) -> None:
        super().__init__(f"action_ask_request_form_{field.value}", rooms)
        self._field = field

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Ask."""
        values = await clear_values(self._rooms, heard)
        if self._field is Field.CONFIRMED:
            return request_form.confirm(values, heard.locale), []
        return request_form.ask(self._field, heard.locale, intake.kind_of(values)), []


class ActionFileRequest(HallAction):
    """The form is full and confirmed."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """File the case; called twice with one request key it is the same case."""
        values = await clear_values(self._rooms, heard)
        request = request_form.request_from(values, heard.slots["request_key"], heard.channel, heard.key)
        receipt = await asyncio.to_thread(self._rooms.desk.file_case, request)
        return request_form.filed(receipt, heard.locale), clear_forms()


async def clear_values(rooms: Rooms, heard: Heard) -> dict[str, str | None]:
    """Return the form's fields in clear, from the tokens in the slots; an expired one is asked again."""
    values: dict[str, str | None] = {"kind": heard.slots.get("request_kind")}
    for field in Field:
        value = heard.slots.get(field.value)
        if isinstance(value, str) and TOKEN.fullmatch(value):
            value = await asyncio.to_thread(rooms.vault.reveal, heard.key, value)
        values[field.value] = value
    return values
