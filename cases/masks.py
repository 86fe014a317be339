"""Masking: what may be shown of a phone number, a name or a card without giving it away."""

from __future__ import annotations

import re

# Seven digits make a telephone number; dates, house numbers and prices are shorter.
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){6,}")


def mask(kind: str, value: str) -> str:
    """Return `value` with its middle starred, by kind (phone, id_card, bank_card, email, name, address ...).

    Masking twice changes nothing. An address keeps its first half: street and lane, not the door.
    """
    if kind == "phone":
        return _mask_phone(value)
    if kind == "name":
        return value[:1] + "*" * max(len(value) - 1, 1) if value else ""
    if kind == "email":
        local, at, host = value.partition("@")
        return f"{_keep(local, 1, 0)}{at}{host}"
    if kind == "address":
        return _keep(value, (len(value) + 1) // 2, 0) if "*" not in value else value
    if kind in ("id_card", "bank_card"):
        return _keep(value, 4, 4)
    return _keep(value, 1, 1)


def mask_text(text: str) -> str:
    """Return free text with its long numbers (telephone, identity card, bank card) starred."""
    return _LONG_NUMBER.sub(lambda match: _keep(match.group(), 3, 4), text)


def _mask_phone(value: str) -> str:
    # 138****1234; a landline keeps its area code, 021-****5678.
    value, turn, extension = value.partition("转")
    if turn:
        return f"{_mask_phone(value)}{turn}{extension}"
    area, dash, local = value.partition("-")
    if dash and len(area) <= 4:
        return f"{area}-{_keep(local, 0, 4)}"
    return _keep(value, 3, 4) if len(value) >= 11 else _keep(value, 0, 4)


def _keep(value: str, first: int, last: int) -> str:
    if len(value) <= first + last:
        first, last = min(first, 1), 0
    hidden = len(value) - first - last
    return value[:first] + "*" * hidden + value[len(value) - last :]
