"""A hall of several processes loses any one of them: every conversation goes on, and ends in one case."""

from __future__ import annotations

import os
import random
import secrets
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.faults.talking import FORM, Talker, fill_form, kill_soon
from tests.running_hall import RunningHall

pytestmark = [pytest.mark.rasa, pytest.mark.serve]

RASAS, HALLS = ("rasa-1", "rasa-2"), ("hall-1", "hall-2")


def connect(cluster: RunningHall) -> psycopg.Connection:
    """Connect to the hall's database, whose address only its processes know."""
    environ = Path(f"/proc/{cluster.pid_of('hall-1')}/environ").read_bytes().decode().split("\0")
    url = dict(line.split("=", 1) for line in environ if "=" in line)["LINLI_DATABASE_URL"]
    return psycopg.connect(url.replace("+psycopg", ""))


def cases_of(cluster: RunningHall, numbers: list[str]) -> int:
    """Return how many cases are filed in all."""
    with closing(connect(cluster)) as connection:
        found = connection.execute("select count(*) from cases").fetchone()
    assert found is not None
    assert len(set(numbers)) == len(numbers)
    return int(found[0])


@pytest.fixture
def whole(running_cluster: RunningHall) -> RunningHall:
    """The cluster with all its processes."""
    running_cluster.wait_for(running_cluster.is_whole, "every process works")
    return running_cluster


@pytest.mark.parametrize("victim", [*RASAS, *HALLS, "redis", "postgres"])
def test_a_form_and_a_question_survive_the_death_of(whole: RunningHall, victim: str) -> None:
    chance = random.Random(victim)
    before = cases_of(whole, [])
    talker = Talker(whole)
    at = chance.randrange(1, len(FORM))
    fill_form(talker, FORM[:at])
    killer = kill_soon(whole, victim, chance.uniform(0, 0.15))
    number = fill_form(talker, FORM[at:])
    killer.join()
    whole.wait_for(whole.is_whole, "every process is there")
    assert cases_of(whole, [number]) == before + 1
    asker = Talker(whole)
    assert asker.say("居住证怎么办")["decision"] == "answer"
    killer = kill_soon(whole, victim, chance.uniform(0, 0.1))
    fee = asker.say("多少钱")
    killer.join()
    assert (fee["decision"], fee["aspect"]) == ("answer", "fee"), fee["text"]
    # A little over the four seconds within which everybody has a word.
    assert max(talker.slowest_seconds, asker.slowest_seconds) < 6


def test_eight_forms_at_once_survive_all_deaths_one_after_the_other(whole: RunningHall) -> None:
    before = cases_of(whole, [])
    stop = threading.Event()
    numbers: list[str] = []

    def talk(side: int) -> list[str]:
        filed = []
        while not stop.is_set() or not filed:
            filed.append(fill_form(Talker(whole)))
        return filed

    with ThreadPoolExecutor(8) as sides:
        talking = [sides.submit(talk, side) for side in range(8)]
        try:
            for victim in (*HALLS, "redis", RASAS[0]):
                time.sleep(2)
                killed = whole.kill(victim)
                whole.wait_for(
                    lambda killed=killed, victim=victim: whole.pid_of(victim) != killed, "a new one"
                )  # type: ignore[misc]
            whole.wait_for(whole.is_whole, "every process is there")
            whole.kill(RASAS[1])
            time.sleep(2)
        finally:
            stop.set()
        for side in talking:
            numbers += side.result(timeout=240)
    assert cases_of(whole, numbers) == before + len(numbers)


def test_a_message_that_comes_while_another_is_at_work_waits_for_its_turn(whole: RunningHall) -> None:
    for _ in range(3):
        talker = Talker(whole)
        fill_form(talker, FORM[:4])
        with ThreadPoolExecutor(2) as sides, closing(connect(whole)) as holding:
            # What the first one writes has to wait, so it is at work for certain when the second one comes.
            holding.execute("LOCK TABLE sealed_value IN ACCESS EXCLUSIVE MODE")
            name = sides.submit(talker.say, "王小明")
            time.sleep(1)
            phone = sides.submit(talker.say, "13812345678")
            time.sleep(0.5)
            holding.rollback()
        assert "留个电话" in name.result()["text"]
        assert "王小明" in phone.result()["text"]
        assert "138****5678" in phone.result()["text"]


def test_a_message_sent_to_both_halls_is_answered_once(whole: RunningHall) -> None:
    talker = Talker(whole)
    for said, _ in FORM[:4]:
        talker.say(said)
    message = {"conversation": talker.conversation, "text": "王小明", "message_id": secrets.token_hex(8)}
    with ThreadPoolExecutor(6) as sides:
        replies = list(sides.map(talker._send, [message] * 6))
    assert Counter(reply["turn"] for reply in replies if reply) == {replies[0]["turn"]: 6}  # type: ignore[index]
    assert {reply["text"] for reply in replies if reply} == {replies[0]["text"]}  # type: ignore[index]
    assert "请核对" in talker.say("13812345678")["text"]


def test_a_rasa_that_hangs_is_not_waited_for(whole: RunningHall) -> None:
    stopped = whole.pid_of(RASAS[0])
    os.kill(stopped, signal.SIGSTOP)
    try:
        talkers = [Talker(whole) for _ in range(6)]
        for talker in talkers:
            assert talker.say("居住证怎么办")["decision"] == "answer"
        assert max(talker.slowest_seconds for talker in talkers) < 5
    finally:
        os.kill(stopped, signal.SIGCONT)


def test_an_action_that_is_slow_is_told_in_time_and_its_reply_comes_late(whole: RunningHall) -> None:
    before = cases_of(whole, [])
    talker = Talker(whole)
    fill_form(talker, FORM[:-1])
    with closing(connect(whole)) as holding:
        holding.execute("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        promise = whole.say(talker.conversation, "确认提交")
        assert promise["late"]
        assert "还在办" in promise["text"]
        second = whole.say(talker.conversation, "谢谢")
        assert second["late"]
        in_danger = whole.say(talker.conversation, "我家着火了")
        assert (in_danger["decision"], in_danger["late"]) == ("emergency", False)
        assert time.monotonic() - began < 12
        assert whole.late_replies(talker.conversation) == []
        holding.rollback()
    whole.wait_for(lambda: len(whole.late_replies(talker.conversation)) == 2, "both replies", seconds=60)
    filed, thanked = whole.late_replies(talker.conversation)
    assert (filed["turn"], filed["decision"]) == (promise["turn"], "case")
    assert (thanked["turn"], thanked["decision"]) == (second["turn"], "smalltalk")
    assert cases_of(whole, []) == before + 1


def test_what_a_hall_process_promised_the_other_one_keeps(whole: RunningHall) -> None:
    talker = Talker(whole)
    fill_form(talker, FORM[:-1])
    with closing(connect(whole)) as holding:
        holding.execute("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE")
        assert whole.say(talker.conversation, "确认提交")["late"]
        for name in HALLS:
            kill_soon(whole, name, 0).join()
        holding.rollback()
    whole.wait_for(lambda: bool(whole.late_replies(talker.conversation)), "the promised reply", seconds=90)
    assert [reply["decision"] for reply in whole.late_replies(talker.conversation)] == ["case"]
