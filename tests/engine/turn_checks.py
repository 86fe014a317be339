"""Checks of how a turn is had once, run in Rasa's own environment like checks.py beside this file."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

from checks import DOMAIN, conversation, run_checks  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage  # noqa: E402
from rasa.shared.core.constants import SESSION_START_METADATA_SLOT  # noqa: E402
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402
from rasa.utils.endpoints import EndpointConfig  # noqa: E402
from sqlalchemy.exc import OperationalError  # noqa: E402

from bot.engine import action_call, turns  # noqa: E402
from bot.engine.channel import hand_over  # noqa: E402
from bot.engine.lock_store import HELD_SECONDS, RedisLocks, TurnLockStore  # noqa: E402
from bot.engine.tracker_store import TURNS_KNOWN, FoldingTrackerStore  # noqa: E402
from bot.engine.turns import (  # noqa: E402
    ActionAway,
    TurnHandled,
    TurnOvertaken,
    TurnUnderWay,
    under_way,
)

REPLY = {"sealed": "c2VhbGVk"}
BODY = {"sender": "someone", "text": "王小明", "intent": None, "hall": {"turn": "t1"}}


@contextmanager
def database() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/tracker.db"


class Bot:
    """Handles a message as Rasa does: reads the tracker, lets one action act, saves."""

    def __init__(self, store: FoldingTrackerStore, action: str = "request_form") -> None:
        self.store = store
        self.action = action
        self.handled: list[str] = []

    async def __call__(self, message: UserMessage) -> None:
        tracker = await self.store.get_or_create_tracker(message.sender_id)
        self.handled.append(message.text or "")
        said = UserUttered(message.text, {"name": "inform"}, metadata=message.metadata)
        tracker.update_with_events([said, ActionExecuted(self.action)], DOMAIN)
        await message.output_channel.send_custom_json(message.sender_id, REPLY)  # type: ignore[union-attr]
        await self.store.save(tracker)


def said_in(turn: str) -> dict[str, Any]:
    return {**BODY, "hall": {"turn": turn}}


def check_a_turn_that_was_saved_is_not_handled_again_and_has_its_replies_again() -> None:
    async def act(url: str) -> None:
        bot = Bot(FoldingTrackerStore(DOMAIN, url=url))
        assert await hand_over(bot, BODY) == (200, {"replies": [REPLY]})
        # Another process: it knows no more than the database does.
        other = Bot(FoldingTrackerStore(DOMAIN, url=url))
        assert await hand_over(other, BODY) == (200, {"replies": [REPLY], "again": True})
        assert (bot.handled, other.handled) == (["王小明"], [])
        for number in range(2, TURNS_KNOWN):
            await hand_over(other, said_in(f"t{number}"))
        assert (await hand_over(bot, BODY))[1]["again"]
        assert len(bot.handled) == 1

    with database() as url:
        asyncio.run(act(url))


def check_a_plain_question_keeps_no_replies_but_is_not_handled_again() -> None:
    async def act(url: str) -> None:
        bot = Bot(FoldingTrackerStore(DOMAIN, url=url), "action_answer")
        await hand_over(bot, BODY)
        assert await hand_over(bot, BODY) == (200, {"replies": [], "again": True})

    with database() as url:
        asyncio.run(act(url))


def check_a_turn_that_was_not_saved_is_handled_anew() -> None:
    async def act(url: str) -> None:
        bot = Bot(FoldingTrackerStore(DOMAIN, url=url))
        save, bot.store.save = bot.store.save, fails  # type: ignore[method-assign]
        assert (await hand_over(bot, BODY))[0] == 503
        bot.store.save = save  # type: ignore[method-assign]
        assert await hand_over(bot, BODY) == (200, {"replies": [REPLY]})

    async def fails(tracker: DialogueStateTracker) -> None:
        raise OperationalError("save", {}, Exception())

    with database() as url:
        asyncio.run(act(url))


def check_of_two_processes_at_once_one_saves_and_the_other_finds_the_turn_handled() -> None:
    async def act(url: str) -> None:
        one, other = (Bot(FoldingTrackerStore(DOMAIN, url=url)) for _ in range(2))
        await hand_over(one, said_in("t0"))
        first = await one.store.retrieve("someone")
        second = await other.store.retrieve("someone")
        assert first is not None
        assert second is not None
        await one.store.save(first)
        try:
            await other.store.save(second)
        except TurnOvertaken:
            pass
        else:
            raise AssertionError("the second save overwrote the first")
        answers = await asyncio.gather(hand_over(one, BODY), hand_over(other, BODY))
        assert sorted("again" in answer for _, answer in answers) == [False, True], answers
        assert all(answer["replies"] == [REPLY] for _, answer in answers)

    with database() as url:
        asyncio.run(act(url))


def check_a_new_conversation_is_saved_once() -> None:
    async def act(url: str) -> None:
        store = FoldingTrackerStore(DOMAIN, url=url)
        await store.create_tracker("new")
        assert list(await store.keys()) == []

    with database() as url:
        asyncio.run(act(url))


def check_a_table_of_an_earlier_version_gets_its_columns() -> None:
    with database() as url:
        with sqlite3.connect(url.removeprefix("sqlite:///")) as old:
            old.execute(
                "CREATE TABLE tracker (sender_id VARCHAR(255) PRIMARY KEY, events TEXT, updated_at FLOAT)"
            )
            old.execute("INSERT INTO tracker VALUES ('someone', '[]', 1e12)")
        old.close()
        bot = Bot(FoldingTrackerStore(DOMAIN, url=url))
        assert asyncio.run(hand_over(bot, BODY)) == (200, {"replies": [REPLY]})
        assert asyncio.run(hand_over(bot, BODY))[1]["again"]


def check_a_store_that_fails_fails_the_turn() -> None:
    turns.install()

    class Broken(FoldingTrackerStore):
        async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
            raise OperationalError("read", {}, Exception())

    with database() as url:
        agent = Agent(domain=DOMAIN, tracker_store=Broken(DOMAIN, url=url))
        bot = Bot(agent.tracker_store)
        assert asyncio.run(hand_over(bot, BODY)) == (503, {"error": "store"})


def check_an_action_that_is_away_or_fails_ends_the_turn() -> None:
    from aiohttp import web

    status = 500

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"action_name": "a", "error": "no"}, status=status)

    async def ask(port: int) -> str:
        endpoint = action_call.KeptOpen.like(EndpointConfig(f"http://127.0.0.1:{port}/webhook"))
        try:
            await endpoint.request(json={"next_action": "action_answer"}, method="post")
        except ActionAway as away:
            return f"{away}: {'fault' if away.is_fault else 'away'}"
        except Exception as problem:
            return type(problem).__name__
        finally:
            endpoint.link.close()
        return "answered"

    async def act() -> None:
        nonlocal status
        app = web.Application()
        app.router.add_post("/webhook", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        assert await ask(port) == "action_answer: fault"
        status = 400
        assert await ask(port) == "ClientResponseError"
        await runner.cleanup()
        assert await ask(port) == "action_answer: away"

    asyncio.run(act())


def check_the_channel_tells_what_may_be_tried_again() -> None:
    async def answer(problem: BaseException) -> tuple[int, dict[str, Any]]:
        async def fails(message: UserMessage) -> None:
            raise problem

        return await hand_over(fails, BODY)

    async def act() -> None:
        assert (await answer(ActionAway("a", is_fault=False)))[0] == 503
        assert (await answer(ActionAway("a", is_fault=True)))[0] == 500
        assert (await answer(TurnOvertaken()))[0] == 503
        assert (await answer(ValueError("王小明"))) == (500, {"error": "ValueError"})
        assert await answer(TurnHandled([REPLY])) == (200, {"replies": [REPLY], "again": True})

    asyncio.run(act())


async def overlap(locks: list[Any], turn_ids: list[str]) -> list[str]:
    """Hold the same conversation's lock through each of the stores at once; return who came and went."""
    seen: list[str] = []

    async def hold(store: Any, turn: str) -> None:
        under_way.set(TurnUnderWay(turn, CollectingOutputChannel()))
        async with store.lock("someone"):
            seen.append(f"{turn} in")
            await asyncio.sleep(0.1)
            seen.append(f"{turn} out")

    await asyncio.gather(*(hold(store, turn) for store, turn in zip(locks, turn_ids, strict=True)))
    return seen


