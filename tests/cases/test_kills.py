"""Whatever is killed while cases are filed and worked, what was acknowledged is there, whole and once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.serve

ROOT = Path(__file__).resolve().parents[2]


def test_200_kills_while_filing_and_moving_lose_nothing_and_double_nothing(
    database_url: str, tmp_path: Path
) -> None:
    kills = 200 if database_url.startswith("sqlite") else 50
    done = subprocess.run(
        [sys.executable, "-m", "tests.cases.work_and_die", database_url, str(tmp_path), str(kills)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["killed"] >= kills / 2, seen
    assert seen["never_sent"] == 0, seen
    assert seen["entries"] > seen["cases"] > kills / 4, f"too few children came to filing: {seen}"
