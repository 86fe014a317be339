"""Takes personal data out of a text before Rasa sees it: tokens go on, the values are sealed."""

from __future__ import annotations

from dataclasses import dataclass

from cases.vault import Vault
from language import personal

_NAME_FIELD = "contact_name"


@dataclass(frozen=True)
class Sealed:
    """A text with tokens in place of what is personal, and whether there was any."""

    text: str
    has_personal_data: bool


def seal_personal_data(vault: Vault, key: str, text: str, asks: str | None) -> Sealed:
    """Replace every phone, ID, plate, address and name by a token of this talk.

    `asks` is the form field asked last: a bare "王小明" is a name when a name was asked for.
    """
    if asks == _NAME_FIELD and personal.looks_like_name(text):
        return Sealed(vault.keep(key, "name", text), True)
    pieces: list[str] = []
    end = 0
    spans = personal.find(text)
    for span in spans:
        pieces += [text[end : span.start], vault.keep(key, str(span.kind), text[span.start : span.end])]
        end = span.end
    pieces.append(text[end:])
    return Sealed("".join(pieces), bool(spans))
