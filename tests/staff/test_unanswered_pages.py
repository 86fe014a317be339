"""The unanswered queue: one click makes of what people ask in vain a phrasing, a guide or a gold question."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hall.database import open_sessions
from knowledge.answering import Finding
from knowledge.matching import Match
from language.reply import Decision
from staff.audit import Wanted
from staff.roles import Role
from staff.unanswered.queue import Near, Queue
from tests.knowledge.curation import Room, small
from tests.staff.served import Browser, ServedConsole

ASKED = ("老人坐公交免费吗", "老人坐公交要钱吗", "护照过期了怎么换")


@pytest.fixture
def room(served: ServedConsole) -> Room:
    room = Room(open_sessions(served.engine), served.clock.now)
    guides = [small("one", "老年综合津贴", phrasings=["老年卡怎么办"]), small("two", "居住证签注")]
    room.library.import_guides(guides, "lin")
    note = served.means.unanswered.note
    for text in (*ASKED, ASKED[0]):
        note(text, "declined", "chat", "one" if "公交" in text else None, served.clock.now)
    note(ASKED[0], "rated_badly", "kiosk", "one", served.clock.now)
    return room


@pytest.fixture
def editor(served: ServedConsole, room: Room) -> Browser:
    editor = served.signed_in("li", Role.EDITOR)
    editor.get("/staff/unanswered")
    return editor


def ids(browser: Browser, place: int = 0) -> str:
    return re.findall(r'name="questions" value="([\d,]+)"', browser.page.text)[place]


def settle(browser: Browser, how: str, **fields: object) -> str:
    sent = {"questions": ids(browser), "how": how, "text": ASKED[0], "guide": "one", **fields}
    answer = browser.post("/staff/unanswered/q1/settle", sent)
    assert answer.status_code == 200, answer.text
    return answer.text


def undo(browser: Browser, answer: str) -> str:
    form = answer[answer.index("/staff/unanswered/undo") :]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    fields.pop("csrf")
    shown = browser.post("/staff/unanswered/undo", fields, headers={"HX-Request": "true"})
    assert shown.status_code == 200
    return shown.text


def test_like_questions_stand_together_with_what_is_known_of_them(editor: Browser) -> None:
    page = editor.page.text
    assert "还有 <strong>5</strong> 个问题没处理" in page
    assert "共 <strong>2</strong> 组" in page
    assert "4 次" in page
    for words in (*ASKED, "老年综合津贴", "没答上", "被评“没帮上”", "聊天", "触摸屏"):
        assert words in page


def test_the_queue_is_narrowed_by_reason_and_door(editor: Browser) -> None:
    page = editor.get("/staff/unanswered?reason=rated_badly&door=kiosk").text
    assert ASKED[0] in page
    assert ASKED[2] not in page
    assert "没有符合条件的问题" in editor.get("/staff/unanswered?door=group").text


def test_a_question_becomes_a_phrasing_in_the_draft_of_a_guide(
    editor: Browser, room: Room, served: ServedConsole
) -> None:
    answer = settle(editor, "phrasing", text=[ASKED[0], ASKED[1], " "])
    assert "已加入《老年综合津贴》的草稿" in answer
    draft = room.editorial.open_draft("one", "li")
    assert draft.content["phrasings"] == ["老年卡怎么办", ASKED[0], ASKED[1]]
    assert served.means.unanswered.count() == 1
    sent = editor.post("/staff/unanswered/submit", {"guide": "one"})
    assert "已送审" in sent.text
    assert [info.note for info in room.editorial.waiting()] == ["采用居民的问法"]


def test_adopting_twice_adds_once(editor: Browser, room: Room) -> None:
    first = ids(editor)
    settle(editor, "phrasing")
    again = editor.post(
        "/staff/unanswered/q1/settle",
        {"questions": first, "how": "phrasing", "text": ASKED[0], "guide": "one"},
    )
    assert "已经有人处理了" in again.text
    assert room.editorial.open_draft("one", "li").content["phrasings"] == ["老年卡怎么办", ASKED[0]]


def test_a_wording_that_another_guide_has_is_named_at_once(editor: Browser) -> None:
    answer = settle(editor, "phrasing", text="居住证签注")
    assert "two 居住证签注" in answer
    assert ">送审<" not in answer


def test_undoing_takes_the_wording_out_and_the_question_back(
    editor: Browser, room: Room, served: ServedConsole
) -> None:
    card = undo(editor, settle(editor, "phrasing"))
    assert ASKED[0] in card
    assert served.means.unanswered.count() == 5
    assert room.editorial.drafts() == []


def test_undoing_leaves_what_others_wrote_in_the_draft(editor: Browser, room: Room) -> None:
    answer = settle(editor, "phrasing")
    draft = room.editorial.open_draft("one", "wu")
    room.editorial.save_draft("one", draft.version, {**draft.content, "fee": "免费"}, "wu")
    undo(editor, answer)
    kept = room.editorial.open_draft("one", "wu").content
    assert (kept["phrasings"], kept["fee"]) == (["老年卡怎么办"], "免费")


def test_another_guide_is_chosen_by_its_name(editor: Browser, room: Room) -> None:
    answer = settle(editor, "phrasing", other_guide="居住证签注")
    assert "《居住证签注》" in answer
    assert room.editorial.open_draft("two", "li").content["phrasings"] == [ASKED[0]]


def test_a_guide_that_nobody_knows_shows_the_card_again(editor: Browser, served: ServedConsole) -> None:
    sent = {"questions": ids(editor), "how": "phrasing", "text": ASKED[0], "other_guide": "没有这份"}
    for headers in ({}, {"HX-Request": "true"}):
        answer = editor.post("/staff/unanswered/q1/settle", sent, headers=headers)
        assert answer.status_code == 422
        assert "请选一份指南" in answer.text
        assert 'value="没有这份"' in answer.text
    assert served.means.unanswered.count() == 5


def test_a_question_becomes_a_new_guide(editor: Browser, room: Room) -> None:
    answer = settle(editor, "new_guide", text="护照过期了怎么换")
    draft = room.editorial.drafts()[0]
    assert draft.guide_id == "hu-zhao-guo-qi-le-zen"
    assert draft.content["plain_name"] == "护照过期了怎么换"
    assert draft.content["completeness"] == "pointer"
    assert f"/staff/guides/{draft.guide_id}/edit" in answer
    undo(editor, answer)
    assert room.editorial.drafts() == []


def test_a_second_new_guide_of_the_same_sound_gets_an_id_of_its_own(editor: Browser, room: Room) -> None:
    settle(editor, "new_guide", text="护照")
    editor.get("/staff/unanswered")
    settle(editor, "new_guide", text="护照")
    assert {draft.guide_id for draft in room.editorial.drafts()} == {"hu-zhao", "hu-zhao-2"}


def test_what_is_not_ours_must_be_declined_from_now_on(editor: Browser, served: ServedConsole) -> None:
    gold = served.means.gold
    answer = settle(editor, "not_ours")
    assert [(one.text, one.guide_id, one.added_by) for one in gold.questions()] == [(ASKED[0], None, "li")]
    undo(editor, answer)
    assert gold.questions() == []


def test_what_the_gold_set_says_a_guide_answers_is_ours(editor: Browser, served: ServedConsole) -> None:
    served.means.gold.add(ASKED[0], "one", "lin")
    sent = {"questions": ids(editor), "how": "not_ours", "text": ASKED[0]}
    answer = editor.post("/staff/unanswered/q1/settle", sent)
    assert answer.status_code == 422
    assert "请先改标准问题" in answer.text
    assert served.means.unanswered.count() == 5


def test_what_is_ignored_leaves_the_queue(editor: Browser, served: ServedConsole) -> None:
    assert "已忽略" in settle(editor, "ignored")
    assert served.means.unanswered.count() == 1
    assert ASKED[0] not in editor.get("/staff/unanswered").text


def test_nothing_is_settled_by_half_a_form(editor: Browser, served: ServedConsole) -> None:
    for sent in (
        {},
        {"questions": "x,-1,99999999999", "how": "ignored"},
        {"questions": ids(editor), "how": "?"},
    ):
        assert editor.post("/staff/unanswered/q1/settle", sent).status_code == 422
    assert served.means.unanswered.count() == 5


def test_a_supervisor_reads_and_does_not_settle(served: ServedConsole, room: Room) -> None:
    page = served.signed_in("sun", Role.SUPERVISOR).get("/staff/unanswered").text
    assert ASKED[0] in page
    assert "/settle" not in page


def test_the_trail_says_how_and_never_what_was_asked(editor: Browser, served: ServedConsole) -> None:
    settle(editor, "ignored")
    entries, _ = served.means.audit.find(Wanted(act="unanswered.settle"))
    assert entries[0].act.after == {"how": "ignored", "questions": 4}


def test_guides_that_the_matcher_takes_it_for_are_offered_too(served: ServedConsole, room: Room) -> None:
    likely = Finding(Decision.DECLINE, (Match("two", 0.3), Match("gone", 0.2)))
    means = replace(served.means, judge=lambda text: likely)
    seen = Queue(means).page(1, "", "")
    assert [card.nearest for card in seen.cards] == [
        (Near("one", "老年综合津贴", None), Near("two", "居住证签注", 0.3)),
        (Near("two", "居住证签注", 0.3),),
    ]


def test_what_a_resident_typed_is_shown_as_text(served: ServedConsole, room: Room) -> None:
    text = "<script>alert(1)</script>\"'&{{7*7}}怎么办"
    served.means.unanswered.note(text, "declined", "<b>door</b>", None, served.clock.now)
    served.means.gold.add(text, None, "lin")
    editor = served.signed_in("li", Role.EDITOR)
    for path in ("/staff/unanswered", "/staff/gold", "/staff/gold/run/result"):
        page = editor.get(path).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "<b>door" not in page
