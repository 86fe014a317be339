"""One utterance or choice, as every door hands it to the conversation."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """Where a turn came from."""

    CHAT = "chat"
    GROUP = "group"
    KIOSK = "kiosk"


@dataclass(frozen=True)
class Turn:
    """What a person said or picked. Exactly one of `text` and `choice` is set.

    `message_id` is the platform's: the same id again gets the same reply. `locale` is "zh" or "en". `id` is
    the hall's own (32 hex digits), made when the turn comes in: Rasa handles one id once.
    """

    channel: Channel
    conversation: str
    sender: str | None = None
    is_group: bool = False
    mentioned: bool = False
    text: str | None = None
    choice: str | None = None
    spoken: bool = False
    locale: str = "zh"
    message_id: str | None = None
    id: str = ""

    def key(self, secret: bytes) -> str:
        """Return the id under which this person's talk in this conversation is kept: 64 hex digits.

        In a group it is per member, so that neighbours never share a form; and no platform's id is kept.
        """
        parts = (self.channel, self.conversation, self.sender or "")
        # Lengths keep ("a", "bc") and ("ab", "c") apart.
        joined = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(secret, joined.encode(), hashlib.sha256).hexdigest()

    def make_id(self, secret: bytes) -> str:
        """Return an id for this turn: 32 hex digits, the same ones for the same message of a platform.

        So a message that is sent again is the same turn to whichever process takes it.
        """
        if self.message_id is None:
            return secrets.token_hex(16)
        named = f"message\x00{self.key(secret)}\x00{self.message_id}"
        return hmac.new(secret, named.encode(), hashlib.sha256).hexdigest()[:32]
