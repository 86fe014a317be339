"""A turn is had once, in its order, and whoever waits has a word in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, text

from bot.promises import HELD_SECONDS, Promises
from bot.tables import LateReplyRow, PromisedTurnRow, TurnTicketRow
from bot.turn import Channel, Turn
from bot.turn_order import TurnOrder
from bot.turn_tickets import TurnTickets
from bot.turns import NotYet, Pace, Turns, Work
from cases.sealing import Sealer
from hall.database import migrate_engine, open_engine, open_sessions
from language.reply import Decision, Reply, text_block

QUICK = Pace(honest_after_seconds=0.2, give_up_after=timedelta(seconds=0.6))
PATIENT = Pace(honest_after_seconds=0.2, give_up_after=timedelta(seconds=30))
NAME = "王小明"


def turn(turn_id: str, said: str = NAME, message_id: str | None = None) -> Turn:
    return Turn(Channel.CHAT, "c", text=said, message_id=message_id, id=turn_id.ljust(32, "0"))


def reply(said: str) -> Reply:
    return Reply(Decision.FORM, (text_block(said),), said, asks="place")


class House:
    """Several processes on one database; their replies are made as a test says."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        migrate_engine(self.engine)
        self.sessions = open_sessions(self.engine)
        self.made: list[str] = []
        self.answered: dict[str, Reply] = {}
        self.make: Callable[[Turn], Awaitable[Reply]] = self.at_once

    def process(self, pace: Pace = PATIENT) -> Turns:
        order = TurnOrder(TurnTickets(self.engine))
        return Turns(self.work(), order, self.promises(), lambda: datetime.now(UTC), pace)

    def work(self) -> Work:
        return Work(
            self.reply,
            lambda key, message_id: self.answered.get(message_id),
            lambda turn: turn.text == "着火了",
        )

    def promises(self) -> Promises:
        return Promises(self.sessions, Sealer([b"k" * 32]), lambda: datetime.now(UTC))

    async def reply(self, turn: Turn, key: str) -> Reply:
        made = await self.make(turn)
        self.made.append(str(turn.text))
        if turn.message_id:
            self.answered[turn.message_id] = made
        return made

    async def at_once(self, turn: Turn) -> Reply:
        return reply(f"{turn.text}。")

    async def slowly(self, turn: Turn) -> Reply:
        await asyncio.sleep(0.7)
        return reply(f"{turn.text}。")

    def late(self) -> list[str]:
        return [late.text for _, late in self.promises().replies("k", 0)]

    def has_come(self, turn_id: str) -> bool:
        """Whether a turn stands in the queue, or was made already."""
        queued = select(TurnTicketRow.id).where(TurnTicketRow.turn == turn_id)
        with self.sessions() as session:
            return turn_id in self.made or session.scalar(queued) is not None

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 (what it waits for is in the database)
                await asyncio.sleep(0.02)


@pytest.fixture
def house(database_url: str) -> House:
    return House(database_url)


def test_a_quick_reply_leaves_no_promise(house: House) -> None:
    said = asyncio.run(house.process().take(turn("1"), "k"))
    assert (said.text, said.late) == ("王小明。", False)
    with house.sessions() as session:
        assert session.scalars(select(PromisedTurnRow)).all() == []


def test_a_slow_reply_is_promised_in_time_and_comes_late_once(house: House) -> None:
    house.make = house.slowly

    async def act() -> None:
        turns = house.process()
        said = await turns.take(turn("1"), "k")
        assert said.late
        assert said.turn == turn("1").id
        assert said.text
        await house.until(lambda: house.late() == ["王小明。"])
        await asyncio.sleep(0.1)
        assert (house.made, house.late()) == ([NAME], ["王小明。"])

    asyncio.run(act())


def test_nothing_of_a_promise_is_kept_in_clear(house: House) -> None:
    async def never(turn: Turn) -> Reply:
        await asyncio.sleep(60)
        return reply("")

    async def act() -> None:
        house.make = never
        await house.process().take(turn("1"), "k")

    asyncio.run(act())
    house.promises().keep(turn("2").id, "k", reply(NAME))  # nothing was promised: nothing is kept
    house.promises().make(turn("3"), "k")
    assert house.promises().keep(turn("3").id, "k", reply(NAME))
    with house.sessions() as session:
        kept = [bytes(row.sealed_turn) for row in session.scalars(select(PromisedTurnRow))]
        kept += [bytes(row.sealed_reply) for row in session.scalars(select(LateReplyRow))]
    assert len(kept) == 2
    assert not any(NAME.encode() in row or b"\\u738b" in row for row in kept)


def test_where_rasa_is_away_the_person_is_told_at_once_and_has_the_reply_when_it_is_back(
    house: House,
) -> None:
    is_back = False

    async def away(turn: Turn) -> Reply:
        if not is_back:
            raise NotYet(reply("记下了。"))
        return reply("好了。")

    async def act() -> None:
        nonlocal is_back
        house.make = away
        turns = house.process(Pace(honest_after_seconds=10, give_up_after=timedelta(seconds=30)))
        async with asyncio.timeout(5):
            said = await turns.take(turn("1"), "k")
        assert (said.text, said.late) == ("记下了。", True)
        is_back = True
        await house.until(lambda: house.late() == ["好了。"])

    asyncio.run(act())


def test_what_cannot_be_done_in_time_is_given_up_in_words(house: House) -> None:
    async def away(turn: Turn) -> Reply:
        raise NotYet(reply("记下了。"))

    async def act() -> None:
        house.make = away
        turns = house.process(QUICK)
        assert (await turns.take(turn("1"), "k")).late
        await house.until(lambda: len(house.late()) == 1)
        assert "没有办成" in house.late()[0]

    asyncio.run(act())