def check_locks_keep_the_order_and_leave_nothing_behind() -> None:
    async def act() -> None:
        store = TurnLockStore()
        seen = await overlap([store] * 3, ["a", "b", "c"])
        assert seen == ["a in", "a out", "b in", "b out", "c in", "c out"], seen
        assert not store._locks
        assert not store._waiting

    asyncio.run(act())


class Redis:
    """A real Redis on a free port."""

    def __init__(self, folder: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: `make test` installs it (apt-get install redis-server)"
        options = ("--bind", "127.0.0.1", "--save", "", "--dir", self.folder)
        self.process = subprocess.Popen(
            [program, "--port", str(self.port), *options], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("redis-server does not answer")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()


def with_redis(act: Callable[[Redis], Awaitable[None]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        redis = Redis(folder)
        os.environ["LINLI_REDIS_URL"] = f"redis://127.0.0.1:{redis.port}/0"
        try:
            asyncio.run(act(redis))  # type: ignore[arg-type]
        finally:
            del os.environ["LINLI_REDIS_URL"]
            redis.kill()


def check_with_redis_two_processes_never_hold_one_lock() -> None:
    async def act(redis: Redis) -> None:
        one, other = TurnLockStore(), TurnLockStore()
        seen = await overlap([one, other, one], ["a", "b", "c"])
        assert [line.split()[1] for line in seen] == ["in", "out"] * 3, seen

    with_redis(act)


def check_with_redis_a_turn_goes_on_under_the_lock_of_the_process_that_died_with_it() -> None:
    async def act(redis: Redis) -> None:
        died = RedisLocks(os.environ["LINLI_REDIS_URL"])
        assert await died._take("linli:turn:someone", "t1")
        began = time.monotonic()
        await overlap([TurnLockStore()], ["t1"])
        assert time.monotonic() - began < 1
        assert await died._take("linli:turn:someone", "t1")
        await overlap([TurnLockStore()], ["t2"])
        assert HELD_SECONDS - 0.5 < time.monotonic() - began < HELD_SECONDS + 2

    with_redis(act)


def check_a_lock_is_held_as_long_as_its_turn_lasts() -> None:
    async def act(redis: Redis) -> None:
        one, other = TurnLockStore(), TurnLockStore()
        under_way.set(TurnUnderWay("long", CollectingOutputChannel()))
        async with one.lock("someone"):
            await asyncio.sleep(HELD_SECONDS + 0.5)
            waiting = asyncio.ensure_future(overlap([other], ["next"]))
            await asyncio.sleep(0.2)
            assert not waiting.done()
        await asyncio.wait_for(waiting, 2)

    with_redis(act)


def check_without_redis_turns_go_on_and_with_it_locks_are_back() -> None:
    async def act(redis: Redis) -> None:
        store = TurnLockStore()
        await overlap([store], ["a"])
        redis.kill()
        began = time.monotonic()
        for turn in "bcd":
            await overlap([store], [turn])
        assert time.monotonic() - began < 2
        redis.start()
        assert store._shared is not None
        store._shared._gone_until = 0.0
        seen = await overlap([store, TurnLockStore()], ["e", "f"])
        assert [line.split()[1] for line in seen] == ["in", "out"] * 2, seen

    with_redis(act)


def check_what_came_with_the_first_message_of_a_session_is_not_kept() -> None:
    async def act(url: str) -> None:
        store = FoldingTrackerStore(DOMAIN, url=url)
        tracker = conversation(1)
        words = {"hall": {"choice": {"asks": "王小明家的水管"}}}
        tracker.update(SlotSet(SESSION_START_METADATA_SLOT, words), DOMAIN)
        for more in (0, 20):
            for _ in range(more):
                said = [UserUttered("x", {"name": "thank"}), ActionExecuted("action_listen")]
                tracker.update_with_events(said, DOMAIN)
            await store.save(tracker)
            row = await store.rows.read("someone")
            assert row is not None
            assert "水管" not in row.events

    with database() as url:
        asyncio.run(act(url))


def check_a_conversation_of_hundreds_of_turns_stays_small() -> None:
    async def act(url: str) -> None:
        bot = Bot(FoldingTrackerStore(DOMAIN, url=url))
        sizes = []
        for number in range(120):
            await hand_over(bot, said_in(f"{number:032x}"))
            row = await bot.store.rows.read("someone")
            sizes.append(len(row.events) + len(row.turns) + len(row.replies))
        assert max(sizes[20:]) < 2 * max(sizes[:20]), sizes

    assert len(conversation(0).events) > 0
    with database() as url:
        asyncio.run(act(url))


if __name__ == "__main__":
    run_checks(globals())
