"""How many turns a minute."""

from __future__ import annotations

from bot.channels.limits import ADDRESS_FACTOR, TurnLimit


def test_a_person_may_take_the_whole_minute_at_once_and_then_waits() -> None:
    now = 0.0
    limit = TurnLimit(60, clock=lambda: now)
    assert all(limit.allows("me", None) for _ in range(60))
    assert not limit.allows("me", None)
    now = 1.0
    assert limit.allows("me", None)
    assert not limit.allows("me", None)


def test_people_do_not_use_up_each_others_turns() -> None:
    limit = TurnLimit(60, clock=lambda: 0.0)
    assert all(limit.allows("me", None) for _ in range(60))
    assert limit.allows("you", None)


def test_one_address_is_limited_however_many_names_it_uses() -> None:
    limit = TurnLimit(60, clock=lambda: 0.0)
    allowed = sum(limit.allows(f"name {number}", "192.0.2.1") for number in range(1000))
    assert allowed == 60 * ADDRESS_FACTOR


def test_a_caller_on_this_machine_has_no_address() -> None:
    limit = TurnLimit(60, clock=lambda: 0.0)
    assert all(limit.allows(f"name {number}", None) for number in range(1000))
