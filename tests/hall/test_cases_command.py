"""`linli cases` masks what it writes unless a reason is given, and finds tampering."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from cases.case import RESIDENT, CaseKind, CaseStatus, Request
from cases.desk import Desk
from cases.sealing import Sealer
from cases.tables import Base, CaseEventRow
from cases.work.moving import Move
from hall.commands import cases as command
from language.moments import utc_now


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'linli.db'}")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(engine: Engine) -> Desk:
    desk = Desk(sessionmaker(engine), Sealer([bytes(32)]), utc_now)
    for key in ("a", "b"):
        desk.file_case(
            Request(
                key, CaseKind.REPAIR, "楼道灯不亮了", "3号楼", "王建国", "13812341234", "chat", "conversation"
            )
        )
    return desk


def run(desk: Desk, *arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    command.register(parser.add_subparsers(), lambda: desk)
    parsed = parser.parse_args(["cases", *map(str, arguments)])
    code: int = parsed.run(parsed)
    return code


def phones(file: Path) -> list[str]:
    return [json.loads(line)["contact_phone"] for line in file.read_text("utf-8").splitlines()]


def test_an_export_is_masked(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(desk, "export", tmp_path / "cases.jsonl") == 0
    assert phones(tmp_path / "cases.jsonl") == ["138****1234"] * 2
    assert "2 cases" in capsys.readouterr().out


def test_a_revealed_export_is_in_the_history_of_each_case_with_its_reason(
    desk: Desk, engine: Engine, tmp_path: Path
) -> None:
    assert run(desk, "export", tmp_path / "cases.jsonl", "--reveal", "--reason", "电话回访") == 0
    assert phones(tmp_path / "cases.jsonl") == ["13812341234"] * 2
    with Session(engine) as session:
        events = session.scalars(select(CaseEventRow).where(CaseEventRow.kind == "revealed")).all()
    assert [event.number for event in events] == sorted(record.number for record in desk.records())
    assert all(event.author.startswith("cli:") and event.note for event in events)
    assert desk.verify() == []


@pytest.mark.parametrize(
    "options", [["--reveal"], ["--reveal", "--reason", " 　x "], ["--reason", "电话回访"]]
)
def test_revealing_and_its_reason_belong_together(options: list[str], desk: Desk, tmp_path: Path) -> None:
    assert run(desk, "export", tmp_path / "cases.jsonl", *options) == 2
    assert not (tmp_path / "cases.jsonl").exists()


def test_a_file_that_cannot_be_written_is_a_sentence(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(desk, "export", tmp_path / "cases.csv") == 1
    assert "must end in .xlsx or .jsonl" in capsys.readouterr().err


HOLIDAYS = "year: 2031\nsource: test\ndays_off: [2031-01-01, 2031-01-22..2031-01-28]\n"


@pytest.mark.parametrize(
    ("command", "name", "text", "said"),
    [
        ("departments", "d.yml", "- {id: a, name: 甲}", "1 departments"),
        ("places", "p.yml", "grids: [{id: g, name: 一}]", "1 grids, 0 buildings"),
        ("calendar", "c.yml", HOLIDAYS, "2031"),
    ],
)
def test_a_list_is_loaded_or_only_looked_at(
    command: str,
    name: str,
    text: str,
    said: str,
    desk: Desk,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    for options in (["--dry-run"], []):
        assert run(desk, command, file, *options) == 0
        assert said in capsys.readouterr().out
    file.write_text("nonsense: [", "utf-8")
    assert run(desk, command, file) == 1
    assert capsys.readouterr().err


def test_a_case_is_erased_only_when_it_is_said_twice(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = next(desk.records()).number
    assert run(desk, "erase", number) == 0
    assert "Nothing was changed" in capsys.readouterr().out
    assert run(desk, "erase", number, "--yes", "--reason", "本人申请") == 1  # it is still worked
    desk.move(number, Move(CaseStatus.WITHDRAWN, RESIDENT))
    assert run(desk, "erase", number, "--yes") == 1
    assert run(desk, "erase", number, "--yes", "--reason", "本人申请") == 0
    assert "Receipt: entry" in capsys.readouterr().out
    assert next(desk.records()).contact_phone is None
    assert run(desk, "erase", "260611-9999") == 1
    assert desk.verify() == []


def test_a_resident_is_handed_a_file_that_only_its_owner_reads(desk: Desk, tmp_path: Path) -> None:
    number, file = next(desk.records()).number, tmp_path / "mine.json"
    assert run(desk, "hand-out", number, file, "--reason", "本人凭证领取") == 0
    assert json.loads(file.read_text("utf-8"))["case"]["contact_phone"] == "13812341234"
    assert file.stat().st_mode & 0o777 == 0o600
    assert run(desk, "hand-out", number, file, "--reason", "再要一次") == 1  # no file is overwritten


def test_rotating_without_a_new_key_changes_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(desk, "rotate") == 0
    assert "0 values" in capsys.readouterr().out


def test_verify_says_whether_the_store_is_whole(
    desk: Desk, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(desk, "verify") == 0
    with engine.begin() as connection:
        connection.execute(text("UPDATE case_event SET author = 'somebody' WHERE sequence = 1"))
    assert run(desk, "verify") == 1
    assert "entry 1" in capsys.readouterr().out


def test_sums_that_are_wrong_are_found_and_made_anew(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    (number, _) = (record.number for record in desk.records())
    desk.move(number, Move(CaseStatus.WITHDRAWN, RESIDENT))
    with desk.store.sessions.begin() as session:
        session.execute(text("UPDATE case_tally SET filed = 9"))
    assert run(desk, "verify") == 1
    assert "figures: the sums by day" in capsys.readouterr().out
    assert run(desk, "recount") == 0
    assert "1 settled cases are summed anew" in capsys.readouterr().out
    assert run(desk, "verify") == 0
