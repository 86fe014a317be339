"""`linli cases` masks what it writes unless a reason is given, and finds tampering."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from cases.case import CaseKind, Request
from cases.desk import Desk
from cases.sealing import Sealer
from cases.tables import Base, CaseEventRow
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


def test_verify_says_whether_the_store_is_whole(
    desk: Desk, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(desk, "verify") == 0
    with engine.begin() as connection:
        connection.execute(text("UPDATE case_event SET author = 'somebody' WHERE sequence = 1"))
    assert run(desk, "verify") == 1
    assert "entry 1" in capsys.readouterr().out
