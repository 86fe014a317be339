"""What an action says crosses Rasa sealed: Rasa carries it, may keep it for a while, and never reads it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cases.sealing import Sealer, Unopenable
from language.reply import Reply


def seal_reply(sealer: Sealer, wire: Mapping[str, Any], turn: str) -> dict[str, str]:
    """Return a reply's wire form, sealed for one turn, as JSON types."""
    sealed = sealer.seal(json.dumps(wire, ensure_ascii=False), _context(turn))
    return {"sealed": base64.b64encode(sealed).decode("ascii")}


def open_reply(sealer: Sealer, carried: Mapping[str, Any], turn: str) -> Reply:
    """Return the reply. Raises ValueError or KeyError where it is not one that was sealed for this turn."""
    try:
        text = sealer.open(base64.b64decode(carried["sealed"], validate=True), _context(turn))
    except Unopenable as problem:
        raise ValueError(str(problem)) from None
    return Reply.from_wire(json.loads(text))


def _context(turn: str) -> str:
    return f"turn/{turn}"
