"""What the hall does when parts of it die: nothing is lost, nothing is filed twice, everything comes back."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.faults.talking import FORM, Talker, fill_form, kill_soon
from tests.running_hall import RunningHall

pytestmark = [pytest.mark.rasa, pytest.mark.serve]


def talk() -> str:
    return secrets.token_hex(16)


def cases_filed(hall: RunningHall) -> int:
    with sqlite3.connect(f"file:{hall.folder / 'linli.db'}?mode=ro", uri=True) as database:
        return int(database.execute("select count(*) from cases").fetchone()[0])


def test_a_sentence_said_while_rasa_is_down_is_kept_and_the_form_goes_on_by_itself(
    running_hall: RunningHall,
) -> None:
    talker = Talker(running_hall)
    talker.say("我要报修")
    talker.say("3号楼的楼道灯坏了")
    killed = running_hall.kill("rasa")
    began = time.monotonic()
    away = running_hall.say(talker.conversation, "幸福里小区3号楼")
    assert time.monotonic() - began < 5
    assert (away["handled_by"], away["decision"], away["late"]) == ("fallback", "form", True)
    assert "记下了" in away["text"]
    elsewhere = running_hall.say(talk(), "居住证怎么办")
    assert (elsewhere["handled_by"], elsewhere["decision"]) == ("fallback", "answer")
    assert elsewhere["guide"]["title"] == "上海市居住证申领(首次)"
    follow_up = talk()
    running_hall.say(follow_up, "居住证怎么办")
    assert running_hall.say(follow_up, "多少钱")["aspect"] == "fee"
    in_danger = running_hall.say(talker.conversation, "着火了")
    assert (in_danger["decision"], in_danger["late"]) == ("emergency", False)
    running_hall.wait_for_rasa()
    assert running_hall.pid_of("rasa") != killed
    running_hall.wait_for(lambda: bool(running_hall.late_replies(talker.conversation)), "the real reply")
    (late,) = running_hall.late_replies(talker.conversation)
    assert (late["handled_by"], late["decision"], late["turn"]) == ("rasa", "form", away["turn"])
    assert "称呼" in late["text"]
    assert "怎么称呼" in talker.say("可以")["text"]


def test_a_form_begun_while_rasa_is_down_is_opened_when_it_is_back(running_hall: RunningHall) -> None:
    running_hall.kill("rasa")
    talker = Talker(running_hall)
    assert "是什么事" in talker.say("我要报修")["text"]
    assert talker.was_late == 1
    running_hall.wait_for_rasa()


@pytest.mark.parametrize("after_seconds", [0.0, 0.08])
def test_rasa_killed_at_every_step_of_a_form_is_the_same_case_once(
    running_hall: RunningHall, after_seconds: float
) -> None:
    running_hall.wait_for_rasa()
    before = cases_filed(running_hall)
    # One person at each step, so that one kill meets them all.
    begun = [(Talker(running_hall), step) for step in range(len(FORM))]
    for talker, step in begun:
        fill_form(talker, FORM[:step])
    with ThreadPoolExecutor(len(FORM)) as sides:
        killer = kill_soon(running_hall, "rasa", after_seconds)
        filling = [sides.submit(fill_form, talker, FORM[step:]) for talker, step in begun]
        numbers = {side.result(timeout=240) for side in filling}
        killer.join()
    running_hall.wait_for_rasa()
    assert len(numbers) == len(FORM)
    assert cases_filed(running_hall) == before + len(FORM)


def test_a_case_committed_when_rasa_was_killed_is_told_and_filed_once(running_hall: RunningHall) -> None:
    talker = Talker(running_hall)
    for said, _ in FORM[:-1]:
        talker.say(said)
    before = cases_filed(running_hall)
    rasa = running_hall.pid_of("rasa")

    def kill_when_committed() -> None:
        while cases_filed(running_hall) == before:
            pass
        os.kill(rasa, signal.SIGKILL)

    # The action runs in the hall; its commit comes before Rasa saves: the kill falls between, or just after.
    killer = threading.Thread(target=kill_when_committed)
    killer.start()
    filed = talker.say("确认提交")
    killer.join(timeout=30)
    assert filed["decision"] == "case"
    running_hall.wait_for_rasa()
    assert cases_filed(running_hall) == before + 1


def test_a_killed_worker_is_back_at_once(running_hall: RunningHall) -> None:
    killed = running_hall.kill("hall-1")
    running_hall.wait_for(running_hall.is_up, "the hall answers again", seconds=30)
    running_hall.wait_for(lambda: running_hall.pid_of("hall-1") != killed, "a new worker", seconds=30)
    assert running_hall.say(talk(), "居住证怎么办")["decision"] == "answer"


def test_when_the_supervisor_is_killed_nothing_is_left_on_the_port(
    tmp_path: Path, running_hall: RunningHall
) -> None:
    hall = RunningHall.start(running_hall.root, tmp_path, LINLI_WITHOUT_RASA="1")
    address = urlsplit(hall.url)
    hall.process.kill()
    hall.process.wait(timeout=10)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((str(address.hostname), address.port or 0)) != 0:
                return
        time.sleep(0.05)
    pytest.fail("something still listens on the port")


def test_ctrl_c_ends_everything_within_five_seconds(tmp_path: Path, running_hall: RunningHall) -> None:
    hall = RunningHall.start(running_hall.root, tmp_path, LINLI_WITHOUT_RASA="1")
    worker = hall.pid_of("hall-1")
    assert hall.stop() == 0  # waits 10 s at most and raises; the supervisor's own limit is 5 s
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_without_rasa_the_hall_answers_files_by_touch_and_says_who_helps(
    tmp_path: Path, running_hall: RunningHall
) -> None:
    hall = RunningHall.start(running_hall.root, tmp_path, LINLI_WITHOUT_RASA="1")
    try:
        answer = hall.say(talk(), "居住证怎么办")
        assert (answer["decision"], answer["handled_by"]) == ("answer", "fallback")
        chosen = hall.choose_first(hall.say("c", "要带什么材料"), "c")
        assert chosen["decision"] == "answer"
        assert hall.say(talk(), "转人工")["decision"] == "handoff"
        assert hall.say(talk(), "今天天气怎么样")["decision"] == "decline"
        assert hall.say(talk(), "着火了")["decision"] == "emergency"
        assert httpx.get(f"{hall.url}/", timeout=10).status_code == 200
    finally:
        hall.stop()
