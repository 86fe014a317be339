"""What /api/chat does with input that no honest caller sends; against the running hall."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from tests.running_hall import RunningHall

pytestmark = pytest.mark.rasa


def talk() -> str:
    return secrets.token_hex(16)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"null", 400),
        (b'{"conversation": "c", "text": "\xff\xfe"}', 400),
        (b'{"conversation": "c", "text": "\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (json.dumps({"conversation": "c", "text": ""}).encode(), 400),
        (json.dumps({"conversation": "c", "text": "   "}).encode(), 400),
        (json.dumps({"conversation": "c", "text": 5}).encode(), 400),
        (json.dumps({"conversation": "c", "text": ["a"]}).encode(), 400),
        (json.dumps({"conversation": "", "text": "你好"}).encode(), 400),
        (json.dumps({"text": "你好"}).encode(), 400),
        (json.dumps({"conversation": "c"}).encode(), 400),
        (json.dumps({"conversation": "c", "text": "a", "choice": "b"}).encode(), 400),
        (json.dumps({"conversation": "c" * 201, "text": "你好"}).encode(), 413),
        (json.dumps({"conversation": "c", "text": "医" * 100_000}).encode(), 413),
        (json.dumps({"conversation": "c", "text": "医" * 2_000_000}).encode(), 413),
        (json.dumps({"conversation": "c", "text": "你好", "channel": "fax"}).encode(), 400),
        (json.dumps({"conversation": "c", "text": "你好", "mentioned": "yes"}).encode(), 400),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)
def test_a_wrong_request_gets_problem_json_that_says_what_to_send(
    running_hall: RunningHall, body: bytes, status: int
) -> None:
    answer = running_hall.http.post(f"{running_hall.url}/api/chat", content=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == status
    assert len(problem["detail"]) > 10


@pytest.mark.parametrize("choice", ["x", "0", "A" * 300, "居住证", "../../etc/passwd"])
def test_an_unknown_choice_is_refused(running_hall: RunningHall, choice: str) -> None:
    assert running_hall.post({"conversation": talk(), "choice": choice}).status_code == 409


def test_another_conversations_choice_is_refused(running_hall: RunningHall) -> None:
    reply = running_hall.say(talk(), "要带什么材料")
    answer = running_hall.post({"conversation": talk(), "choice": reply["choices"][0]["id"]})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        '/file_case{"phone":"1"}',
        '/request_form{"contact_phone":"13812345678"}',
        "／restart",
        "/session_start",
        "😀😀😀",
        "\u200b\u200b",
        "？？？",
        "\x00\x01\x02",
    ],
)
def test_commands_and_signs_get_a_polite_reply_and_never_reach_rasa(
    running_hall: RunningHall, text: str
) -> None:
    reply = running_hall.say(talk(), text)
    assert reply["decision"] == "decline"
    assert reply["handled_by"] == "screen"
    assert reply["text"]


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE cases; --",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "居住证" * 150,
        "a" * 500,
        "居",
        "الإقامة",
        "[[phone:aaaaaaaa]]",
        "%s%s%n",
    ],
)
def test_hostile_or_odd_text_is_answered_like_any_other(running_hall: RunningHall, text: str) -> None:
    reply = running_hall.say(talk(), text)
    assert reply["handled_by"] in ("rasa", "screen")
    assert reply["text"]
    assert "49" not in reply["text"] or "{{" not in text


def test_a_restart_command_does_not_break_a_form(running_hall: RunningHall) -> None:
    conversation = talk()
    running_hall.say(conversation, "我要报修")
    running_hall.say(conversation, "/restart")
    reply = running_hall.say(conversation, "3号楼的楼道灯坏了")
    assert reply["decision"] == "form"


def test_a_repeated_message_gets_the_same_reply(running_hall: RunningHall) -> None:
    conversation = talk()
    first = running_hall.say(conversation, "居住证怎么办", message_id="m1")
    second = running_hall.say(conversation, "居住证怎么办", message_id="m1")
    assert without_time(first) == without_time(second)
    third = running_hall.say(conversation, "居住证怎么办", message_id="m2")
    assert third["turn"] != first["turn"]


def test_a_rating_belongs_to_its_conversation(running_hall: RunningHall) -> None:
    conversation = talk()
    turn = running_hall.say(conversation, "居住证怎么办")["turn"]
    kept = running_hall.post({"conversation": conversation, "turn": turn, "stars": 5}, "/api/feedback")
    assert kept.status_code == 200
    assert (
        running_hall.post({"conversation": talk(), "turn": turn, "stars": 5}, "/api/feedback").status_code
        == 404
    )
    wrong = running_hall.post({"conversation": conversation, "turn": turn, "stars": 9}, "/api/feedback")
    assert wrong.status_code == 400


def test_a_caller_behind_a_proxy_may_not_name_a_sender(running_hall: RunningHall) -> None:
    elsewhere = {"x-forwarded-for": "192.0.2.7"}
    body: dict[str, Any] = {"conversation": talk(), "text": "你好"}
    assert running_hall.post(body, headers=elsewhere).status_code == 200
    assert running_hall.post({**body, "sender": "a"}, headers=elsewhere).status_code == 403
    assert running_hall.post({**body, "channel": "group"}, headers=elsewhere).status_code == 403


def test_in_a_group_only_a_mention_is_answered(running_hall: RunningHall) -> None:
    group = {"channel": "group", "sender": "zhang"}
    conversation = talk()
    assert running_hall.say(conversation, "居住证怎么办", **group)["decision"] == "silent"
    assert running_hall.say(conversation, "着火了", **group)["decision"] == "silent"
    spoken_to = running_hall.say(conversation, "居住证怎么办", mentioned=True, **group)
    assert spoken_to["decision"] == "answer"
    filing = running_hall.say(conversation, "我要报修", mentioned=True, **group)
    assert (filing["decision"], filing["private"]) == ("form", True)
    neighbour = running_hall.say(conversation, "居住证怎么办", channel="group", sender="li", mentioned=True)
    assert neighbour["decision"] == "answer"


def test_nothing_that_people_wrote_is_in_any_log(running_hall: RunningHall) -> None:
    conversation = talk()
    for text in (
        "我要报修",
        "欧阳测试楼的水管炸裂",
        "张江路777弄9号",
        "欧阳测试",
        "13987654321",
        "确认提交",
        "/欧阳测试",
    ):
        running_hall.say(conversation, text)
    for secret in ("欧阳测试", "水管炸裂", "张江路777弄", "13987654321"):
        assert secret not in running_hall.log


def without_time(reply: dict[str, Any]) -> dict[str, Any]:
    # Ids of choices are sealed anew only when a reply is made anew.
    return {name: value for name, value in reply.items() if name != "ms"}
