"""Choice ids: opaque, issued for one person in one conversation, good for ten minutes.

An id is its own sealed payload, so any hall process on any machine can read the choices of any other.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cases.sealing import Sealer, Unopenable
from language.reply import Reply

GOOD_FOR = timedelta(minutes=10)


class ChoiceUnknown(Exception):
    """A choice id that was never issued to this person, was altered, or is older than ten minutes."""


class Choices:
    """Issues ids for the choices of a reply and reads them back."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def issue(self, reply: Reply, key: str, at: datetime, good_for: timedelta = GOOD_FOR) -> Reply:
        """Return the reply with an id on every choice. `key` is the talk's key, `at` an aware instant."""
        expires = int((at + good_for).timestamp())
        return replace(
            reply,
            choices=tuple(
                replace(
                    choice, id=self._seal({**choice.payload, "until": expires, "label": choice.label}, key)
                )
                for choice in reply.choices
            ),
        )

    def open(self, choice_id: str, key: str, at: datetime) -> Mapping[str, Any]:
        """Return the payload of an id, with the `label` that was shown. Raises ChoiceUnknown."""
        try:
            sealed = base64.urlsafe_b64decode(choice_id.encode("ascii"))
            payload: dict[str, Any] = json.loads(self._sealer.open(sealed, _context(key)))
        except (Unopenable, binascii.Error, UnicodeEncodeError, ValueError):
            raise ChoiceUnknown from None
        if payload.pop("until") < at.timestamp():
            raise ChoiceUnknown
        return payload

    def _seal(self, payload: Mapping[str, Any], key: str) -> str:
        sealed = self._sealer.seal(json.dumps(payload, ensure_ascii=False), _context(key))
        return base64.urlsafe_b64encode(sealed).decode("ascii")


def _context(key: str) -> str:
    return f"choice/{key}"
