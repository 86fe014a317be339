"""The dialogues of this folder, each against the running hall, and the cluster, with the real Rasa.

A turn says something (`say`) or touches a choice by place or label (`choose`); before it does, time passes
(`after_minutes`) or staff move the case (`staff`); `at_kiosk`, `in_group` and `locale` say where. What is
expected of its reply stands beside it; `same_as: n` is a reply with the text of the n-th turn, from 0 on.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.turn import Channel, Turn
from tests.conversations.passing_time import let_pass
from tests.conversations.staff_moves import move, require_staff
from tests.running_hall import RunningHall

pytestmark = pytest.mark.rasa


def dialogues() -> list[Any]:
    found = []
    for file in sorted(Path(__file__).parent.glob("*.yml")):
        for dialogue in yaml.safe_load(file.read_text("utf-8")):
            found.append(pytest.param(dialogue["turns"], id=f"{file.stem}: {dialogue['name']}"))
    return found


@pytest.fixture(scope="module", params=["hall", "cluster"])
def hall(request: pytest.FixtureRequest) -> RunningHall:
    """One process of each kind on SQLite; and several on PostgreSQL and Redis."""
    running: RunningHall = request.getfixturevalue(f"running_{request.param}")
    return running


@pytest.mark.parametrize("turns", dialogues())
def test_dialogue(hall: RunningHall, turns: list[dict[str, Any]]) -> None:
    if any("staff" in turn for turn in turns):
        require_staff(hall)
    conversation = secrets.token_hex(16)
    reply: dict[str, Any] = {}
    case: dict[str, str] = {}
    texts: list[str] = []
    for turn in turns:
        more: dict[str, Any] = {"locale": turn["locale"]} if "locale" in turn else {}
        if turn.get("at_kiosk"):
            more["channel"] = "kiosk"
        if "after_minutes" in turn:
            let_pass(hall, Turn(Channel(more.get("channel", "chat")), conversation), turn["after_minutes"])
        if "staff" in turn:
            move(hall, case["number"], turn["staff"])
        if "in_group" in turn:
            more |= {
                "channel": "group",
                "sender": turn["in_group"],
                "mentioned": turn.get("mentioned", True),
            }
        if "choose" in turn:
            reply = hall.choose(conversation, chosen(reply, turn["choose"]), **more)
        else:
            reply = hall.say(conversation, turn["say"].format(**case), **more)
        case = reply["case"] or case
        check(turn, reply, case)
        if "same_as" in turn:
            assert reply["text"] == texts[turn["same_as"]], turn
        texts.append(reply["text"])


def chosen(reply: dict[str, Any], wanted: int | str) -> str:
    """Return the id of a choice, by its place from 0 or by its label."""
    if isinstance(wanted, int):
        return str(reply["choices"][wanted]["id"])
    found = [choice["id"] for choice in reply["choices"] if choice["label"] == wanted]
    assert found, f"{wanted} is not among {[choice['label'] for choice in reply['choices']]}"
    return str(found[0])


def check(turn: dict[str, Any], reply: dict[str, Any], case: dict[str, str]) -> None:
    shown = (
        f"{turn} -> {reply['decision']} {reply['guide'] and reply['guide']['title']}: {reply['text'][:200]}"
    )
    assert reply["handled_by"] == turn.get("handled_by", "rasa"), shown
    if "decision" in turn:
        assert reply["decision"] == turn["decision"], shown
    if "guide" in turn:
        assert reply["guide"] is not None, shown
        assert reply["guide"]["title"] == turn["guide"], shown
    if turn.get("no_guide"):
        assert reply["guide"] is None, shown
    if "aspect" in turn:
        assert reply["aspect"] == turn["aspect"], shown
    if "private" in turn:
        assert reply["private"] is turn["private"], shown
    if turn.get("has_source"):
        sources = [block for block in reply["blocks"] if block["kind"] == "source"]
        assert sources, shown
        assert all(source["date"] for source in sources), shown
    if turn.get("has_choices"):
        assert reply["choices"], shown
    labels = [choice["label"] for choice in reply["choices"]]
    assert len(labels) <= turn.get("max_choices", 10), shown
    if reply["decision"] == "clarify":
        assert len(labels) <= 4, shown
    if "offers" in turn:
        assert set(turn["offers"]) <= set(labels), f"{shown} {labels}"
    if "never_offers" in turn:
        assert not set(turn["never_offers"]) & set(labels), f"{shown} {labels}"
    if "voice" in turn:
        assert reply["voice"] == turn["voice"], shown
    for words in turn.get("says_speech", []):
        assert words in reply["speech"], f"{shown} speech: {reply['speech']}"
    if turn.get("has_case"):
        assert reply["case"] is not None, shown
    for words in turn.get("says", []):
        assert words.format(**case) in reply["text"], shown
    for words in turn.get("never_says", []):
        assert words not in reply["text"], shown