def test_a_fault_that_comes_late_is_told_as_well(house: House) -> None:
    async def fails(turn: Turn) -> Reply:
        await asyncio.sleep(0.5)
        raise ValueError(NAME)

    async def act() -> None:
        house.make = fails
        assert (await house.process().take(turn("1"), "k")).late
        await house.until(lambda: len(house.late()) == 1)
        assert "没有办成" in house.late()[0]

    asyncio.run(act())


def test_a_fault_in_time_reaches_the_caller(house: House) -> None:
    async def fails(turn: Turn) -> Reply:
        raise KeyError

    async def act() -> None:
        house.make = fails
        with pytest.raises(KeyError):
            await house.process().take(turn("1"), "k")

    asyncio.run(act())


def test_what_a_dead_process_promised_another_one_keeps(house: House) -> None:
    async def act() -> None:
        house.promises().make(turn("1", "第一句"), "k")
        house.promises().make(turn("2", "第二句"), "k")
        with house.sessions.begin() as session:
            session.execute(text("UPDATE promised_turn SET until = until - 100"))
        turns = house.process()
        keeping = asyncio.ensure_future(turns.keep_promises())
        await house.until(lambda: len(house.late()) == 2)
        keeping.cancel()
        assert house.late() == ["第一句。", "第二句。"]
        assert house.made == ["第一句", "第二句"]

    asyncio.run(act())


def test_a_promise_is_not_taken_over_while_its_process_lives(house: House) -> None:
    house.make = house.slowly

    async def long(turn: Turn) -> Reply:
        await asyncio.sleep(HELD_SECONDS + 3)
        return reply("好了。")

    async def act() -> None:
        house.make = long
        processes = [house.process(), house.process()]
        keeping = [asyncio.ensure_future(one.keep_promises()) for one in processes]
        assert (await processes[0].take(turn("1"), "k")).late
        await house.until(lambda: house.late() == ["好了。"])
        assert house.made == [NAME]
        for one in keeping:
            one.cancel()

    asyncio.run(act())


def test_turns_of_several_processes_keep_their_order(house: House) -> None:
    async def briefly(turn: Turn) -> Reply:
        await asyncio.sleep(0.05)
        return reply("")

    async def act() -> None:
        house.make = briefly
        processes = [house.process(Pace(honest_after_seconds=20)) for _ in range(3)]
        said = []
        for number in range(9):
            said.append(
                asyncio.ensure_future(processes[number % 3].take(turn(f"{number}", f"{number}"), "k"))
            )
            # Which of two processes was asked first only the queue can say.
            await house.until(partial(house.has_come, str(number)))
        await asyncio.gather(*said)
        assert house.made == [str(number) for number in range(9)]

    asyncio.run(act())


def test_a_message_that_comes_to_another_process_gets_the_same_reply(house: House) -> None:
    async def briefly(turn: Turn) -> Reply:
        await asyncio.sleep(0.1)
        return reply(f"{len(house.made)}")

    async def act() -> None:
        house.make = briefly
        message = turn("1", message_id="m1")
        one, other = (house.process(Pace(honest_after_seconds=20)) for _ in range(2))
        first = asyncio.ensure_future(one.take(message, "k"))
        await asyncio.sleep(0.05)
        replies = await asyncio.gather(first, other.take(message, "k"), one.take(message, "k"))
        assert {said.text for said in replies} == {"0"}
        assert house.made == [NAME]

    asyncio.run(act())


def test_the_place_of_a_dead_process_holds_up_nobody_for_long(house: House) -> None:
    async def act() -> None:
        TurnTickets(house.engine).take("k", "of-the-dead")
        await asyncio.wait_for(house.process(Pace(honest_after_seconds=20)).take(turn("1"), "k"), 8)
        assert house.made == [NAME]

    asyncio.run(act())


def test_a_call_for_help_waits_for_no_turn_before_it(house: House) -> None:
    async def stuck(turn: Turn) -> Reply:
        if turn.text == NAME:
            await asyncio.sleep(30)
        return reply("119")

    async def act() -> None:
        house.make = stuck
        one, other = house.process(), house.process()
        assert (await one.take(turn("1"), "k")).late
        for process in (one, other):
            async with asyncio.timeout(5):
                said = await process.take(turn("2", "着火了"), "k")
            assert (said.text, said.late) == ("119", False)

    asyncio.run(act())


def test_a_caller_who_hangs_up_does_not_stop_the_turn(house: House) -> None:
    house.make = house.slowly

    async def act() -> None:
        turns = house.process(Pace(honest_after_seconds=20))
        calling = asyncio.ensure_future(turns.take(turn("1"), "k"))
        await asyncio.sleep(0.1)
        calling.cancel()
        await house.until(lambda: house.made == [NAME])

    asyncio.run(act())


def test_in_a_group_nobody_is_told_that_what_was_not_asked_takes_long(house: House) -> None:
    house.make = house.slowly
    aside = replace(turn("1"), channel=Channel.GROUP, is_group=True, mentioned=False)
    assert asyncio.run(house.process().take(aside, "k")).decision is Decision.SILENT


def test_what_is_a_day_old_is_forgotten(house: House) -> None:
    promises = Promises(house.sessions, Sealer([b"k" * 32]), lambda: datetime.now(UTC) - timedelta(hours=25))
    promises.make(turn("1"), "k")
    promises.make(turn("2"), "k")
    promises.keep(turn("2").id, "k", reply(NAME))
    house.promises().purge_expired()
    with house.sessions() as session:
        assert session.scalars(select(PromisedTurnRow)).all() == []
    assert house.late() == []
