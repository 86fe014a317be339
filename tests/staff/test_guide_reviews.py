"""Reviews: another person decides; history, restoring and withdrawing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from knowledge.revisions import RevisionState
from staff.roles import Role
from tests.staff.guide_desk import editor, reviewer, stock, text_of, whole
from tests.staff.served import ServedConsole, database

GUIDES = ("own", "other", "dated", "back", "taken", "twice", "old", "leaving", "past", "mine")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """A guide for each test."""
    served = ServedConsole.start(database(tmp_path_factory.mktemp("reviews")), "guide_reviews")
    stock(served, *(whole(name, f"{name}事项") for name in GUIDES))
    yield served
    served.close()


def hand_in(desk: ServedConsole, guide_id: str, login: str = "li", **fields: object) -> int:
    """Have an editor change a guide; return the revision that waits."""
    editorial = desk.means.editorial
    draft = editorial.open_draft(guide_id, login)
    saved = editorial.save_draft(guide_id, draft.version, {**draft.content, **fields}, login)
    return editorial.submit(guide_id, saved.version, login, "改了收费")


def state(desk: ServedConsole, guide_id: str) -> RevisionState:
    return desk.means.editorial.history(guide_id)[0].state


def test_own_work_cannot_be_approved_and_the_page_says_why(desk: ServedConsole) -> None:
    browser = desk.signed_in("both", Role.EDITOR, Role.REVIEWER)
    number = hand_in(desk, "own", "both", fee="一元")
    page = browser.get(f"/staff/guides/own/review/{number}")
    assert "自己写的，自己最难看出错" in text_of(page)
    assert "/approve" not in page.text
    answer = browser.post(f"/staff/guides/own/review/{number}/approve", {})
    assert answer.status_code == 403
    assert "自己写的" in text_of(answer)
    assert state(desk, "own") is RevisionState.REVIEW


def test_another_person_sees_what_changed_and_approves(desk: ServedConsole) -> None:
    number = hand_in(desk, "other", fee="两元")
    browser = reviewer(desk)
    assert "other事项" in text_of(browser.get("/staff/reviews"))
    page = browser.get(f"/staff/guides/other/review/{number}")
    assert "<del>免费</del>" in page.text
    assert "<ins>两元</ins>" in page.text
    assert "两元" in browser.get(f"/staff/guides/other/preview/kiosk?of={number}").text
    browser.get(f"/staff/guides/other/review/{number}")
    answer = browser.post(f"/staff/guides/other/review/{number}/approve", {"publish_on": ""})
    assert answer.headers["location"] == "/staff/reviews"
    assert state(desk, "other") is RevisionState.APPROVED
    assert "已通过，还没发布（" in text_of(browser.get("/staff/reviews"))
    again = browser.post(f"/staff/guides/other/review/{number}/approve", {})
    assert again.status_code == 409
    assert "不用再审" in text_of(again)


def test_an_approval_can_hold_from_a_day_on_but_not_from_the_past(desk: ServedConsole) -> None:
    number = hand_in(desk, "dated", fee="三元")
    browser = reviewer(desk)
    browser.get(f"/staff/guides/dated/review/{number}")
    for day in ("2020-01-01", "明天", "2026-13-01"):
        answer = browser.post(f"/staff/guides/dated/review/{number}/approve", {"publish_on": day})
        assert answer.status_code == 422
        assert "请选今天或以后的日期" in text_of(answer)
    browser.post(f"/staff/guides/dated/review/{number}/approve", {"publish_on": "2027-01-01"})
    assert desk.means.editorial.history("dated")[0].publish_on == date(2027, 1, 1)


def test_a_revision_is_sent_back_with_a_reason_that_its_author_reads(desk: ServedConsole) -> None:
    number = hand_in(desk, "back", fee="四元")
    browser = reviewer(desk)
    browser.get(f"/staff/guides/back/review/{number}")
    assert browser.post(f"/staff/guides/back/review/{number}/send-back", {"reason": " "}).status_code == 422
    answer = browser.post(f"/staff/guides/back/review/{number}/send-back", {"reason": "来源没写"})
    assert answer.headers["location"] == "/staff/reviews"
    assert "来源没写" in text_of(editor(desk).get("/staff/guides/back"))


def test_an_author_takes_their_own_back_but_nobody_elses(desk: ServedConsole) -> None:
    number = hand_in(desk, "taken", fee="五元")
    stranger = editor(desk, "chen")
    stranger.get(f"/staff/guides/taken/review/{number}")
    refused = stranger.post(f"/staff/guides/taken/review/{number}/send-back", {"reason": "不好"})
    assert refused.status_code == 403
    author = editor(desk)
    author.get(f"/staff/guides/taken/review/{number}")
    answer = author.post(f"/staff/guides/taken/review/{number}/send-back", {"reason": "再改改"})
    assert answer.headers["location"] == "/staff/guides/taken"
    assert state(desk, "taken") is RevisionState.SENT_BACK


def test_the_history_tells_who_when_and_why_and_two_versions_are_compared(desk: ServedConsole) -> None:
    hand_in(desk, "twice", fee="六元")
    hand_in(desk, "twice", fee="七元")
    browser = editor(desk)
    words = text_of(browser.get("/staff/guides/twice/history"))
    for said in ("第 3 版", "第 2 版", "第 1 版", "改了收费", "li先生", "被第 3 版代替", "居民现在看到的"):
        assert said in words
    page = browser.get("/staff/guides/twice/diff?a=2&b=3")
    assert "<del>六</del>元" in page.text
    assert "<ins>七</ins>元" in page.text
    assert "两边完全一样" in text_of(browser.get("/staff/guides/twice/diff?a=live&b=1"))


def test_an_old_version_is_restored_as_a_new_one_in_review(desk: ServedConsole) -> None:
    number = hand_in(desk, "old", fee="八元")
    browser = editor(desk)
    browser.get("/staff/guides/old/history")
    assert browser.post("/staff/guides/old/restore", {"revision": "1", "note": ""}).status_code == 422
    answer = browser.post("/staff/guides/old/restore", {"revision": "1", "note": "还是原来的对"})
    assert answer.headers["location"] == "/staff/guides/old"
    assert desk.means.editorial.revision("old", number + 1).fee == "免费"
    assert state(desk, "old") is RevisionState.REVIEW
    for wrong in ("99", "x", "9" * 40):
        assert browser.post("/staff/guides/old/restore", {"revision": wrong, "note": "n"}).status_code == 404


def test_taking_a_guide_away_is_reviewed_like_any_change(desk: ServedConsole) -> None:
    browser = editor(desk)
    browser.get("/staff/guides/leaving")
    assert browser.post("/staff/guides/leaving/withdraw", {"reason": ""}).status_code == 422
    answer = browser.post("/staff/guides/leaving/withdraw", {"reason": "不办了"})
    assert answer.status_code == 303
    (info,) = [one for one in desk.means.editorial.waiting() if one.guide_id == "leaving"]
    other = reviewer(desk)
    page = other.get(f"/staff/guides/leaving/review/{info.revision}")
    assert "居民不再看到" in text_of(page)
    preview = other.get(f"/staff/guides/leaving/preview/kiosk?of={info.revision}")
    assert "leaving事项" not in preview.text
    other.get(f"/staff/guides/leaving/review/{info.revision}")
    other.post(f"/staff/guides/leaving/review/{info.revision}/approve", {})
    assert state(desk, "leaving") is RevisionState.APPROVED


def test_what_residents_see_and_every_other_version_can_be_looked_at(desk: ServedConsole) -> None:
    hand_in(desk, "past", fee="九元")
    browser = desk.signed_in("looker", Role.VIEWER)
    page = browser.get("/staff/guides/past")
    for said in ("本市居民", "免费", "办事指南网页", "支持：办理地点、办理对象", "户口簿"):
        assert said in text_of(page)
    assert 'href="https://example.org/a" target="_blank" rel="noopener noreferrer"' in page.text
    assert "九元" in text_of(browser.get("/staff/guides/past?of=2"))
    assert "申请撤下" not in page.text
    assert browser.get("/staff/guides/past/edit").status_code == 403
