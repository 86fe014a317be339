"""The call into Rasa, against small servers that answer as told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from bot.rasa_client import RasaAway, RasaClient
from bot.sealed_replies import seal_reply
from cases.sealing import Sealer
from language.reply import Decision, Reply, text_block

SEALER = Sealer([b"k" * 32])
REPLY = Reply(Decision.ANSWER, (text_block("带身份证"),))
HALL = {"pending": None, "turn": "t1"}
BODY = json.dumps({"replies": [seal_reply(SEALER, REPLY.to_wire(), "t1")]}).encode()


def http(body: bytes, status: str = "200 OK", fields: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{fields}\r\n".encode() + body


class Server:
    """Counts connections and keeps requests."""

    def __init__(self, answer: bytes, hangs_up: bool = False) -> None:
        self.connections = 0
        self.asked: list[tuple[str, bytes]] = []
        self._answer = answer
        self._hangs_up = hangs_up

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            length = next(
                (int(line[15:]) for line in head.split("\r\n") if line.startswith("Content-Length:")), 0
            )
            self.asked.append((head, await reader.readexactly(length)))
            writer.write(self._answer)
            if self._hangs_up:
                break
        writer.close()


@asynccontextmanager
async def client_of(server: Server, timeout_seconds: float = 5.0) -> AsyncIterator[RasaClient]:
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    client = RasaClient(f"http://127.0.0.1:{port}", "secret", SEALER, timeout_seconds)
    try:
        yield client
    finally:
        await client.close()
        listener.close()


def run(
    server: Server, act: Callable[[RasaClient], Awaitable[object]], timeout_seconds: float = 5.0
) -> object:
    async def acted() -> object:
        async with client_of(server, timeout_seconds) as client:
            return await act(client)

    return asyncio.run(acted())


def test_a_turn_brings_the_token_and_what_the_hall_found() -> None:
    server = Server(http(BODY))
    replies = run(server, lambda client: client.turn("key", "要带什么", HALL, "choose"))
    assert replies == [REPLY]
    head, body = server.asked[0]
    assert head.startswith("POST /webhooks/hall/turn HTTP/1.1\r\n")
    assert "x-linli-token: secret\r\n" in head
    assert json.loads(body) == {
        "sender": "key",
        "text": "要带什么",
        "hall": HALL,
        "intent": "choose",
    }


def test_turns_share_a_connection_and_those_at_once_have_their_own() -> None:
    server = Server(http(BODY))

    async def act(client: RasaClient) -> None:
        for _ in range(3):
            await client.turn("key", "a", HALL)
        assert server.connections == 1
        await asyncio.gather(*(client.turn("key", "a", HALL) for _ in range(3)))
        assert server.connections == 3

    run(server, act)


def test_a_connection_that_was_hung_up_is_not_used_again() -> None:
    server = Server(http(BODY, fields="connection: close\r\n"), hangs_up=True)

    async def act(client: RasaClient) -> None:
        assert await client.turn("key", "a", HALL) == [REPLY]
        assert await client.turn("key", "b", HALL) == [REPLY]

    run(server, act)
    assert server.connections == 2


def test_a_body_in_chunks_is_read_to_its_end() -> None:
    half = len(BODY) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:half], BODY[half:], b""))
    server = Server(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunks)

    async def act(client: RasaClient) -> None:
        for _ in range(2):
            assert await client.turn("key", "a", HALL) == [REPLY]

    run(server, act)
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        http(b'{"error": "token"}', "401 Unauthorized"),
        http(b'{"error": "ValueError"}', "500 Internal Server Error"),
        http(b"not json"),
        http(b'{"other": 1}'),
        http(b'{"replies": [{"decision": "nonsense"}]}'),
        http(json.dumps({"replies": [REPLY.to_wire()]}).encode()),
        http(json.dumps({"replies": [seal_reply(SEALER, REPLY.to_wire(), "another")]}).encode()),
        http(b"[]"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        b"garbage\r\n\r\n",
        b"",
    ],
    ids=[
        "token",
        "fault",
        "no json",
        "no replies",
        "no reply",
        "unsealed",
        "of another turn",
        "a list",
        "half",
        "no http",
        "nothing",
    ],
)
def test_whatever_is_no_reply_means_that_rasa_is_away(answer: bytes) -> None:
    server = Server(answer, hangs_up=True)
    with pytest.raises(RasaAway):
        run(server, lambda client: client.turn("key", "a", HALL))


def test_a_rasa_that_takes_too_long_is_away_and_its_late_answer_reaches_nobody() -> None:
    silent = Server(b"")

    async def act(client: RasaClient) -> None:
        with pytest.raises(RasaAway):
            await client.turn("key", "a", HALL)
        silent._answer = http(BODY)
        assert await client.turn("key", "b", HALL) == [REPLY]
        assert silent.connections == 2

    run(silent, act, timeout_seconds=0.2)


def test_no_rasa_is_away_at_once() -> None:
    async def act() -> int:
        client = RasaClient("", "secret", SEALER)
        assert not client.is_configured
        with pytest.raises(RasaAway):
            await client.turn("key", "a", HALL)
        return await client.count_ready()

    assert asyncio.run(act()) == 0


def test_rasa_is_ready_when_it_says_so() -> None:
    assert run(Server(http(b"{}")), lambda client: client.count_ready()) == 1
    assert run(Server(http(b"{}", "503 Service Unavailable")), lambda client: client.count_ready()) == 0


def test_a_fault_is_told_from_a_rasa_that_may_come_back() -> None:
    async def away(answer: bytes) -> RasaAway:
        async with client_of(Server(answer)) as client:
            with pytest.raises(RasaAway) as caught:
                await client.turn("key", "a", HALL)
            return caught.value

    assert asyncio.run(away(http(b"{}", "500 Internal Server Error"))).is_fault
    unavailable = asyncio.run(away(http(b"{}", "503 Service Unavailable")))
    assert (unavailable.is_fault, unavailable.has_begun) == (False, True)


def test_a_turn_handled_before_whose_replies_were_not_kept_has_none() -> None:
    assert run(Server(http(b'{"replies": [], "again": true}')), lambda c: c.turn("key", "a", HALL)) == []


def test_a_kept_connection_that_breaks_in_mid_turn_is_replaced() -> None:
    server = Server(http(BODY))

    async def act(client: RasaClient) -> None:
        await client.turn("key", "a", HALL)
        server._answer, server._hangs_up = b"", True
        with pytest.raises(RasaAway) as caught:
            await client.turn("key", "b", HALL)
        assert caught.value.has_begun
        assert len(server.asked) == 3

    run(server, act)


class Several:
    """Rasas that can be told to answer, to be gone and to hang, each under its own address."""

    def __init__(self, count: int) -> None:
        self.servers = [Server(http(BODY)) for _ in range(count)]
        self.listeners: list[asyncio.Server] = []

    @asynccontextmanager
    async def client(self, silence_seconds: float = 0.2) -> AsyncIterator[RasaClient]:
        async with AsyncExitStack() as stack:
            for server in self.servers:
                listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
                self.listeners.append(listener)
                stack.callback(listener.close)
            ports = [listener.sockets[0].getsockname()[1] for listener in self.listeners]
            urls = ", ".join(f"http://127.0.0.1:{port}" for port in ports)
            client = RasaClient(urls, "secret", SEALER, 5.0, silence_seconds)
            stack.push_async_callback(client.close)
            yield client

    def asked(self) -> list[int]:
        return [len(server.asked) for server in self.servers]


def test_a_conversation_stays_with_its_rasa_and_many_are_spread() -> None:
    async def act() -> None:
        several = Several(2)
        async with several.client() as client:
            assert len(client) == 2
            for _ in range(4):
                await client.turn("key", "a", HALL)
            assert sorted(several.asked()) == [0, 4]
            for number in range(60):
                await client.turn(f"key-{number}", "a", HALL)
            assert min(several.asked()) > 10

    asyncio.run(act())


def test_another_rasa_answers_at_once_where_one_is_gone_and_the_first_has_it_again_later() -> None:
    async def act() -> None:
        several = Several(2)
        async with several.client() as client:
            await client.turn("key", "a", HALL)
            first = several.asked().index(1)
            port = several.listeners[first].sockets[0].getsockname()[1]
            several.servers[first]._hangs_up, several.servers[first]._answer = True, b""
            several.listeners[first].close()
            began = time.monotonic()
            assert await client.turn("key", "b", HALL) == [REPLY]
            assert time.monotonic() - began < 0.5
            assert await client.count_ready() == 1
            several.servers[first]._hangs_up, several.servers[first]._answer = False, http(BODY)
            back = await asyncio.start_server(several.servers[first].serve, "127.0.0.1", port)
            before = several.asked()[first]
            for rasa in client._rasas:
                rasa.gone_until = 0.0
            await client.turn("key", "c", HALL)
            assert several.asked()[first] == before + 1
            back.close()

    asyncio.run(act())


def test_where_one_rasa_is_silent_another_is_asked_as_well() -> None:
    async def act() -> None:
        several = Several(2)
        async with several.client() as client:
            await client.turn("key", "a", HALL)
            first = several.asked().index(1)
            several.servers[first]._answer = b""
            assert await client.turn("key", "b", HALL) == [REPLY]
            assert several.asked()[1 - first] == 1

    asyncio.run(act())


def test_where_all_are_gone_it_says_so_at_once() -> None:
    async def act() -> None:
        several = Several(2)
        async with several.client() as client:
            for listener in several.listeners:
                listener.close()
            began = time.monotonic()
            with pytest.raises(RasaAway) as caught:
                await client.turn("key", "a", HALL)
            assert not caught.value.has_begun
            assert time.monotonic() - began < 0.5

    asyncio.run(act())
