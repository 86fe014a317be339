"""How a case stands: number and code, asked for where they were not said."""

from __future__ import annotations

import asyncio

from rasa_sdk.events import SlotSet

from actions.heard import Heard
from actions.rooms import Events, HallAction, Rooms
from actions.talk import clear_forms
from cases import status
from cases.resident_replies import ResidentReplies, Who
from cases.residents import Residents
from cases.status import LookUpField
from language.reply import Reply

_ANSWERS = {"inform", "check_case", "affirm", "deny"}


class ValidateStatusForm(HallAction):
    """What Rasa calls when the look-up opens and after each turn inside it."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Take number and code from what was said."""
        asked = heard.slots.get("requested_slot")
        if asked is not None and heard.intent not in _ANSWERS:
            return None, [SlotSet("requested_slot", asked)]
        text = await asyncio.to_thread(self._rooms.vault.reveal_all, heard.key, heard.text)
        found = status.read_answer(LookUpField(asked) if asked else None, text)
        # A number that was looked up in vain is kept for whoever mistyped only the code.
        is_code_again = asked is None and found[LookUpField.NUMBER] is None and found[LookUpField.CODE]
        is_fresh = asked is None and not is_code_again
        known = {field: None if is_fresh else heard.slots.get(field.value) for field in LookUpField}
        for field, value in found.items():
            # Said again, it corrects what was said before.
            known[field] = await self._kept(heard, value) or known[field]
        missing = next((field for field in LookUpField if known[field] is None), None)
        slots = [SlotSet(field.value, value) for field, value in known.items()]
        is_refused = asked is not None and not any(found.values())
        reply = status.refuse(missing, heard.locale) if missing is not None and is_refused else None
        return reply, [*slots, SlotSet("requested_slot", missing.value if missing else None)]

    async def _kept(self, heard: Heard, value: str | None) -> str | None:
        return await asyncio.to_thread(self._rooms.vault.keep, heard.key, "field", value) if value else None


class AskStatusField(HallAction):
    """The question for number or code."""

    def __init__(self, field: LookUpField, rooms: Rooms) -> None:
        super().__init__(f"action_ask_status_form_{field.value}", rooms)
        self._field = field

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Ask."""
        ask = status.ask_number if self._field is LookUpField.NUMBER else status.ask_code
        return ask(heard.locale), []


class ActionShowStatus(HallAction):
    """Number and code are known."""

    async def act(self, heard: Heard) -> tuple[Reply | None, Events]:
        """Look the case up."""
        vault = self._rooms.vault
        tokens = [str(heard.slots.get(field.value)) for field in LookUpField]
        opened = await asyncio.to_thread(vault.reveal_each, heard.key, tokens)
        number, code = (opened.get(token, "") for token in tokens)
        # Choices name the case by the tokens that the slots hold: the slots are forgotten now.
        held = {"number": tokens[0], "code": tokens[1]}
        who = Who(number, code, heard.key, heard.locale, held)
        replies = ResidentReplies(Residents(self._rooms.desk))
        reply = await asyncio.to_thread(replies.look_up, who)
        kept = [SlotSet(LookUpField.NUMBER.value, heard.slots.get(LookUpField.NUMBER.value))]
        return reply, [*clear_forms(), *kept] if status.may_try_again(reply) else clear_forms()
