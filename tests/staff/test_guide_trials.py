"""Trying out: draft against live, and what an edit would win or lose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.staff.guide_desk import editor, open_form, send, stock, text_of, whole
from tests.staff.served import ServedConsole, database

ASKED = "奶奶的敬老卡丢掉了咋整"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """Two live guides; a draft of one knows a question more; gold and unanswered questions."""
    served = ServedConsole.start(database(tmp_path_factory.mktemp("trials")), "guide_trials")
    stock(served, whole("card", "老年卡"), whole("stay", "居住证"))
    browser = editor(served)
    form = open_form(browser, "card")
    send(browser, form, {"phrasings": form.fields["phrasings"][0] + f"\n{ASKED}", "fee": "九十九元"})
    served.means.gold.add(ASKED, "card", "li")
    served.means.gold.add("想要居住证去哪里", "stay", "li")
    served.means.gold.add("火星怎么走", None, "li")
    served.means.unanswered.note(ASKED, "declined", "kiosk", None, datetime(2026, 11, 20, tzinfo=UTC))
    yield served
    served.close()


def test_a_question_is_asked_of_the_draft_and_of_what_is_live(desk: ServedConsole) -> None:
    page = editor(desk).get(f"/staff/guides/card/try?of=draft&q={ASKED}")
    now, _, then = text_of(page).partition("有了这份草稿")
    assert "说这里不知道" in now or "反问是哪一件" in now
    assert "直接回答" in then
    assert "九十九元" in then
    assert "%" in then.partition("把握")[2][:12]


def test_what_an_edit_wins_is_shown_on_a_page_without_scripts(desk: ServedConsole) -> None:
    words = text_of(editor(desk).get("/staff/guides/card/weigh?of=draft"))
    assert "标准问题问了 3 个" in words
    assert "会赢 1 个" in words
    assert ASKED in words
    assert "会丢的" not in words


def test_a_script_is_told_how_far_the_weighing_has_come(desk: ServedConsole) -> None:
    browser = editor(desk)
    answer = browser.http.get("/staff/guides/card/weigh?of=draft", headers={"accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    shares = [line["share"] for line in lines[:-1]]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert "会赢 1 个" in lines[-1]["html"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_withdrawal_is_weighed_as_if_the_guide_were_gone(desk: ServedConsole) -> None:
    number = desk.means.editorial.withdraw("stay", "li", "不办了")
    words = text_of(editor(desk).get(f"/staff/guides/stay/weigh?of={number}"))
    assert "这些标准问题要另定答案" in words
    assert "想要居住证去哪里" in words
    tried = text_of(editor(desk).get(f"/staff/guides/stay/try?of={number}&q=居住证"))
    now, _, then = tried.partition("撤下以后")
    assert "居住证" in now
    assert "居住证" not in then.partition("居民看到的")[0].partition("最像哪份")[2]


def test_a_broken_draft_is_tried_as_far_as_it_goes(desk: ServedConsole) -> None:
    editorial = desk.means.editorial
    editorial.start_draft("broken", {"title": "<b>", "phrasings": ["天上掉馅饼找谁领"]}, "li")
    words = text_of(editor(desk).get("/staff/guides/broken/try?q=天上掉馅饼找谁领"))
    assert "处要改，试问时先不算那几处" in words
    assert "（还没有事项名称）" in words
