"""Whatever is killed while a release is published, what is left is one whole release."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.serve

ROOT = Path(__file__).resolve().parents[2]


def test_200_kills_while_publishing_leave_one_whole_release(database_url: str, tmp_path: Path) -> None:
    kills = 200 if database_url.startswith("sqlite") else 50
    done = subprocess.run(
        [sys.executable, "-m", "tests.hall.publish_and_die", database_url, str(tmp_path), str(kills)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["old"] + seen["new"] == kills
    assert seen["killed"] >= kills / 2, seen
    assert min(seen["old"], seen["new"]) >= kills * 0.1, f"kills before and after a commit: {seen}"
