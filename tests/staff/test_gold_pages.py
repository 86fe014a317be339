"""The gold set's pages: found, added, changed, run against the live guides, brought in and out as files."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from openpyxl import Workbook, load_workbook

from hall.database import open_sessions
from knowledge.answering import Finding
from knowledge.matching import Match
from language.reply import Decision
from staff.gold.view import run
from staff.roles import Role
from tests.knowledge.curation import Room, small
from tests.staff.served import Browser, ServedConsole


@pytest.fixture
def room(served: ServedConsole) -> Room:
    room = Room(open_sessions(served.engine), served.clock.now)
    room.library.import_guides([small("one", "老年综合津贴"), small("two", "居住证签注")], "lin")
    served.means.gold.add("老人坐车免费吗", "one", "lin")
    served.means.gold.add("护照怎么换", None, "lin")
    served.means.gold.add("早就撤了的事", "three", "lin")
    return room


@pytest.fixture
def reviewer(served: ServedConsole, room: Room) -> Browser:
    reviewer = served.signed_in("wang", Role.REVIEWER)
    reviewer.get("/staff/gold")
    return reviewer


def questions(served: ServedConsole) -> dict[str, str | None]:
    return {one.text: one.guide_id for one in served.means.gold.questions()}


def test_questions_are_found_by_their_words_and_by_their_guide(reviewer: Browser) -> None:
    page = reviewer.page.text
    assert "现有 3 个，其中 1 个应该不答" in page
    assert "已撤下" in page
    for query, found, other in (
        ("q=护照", "护照怎么换", "老人坐车"),
        ("q=综合津贴", "老人坐车免费吗", "护照"),
        ("kind=decline", "护照怎么换", "老人坐车"),
        ("kind=gone", "早就撤了的事", "护照怎么换"),
    ):
        table = reviewer.get(f"/staff/gold?{query}").text.split("<tbody>")[1]
        assert found in table
        assert other not in table
    assert "没有符合条件的问题" in reviewer.get("/staff/gold?q=没有这样的").text


def test_an_editor_adds_a_question_by_a_guides_name(served: ServedConsole, room: Room) -> None:
    editor = served.signed_in("li", Role.EDITOR)
    editor.get("/staff/gold")
    answer = editor.post("/staff/gold/add", {"text": "签注怎么办", "guide": "居住证签注"})
    assert answer.status_code == 303
    assert questions(served)["签注怎么办"] == "two"
    editor.post("/staff/gold/add", {"text": "股票能买吗", "guide": "", "decline": "yes"})
    assert questions(served)["股票能买吗"] is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "签注怎么办", "guide": ""}, "没有叫这个名字的指南"),
        ({"text": "签注怎么办", "guide": "签"}, "没有叫这个名字的指南"),
        ({"text": "？！", "decline": "yes"}, "请写一句居民会问的话"),
        ({"text": "长" * 201, "decline": "yes"}, "请写一句居民会问的话"),
        ({"text": "护照怎么换？", "guide": "居住证签注"}, "已经有这个问题了"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_the_field(
    served: ServedConsole, room: Room, fields: dict[str, str], words: str
) -> None:
    editor = served.signed_in("li", Role.EDITOR)
    editor.get("/staff/gold")
    before = questions(served)
    answer = editor.post("/staff/gold/add", fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert fields["text"] in answer.text
    assert questions(served) == before


def test_only_who_does_not_write_guides_changes_and_removes(served: ServedConsole, room: Room) -> None:
    editor = served.signed_in("li", Role.EDITOR)
    assert "/staff/gold/1" not in editor.get("/staff/gold").text
    assert editor.post("/staff/gold/1/remove").status_code == 403
    assert editor.post("/staff/gold/1/change", {"text": "x", "decline": "yes"}).status_code == 403


def test_a_reviewer_corrects_words_and_guide(reviewer: Browser, served: ServedConsole) -> None:
    page = reviewer.get("/staff/gold/1").text
    assert 'value="老年综合津贴"' in page
    changed = {"text": "老人坐地铁免费吗", "guide": "two"}
    assert reviewer.post("/staff/gold/1/change", changed).status_code == 303
    assert "老人坐车免费吗" not in questions(served)
    assert questions(served)["老人坐地铁免费吗"] == "two"
    taken = reviewer.post("/staff/gold/2/change", {"text": "老人坐地铁免费吗", "decline": "yes"})
    assert taken.status_code == 422
    assert "已经有这个问题了" in taken.text


def test_a_question_is_taken_out(reviewer: Browser, served: ServedConsole) -> None:
    assert reviewer.post("/staff/gold/2/remove").status_code == 303
    assert "护照怎么换" not in questions(served)
    assert reviewer.post("/staff/gold/2/remove").status_code == 404
    assert reviewer.get("/staff/gold/2").status_code == 404
    assert reviewer.get("/staff/gold/" + "9" * 50).status_code == 404


def test_guides_are_offered_for_what_is_typed(reviewer: Browser) -> None:
    assert "居住证签注" in reviewer.get("/staff/gold/guides?guide=签注").text
    assert "居住证签注" in reviewer.get("/staff/gold/guides?other_guide=居住").text
    assert reviewer.get("/staff/gold/guides?guide=").text.strip() == ""


def test_the_set_is_asked_of_the_live_guides(served: ServedConsole, room: Room) -> None:
    verdicts = {
        "老人坐车免费吗": Finding(Decision.CLARIFY, (Match("two", 0.5), Match("one", 0.4))),
        "护照怎么换": Finding(Decision.DECLINE),
        "早就撤了的事": Finding(Decision.ANSWER, (Match("two", 0.9),)),
    }
    asked = run(replace(served.means, judge=verdicts.__getitem__))
    assert asked.total == 1.5
    assert [one.question.text for one in asked.having(0)] == ["早就撤了的事"]
    assert asked.having(0.5)[0].first == "two"
    assert asked.names == {"one": "老年综合津贴", "two": "居住证签注", "three": "three"}


def test_the_result_of_a_run_is_shown(reviewer: Browser) -> None:
    assert "正在问 3 个问题" in reviewer.get("/staff/gold/run").text
    result = reviewer.get("/staff/gold/run/result").text
    assert "不对的（2）" in result
    assert "答对的（1）" in result


def test_the_set_goes_out_and_comes_back_the_same(reviewer: Browser, served: ServedConsole) -> None:
    served.means.gold.remove(3, "lin")
    before = questions(served)
    for kind in ("xlsx", "jsonl"):
        body = reviewer.http.get(f"/staff/gold.{kind}").content
        answer = reviewer.post("/staff/gold/import", files={"sheet": (f"g.{kind}", body)})
        assert answer.status_code == 303, answer.text
        assert "新增 0 个，修改 0 个，相同 2 个" in reviewer.get("/staff/gold").text
        assert questions(served) == before
    rows = [json.loads(line) for line in body.decode().splitlines()]
    assert rows[0] == {"text": "老人坐车免费吗", "guide": "one"}


def test_a_sheet_with_a_wrong_row_changes_nothing_and_names_it(
    reviewer: Browser, served: ServedConsole
) -> None:
    book = load_workbook(io.BytesIO(reviewer.http.get("/staff/gold.xlsx").content))
    sheet = book.worksheets[0]
    sheet.append(["没有指南的", "没有这份指南"])
    sheet.append(["长" * 300, None])
    before = questions(served)
    answer = reviewer.post("/staff/gold/import", files={"sheet": ("g.xlsx", _bytes(book))})
    assert answer.status_code == 422
    assert "第 5 行" in answer.text
    assert "没有“没有这份指南”这份指南" in answer.text
    assert "第 6 行" in answer.text
    assert questions(served) == before


def test_no_file_is_asked_for(reviewer: Browser) -> None:
    answer = reviewer.post("/staff/gold/import", files={})
    assert answer.status_code == 422
    assert "请选一个文件" in answer.text


def _bytes(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
