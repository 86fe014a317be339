"""Guides as sheets: out, changed, in again as proposals; a bad sheet changes nothing and tells why."""

from __future__ import annotations

import io
from collections.abc import Iterator

import httpx
import pytest
from openpyxl import load_workbook

from knowledge.exchange import read_content, write_content
from knowledge.revisions import RevisionState
from tests.staff.guide_desk import editor, stock, text_of, whole
from tests.staff.served import Browser, ServedConsole, database

GUIDES = [whole("one", "老年卡"), whole("two", "居住证", department="公安"), whole("three", "医保卡")]


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """Three guides."""
    served = ServedConsole.start(database(tmp_path_factory.mktemp("sheets")), "guide_sheets")
    stock(served, *GUIDES)
    yield served
    served.close()


def upload(browser: Browser, name: str, content: bytes, act: str = "check", **more: str) -> httpx.Response:
    """Bring in a sheet as a browser without scripts does."""
    browser.get("/staff/guides/-/sheets")
    return browser.post(
        "/staff/guides/-/import",
        {"act": act, **more},
        files={"sheet": (name, content, "application/octet-stream")},
    )


def changed(cell: str, value: str, sheet: str = "服务事项") -> bytes:
    """The sheet of all guides with one cell changed."""
    book = load_workbook(io.BytesIO(write_content(GUIDES, "a.xlsx")))
    book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "yml", "jsonl"])
def test_what_is_taken_out_reads_back_as_the_same_guides(desk: ServedConsole, kind: str) -> None:
    answer = editor(desk).get(f"/staff/guides/-/export?kind={kind}")
    assert "attachment" in answer.headers["content-disposition"]
    assert sorted(read_content(answer.content, f"a.{kind}"), key=lambda guide: guide.id) == sorted(
        GUIDES, key=lambda guide: guide.id
    )


def test_only_what_the_list_shows_is_taken_out(desk: ServedConsole) -> None:
    browser = editor(desk)
    answer = browser.get("/staff/guides/-/export?kind=jsonl&department=公安")
    assert [guide.id for guide in read_content(answer.content, "a.jsonl")] == ["two"]
    assert browser.get("/staff/guides/-/export?kind=jsonl&words=没有").status_code == 404
    assert browser.get("/staff/guides/-/export?kind=exe").status_code == 404


def test_checking_a_sheet_tells_what_would_happen_and_changes_nothing(desk: ServedConsole) -> None:
    answer = upload(editor(desk), "改.xlsx", changed("C2", "长者卡"))
    assert "导入后有 1 份送审，2 份没有改动" in text_of(answer)
    assert "通俗名称" in text_of(answer)
    assert desk.means.editorial.waiting() == []


def test_a_sheet_is_handed_in_once_and_the_second_time_changes_nothing(desk: ServedConsole) -> None:
    browser = editor(desk)
    sheet = changed("C2", "长者卡")
    answer = upload(browser, "改.xlsx", sheet, "import", note="统一叫法")
    assert "1 份已送审，2 份没有改动" in text_of(answer)
    (info,) = desk.means.editorial.waiting()
    assert (info.guide_id, info.author, info.note, info.state) == (
        "one",
        "li",
        "统一叫法",
        RevisionState.REVIEW,
    )
    assert "没有改动，什么也不用做" in text_of(upload(browser, "改.xlsx", sheet, "import"))
    assert len(desk.means.editorial.history("one")) == 2
    assert {guide.plain_name for guide, _ in desk.means.library.published()} >= {"办老年卡"}


def test_a_script_gets_the_outcome_alone(desk: ServedConsole) -> None:
    browser = editor(desk)
    browser.get("/staff/guides/-/sheets")
    answer = browser.post(
        "/staff/guides/-/import",
        {"act": "check"},
        files={"sheet": ("a.xlsx", changed("C2", "长者卡"))},
        headers={"x-fragment": "yes"},
    )
    assert "<html" not in answer.text
    assert "1 份送审" in answer.text


def test_every_wrong_cell_is_named_with_its_remedy(desk: ServedConsole) -> None:
    answer = upload(editor(desk), "坏.xlsx", changed("F3", "没有的主题"), "import")
    assert answer.status_code == 422
    words = " ".join(text_of(answer).split())
    assert "服务事项 F3" in words
    assert "可填：" in words
    assert desk.means.editorial.waiting() == []


def test_a_wording_that_leads_to_another_guide_is_refused(desk: ServedConsole) -> None:
    guide = whole("four", "新事项", aliases=["老年卡"])
    answer = upload(editor(desk), "a.jsonl", write_content([guide], "a.jsonl"), "import")
    assert answer.status_code == 422
    assert "“老年卡”也是“one 老年卡”的叫法" in text_of(answer)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF-1.4", "不认识这种文件"),
        ("a.xlsx", b"not a workbook", "这不是 .xlsx 表格"),
        ("a.xlsx", b"PK\x03\x04broken", "xlsx"),
        ("a.xlsm", b"PK", "宏"),
        ("a.yml", b"\xff\xfe\x00", "不是 UTF-8"),
        ("a.yml", b"- [", "不是正确的 YAML"),
        ("a.jsonl", b"{", "不是正确的 JSON"),
        ("a.jsonl", b"[[[[" * 50_000, "不"),
        ("a.jsonl", b"\n", "没有指南"),
        ("<script>alert(1)</script>.yml", b"a: 1", "没有“a”这一栏"),
        ("../../etc/passwd", b"x", "不认识这种文件"),
        ("a.xlsx", b"", "请先选一个文件"),
    ],
)
def test_every_bad_file_is_refused_in_plain_words(
    desk: ServedConsole, name: str, content: bytes, said: str
) -> None:
    answer = upload(editor(desk), name, content, "import")
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "<script>alert" not in answer.text
    assert desk.means.editorial.waiting() == []


def test_a_file_of_more_than_twenty_megabytes_is_refused(desk: ServedConsole) -> None:
    answer = upload(editor(desk), "big.jsonl", b" " * 21_000_000)
    assert answer.status_code == 413
    assert "20 MB" in text_of(answer)


def test_nothing_chosen_is_said(desk: ServedConsole) -> None:
    browser = editor(desk)
    browser.get("/staff/guides/-/sheets")
    answer = browser.post("/staff/guides/-/import", {"act": "import"})
    assert answer.status_code == 422
    assert "请先选一个文件" in text_of(answer)
