"""Which turns staff get to see: those that the guides failed, without what is personal."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.memory import TURNS_KEPT
from bot.tables import TurnRow
from hall.settings import read_settings
from hall.wiring import Wiring
from knowledge.curation_tables import UnansweredRow
from knowledge.unanswered import Question
from language.reply import Decision
from tests.bot.small_hall import SmallHall
from tests.running_hall import RunningHall


@pytest.fixture
def hall(database_url: str, tmp_path: Path) -> Iterator[SmallHall]:
    hall = SmallHall(tmp_path, database_url)
    yield hall
    hall.wiring.engine.dispose()


def waiting(hall: SmallHall) -> list[tuple[str, str]]:
    return [(question.text, question.reason) for question in hall.wiring.unanswered.waiting()]


def only(hall: SmallHall) -> Question:
    (question,) = hall.wiring.unanswered.waiting()
    return question


def test_a_declined_question_waits_for_staff(hall: SmallHall) -> None:
    assert hall.say("护照过期了去哪里换").decision is Decision.DECLINE
    question = only(hall)
    assert (question.text, question.reason, question.door) == ("护照过期了去哪里换", "declined", "chat")
    assert question.at == hall.now


def test_an_answered_question_does_not(hall: SmallHall) -> None:
    assert hall.say("居住证怎么办").decision is Decision.ANSWER
    assert waiting(hall) == []


def test_greetings_commands_and_questions_on_the_hall_do_not(hall: SmallHall) -> None:
    for text in ("你好", "谢谢", "/restart", "？？？", "几点下班", "要带什么材料", "着火了"):
        hall.say(text)
    assert waiting(hall) == []


def test_what_is_personal_is_taken_out_first(hall: SmallHall) -> None:
    hall.say("护照过期了去哪里换，我叫欧阳小明，电话13987654321")
    assert "护照过期了去哪里换" in only(hall).text
    assert "欧阳" not in only(hall).text
    assert "139" not in only(hall).text


def test_nothing_that_was_said_is_in_the_log_or_readable_in_the_database(
    hall: SmallHall, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hall.rate(hall.say("居住证怎么办"), 1)
    hall.say("护照过期了去哪里换")
    assert "护照" not in caplog.text
    with hall.wiring.sessions() as session:
        sealed = [
            *session.scalars(select(UnansweredRow.sealed)),
            *session.scalars(select(TurnRow.sealed_question)),
        ]
    assert len(sealed) == 4
    assert not any("证".encode() in text or "护照".encode() in text for text in sealed if text)


def test_asked_back_twice_in_a_row_waits_for_staff(hall: SmallHall) -> None:
    assert hall.say("敬老卡和居住证").decision is Decision.CLARIFY
    assert waiting(hall) == []
    assert hall.say("就是敬老卡和居住证").decision is Decision.CLARIFY
    assert waiting(hall) == [("就是敬老卡和居住证", "clarified_twice")]


def test_an_answer_in_between_starts_the_count_anew(hall: SmallHall) -> None:
    for text in ("敬老卡和居住证", "居住证怎么办", "敬老卡和居住证"):
        hall.say(text)
    assert waiting(hall) == []


def test_so_does_half_an_hour_and_another_talk(hall: SmallHall) -> None:
    hall.say("敬老卡和居住证")
    hall.say("敬老卡和居住证", "another")
    hall.wait(minutes=31)
    hall.say("敬老卡和居住证")
    assert waiting(hall) == []


def test_a_badly_rated_answer_waits_for_staff_with_its_guide(hall: SmallHall) -> None:
    reply = hall.say("居住证怎么办")
    hall.rate(reply, 2)
    question = only(hall)
    assert (question.text, question.reason) == ("居住证怎么办", "rated_badly")
    assert question.guide_id == "residence-permit-first"
    hall.rate(reply, 1)
    assert len(waiting(hall)) == 1


def test_who_thinks_better_of_it_takes_it_back(hall: SmallHall) -> None:
    reply = hall.say("居住证怎么办")
    hall.rate(reply, 1)
    hall.rate(reply, 5)
    assert waiting(hall) == []


def test_a_declined_question_that_is_rated_badly_is_there_once(hall: SmallHall) -> None:
    reply = hall.say("护照过期了去哪里换")
    hall.rate(reply, 1)
    assert waiting(hall) == [("护照过期了去哪里换", "declined")]
    hall.rate(reply, 4)
    assert len(waiting(hall)) == 1


def test_a_good_rating_keeps_nothing(hall: SmallHall) -> None:
    hall.rate(hall.say("居住证怎么办"), 3)
    assert waiting(hall) == []


def test_the_question_of_a_turn_is_forgotten_after_a_day(hall: SmallHall) -> None:
    reply = hall.say("居住证怎么办")
    hall.wait(days=1, minutes=1)
    hall.wiring.memory.purge_expired()
    hall.rate(reply, 1)
    assert waiting(hall) == []
    with hall.wiring.sessions() as session:
        assert session.scalars(select(TurnRow.sealed_question)).all() == [None]


def test_a_turn_is_counted_for_thirteen_months(hall: SmallHall) -> None:
    hall.say("居住证怎么办")
    hall.now += TURNS_KEPT
    hall.wiring.memory.purge_expired()
    with hall.wiring.sessions() as session:
        assert len(session.scalars(select(TurnRow.id)).all()) == 1
    hall.wait(minutes=1)
    hall.wiring.memory.purge_expired()
    with hall.wiring.sessions() as session:
        assert session.scalars(select(TurnRow.id)).all() == []


def test_a_failing_queue_costs_nobody_an_answer(hall: SmallHall) -> None:
    with hall.wiring.sessions.begin() as session:
        UnansweredRow.__table__.drop(session.connection())  # type: ignore[attr-defined]
    assert hall.say("护照过期了去哪里换").decision is Decision.DECLINE
    assert hall.say("居住证怎么办").decision is Decision.ANSWER


@pytest.mark.rasa
def test_a_real_dialogue_leaves_what_went_unanswered_and_no_more(running_hall: RunningHall) -> None:
    settings = read_settings({"LINLI_FOLDER": str(running_hall.folder)})
    queue = Wiring(settings).unanswered
    talk = secrets.token_hex(16)
    for text in ("你好", "居住证怎么办", "我要报修", "3号楼的楼道灯坏了", "取消", "几点下班"):
        running_hall.say(talk, text)
    # Which of them a matcher dares to decline is not what is tested here.
    strange = ("彩票中奖了去哪里兑", "苹果手机屏幕碎了", "今天天气怎么样", "帮我写一首诗", "火锅哪家好吃")
    told = "，我叫欧阳小明，13987654321"
    asked = {text: running_hall.say(secrets.token_hex(16), text + told)["decision"] for text in strange}
    declined = {text for text, decision in asked.items() if decision == "decline"}
    assert declined
    rated = running_hall.say(talk, "敬老卡怎么办")
    running_hall.post({"conversation": talk, "turn": rated["turn"], "stars": 1}, "/api/feedback")
    texts = {(one.text, one.reason) for one in queue.waiting()}
    assert ("敬老卡怎么办", "rated_badly") in texts
    assert {(text, "declined") for text in declined} <= texts
    told_words = ("欧阳小明", "13987654321", "3号楼的楼道灯坏了")
    assert [text for text, _ in texts if any(word in text for word in told_words)] == []
    assert "欧阳小明" not in running_hall.log
