"""The list of guides: finding one among many, and starting a new one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.overview import Card, Entry, Standing
from staff.guides.catalogue import PAGE_SIZE, Wanted, find, is_old, shelf
from staff.guides.list_pages import slug_of
from tests.staff.guide_desk import editor, stock, text_of, whole
from tests.staff.served import ServedConsole, database

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """Three guides: one live, one overdue, one expired."""
    served = ServedConsole.start(database(tmp_path_factory.mktemp("list")), "guide_list")
    stock(
        served,
        whole("one", "老年卡", popularity=90, verified_on="2026-10-01"),
        whole("two", "居住证", department="公安", theme="户籍证件", review_by="2026-11-01"),
        whole("three", "停办的事", expires_on="2026-01-01", completeness="partial"),
    )
    yield served
    served.close()


def entry(guide_id: str, **card: object) -> Entry:
    """An entry of the list, live."""
    plain = Card(
        guide_id,
        f"办{guide_id}",
        "民政",
        "便民服务",
        "full",
        "current",
        (),
        (),
        50,
        None,
        None,
        None,
        None,
        "",
    )
    return Entry(guide_id, replace(plain, **card), 1, None, None, None, None)  # type: ignore[arg-type]


def ids(entries: list[Entry], **wanted: str) -> list[str]:
    return [found.entry.guide_id for found in find(entries, Wanted(**wanted), TODAY)]


def test_a_guide_is_found_by_its_names_first_then_by_what_residents_ask() -> None:
    entries = [
        entry("a", title="社保卡", phrasings=("居住证也能用吗",)),
        entry("b", title="居住证签注"),
        entry("c", title="居住证"),
        entry("d", title="别的", aliases=("居住证补办",)),
    ]
    assert ids(entries, words="居住证") == ["c", "b", "d", "a"]
    found = find(entries, Wanted(words="居住证"), TODAY)
    assert [one.wording for one in found] == ["", "", "居住证补办", "居住证也能用吗"]
    assert ids(entries, words=" 居住证？") == ["c", "b", "d", "a"]


def test_filters_and_orders_go_together() -> None:
    entries = [
        entry("a", department="医保", source_date="2024", popularity=10),
        entry("b", department="医保", source_date="2020-03", review_by=date(2026, 1, 1)),
        entry("c", verified_on=date(2026, 1, 1), expires_on=date(2026, 1, 1)),
    ]
    assert ids(entries, department="医保", sort="source") == ["b", "a"]
    assert ids(entries, standing="overdue") == ["b"]
    assert ids(entries, standing="expired") == ["c"]
    assert ids(entries, sort="verified") == ["a", "b", "c"]
    assert ids(entries, sort="nonsense") == ["b", "c", "a"]
    assert entries[1].standings(TODAY) == (Standing.LIVE, Standing.OVERDUE)


def test_two_thousand_guides_are_searched_while_one_types() -> None:
    entries = [
        entry(f"g{n}", title=f"事项{n}", phrasings=tuple(f"怎么办{n}之{m}" for m in range(12)))
        for n in range(2000)
    ]
    began = time.perf_counter()
    page = shelf(entries, Wanted(words="之11"), 3, TODAY)
    assert time.perf_counter() - began < 2  # milliseconds on a quiet machine
    assert (page.total, page.page, len(page.found)) == (2000, 3, PAGE_SIZE)
    assert shelf(entries, Wanted(), 10**6, TODAY).page == 40


def test_old_sources_count_from_the_beginning_of_what_is_known() -> None:
    assert is_old("2024", TODAY)
    assert not is_old("2025-06", TODAY)
    assert not is_old("", TODAY)
    assert not is_old("去年", TODAY)


def test_the_list_shows_where_each_guide_stands_and_how_fresh_it_is(desk: ServedConsole) -> None:
    page = editor(desk).get("/staff/guides")
    words = text_of(page)
    assert "共 3 份" in words
    for said in (
        "老年卡",
        "核对 2026-10-01",
        "该复核了",
        "应复核 2026-11-01，到期",
        "已过期",
        "来源 2024-05-01，两年以上",
    ):
        assert said in words
    assert words.index("老年卡") < words.index("居住证")


def test_the_list_narrows_to_what_was_asked_for(desk: ServedConsole) -> None:
    browser = editor(desk)
    assert "找到 1 份" in text_of(browser.get("/staff/guides?words=想要居住证"))
    assert "想要居住证去哪里" in browser.page.text
    assert "找到 1 份" in text_of(browser.get("/staff/guides?department=公安"))
    assert "找到 1 份" in text_of(browser.get("/staff/guides?standing=expired&completeness=partial"))
    assert "没有这样的指南" in text_of(browser.get("/staff/guides?words=<script>alert(1)</script>"))
    assert "<script>alert(1)" not in browser.page.text
    assert browser.get("/staff/guides?page=99999999999999999999&sort=x").status_code == 200


def test_a_new_guide_gets_an_id_from_its_name_and_opens_for_writing(desk: ServedConsole) -> None:
    browser = editor(desk)
    browser.get("/staff/guides/-/new")
    answer = browser.post("/staff/guides/-/new", {"title": "便民饮水点", "id": "", "copy": ""})
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/staff/guides/bian-min-yin-shui-dian/edit",
    )
    assert "送审前还要改" in text_of(browser.get(answer.headers["location"]))
    assert "有草稿" in text_of(browser.get("/staff/guides?words=饮水点"))


def test_a_copy_takes_the_facts_and_leaves_the_names(desk: ServedConsole) -> None:
    browser = editor(desk)
    browser.get("/staff/guides/-/new?copy=one")
    browser.post("/staff/guides/-/new", {"title": "敬老卡", "id": "copied", "copy": "老年卡"})
    content = desk.means.editorial.open_draft("copied", "li").content
    assert content["title"] == "敬老卡"
    assert content["materials"][0]["name"] == "身份证"
    assert not content.get("phrasings")
    assert not content.get("aliases")
    assert content.get("verified_on") is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "请写名称"),
        ({"title": "长" * 101}, "请写名称"),
        ({"title": "新", "id": "../etc"}, "编号用小写英文字母"),
        ({"title": "新", "id": "one"}, "编号“one”已经有了"),
        ({"title": "新", "id": "new-one", "copy": "没有的"}, "没有叫这个名称的指南"),
        ({"title": "？？？"}, "编号用小写英文字母"),
    ],
)
def test_what_cannot_start_a_guide_is_said_beside_its_field(
    desk: ServedConsole, typed: dict[str, str], said: str
) -> None:
    browser = editor(desk)
    browser.get("/staff/guides/-/new")
    answer = browser.post("/staff/guides/-/new", {"id": "", "copy": "", **typed})
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_names_become_ids() -> None:
    assert slug_of("居住证（首次）") == "ju-zhu-zheng-shou-ci"
    assert slug_of("12345热线") == "g-1-2-3-4-5-re-xian"
    assert len(slug_of("很" * 80)) <= 60


def test_a_guide_that_is_not_there_is_a_page_that_says_so(desk: ServedConsole, tmp_path: Path) -> None:
    browser = editor(desk)
    for path in (
        "nobody",
        "nobody/edit",
        "nobody/history",
        "nobody/diff",
        "nobody/try",
        "nobody/review/1",
        "NO",
        "a b",
    ):
        assert browser.get(f"/staff/guides/{path}").status_code == 404, path
    assert browser.get("/staff/guides/one/review/99999999999999999999").status_code == 404
    assert browser.get("/staff/guides/one?of=99999999999999999999").status_code == 404
    assert browser.get("/staff/guides/one/diff?a=live&b=0").status_code == 404
