"""The dialogues of this folder, each against the running hall, and the cluster, with the real Rasa."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
import yaml

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
    conversation = secrets.token_hex(16)
    reply: dict[str, Any] = {}
    case: dict[str, str] = {}
    for turn in turns:
        more: dict[str, Any] = {"locale": turn["locale"]} if "locale" in turn else {}
        if "in_group" in turn:
            more |= {
                "channel": "group",
                "sender": turn["in_group"],
                "mentioned": turn.get("mentioned", True),
            }
        if "choose" in turn:
            reply = hall.choose(conversation, reply["choices"][turn["choose"]]["id"], **more)
        else:
            reply = hall.say(conversation, turn["say"].format(**case), **more)
        case = reply["case"] or case
        check(turn, reply, case)


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
    if turn.get("has_case"):
        assert reply["case"] is not None, shown
    for words in turn.get("says", []):
        assert words.format(**case) in reply["text"], shown
    for words in turn.get("never_says", []):
        assert words not in reply["text"], shown
