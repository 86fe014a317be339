"""The measuring itself: figures, load and tables, on small fakes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from hall.bench.endurance import weigh_under_load
from hall.bench.figures import Figures, Slice, percentile, summarise
from hall.bench.load import Ageing, measure_ageing, run_slice
from hall.bench.loopback import Connection, ExchangeFailed, get_json
from hall.bench.page import OURS, STOCK, render, table, targets, write_page
from hall.bench.run import CLIENTS, Results, dialogues
from hall.bench.talkers import HallTalker, Said, StockTalker
from knowledge.answering import Finding
from language.reply import Decision

SECOND_START = "hall, second start: a question answered"


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.0, 1.0), (0.001, 1.0)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == expected


def test_nothing_measured_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)


def test_slices_are_taken_together_and_failures_speed_nothing_up() -> None:
    figures = summarise([Slice((10.0, 30.0), 1.0, failures=3), Slice((20.0,), 2.0)])
    assert figures == Figures(p50=20.0, p99=30.0, per_second=1.0, turns=3, failures=3)


class Parrot:
    """A talker that keeps what it hears; it takes `cost` milliseconds a turn of that conversation."""

    def __init__(self, port: int, cost: Callable[[int], float], fails: bool = False) -> None:
        self.port = port
        self.heard: dict[str, list[str]] = {}
        self.most_at_once = 0
        self._at_once = 0
        self._cost = cost
        self._fails = fails

    async def say(self, connection: Connection, conversation: str, text: str) -> Said:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0)
        self._at_once -= 1
        self.heard.setdefault(conversation, []).append(text)
        return Said(self._cost(len(self.heard[conversation])), None if self._fails else "answer")


def test_a_slice_says_its_turns_once_and_each_conversation_in_order() -> None:
    async def act() -> tuple[Slice, Parrot]:
        async with listening(b"") as port:
            parrot = Parrot(port, lambda turn: 5.0)
            return await run_slice(parrot, [["a", "b", "c"]], clients=4, turns=22), parrot

    part, parrot = asyncio.run(act())
    assert len(part.milliseconds) == 22
    assert part.failures == 0
    assert parrot.most_at_once == 4
    assert all(texts == ["a", "b", "c"][: len(texts)] for texts in parrot.heard.values())


def test_a_turn_that_went_wrong_is_counted_and_not_timed() -> None:
    async def act() -> Slice:
        async with listening(b"") as port:
            return await run_slice(Parrot(port, lambda turn: 5.0, fails=True), [["a"]], clients=1, turns=6)

    assert asyncio.run(act()).failures == 6


def test_ageing_compares_turn_200_of_one_conversation_with_turn_5_of_a_fresh_one() -> None:
    parrot = Parrot(0, cost=float)
    ageing = asyncio.run(measure_ageing(parrot, [["a", "b"]], early=5, late=200))
    assert (ageing.early, ageing.late, ageing.ratio) == (5.0, 200.0, 40.0)
    assert sorted(len(texts) for texts in parrot.heard.values()) == [9, 204]


def test_only_what_rasa_answered_counts_as_a_turn_of_the_hall() -> None:
    async def act(handled_by: str) -> Said:
        async with listening(json.dumps({"decision": "answer", "handled_by": handled_by}).encode()) as port:
            return await HallTalker(port).say(Connection(port), "one", "居住证怎么办")

    assert asyncio.run(act("rasa")).decision == "answer"
    assert asyncio.run(act("fallback")).decision is None


def test_stock_is_told_what_the_hall_would_have_told_it() -> None:
    heard: list[dict[str, object]] = []
    replies = [{"custom": {"decision": "answer", "guide": {"id": "senior-card"}, "asks": "place"}}]

    async def act() -> None:
        async with listening(json.dumps(replies).encode(), heard) as port:
            talker = StockTalker(port, lambda text: Finding(Decision.ANSWER))
            connection = Connection(port)
            assert (await talker.say(connection, "one", "敬老卡怎么办")).decision == "answer"
            await talker.say(connection, "one", "多少钱")
            connection.close()

    asyncio.run(act())
    first, second = (message["metadata"]["hall"] for message in heard)  # type: ignore[index]
    assert (first["pending"], first["guide"], first["question"]) == (None, None, True)
    assert (second["pending"], second["guide"]) == ("place", "senior-card")
    assert first["match"] == Finding(Decision.ANSWER).to_wire()


def test_a_stock_that_says_nothing_has_failed_the_turn() -> None:
    async def act() -> Said:
        async with listening(b"[]") as port:
            return await StockTalker(port, lambda text: Finding(Decision.DECLINE)).say(
                Connection(port), "one", "x"
            )

    assert asyncio.run(act()).decision is None


def test_a_connection_that_is_hung_up_is_opened_again() -> None:
    async def act() -> int:
        async with listening(b"{}", hang_up=True) as port:
            connection = Connection(port)
            await connection.exchange("GET", "/")
            return (await connection.exchange("GET", "/"))[0]

    assert asyncio.run(act()) == 200


def test_nobody_listening_is_an_answer_too() -> None:
    async def act() -> tuple[int, object]:
        async with listening(b"{}") as port:
            pass
        return await get_json(port, "/health")

    assert asyncio.run(act()) == (0, None)


def test_an_answer_that_is_no_http_is_a_failed_exchange() -> None:
    async def act() -> None:
        async with listening(b"", head=b"garbage\r\n\r\n") as port:
            await Connection(port).exchange("GET", "/")

    with pytest.raises(ExchangeFailed):
        asyncio.run(act())


def test_a_table_is_markdown_with_even_columns() -> None:
    assert table(("what", "ms"), [("a", "1.0"), ("longer", "10.0")]) == (
        "| what   |   ms |\n| ------ | ---: |\n| a      |  1.0 |\n| longer | 10.0 |"
    )


def test_targets_that_are_missed_say_so() -> None:
    results = a_result(ours_p50=30.0, stock_p50=90.0)
    assert [row[3] for row in targets(results)] == ["NO", "yes", "NO", "yes", "yes", "NO", "yes", "-"]


def test_without_postgresql_there_is_no_cluster_to_compare() -> None:
    results = a_result(ours_p50=30.0, stock_p50=90.0)
    results.cluster = {}
    assert len(targets(results)) == 7
    assert "several processes" in render(results)


def test_ten_thousand_turns_are_said_between_the_weighings() -> None:
    parrot, weights = Parrot(0, lambda turn: 1.0), iter((500.0, 505.0, 510.0))

    async def act() -> tuple[dict[int, float], int]:
        async with listening(b"{}") as port:
            parrot.port = port
            return await weigh_under_load(parrot, lambda: next(weights), dialogues("questions"))

    assert asyncio.run(act()) == ({1_000: 500.0, 5_000: 505.0, 10_000: 510.0}, 0)
    assert sum(map(len, parrot.heard.values())) == 10_000


def test_the_page_holds_every_table_the_machine_and_the_method(tmp_path) -> None:  # type: ignore[no-untyped-def]
    results = a_result(ours_p50=30.0, stock_p50=90.0)
    write_page(tmp_path / "docs" / "performance.md", results, {"Commit": "abc"})
    page = (tmp_path / "docs" / "performance.md").read_text("utf-8")
    assert "| Commit | abc |" in page
    assert all(title in page for title in ("## Targets", "## Start-up", "## How it was measured"))
    assert "$" not in page
    assert "NO" in render(results)


def test_the_load_asks_fresh_subjects_and_then_their_aspects() -> None:
    assert all(len(dialogue) == 5 for dialogue in dialogues("questions"))
    assert dialogues("requests")[0][4] == "13800138000"


def a_result(ours_p50: float, stock_p50: float) -> Results:
    results = Results(systems=[OURS, STOCK])
    for clients in CLIENTS:
        results.load[OURS, clients] = Figures(ours_p50, 60.0, 40.0, 200, 0)
        results.load[STOCK, clients] = Figures(stock_p50, 200.0, 15.0, 200, 0)
    results.ageing = {OURS: Ageing(20.0, 22.0), STOCK: Ageing(80.0, 300.0)}
    results.matcher = Figures(1.0, 3.0, 900.0, 500, 0)
    results.starts = {SECOND_START: 2.5}
    results.memory = {"hall": 120.0}
    results.forms = {OURS: Figures(30.0, 60.0, 40.0, 48, 0), STOCK: Figures(130.0, 160.0, 8.0, 48, 0)}
    results.endurance = {1_000: 500.0, 10_000: 540.0}
    results.cluster = {"one": Figures(30.0, 60.0, 40.0, 600, 0), "two": Figures(20.0, 60.0, 60.0, 600, 0)}
    return results


@asynccontextmanager
async def listening(
    body: bytes,
    heard: list[dict[str, object]] | None = None,
    head: bytes = b"",
    hang_up: bool = False,
) -> AsyncIterator[int]:
    """Answer every request on a free port with `body`; keep the JSON that came in `heard`."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                asked = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            except asyncio.IncompleteReadError:
                break
            if "content-length: " in asked:
                said = await reader.readexactly(int(asked.split("content-length: ")[1].split("\r\n")[0]))
                if heard is not None:
                    heard.append(json.loads(said))
            closing = b"Connection: close\r\n" if hang_up else b""
            status = head or b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n" % (len(body), closing)
            writer.write(status + body)
            if hang_up or head:
                break
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
