"""The request form as Rasa runs it, without Rasa: slots kept by hand, real actions, a real store."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, NoReturn

from actions.heard import Heard
from actions.registry import TEXTS
from actions.requests import ActionFileRequest, AskRequestField, ValidateRequestForm
from actions.rooms import Events, HallAction, Rooms
from cases.desk import Desk
from cases.request_form import Field
from cases.vault import Vault
from knowledge.finding import Finding
from language.reply import Decision, Reply
from language.texts import Texts


class FormTalk:
    """One person's form. `group` is the channel's id of the group it is talked in."""

    def __init__(self, desk: Desk, vault: Vault, channel: str = "chat", group: str | None = None) -> None:
        self.rooms = Rooms(_nothing_is_answered, desk, vault, Texts(TEXTS))
        self.slots: dict[str, Any] = {}
        self.key = secrets.token_hex(16)
        self._channel = channel
        self._group = vault.keep(self.key, "group", group) if group else None

    def say(self, text: str, intent: str = "inform") -> Reply:
        """Return what the form says to a turn; the last one files."""
        return self._after(self._act(ValidateRequestForm("validate_request_form", self.rooms), text, intent))

    def file(self) -> Reply:
        """File with the slots as they stand, as Rasa does once more after a kill."""
        reply, _ = self._heard(ActionFileRequest("action_file_request", self.rooms), "", "affirm")
        assert reply is not None
        return reply

    def _after(self, reply: Reply | None) -> Reply:
        asked = self.slots.get("requested_slot")
        if asked is None:
            return self.file()
        return reply or self._ask(Field(asked))

    def _ask(self, field: Field) -> Reply:
        reply, _ = self._heard(AskRequestField(field, self.rooms), "", "inform")
        assert reply is not None
        return reply

    def _act(self, action: HallAction, text: str, intent: str) -> Reply | None:
        reply, events = self._heard(action, text, intent)
        self.slots |= {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        return reply

    def _heard(self, action: HallAction, text: str, intent: str) -> tuple[Reply | None, Events]:
        heard = Heard(
            key=self.key,
            text=text,
            intent=intent,
            locale="zh",
            channel=self._channel,
            guide=None,
            choice={},
            second=None,
            slots=self.slots,
            finding=Finding(Decision.DECLINE),
            group=self._group,
        )
        return asyncio.run(action.act(heard))


def _nothing_is_answered() -> NoReturn:
    raise AssertionError("the form answers no questions")
