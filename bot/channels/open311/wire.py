"""How GeoReport v2 looks on the wire: XML or JSON, and its errors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

# A list of plain objects; a value may be a text, or a list of such objects.
Entry = dict[str, Any]
# Format to content type; what is not named in an address is XML, as the standard has it.
FORMATS = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}


@dataclass(frozen=True)
class Listing:
    """What is answered: entries, and what the list and each of them is called in XML."""

    name: str
    each: str
    entries: Sequence[Entry]
    is_single: bool = False  # one object that is no list


class Refused(Exception):
    """A request that is not served; the message says what to send instead."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


def faults(refused: Refused) -> Listing:
    """Return a refusal as the standard lists errors."""
    return Listing("errors", "error", [{"code": str(refused.status), "description": refused.description}])


def render(listing: Listing, form: str) -> bytes:
    """Return an answer in a format of FORMATS."""
    if form == "json":
        told = listing.entries[0] if listing.is_single else list(listing.entries)
        return json.dumps(told, ensure_ascii=False).encode()
    if listing.is_single:
        root = _element(listing.name, listing.entries[0])
    else:
        root = ElementTree.Element(listing.name)
        root.extend(_element(listing.each, entry) for entry in listing.entries)
    written: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _element(name: str, value: object) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, dict):
        element.extend(_element(key, inner) for key, inner in value.items())
    elif isinstance(value, list):
        element.extend(_element(name.removesuffix("s"), inner) for inner in value)
    else:
        element.text = "" if value is None else str(value)
    return element
