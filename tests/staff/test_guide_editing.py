"""Writing a guide: the form, saving as it is typed, two editors at once, handing in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape

import pytest

from knowledge.revisions import RevisionState
from tests.staff.guide_desk import Form, editor, open_form, send, stock, text_of, whole
from tests.staff.served import ServedConsole, database

JSON = {"accept": "application/json"}
GUIDES = (
    "saved",
    "wrong",
    "rows",
    "stale",
    "merged",
    "raced",
    "sent",
    "same",
    "gone",
    "kept",
    "hostile",
    "newer",
)
HOSTILE = "<script>alert(1)</script>\"'>{{7*7}}</textarea>"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """A guide for each test."""
    served = ServedConsole.start(database(tmp_path_factory.mktemp("editing")), "guide_editing")
    stock(served, *(whole(name, f"{name}事项") for name in GUIDES))
    yield served
    served.close()


def draft_of(desk: ServedConsole, guide_id: str) -> dict[str, object]:
    return desk.means.editorial.open_draft(guide_id, "").content


def test_a_form_that_is_only_looked_at_and_saved_makes_no_draft(desk: ServedConsole) -> None:
    browser = editor(desk)
    assert send(browser, open_form(browser, "same")).status_code == 303
    assert "same" not in {draft.guide_id for draft in desk.means.editorial.drafts()}


def test_what_was_typed_is_saved_and_shown_to_residents_in_the_preview_alone(desk: ServedConsole) -> None:
    browser = editor(desk)
    answer = send(browser, open_form(browser, "saved"), {"fee": "二十元", "steps": "取号\r\n\r\n 交钱 \r\n"})
    assert answer.headers["location"] == "/staff/guides/saved/edit"
    assert draft_of(desk, "saved")["steps"] == ["取号", "交钱"]
    for door in ("kiosk", "phone"):
        preview = browser.get(f"/staff/guides/saved/preview/{door}")
        assert "二十元" in preview.text
        assert "frame-ancestors 'self'" in preview.headers["content-security-policy"]
        assert "<script" not in preview.text
        assert "<a href" not in preview.text
        assert "二十元" not in browser.get(f"/staff/guides/saved/preview/{door}?of=live").text
    assert desk.means.library.published()[0].guide.fee == "免费"


def test_typing_saves_by_itself_and_says_what_is_still_wrong(desk: ServedConsole) -> None:
    browser = editor(desk)
    form = open_form(browser, "wrong")
    answer = send(browser, form, {"title": "", "materials.0.count": "两", "result": "一张卡"}, headers=JSON)
    told = answer.json()
    assert told["version"] == 1
    assert {problem["control"] for problem in told["problems"]} == {"title", "materials.0.count", "result"}
    assert "还要改 3 处" in told["summary"]
    words = {problem["control"]: problem["words"] for problem in told["problems"]}
    assert "请在一条来源里勾上“办理结果”" in words["result"]
    page = text_of(browser.get("/staff/guides/wrong/edit"))
    assert "材料 1 · 份数" in page
    assert "这里要填 1 到 99 的整数" in page
    assert "（还没有事项名称）" in browser.get("/staff/guides/wrong/preview/phone").text


def test_rows_are_added_moved_and_taken_away_without_any_script(desk: ServedConsole) -> None:
    browser = editor(desk)
    form = open_form(browser, "rows")
    send(browser, form, {"materials.2.name": "照片", "row": "materials.1.up"})
    names = [material["name"] for material in draft_of(desk, "rows")["materials"]]  # type: ignore[attr-defined]
    assert names == ["户口簿", "身份证", "照片"]
    answer = send(browser, open_form(browser, "rows"), {"row": "materials.0.remove"})
    assert answer.headers["location"].endswith("#materials")
    names = [material["name"] for material in draft_of(desk, "rows")["materials"]]  # type: ignore[attr-defined]
    assert names == ["身份证", "照片"]


def test_the_second_editor_sees_both_versions_and_what_each_touched(desk: ServedConsole) -> None:
    first, second = editor(desk), editor(desk, "zhao")
    mine, theirs = open_form(first, "stale"), open_form(second, "stale")
    send(first, mine, {"fee": "十元", "audience": "老人"})
    assert send(second, theirs, {"fee": "三十元"}, headers=JSON).status_code == 409
    answer = send(second, theirs, {"fee": "三十元", "hours": "上午"})
    assert answer.status_code == 409
    words = text_of(answer)
    for said in ("li先生", "十元", "三十元", "老人", "您没有动过这一栏"):
        assert said in words
    assert 'name="pick.fee" value="mine" checked' in answer.text
    assert 'name="pick.sources"' not in answer.text
    assert 'name="pick.audience" value="theirs" checked' in answer.text
    assert draft_of(desk, "stale")["fee"] == "十元"


def test_the_second_editor_chooses_field_by_field(desk: ServedConsole) -> None:
    first, second = editor(desk), editor(desk, "zhao")
    mine, theirs = open_form(first, "merged"), open_form(second, "merged")
    send(first, mine, {"fee": "十元", "audience": "老人"})
    conflict = send(second, theirs, {"fee": "三十元", "audience": "小孩"})
    sent = _merge(conflict.text)
    answer = second.post(sent[0], {**sent[1], "pick.fee": "mine", "pick.audience": "theirs"})
    assert answer.status_code == 303
    draft = draft_of(desk, "merged")
    assert (draft["fee"], draft["audience"]) == ("三十元", "老人")


def test_a_third_who_is_faster_still_is_shown_too_and_whole_versions_can_be_taken(
    desk: ServedConsole,
) -> None:
    first, second = editor(desk), editor(desk, "zhao")
    stale = open_form(second, "raced")
    send(first, open_form(first, "raced"), {"fee": "十元"})
    action, fields = _merge(send(second, stale, {"fee": "三十元"}).text)
    send(first, open_form(first, "raced"), {"fee": "十一元"})
    again = second.post(action, {**fields, "whole": "mine"})
    assert again.status_code == 409
    assert "十一元" in text_of(again)
    action, fields = _merge(again.text)
    assert second.post(action, {**fields, "whole": "mine"}).status_code == 303
    assert draft_of(desk, "raced")["fee"] == "三十元"
    assert second.post(action, {**fields, "mine": "[" * 100_000}).status_code == 400


def test_a_guide_is_handed_in_with_a_note_and_waits_for_another(desk: ServedConsole) -> None:
    browser = editor(desk)
    form = open_form(browser, "sent")
    refused = send(browser, form, {"fee": "五元", "note": " "}, to="submit")
    assert refused.status_code == 422
    assert "请写一句改了什么" in text_of(refused)
    assert draft_of(desk, "sent")["fee"] == "五元"
    answer = send(browser, Form(refused.text), {"note": "收费改了"}, to="submit")
    assert answer.headers["location"] == "/staff/guides/sent"
    (newest, _) = desk.means.editorial.history("sent")
    assert (newest.state, newest.note, newest.author) == (RevisionState.REVIEW, "收费改了", "li")
    assert "第 2 版等人审核" in text_of(browser.get("/staff/guides/sent"))


def test_a_draft_with_problems_or_without_changes_is_not_handed_in(desk: ServedConsole) -> None:
    browser = editor(desk)
    unchanged = send(browser, open_form(browser, "same"), {"note": "没改"}, to="submit")
    assert "没有改动，不用送审" in text_of(unchanged)
    wrong = send(browser, open_form(browser, "wrong"), {"title": "", "note": "改"}, to="submit")
    assert wrong.status_code == 422
    assert "有地方要先改" in text_of(wrong)
    assert len(desk.means.editorial.history("wrong")) == 1


def test_a_revision_that_came_meanwhile_is_met_when_handing_in(desk: ServedConsole) -> None:
    browser = editor(desk)
    send(browser, open_form(browser, "newer"), {"fee": "七元"})
    guide = whole("newer", "newer事项", audience="所有人")
    desk.means.intake.take_in([guide], "chen", "表格")
    answer = send(browser, open_form(browser, "newer"), {"note": "改"}, to="submit")
    assert answer.status_code == 409
    assert "所有人" in text_of(answer)
    action, fields = _merge(answer.text)
    assert browser.post(action, {**fields, "pick.fee": "mine", "pick.audience": "theirs"}).status_code == 303
    again = send(browser, open_form(browser, "newer"), {"note": "改"}, to="submit")
    assert again.status_code == 303
    newest = desk.means.editorial.revision("newer", 3)
    assert (newest.fee, newest.audience) == ("七元", "所有人")


def test_a_draft_is_thrown_away(desk: ServedConsole) -> None:
    browser = editor(desk)
    send(browser, open_form(browser, "gone"), {"fee": "八元"})
    answer = browser.post("/staff/guides/gone/discard", {})
    assert answer.headers["location"] == "/staff/guides/gone"
    assert draft_of(desk, "gone")["fee"] == "免费"


def test_who_still_writes_on_a_draft_that_is_gone_loses_nothing(desk: ServedConsole) -> None:
    first, second = editor(desk), editor(desk, "zhao")
    send(first, open_form(first, "gone"), {"fee": "八元"})
    stale = open_form(second, "gone")
    first.post("/staff/guides/gone/discard", {})
    answer = send(second, stale, {"audience": "所有人"})
    assert answer.status_code == 409
    assert "这份草稿已经不在了" in text_of(answer)
    action, fields = _merge(answer.text)
    assert second.post(action, {**fields, "pick.audience": "mine"}).status_code == 303
    draft = draft_of(desk, "gone")
    assert (draft["fee"], draft["audience"]) == ("免费", "所有人")


def test_what_was_typed_comes_back_after_the_session_ended_rows_included(desk: ServedConsole) -> None:
    browser = editor(desk)
    form = open_form(browser, "kept")
    desk.clock.turn(hours=30)
    sent = send(
        browser,
        form,
        {"fee": "九元", "materials.5.name": "加的材料"},
        headers={"referer": browser.url + "/staff/guides/kept/edit"},
    )
    assert sent.headers["location"].startswith("/staff/sign-in?kept=")
    browser.get(sent.headers["location"])
    kept = sent.headers["location"].partition("kept=")[2]
    browser.sign_in("li")
    page = browser.get(f"/staff/guides/kept/edit?kept={kept}")
    assert "九元" in page.text
    assert "加的材料" in Form(page.text).fields["materials.2.name"]


def test_hostile_text_in_every_field_is_text_everywhere(desk: ServedConsole) -> None:
    browser = editor(desk)
    form = open_form(browser, "hostile")
    fields = {name: HOSTILE for name in form.fields if name not in ("csrf", "keep", "note")}
    assert send(browser, form, fields).status_code == 303
    for path in (
        "",
        "/edit",
        "/history",
        "/diff",
        "/try?of=draft&q=hostile",
        "/preview/kiosk",
        "/preview/phone",
    ):
        page = browser.get(f"/staff/guides/hostile{path}")
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "49</textarea>" not in unescape(page.text), path
    assert "<script>alert" not in browser.get("/staff/guides?words=alert").text


def _merge(page: str) -> tuple[str, dict[str, str]]:
    """The address and the hidden fields of the page that shows two versions."""
    action = unescape(page.partition('action="/staff/guides/')[2].partition('"')[0])
    mine = unescape(page.partition('name="mine" value="')[2].partition('"')[0])
    assert json.loads(mine)["id"]
    return f"/staff/guides/{action}", {"mine": mine}
