"""The fields of a request's form: which there are, in the order of asking, and which are open."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from cases import questions
from cases.field_rules import NO, SKIPPED


class Field(StrEnum):
    """A field of the form, in the order of asking; its value names the slot and `Reply.asks`."""

    DESCRIPTION = "description"
    PLACE = "place"
    DETAILS = "details"  # what the category asks of its own, see cases/questions.py
    CONSENT = "consent"  # to leave a name and a number
    CONTACT_NAME = "contact_name"
    CONTACT_PHONE = "contact_phone"
    CONFIRMED = "confirmed"


CONTACT = (Field.CONTACT_NAME, Field.CONTACT_PHONE)
SHOWN = (Field.DESCRIPTION, Field.PLACE, Field.DETAILS, *CONTACT)  # what is read back and may be changed


def next_field(values: Mapping[str, str | None]) -> Field | None:
    """Return the first field without a value, or None when the form is full.

    A name or number that was told early waits for consent like one that was not.
    """
    return next((field for field in Field if _is_open(field, values)), None)


def shown(values: Mapping[str, str | None]) -> tuple[Field, ...]:
    """Return the fields that are read back; those of the category's own only where it asks something."""
    return tuple(field for field in SHOWN if field is not Field.DETAILS or questions.asked(values))


def settle(values: Mapping[str, str | None]) -> dict[str, str]:
    """Return what follows from the fields so far: without consent both contact fields are left out."""
    if values.get(Field.CONSENT) == NO:
        return {field.value: SKIPPED for field in CONTACT if values.get(field) != SKIPPED}
    if values.get(Field.CONSENT) is None and all(values.get(field) == SKIPPED for field in CONTACT):
        return {Field.CONSENT.value: NO}
    return {}


def _is_open(field: Field, values: Mapping[str, str | None]) -> bool:
    if field is Field.DETAILS:
        return questions.open_question(values) is not None
    return not values.get(field)
