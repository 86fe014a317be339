"""What the hall does when parts of it die: nothing is lost, nothing is filed twice, everything comes back."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.running_hall import RunningHall

pytestmark = [pytest.mark.rasa, pytest.mark.serve]


def talk() -> str:
    return secrets.token_hex(16)


def fill_form(hall: RunningHall, conversation: str) -> None:
    for text in ("我要报修", "3号楼的楼道灯坏了", "幸福里小区3号楼", "王小明", "13812345678"):
        assert hall.say(conversation, text)["decision"] == "form"


def cases_filed(hall: RunningHall) -> int:
    with sqlite3.connect(f"file:{hall.folder / 'linli.db'}?mode=ro", uri=True) as database:
        return int(database.execute("select count(*) from cases").fetchone()[0])


def test_a_form_resumes_where_it_was_after_rasa_was_killed(running_hall: RunningHall) -> None:
    conversation = talk()
    running_hall.say(conversation, "我要报修")
    running_hall.say(conversation, "3号楼的楼道灯坏了")
    killed = running_hall.kill("rasa")
    away = running_hall.say(conversation, "幸福里小区3号楼")
    assert (away["handled_by"], away["decision"]) == ("fallback", "form")
    elsewhere = running_hall.say(talk(), "居住证怎么办")
    assert (elsewhere["handled_by"], elsewhere["decision"]) == ("fallback", "answer")
    assert elsewhere["guide"]["title"] == "上海市居住证申领(首次)"
    follow_up = talk()
    running_hall.say(follow_up, "居住证怎么办")
    assert running_hall.say(follow_up, "多少钱")["aspect"] == "fee"
    running_hall.wait_for_rasa()
    assert running_hall.pid_of("rasa") != killed
    back = running_hall.say(conversation, "幸福里小区3号楼")
    assert (back["handled_by"], back["decision"]) == ("rasa", "form")
    assert "称呼" in back["text"]


def test_confirming_again_after_a_kill_files_the_same_case(running_hall: RunningHall) -> None:
    conversation = talk()
    fill_form(running_hall, conversation)
    before = cases_filed(running_hall)
    rasa = running_hall.pid_of("rasa")

    def kill_when_committed() -> None:
        while cases_filed(running_hall) == before:
            pass
        os.kill(rasa, signal.SIGKILL)

    # The action runs in the hall; stopping Rasa's process first lets the commit win the race for certain.
    killer = threading.Thread(target=kill_when_committed)
    killer.start()
    first = running_hall.say(conversation, "确认提交")
    killer.join(timeout=30)
    running_hall.wait_for_rasa()
    again = running_hall.say(conversation, "确认提交")
    assert cases_filed(running_hall) == before + 1
    if first["case"] is None:
        assert again["decision"] == "case"
        assert again["case"] is not None


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
