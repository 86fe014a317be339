"""What a person is told who left a request unfinished; where the talk stands is written directly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.tables import TalkRow
from bot.turn import Channel
from cases.request_form import Field
from cases.status import LookUpField
from language.reply import Decision
from tests.bot.small_hall import SmallHall

NOT_FILED = "没有提交"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SmallHall]:
    hall = SmallHall(tmp_path, f"sqlite:///{tmp_path / 'linli.db'}")
    yield hall
    hall.wiring.engine.dispose()


def leave_unfinished(hall: SmallHall, field: str = Field.PLACE) -> None:
    hall.say("你好")
    with hall.wiring.sessions.begin() as session:
        session.execute(update(TalkRow).values(asks=str(field)))


@pytest.mark.parametrize("later", [{"minutes": 31}, {"hours": 20}, {"days": 2, "hours": 23}])
def test_the_next_time_it_is_said_once_that_nothing_was_filed(
    hall: SmallHall, later: dict[str, float]
) -> None:
    leave_unfinished(hall)
    hall.wait(**later)
    hall.wiring.memory.purge_expired()
    reply = hall.say("居住证怎么办")
    assert reply.decision is Decision.ANSWER
    assert NOT_FILED in reply.blocks[0].text
    assert NOT_FILED in reply.speech
    assert "居住证" in reply.speech
    assert "重新登记" in [choice.label for choice in reply.choices]
    assert len(reply.choices) <= 4
    assert NOT_FILED not in hall.say("要带什么材料").text


def test_a_greeting_is_answered_and_a_plain_yes_starts_again(hall: SmallHall) -> None:
    leave_unfinished(hall)
    hall.wait(days=1)
    reply = hall.say("你好")
    assert NOT_FILED in reply.text
    assert reply.choices[0].payload == {"intent": "file_request", "yes": True}
    assert hall.say("好的").decision is Decision.FORM


def test_within_the_half_hour_the_form_goes_on(hall: SmallHall) -> None:
    leave_unfinished(hall)
    hall.wait(minutes=29)
    reply = hall.say("幸福里小区")
    assert (reply.decision, reply.asks) == (Decision.FORM, Field.PLACE)
    assert NOT_FILED not in reply.text


def test_after_three_days_nothing_is_said_of_it_and_nothing_kept(hall: SmallHall) -> None:
    leave_unfinished(hall)
    hall.wait(days=3, minutes=1)
    assert NOT_FILED not in hall.say("居住证怎么办").text
    leave_unfinished(hall)
    hall.wait(days=3, minutes=1)
    hall.wiring.memory.purge_expired()
    with hall.wiring.sessions() as session:
        assert session.scalars(select(TalkRow.key)).all() == []


def test_a_look_up_that_was_left_owes_nobody_a_word(hall: SmallHall) -> None:
    leave_unfinished(hall, LookUpField.NUMBER)
    hall.wait(hours=1)
    assert NOT_FILED not in hall.say("居住证怎么办").text


def test_danger_comes_first_and_the_word_after_it(hall: SmallHall) -> None:
    leave_unfinished(hall)
    hall.wait(hours=1)
    reply = hall.say("家里着火了")
    assert reply.decision is Decision.EMERGENCY
    assert NOT_FILED not in reply.text
    assert NOT_FILED in hall.say("居住证怎么办").text


def test_a_kiosk_visit_that_ended_leaves_nothing(hall: SmallHall) -> None:
    import asyncio

    from bot.turn import Turn

    hall.say("居住证怎么办，我叫欧阳小明，13987654321", channel=Channel.KIOSK)
    asyncio.run(hall.wiring.conversation.forget(Turn(Channel.KIOSK, "c")))
    key = hall.wiring.conversation.key_of(Turn(Channel.KIOSK, "c"))
    with hall.wiring.sessions() as session:
        assert session.scalars(select(TalkRow.key)).all() == []
    assert hall.wiring.memory.recall(key).guide is None
    assert hall.wiring.memory.leave(key) is None
