"""What comes in: what it is about, whether it came before, and photos that give nothing away."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from PIL import Image
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import cases.places
import cases.work
from cases.arrivals.categories import UnknownCategory, get_category, hear_category, load_categories
from cases.arrivals.duplicates import already_reported, find_similar
from cases.arrivals.photos import MAX_PER_CASE, PhotoRefused, Photos, clean_picture, plain_name
from cases.arrivals.tables import PhotoRow
from cases.case import RESIDENT, CaseKind, CaseStatus, NoSuchCase, Request
from cases.desk import Desk
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.store import SHANGHAI
from cases.tables import Base, CaseRow
from cases.work.tables import ClockRow, Purpose
from tests.cases.conftest import HandClock
from tests.cases.working import LI, a_move, bring

MakeRequest = Callable[..., Request]
Sessions = sessionmaker[Session]
SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")
DEPARTMENTS = Path(cases.work.__file__ or "").with_name("departments.yml")

HEARD = {
    "3号楼二楼的楼道灯不亮了": "hallway-light",
    "投诉电梯停了两天了": "lift",
    "有人困在电梯里": "lift-trapped",
    "楼上天天打麻将太吵": "noise-life",
    "电瓶车上楼充电": "ebike",
    "消防通道被私家车堵了": "fire-lane",
    "建议给老楼加装电梯": "suggest-lift",
    "小区门口路灯坏了": "street-light",
    "隔壁在搭建阳光房": "illegal-building",
    "家里漏水了": "water-leak",
    "老人行动不便需要照顾": "elder-care",
    "老板拖欠工资": "wages",
    "楼道里堆杂物": "hallway-clutter",
    "垃圾三天没人清": "rubbish",
    "The lift is broken": "lift",
    "今天天气不错": None,
    "": None,
}


def test_about_50_categories_have_a_name_a_department_and_terms() -> None:
    categories = load_categories()
    departments = {entry["id"] for entry in yaml.safe_load(DEPARTMENTS.read_text("utf-8"))}
    assert 48 <= len(categories) <= 60
    assert {category.department for category in categories.values()} <= departments
    assert {category.kind for category in categories.values()} == set(CaseKind) - {CaseKind.OTHER}
    for category in categories.values():
        assert all(category.name[locale] for locale in ("zh", "en"))
        for question in category.asks:
            assert all(question.words[locale] for locale in ("zh", "en"))
            assert len(question.words["zh"]) <= 16, "one short question"
            assert len(question.choices["zh"]) == len(question.choices["en"]) <= 3
    names = [category.name["zh"] for category in categories.values()]
    words = [word for category in categories.values() for word in category.says]
    assert len(set(names)) == len(names)
    assert sorted(words) == sorted(set(words)), "a word of two categories names neither"


@pytest.mark.parametrize(("said", "category"), HEARD.items())
def test_a_category_is_heard_from_words(said: str, category: str | None) -> None:
    found = hear_category(said)
    assert (found and found.id) == category


def test_a_filed_case_has_its_category_its_place_and_the_deadlines_of_its_category(
    desk: Desk, sessions: Sessions, make_request: MakeRequest
) -> None:
    Places(desk.store).replace(read_registry(SAMPLE))
    number = desk.file_case(make_request(place="梧桐苑三号楼")).number  # Thursday 11 June, 10:00
    with sessions() as session:
        row = session.get_one(CaseRow, number)
        clocks = {c.purpose: c for c in session.scalars(select(ClockRow).where(ClockRow.number == number))}
    assert (row.category, row.grid, row.building) == ("hallway-light", "g1", "w-3")
    assert clocks[Purpose.RESOLVE].term == "2 days"
    assert row.due_at is not None
    assert row.due_at.astimezone(SHANGHAI).isoformat() == "2026-06-15T17:00:00+08:00"


def test_a_category_that_is_named_goes_before_what_is_heard_and_must_exist(
    desk: Desk, sessions: Sessions, make_request: MakeRequest
) -> None:
    number = desk.file_case(make_request(category="lift")).number
    with sessions() as session:
        assert session.get_one(CaseRow, number).category == "lift"
    with pytest.raises(UnknownCategory):
        desk.file_case(make_request("other", category="no such"))
    assert desk.verify() == []


def test_what_was_filed_at_the_same_building_in_the_same_week_is_hinted_at(
    desk: Desk, clock: HandClock, make_request: MakeRequest
) -> None:
    Places(desk.store).replace(read_registry(SAMPLE))
    light, place = get_category("hallway-light"), "梧桐苑3号楼"
    assert find_similar(desk.store, light, place) == ()
    first = desk.file_case(make_request("a", place=place)).number
    desk.file_case(make_request("b", place="梧桐苑4号楼"))
    desk.file_case(make_request("c", place=place, description="电梯坏了"))
    gone = desk.file_case(make_request("d", place=place)).number
    desk.move(gone, a_move(CaseStatus.WITHDRAWN, RESIDENT))
    assert [similar.number for similar in find_similar(desk.store, light, place)] == [first]
    assert [similar.number for similar in find_similar(desk.store, light, "3号楼", "group-w")] == [first]
    assert find_similar(desk.store, light, "3号楼") == ()
    assert find_similar(desk.store, None, place) == ()
    clock.turn(days=7)
    assert [similar.number for similar in find_similar(desk.store, light, place)] == [first]
    clock.turn(seconds=1)
    assert find_similar(desk.store, light, place) == ()


def test_a_resident_is_told_that_a_neighbour_reported_it_while_it_is_worked_on(
    desk: Desk, make_request: MakeRequest
) -> None:
    Places(desk.store).replace(read_registry(SAMPLE))
    light, place = get_category("hallway-light"), "梧桐苑3号楼"
    assert not already_reported(desk.store, light, place)
    number = desk.file_case(make_request(place=place)).number
    assert already_reported(desk.store, light, place)
    assert already_reported(desk.store, light, "3号楼", "group-w")
    assert not already_reported(desk.store, light, "梧桐苑4号楼")
    bring(desk, number, CaseStatus.RESOLVED)
    assert not already_reported(desk.store, light, place)
    assert [similar.number for similar in find_similar(desk.store, light, place)] == [number]


def test_nobody_learns_that_a_sensitive_matter_was_reported(desk: Desk, make_request: MakeRequest) -> None:
    Places(desk.store).replace(read_registry(SAMPLE))
    place, rental = "梧桐苑3号楼", get_category("group-rental")
    number = desk.file_case(make_request(description="楼上群租", place=place)).number
    assert [similar.number for similar in find_similar(desk.store, rental, place)] == [number]
    assert not already_reported(desk.store, rental, place)


def test_a_store_that_does_not_answer_gives_no_hint_and_no_error(desk: Desk, engine: Engine) -> None:
    Base.metadata.drop_all(engine)
    assert not already_reported(desk.store, get_category("lift"), "梧桐苑3号楼")


def a_photo(size: tuple[int, int] = (40, 20), form: str = "JPEG", orientation: int = 1) -> bytes:
    image = Image.new("RGB", size, "red")
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (31.0, 12.0, 34.5)  # GPS latitude
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_kept_picture_is_upright_and_tells_neither_place_nor_device(form: str) -> None:
    content = a_photo(form=form, orientation=6)
    assert b"SecretCamera" in content
    picture = clean_picture(content)
    assert (picture.width, picture.height) == (20, 40)
    assert b"SecretCamera" not in picture.content
    with Image.open(io.BytesIO(picture.content)) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_large_picture_is_made_smaller() -> None:
    picture = clean_picture(a_photo((4000, 3000)))
    assert (picture.width, picture.height) == (2560, 1920)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"\x89PNG\r\n\x1a\n" + b"x" * 100,
        a_photo()[:-200],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(20),
        b"x" * (10 * 1024 * 1024 + 1),
    ],
    ids=["empty", "text", "broken", "cut", "svg", "gif", "huge"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PhotoRefused):
        clean_picture(content)


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    with pytest.raises(PhotoRefused, match="too many pixels"):
        clean_picture(out.getvalue())


NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\Users\\li\\照片.jpg": "照片.jpg",
    "..": "photo",
    "": "photo",
    "a\x00b\n.jpg": "ab.jpg",
    "exe\u202egpj.jpg": "exegpj.jpg",
    "名" * 200 + ".jpg": "名" * 80,
    "<script>.jpg": "<script>.jpg",
}


@pytest.mark.parametrize(("given", "kept"), NAMES.items())
def test_a_hostile_name_is_only_words_to_show(given: str, kept: str) -> None:
    assert plain_name(given) == kept


def test_photos_are_sealed_kept_once_and_counted(
    desk: Desk, sessions: Sessions, make_request: MakeRequest
) -> None:
    number = desk.file_case(make_request("a")).number
    other = desk.file_case(make_request("b")).number
    photos = Photos(desk.store)
    content = a_photo()
    first = photos.add(number, "灯.jpg", content, LI)
    assert photos.add(number, "again.jpg", content, LI) == first
    with Image.open(io.BytesIO(photos.read(first, number))) as image:
        assert image.size == (40, 20)
    with pytest.raises(NoSuchCase):
        photos.read(first, other)
    with pytest.raises(NoSuchCase):
        photos.add("260611-9999", "x", content, LI)
    with sessions() as session:
        assert b"JFIF" not in session.get_one(PhotoRow, first).sealed
    for extra in range(1, MAX_PER_CASE):
        photos.add(number, "x", a_photo((40 + extra, 20)), LI)
    with pytest.raises(PhotoRefused, match="at most"):
        photos.add(number, "x", a_photo((99, 20)), LI)
    assert [photo.name for photo in photos.of_case(number)][:2] == ["灯.jpg", "x"]
    assert desk.verify() == []
