"""The request form: each turn fills a field, the last one files the case."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import Any

from rasa_sdk.events import SlotSet

from actions.heard import Heard
from actions.rooms import Events, HallAction, Rooms
from actions.talk import clear_forms
from cases import intake, questions, request_form
from cases.arrivals.categories import Category
from cases.arrivals.duplicates import already_reported
from cases.case import GROUP_MAX_CHARS, CaseKind
from cases.intake import Said, Step
from cases.places.registry import Places
from cases.request_form import NO, SKIPPED, YES, Field
from cases.vault import TOKEN
from language.reply import Reply

# Turns that answer the form; any other is an interruption, after which Rasa only wants the field asked again.
_ANSWERS = {"inform", "affirm", "deny", "skip", "change_field"}
_OPEN = {SKIPPED, YES, NO, *CaseKind}  # values that are no secret
_SLOT_OF = {"kind": "request_kind"}  # the other slots bear their field's name
_SECOND = "second_request"
_GROUP = "group"


class ValidateRequestForm(HallAction):
    """What Rasa calls when the form opens and after each turn inside it."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Take the answer in, and name the field to ask next."""
        asked = heard.slots.get("requested_slot")
        is_opening = heard.slots.get("request_key") is None
        if not is_opening and heard.intent not in _ANSWERS:
            return None, [SlotSet("requested_slot", asked)]
        # Only what happened may be two things; tokens stand for what is personal in both.
        tells = is_opening or asked == Field.DESCRIPTION
        first, second = intake.split_troubles(heard.text) if tells else (heard.text, None)
        second = second or (heard.second if is_opening else None)
        said = Said(
            heard.intent,
            await self._clear(heard, first),
            heard.choice.get("field"),
            await self._clear(heard, heard.text) if second else "",
            heard.channel == _GROUP,
        )
        if is_opening or asked is None:
            step = intake.open_form(said, heard.locale)
            # Made here, once: a kill before the reply repeats the filing, and the key makes it one case.
            events = [SlotSet("request_key", secrets.token_hex(16))]
        else:
            values = await clear_values(self._rooms, heard)
            step = intake.advance(values, Field(asked), said, heard.locale)
            events = []
        if heard.group is not None:
            step = await self._placed(heard, step)
        if second and step.changes.get(Field.DESCRIPTION):
            events.append(SlotSet(_SECOND, await self._kept(heard, second)))
        return step.reply, events + await self._slots(heard, step)

    async def _placed(self, heard: Heard, step: Step) -> Step:
        """Return a step that told what happened with the place that it has in its group: 3号楼电梯坏了."""
        story = step.changes.get(Field.DESCRIPTION)
        if story is None or heard.slots.get(Field.PLACE) or step.changes.get(Field.PLACE):
            return step
        places, group = Places(self._rooms.desk.store), await group_of(self._rooms, heard)
        place = await asyncio.to_thread(places.named, story, group) if group else None
        if place is None:
            return step
        return intake.with_place(await clear_values(self._rooms, heard), step, place)

    async def _clear(self, heard: Heard, text: str) -> str:
        if "[[" not in text:
            return text
        return await asyncio.to_thread(self._rooms.vault.reveal_all, heard.key, text)

    async def _kept(self, heard: Heard, value: str) -> str:
        return await asyncio.to_thread(self._rooms.vault.keep, heard.key, "field", value)

    async def _slots(self, heard: Heard, step: Step) -> Events:
        """Return the slots to set, with tokens for what was told: all kept in one commit."""
        told = [value for value in step.changes.values() if value is not None and value not in _OPEN]
        tokens = dict.fromkeys(told, "")
        if told:
            kept = await asyncio.to_thread(self._rooms.vault.keep_each, heard.key, "field", list(tokens))
            tokens = dict(zip(tokens, kept, strict=True))
        events: list[dict[str, Any]] = [
            SlotSet(_SLOT_OF.get(name, name), tokens.get(value, value) if value is not None else None)
            for name, value in step.changes.items()
        ]
        return [*events, SlotSet("requested_slot", step.next_field.value if step.next_field else None)]


class AskRequestField(HallAction):
    """The question for one field; the last one reads everything back."""

    def __init__(self, field: Field, rooms: Rooms) -> None:
        super().__init__(f"action_ask_request_form_{field.value}", rooms)
        self._field = field

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Ask."""
        values, in_group = await clear_values(self._rooms, heard), heard.channel == _GROUP
        if self._field is Field.CONFIRMED:
            reported = await self._reported(heard, values)
            return request_form.confirm(values, heard.locale, in_group=in_group, reported=reported), []
        if self._field is Field.DETAILS:
            return request_form.ask_details(values, heard.locale), []
        if self._field is Field.CONSENT:
            return request_form.ask_consent(values, heard.locale, in_group=in_group), []
        return request_form.ask(self._field, heard.locale, intake.kind_of(values)), []

    async def _reported(self, heard: Heard, values: dict[str, str | None]) -> Category | None:
        """Return what the request is about where a neighbour reported it a few days ago."""
        category, place = questions.category_of(values), values.get(Field.PLACE) or ""
        group, store = await group_of(self._rooms, heard), self._rooms.desk.store
        is_known = await asyncio.to_thread(already_reported, store, category, place, group)
        return category if is_known else None


class ActionFileRequest(HallAction):
    """The form is full and confirmed."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """File the case; called twice with one request key it is the same case."""
        values, in_group = await clear_values(self._rooms, heard), heard.channel == _GROUP
        key = heard.slots["request_key"]
        request = request_form.request_from(values, key, heard.channel, heard.key, heard.locale)
        request = replace(request, group=await group_of(self._rooms, heard))
        receipt = await asyncio.to_thread(self._rooms.desk.file_case, request)
        reply = request_form.filed(receipt, heard.locale, in_group=in_group)
        return await self._offer_second(heard, reply, in_group), clear_forms()

    async def _offer_second(self, heard: Heard, reply: Reply, in_group: bool) -> Reply:
        """Add what else was told with the case that is filed now: a touch opens its form."""
        token = heard.slots.get(_SECOND)
        vault = self._rooms.vault
        second = await asyncio.to_thread(vault.reveal, heard.key, token) if token else None
        if second is None:
            return reply
        shown = "" if in_group else await asyncio.to_thread(vault.mask_all, heard.key, second)
        offer = request_form.offer_second(second, shown, heard.locale)
        return replace(
            reply, blocks=(*reply.blocks, *offer.blocks), speech=offer.speech, choices=offer.choices
        )


async def clear_values(rooms: Rooms, heard: Heard) -> dict[str, str | None]:
    """Return the form's fields in clear, from the tokens in the slots; an expired one is asked again."""
    slots = {field.value: heard.slots.get(field.value) for field in Field}
    tokens = [value for value in slots.values() if isinstance(value, str) and TOKEN.fullmatch(value)]
    opened = await asyncio.to_thread(rooms.vault.reveal_each, heard.key, tokens) if tokens else {}
    clear = {name: opened.get(value) if value in tokens else value for name, value in slots.items()}
    return {"kind": heard.slots.get("request_kind"), **clear}


async def group_of(rooms: Rooms, heard: Heard) -> str | None:
    """Return the channel's id of the group that a turn was said in, or None."""
    if heard.group is None:
        return None
    group = await asyncio.to_thread(rooms.vault.reveal, heard.key, heard.group)
    # A platform may have longer ids than a registry can hold: such a group names no estate.
    return group if group is not None and len(group) <= GROUP_MAX_CHARS else None
