"""A place in words becomes a building and its grid where the registry knows them, else stays as said."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

import cases.places
from cases.desk import Desk
from cases.places.registry import Places, Spot, VacancyKind
from cases.places.registry_file import RegistryError, read_registry
from cases.places.tables import BuildingRow, GridRow

SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")


@pytest.fixture
def places(desk: Desk) -> Places:
    places = Places(desk.store)
    places.replace(read_registry(SAMPLE))
    return places


def test_the_sample_has_6_grids_and_54_buildings(places: Places, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (GridRow, BuildingRow)]
    assert counts == [6, 54]


SAID = {
    "梧桐苑3号楼": Spot("g1", "w-3"),
    "梧桐苑 3 号楼 2楼": Spot("g1", "w-3"),
    "梧桐苑三号楼门口": Spot("g1", "w-3"),
    "梧桐苑３栋301室": Spot("g1", "w-3"),
    "示例路20弄5号602": Spot("g2", "y-5"),
    "银杏家园九幢": Spot("g2", "y-9"),
    "桂花坊门口那幢": Spot("g4", "gh-1"),
    "紫藤花园里的亭子": Spot("g6", None),
    "梧桐苑13号楼": Spot("g1", None),
    "梧桐苑3号楼和4号楼之间": Spot("g1", None),
    "3号楼": Spot(),
    "人民广场2号口": Spot(),
    "": Spot(),
    "x" * 100_000: Spot(),
}


def test_a_place_in_words_is_found(places: Places) -> None:
    # Not a case each: the registry is loaded once.
    assert {said: places.resolve(said) for said in SAID} == SAID


def test_a_group_says_which_estate_is_meant(places: Places) -> None:
    assert places.resolve("3号楼", "group-y") == Spot("g2", "y-3")
    assert places.resolve("门口的灯", "group-y") == Spot("g2", None)
    assert places.resolve("楼道里", "group-w-3") == Spot("g1", "w-3")
    assert places.resolve("5号楼", "group-w-3") == Spot("g1", "w-5")
    assert places.resolve("海棠新村2号楼", "group-y") == Spot("g3", "h-2")
    assert places.resolve("3号楼", "unknown") == Spot()


def test_without_a_registry_every_place_stays_as_said(desk: Desk) -> None:
    assert Places(desk.store).resolve("梧桐苑3号楼") == Spot()


def test_vacancies_are_shown(places: Places) -> None:
    gaps = {(gap.kind, gap.grid) for gap in places.vacancies()}
    assert gaps == {
        (VacancyKind.GRID_WITHOUT_HEAD, "g6"),
        (VacancyKind.GRID_WITHOUT_MEMBER, "g5"),
        (VacancyKind.GRID_WITHOUT_MEMBER, "g6"),
        (VacancyKind.GRID_WITHOUT_GROUP, "g6"),
    }


def test_loading_again_replaces_the_registry(places: Places, sessions: sessionmaker[Session]) -> None:
    places.replace(read_registry(SAMPLE))
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(BuildingRow)) == 54


def a_sheet(file: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file


def test_a_registry_may_be_a_workbook(desk: Desk, tmp_path: Path) -> None:
    file = a_sheet(
        tmp_path / "places.xlsx",
        {
            "grids": [["id", "name"], [1, "一"]],
            "buildings": [
                ["id", "grid", "estate", "name", "aliases"],
                ["b", 1, "甲苑", "7号楼", "小白楼，白房子"],
            ],
        },
    )
    places = Places(desk.store)
    places.replace(read_registry(file))
    assert places.resolve("甲苑七号楼") == places.resolve("白房子后面") == Spot("1", "b")


def test_every_fault_of_a_registry_is_named_at_once(tmp_path: Path) -> None:
    file = a_sheet(
        tmp_path / "places.xlsx",
        {
            "grids": [["id", "name"], ["g1", "一"], ["g1", "二"], ["g2", None]],
            "buildings": [["id", "grid", "estate", "name", "colour"], ["b", "g9", "甲苑", "7" * 41, "red"]],
            "groups": [["id", "name", "grid", "building"], ["r", "群", "g1", "nowhere"]],
            "staff": [["grid", "duty", "name"], ["g1", "king", "甲"]],
        },
    )
    with pytest.raises(RegistryError) as refused:
        read_registry(file)
    for fault in (
        "grids: g1 is listed 2 times",
        "grids 4: `name` is missing",
        "buildings 2: there is no grid g9",
        "buildings 2: `name` has more than 40 characters",
        "buildings 2: no column is called colour",
        "groups 2: there is no building nowhere",
        "staff 2: `duty` is one of head, member",
    ):
        assert fault in refused.value.faults
    assert "and 2 more" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yml", b"grids: 3"),
        ("a.yml", b"[1, 2]"),
        ("a.yml", b"\xff\xfe"),
        ("a.yml", b"grids: [1]"),
        ("a.yml", b"colours: []"),
        ("a.yml", b"a: [b"),
        ("a.xlsx", b"not a workbook"),
        ("a.xlsx", b""),
    ],
)
def test_a_file_that_is_no_registry_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(RegistryError):
        read_registry(file)
    with pytest.raises(RegistryError):
        read_registry(tmp_path / "missing.yml")
