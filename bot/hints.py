"""What the hall hears in a text besides the guide it matches, for the arbiter to weigh."""

from __future__ import annotations

from typing import Any

from bot.screening import asks_something, is_short
from cases.corrections import sounds_corrected
from cases.field_rules import Refusal, accept_confirmed, is_skip, read_consent
from cases.intake import heard_request
from cases.lookups import find_number_and_code, is_bare_code
from cases.vault import TOKEN


def hints(text: str) -> dict[str, Any]:
    """Return, for a text with tokens in place of what is personal, as plain JSON types:

    `question` (it has the shape of one), `letters` (it is more than digits), `is_short`, `personal` (it held
    personal data), `reacts` (it is a plain yes or no), `skips` (it only says: I leave this out),
    `consents` (it answers whether a contact may be kept), `corrects` (it says that something of the form is
    to change), `request` ("named", "told" or None) and `case_number` (it holds one, or is a
    code and nothing else).
    """
    return {
        "question": asks_something(text),
        "letters": any(character.isalpha() for character in text),
        "is_short": is_short(text),
        "personal": TOKEN.search(text) is not None,
        "reacts": not isinstance(accept_confirmed(text), Refusal),
        "skips": is_skip(text),
        "consents": read_consent(text) is not None,
        "corrects": sounds_corrected(text),
        "request": heard_request(text),
        "case_number": find_number_and_code(text)[0] is not None or is_bare_code(text),
    }
