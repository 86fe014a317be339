"""`linli gold` and `linli unanswered` at a terminal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hall.commands import gold, unanswered
from tests.bot.small_hall import SmallHall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SmallHall]:
    hall = SmallHall(tmp_path, f"sqlite:///{tmp_path / 'linli.db'}")
    yield hall
    hall.wiring.engine.dispose()


def run(hall: SmallHall, *arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    gold.register(commands, lambda: hall.wiring)
    unanswered.register(commands, lambda: hall.wiring.unanswered)
    parsed = parser.parse_args([*map(str, arguments)])
    code: int = parsed.run(parsed)
    return code


def test_questions_go_in_and_out(hall: SmallHall, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "gold.yml"
    file.write_text("guides: {legal-aid: [打官司没钱请律师]}\ndecline: [护照过期了怎么换]\n", "utf-8")
    assert run(hall, "gold", "import", file) == 0
    assert run(hall, "gold", "import", file) == 0
    assert run(hall, "gold", "export", tmp_path / "gold.xlsx") == 0
    said = capsys.readouterr().out
    assert "2 new, 0 changed, 0 unchanged" in said
    assert "0 new, 0 changed, 2 unchanged" in said
    assert "2 questions written" in said
    assert (tmp_path / "gold.xlsx").stat().st_size > 1000


def test_a_wrong_file_changes_nothing_and_says_what_is_wrong(
    hall: SmallHall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gold.yml"
    file.write_text("guides: {no-such-guide: [打官司没钱请律师]}\n", "utf-8")
    assert run(hall, "gold", "import", file) == 1
    assert run(hall, "gold", "import", tmp_path / "none.yml") == 1
    assert run(hall, "gold", "export", tmp_path / "gold.doc") == 1
    assert "no-such-guide" in capsys.readouterr().err
    assert hall.wiring.gold.questions() == []


def test_running_asks_all_and_tells_what_is_not_right(
    hall: SmallHall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hall.wiring.gold.add("居住证怎么办", "residence-permit-first", "li")
    hall.wiring.gold.add("敬老卡怎么办", "legal-aid", "li")
    assert run(hall, "gold", "run", "--json", tmp_path / "out.json") == 0
    assert "1 of 2 right" in capsys.readouterr().out
    outcome = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert [one["text"] for one in outcome["wrong"]] == ["敬老卡怎么办"]


def test_what_is_asked_in_vain_is_listed(hall: SmallHall, capsys: pytest.CaptureFixture[str]) -> None:
    hall.say("护照过期了怎么换")
    hall.say("护照到期了去哪里换")
    assert run(hall, "unanswered", "list") == 0
    said = capsys.readouterr().out
    assert "declined:2" in said
    assert "2 questions wait" in said
