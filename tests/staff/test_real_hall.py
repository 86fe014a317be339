"""The console of a hall with three workers: its code on the terminal, and one session in all of them."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import httpx
import pytest

from tests.running_hall import RunningHall
from tests.staff.served import PASSWORD, Browser

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.serve


def test_the_first_administrator_of_a_hall_with_three_workers(tmp_path: Path) -> None:
    settings = {"LINLI_WITHOUT_RASA": "1", "LINLI_HALL_WORKERS": "3"}
    hall = RunningHall.start(ROOT, tmp_path, **settings)
    try:
        hall.wait_for(lambda: "enter the code" in hall.log, "the code is said")
        codes = re.findall(r"enter the code ((?:\d{4} ){2}\d{4})", hall.log)
        assert len(codes) == 1, "one of the workers says it, once"
        file = tmp_path / "set-up.code"
        assert file.read_text().strip() == codes[0].replace(" ", "")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        browser = Browser(hall.url, {})
        fields = {"code": codes[0], "login": "wang", "name": "王芳", "password": PASSWORD}
        assert browser.get("/staff").headers["location"] == "/staff/set-up"
        browser.get("/staff/set-up")
        answer = browser.post("/staff/set-up", {**fields, "password_again": PASSWORD})
        assert answer.status_code == 303
        assert not file.exists()
        token = browser.http.cookies["linli_staff"]
        for _ in range(12):
            # A connection of its own each: the kernel spreads them over the workers.
            page = httpx.get(f"{hall.url}/staff", headers={"cookie": f"linli_staff={token}"}, trust_env=False)
            assert "王芳，您好" in page.text
        assert PASSWORD not in hall.log
        assert token not in hall.log
        assert browser.post("/staff/me/password", {"old_password": "x" * 1_500_000}).status_code in (403, 413)
    finally:
        hall.stop()
