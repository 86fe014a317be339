"""Turns of one talk come one after the other."""

from __future__ import annotations

import asyncio

from bot.turn_order import TurnOrder


def test_two_turns_of_one_talk_never_overlap_and_keep_their_order() -> None:
    seen: list[str] = []

    async def turn(order: TurnOrder, key: str, name: str) -> None:
        async with order.turn_of(key):
            seen.append(f"{name} begins")
            await asyncio.sleep(0)
            seen.append(f"{name} ends")

    async def act() -> TurnOrder:
        order = TurnOrder()
        await asyncio.gather(turn(order, "k", "first"), turn(order, "k", "second"), turn(order, "k", "third"))
        return order

    order = asyncio.run(act())
    assert seen == [f"{name} {step}" for name in ("first", "second", "third") for step in ("begins", "ends")]
    assert not order._last  # nothing is kept of talks that are quiet


def test_another_talk_does_not_wait() -> None:
    async def act() -> None:
        order = TurnOrder()
        async with order.turn_of("one"), order.turn_of("other"):
            pass

    asyncio.run(asyncio.wait_for(act(), 5))


def test_a_turn_that_fails_lets_the_next_one_in() -> None:
    async def act() -> None:
        order = TurnOrder()
        try:
            async with order.turn_of("k"):
                raise ValueError
        except ValueError:
            pass
        async with order.turn_of("k"):
            pass

    asyncio.run(asyncio.wait_for(act(), 5))
