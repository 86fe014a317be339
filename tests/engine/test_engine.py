"""The parts that run inside Rasa's process, checked in Rasa's environment."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = tuple(Path(__file__).with_name(name) for name in ("checks.py", "turn_checks.py", "speed_checks.py"))
NAMES = [
    name for file in CHECKS for name in re.findall(r"^def (check_\w+)", file.read_text("utf-8"), re.MULTILINE)
]

pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in CHECKS:
        done = subprocess.run(
            [str(ROOT / ".rasa-venv/bin/python"), str(file)],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            cwd=ROOT,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found |= json.loads(done.stdout.strip().splitlines()[-1])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_engine(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name] == "", outcomes[name]
