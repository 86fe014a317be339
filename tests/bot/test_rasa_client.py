"""The call into Rasa, against a small server that answers as told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.rasa_client import RasaAway, RasaClient
from language.reply import Decision, Reply, text_block

REPLY = Reply(Decision.ANSWER, (text_block("带身份证"),))
BODY = json.dumps({"replies": [REPLY.to_wire()]}).encode()


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
    client = RasaClient(f"http://127.0.0.1:{port}", "secret", timeout_seconds)
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
    replies = run(server, lambda client: client.turn("key", "要带什么", {"pending": None}, "choose"))
    assert replies == [REPLY]
    head, body = server.asked[0]
    assert head.startswith("POST /webhooks/hall/turn HTTP/1.1\r\n")
    assert "x-linli-token: secret\r\n" in head
    assert json.loads(body) == {
        "sender": "key",
        "text": "要带什么",
        "hall": {"pending": None},
        "intent": "choose",
    }


def test_turns_share_a_connection_and_those_at_once_have_their_own() -> None:
    server = Server(http(BODY))

    async def act(client: RasaClient) -> None:
        for _ in range(3):
            await client.turn("key", "a", {})
        assert server.connections == 1
        await asyncio.gather(*(client.turn("key", "a", {}) for _ in range(3)))
        assert server.connections == 3

    run(server, act)


def test_a_connection_that_was_hung_up_is_not_used_again() -> None:
    server = Server(http(BODY, fields="connection: close\r\n"), hangs_up=True)

    async def act(client: RasaClient) -> None:
        assert await client.turn("key", "a", {}) == [REPLY]
        assert await client.turn("key", "b", {}) == [REPLY]

    run(server, act)
    assert server.connections == 2


def test_a_body_in_chunks_is_read_to_its_end() -> None:
    half = len(BODY) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:half], BODY[half:], b""))
    server = Server(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunks)

    async def act(client: RasaClient) -> None:
        for _ in range(2):
            assert await client.turn("key", "a", {}) == [REPLY]

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
        http(b"[]"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        b"garbage\r\n\r\n",
        b"",
    ],
    ids=["token", "fault", "no json", "no replies", "no reply", "a list", "half", "no http", "nothing"],
)
def test_whatever_is_no_reply_means_that_rasa_is_away(answer: bytes) -> None:
    server = Server(answer, hangs_up=True)
    with pytest.raises(RasaAway):
        run(server, lambda client: client.turn("key", "a", {}))


def test_a_rasa_that_takes_too_long_is_away_and_its_late_answer_reaches_nobody() -> None:
    silent = Server(b"")

    async def act(client: RasaClient) -> None:
        with pytest.raises(RasaAway):
            await client.turn("key", "a", {})
        silent._answer = http(BODY)
        assert await client.turn("key", "b", {}) == [REPLY]
        assert silent.connections == 2

    run(silent, act, timeout_seconds=0.2)


def test_no_rasa_is_away_at_once() -> None:
    async def act() -> bool:
        client = RasaClient("", "secret")
        with pytest.raises(RasaAway):
            await client.turn("key", "a", {})
        return await client.is_ready()

    assert asyncio.run(act()) is False


def test_rasa_is_ready_when_it_says_so() -> None:
    assert run(Server(http(b"{}")), lambda client: client.is_ready()) is True
    assert run(Server(http(b"{}", "503 Service Unavailable")), lambda client: client.is_ready()) is False
