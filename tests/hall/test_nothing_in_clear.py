"""After a day of talk nothing that a person wrote stands in clear in any file or table of the hall.

Without Rasa, which is away all day; with it: tests/conversations/test_nothing_in_clear.py.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from bot.conversation import Channel, Turn
from cases.case import CaseKind, Request
from hall.database import migrate_engine
from hall.housekeeping import clear_up
from hall.settings import read_settings
from hall.wiring import Wiring

# Words that stand nowhere in the guides; each is told in a place of its own.
CANARIES = (
    "欧阳翠珊",
    "13987650123",
    "仙鹤湾路987弄65号4321室",
    "310101195001011230",
    "蓝孔雀打翻酱缸",
    "紫砂锅盖飞天",
    "青铜马骑墙头",
    "绿松石掉进茶杯",
    "橙毛龟唱评弹",
    "lihua_canary77",
)
SAID = (
    "我叫欧阳翠珊，电话13987650123",
    "我住仙鹤湾路987弄65号4321室，身份证310101195001011230",
    "蓝孔雀打翻酱缸怎么办",
    "我的微信号是lihua_canary77，居住证怎么办",
    "紫砂锅盖飞天，楼下着火了",
    "居住证要带什么",
    "你这个笨蛋青铜马骑墙头",
    "转人工",
    "/restart 青铜马骑墙头",
)


async def a_day(wiring: Wiring) -> None:
    """Talk at every door, rate, and ask late replies."""
    talk = wiring.conversation
    for channel in (Channel.CHAT, Channel.KIOSK, Channel.GROUP):
        for number, text in enumerate(SAID):
            turn = Turn(
                channel,
                f"talk-{channel}",
                is_group=channel is Channel.GROUP,
                mentioned=number % 2 == 0,
                text=text,
                message_id=f"m{number}",
            )
            reply = await talk.say(turn)
            if reply.turn and number == 2:
                await talk.rate(turn, reply.turn, 1, "绿松石掉进茶杯")
        await talk.late_replies(Turn(channel, f"talk-{channel}"), 0)


def everything(wiring: Wiring, folder: Path) -> bytes:
    """Return all files under the hall's folder and every value of every table, one after another."""
    kept = [file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()]
    tables = MetaData()
    tables.reflect(wiring.engine)
    with wiring.engine.connect() as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                kept += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(kept)


def test_nothing_stands_in_clear_after_a_day_of_talk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = read_settings({"LINLI_FOLDER": str(tmp_path), "LINLI_ENGINE_URL": "http://127.0.0.1:9"})
    wiring = Wiring(settings)
    migrate_engine(wiring.engine)
    asyncio.run(a_day(wiring))
    filed = Request(
        key="0123456789abcdef0123456789abcdef",
        kind=CaseKind.REPAIR,
        description="橙毛龟唱评弹",
        place="仙鹤湾路987弄65号4321室",
        contact_name="欧阳翠珊",
        contact_phone="13987650123",
        channel="chat",
        conversation="talk-chat",
    )
    receipt = wiring.desk.file_case(filed)
    clear_up(wiring)
    assert wiring.alerts.count_open() >= 1
    kept = everything(wiring, tmp_path)
    assert receipt.number.encode() in kept, "the search itself finds nothing"
    for canary in CANARIES:
        for form in (canary.encode(), canary.encode("unicode_escape"), canary.encode("utf-16-le")):
            assert form not in kept, f"{canary} stands in clear"
        assert canary not in caplog.text, f"{canary} is in a log"
