"""`linli guides import|export|statistics`."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

from hall.commands.guides import register
from knowledge.library import Library
from knowledge.tables import Base
from language.moments import utc_now

GUIDE = """
id: road-lamp
title: 路灯报修
plain_name: 路灯坏了
department: 便民
theme: 便民服务
completeness: pointer
"""


@pytest.fixture
def library() -> Library:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    return Library(sessionmaker(engine), utc_now)


@pytest.fixture
def guide_file(tmp_path: Path) -> Path:
    path = tmp_path / "guide.yml"
    path.write_text(GUIDE, "utf-8")
    return path


def run(library: Library, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers(), lambda: library, lambda: date(2026, 6, 10))
    parsed = parser.parse_args(["guides", *arguments])
    code: int = parsed.run(parsed)
    return code


def test_an_imported_file_is_published(
    library: Library, guide_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(library, "import", str(guide_file)) == 0
    assert "1 new" in capsys.readouterr().out
    assert [guide.id for guide, _ in library.published()] == ["road-lamp"]


def test_a_dry_run_publishes_nothing(
    library: Library, guide_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(library, "import", str(guide_file), "--dry-run") == 0
    assert "dry run" in capsys.readouterr().out
    assert library.published() == []


def test_a_wrong_file_changes_nothing_and_tells_why(
    library: Library, guide_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guide_file.write_text(GUIDE.replace("便民服务", "路灯"), "utf-8")
    assert run(library, "import", str(guide_file), "--locale", "en") == 1
    told = capsys.readouterr().err
    assert "guide.yml [theme]" in told
    assert "nothing was changed" in told
    assert library.published() == []


def test_nobody_imports_in_the_name_of_the_shipped_guides(library: Library, guide_file: Path) -> None:
    with pytest.raises(SystemExit):
        run(library, "import", str(guide_file), "--author", "shipped")


def test_an_export_can_be_imported_elsewhere(library: Library, guide_file: Path, tmp_path: Path) -> None:
    run(library, "import", str(guide_file))
    assert run(library, "export", str(tmp_path / "all.xlsx")) == 0
    assert run(library, "import", str(tmp_path / "all.xlsx"), "--dry-run") == 0


def test_an_export_that_cannot_be_written_says_so(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(library, "export", str(tmp_path / "no" / "all.xlsx")) == 1
    assert "Name another place" in capsys.readouterr().err


RECORDS = [
    {"TASK_CODE": "A1", "TASK_NAME": "船舶登记", "DEPT_NAME": "海事局"},
    {"TASK_CODE": "A2", "TASK_NAME": "<b>渔船</b>登记", "DEPT_NAME": "渔业局"},
]


@pytest.fixture
def record_file(tmp_path: Path) -> Path:
    path = tmp_path / "records.json"
    path.write_text("\n".join(json.dumps(record) for record in RECORDS), "utf-8")
    return path


def test_foreign_records_are_imported_whole_or_not_at_all(
    library: Library, record_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(library, "import", "--mapping", "guangdong", str(record_file)) == 1
    told = capsys.readouterr()
    assert "1 records made guides, 1 did not" in told.out
    assert "records.json #2 [title]" in told.err
    assert library.published() == []


def test_records_that_make_no_guide_can_be_left_out(
    library: Library, record_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(library, "import", "--mapping", "guangdong", "--leave-out", str(record_file)) == 0
    assert "left out: records.json #2" in capsys.readouterr().err
    assert [guide.title for guide, _ in library.published()] == ["船舶登记"]


def test_statistics_are_printed_or_written(
    library: Library, guide_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(library, "import", str(guide_file))
    capsys.readouterr()
    assert run(library, "statistics") == 0
    printed = capsys.readouterr().out
    assert "2026-06-10" in printed
    assert run(library, "statistics", "--write", str(tmp_path / "page.md")) == 0
    assert (tmp_path / "page.md").read_text("utf-8") == printed
    assert run(library, "statistics", "--write", str(tmp_path / "no" / "page.md")) == 1
    assert "Name another place" in capsys.readouterr().err
