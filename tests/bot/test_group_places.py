"""What is said in an estate's group finds its building through the real Rasa, which never sees the id."""

from __future__ import annotations

import secrets
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import cases.places
from tests.running_hall import RunningHall

pytestmark = pytest.mark.rasa

SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")
GROUP = "group-w"


def test_a_building_said_in_its_estates_group_is_found(running_hall: RunningHall) -> None:
    environment = {"LINLI_FOLDER": str(running_hall.folder), "PATH": "/usr/bin:/bin"}
    loaded = subprocess.run(
        [sys.executable, "-m", "hall.cli", "cases", "places", str(SAMPLE)],
        cwd=running_hall.root,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert loaded.returncode in (0, 1), loaded.stderr
    who = {"channel": "group", "sender": secrets.token_hex(8), "mentioned": True}
    asked = running_hall.say(GROUP, "我要报修，3号楼楼道灯不亮了", **who)
    assert "怎么称呼您" in asked["text"]
    assert "已记下" in running_hall.say(GROUP, "不留", **who)["text"]
    number = running_hall.say(GROUP, "确认", **who)["case"]["number"]
    with sqlite3.connect(running_hall.folder / "linli.db") as database:
        found = database.execute("SELECT grid, building, channel FROM cases WHERE number = ?", [number])
        assert found.fetchone() == ("g1", "w-3", "group")
    assert GROUP.encode() not in b"".join(
        file.read_bytes() for file in running_hall.folder.glob("*rasa*.db*")
    )
