"""Whom the web door trusts, and for whom it counts turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from sanic.request import Request

from bot.channels.web import Trust


@dataclass
class Caller:
    """As much of a request as trust is decided on."""

    ip: str
    headers: dict[str, str] = field(default_factory=dict)
    token: str | None = None

    @property
    def request(self) -> Request:
        return cast(Request, cast(Any, self))


@pytest.mark.parametrize(
    ("caller", "address"),
    [
        (Caller("127.0.0.1"), None),
        (Caller("::1"), None),
        (Caller("192.0.2.9"), "192.0.2.9"),
        # Through a proxy on this machine: the address that the proxy saw, not what the caller claimed.
        (Caller("127.0.0.1", {"x-forwarded-for": "198.51.100.7, 203.0.113.5"}), "203.0.113.5"),
        # Nobody else's word is taken for an address.
        (Caller("192.0.2.9", {"x-forwarded-for": "127.0.0.1"}), "192.0.2.9"),
    ],
)
def test_turns_are_counted_for_the_address_that_was_really_seen(caller: Caller, address: str | None) -> None:
    assert Trust("").address(caller.request) == address


@pytest.mark.parametrize(
    ("caller", "may"),
    [
        (Caller("127.0.0.1"), True),
        (Caller("192.0.2.9"), False),
        (Caller("192.0.2.9", token="secret"), True),
        (Caller("192.0.2.9", token="wrong"), False),
        (Caller("192.0.2.9", token="geheim-ß"), False),
        (Caller("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}), False),
        (Caller("127.0.0.1", {"forwarded": "for=127.0.0.1"}), False),
    ],
)
def test_only_this_machine_or_the_token_may_name_a_sender(caller: Caller, may: bool) -> None:
    assert Trust("secret").may_name_sender(caller.request) is may


def test_without_a_token_set_no_token_opens() -> None:
    assert not Trust("").may_name_sender(Caller("192.0.2.9", token="").request)
