"""After a day of talk with the real Rasa, nothing that a person wrote stands in clear in a file of the hall.

Rasa's own store and every log lie in the hall's folder. Without Rasa: tests/hall/test_nothing_in_clear.py.
"""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.running_hall import RunningHall

pytestmark = pytest.mark.rasa

# Words that nothing else in the suite says, and the guides neither.
NAME, PHONE, CARD = "司徒玉翎", "13976501234", "310101195001011230"
PLACE = "鹤湾路987弄65号4321室"
CANARIES = (
    NAME,
    PHONE,
    CARD,
    PLACE,
    "紫孔雀打翻酱缸",
    "翡翠锅盖飞天",
    "黄铜马骑墙头",
    "琥珀龟唱评弹",
    "玛瑙茶杯",
)
QUESTIONS = (
    f"我叫{NAME}，电话{PHONE}，身份证{CARD}",
    "紫孔雀打翻酱缸怎么办",
    f"我住{PLACE}，居住证怎么办",
    "那要带什么，翡翠锅盖飞天行吗",
    "不是，我说的是紫孔雀打翻酱缸",
    "你这个笨蛋黄铜马骑墙头",
    "/restart 黄铜马骑墙头",
    "转人工",
)
FORM = (
    "我要报修，琥珀龟唱评弹，灯坏了",
    PLACE,
    "可以",
    NAME,
    "居住证要多少钱，黄铜马骑墙头",
    PHONE,
    "电话不对",
    "确认提交",
)
DOORS: tuple[dict[str, Any], ...] = (
    {},
    {"channel": "kiosk"},
    {"channel": "group", "sender": "neighbour-7", "mentioned": True},
)


def test_nothing_stands_in_clear_after_a_day_of_talk_with_rasa(running_hall: RunningHall) -> None:
    for door in DOORS:
        conversation = secrets.token_hex(16)
        replies = [running_hall.say(conversation, text, **door) for text in (*QUESTIONS, *FORM)]
        assert any(reply["handled_by"] == "rasa" for reply in replies)
        rated = next(reply["turn"] for reply in replies if reply["decision"] == "answer")
        body = {"conversation": conversation, "turn": rated, "stars": 1, "reason": "玛瑙茶杯", **door}
        assert running_hall.post(body, "/api/feedback").status_code < 300
    heard = turns_kept(running_hall.folder)
    assert heard >= len(DOORS), "Rasa's store holds no turn: the search would find nothing"
    kept = {file: file.read_bytes() for file in sorted(running_hall.folder.rglob("*")) if file.is_file()}
    for canary in CANARIES:
        # JSON may write characters as \\uXXXX.
        for form in (canary.encode(), canary.encode("unicode_escape"), canary.encode("utf-16-le")):
            for file, text in kept.items():
                assert form not in text, f"{canary} stands in clear in {file.name}"


def turns_kept(folder: Path) -> int:
    """Return how many conversations Rasa's store holds."""
    with sqlite3.connect(folder / "rasa.db") as connection:
        return int(connection.execute("SELECT count(*) FROM tracker").fetchone()[0])
