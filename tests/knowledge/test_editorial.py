"""From a draft to an approved revision: two editors on one guide, and nobody approves their own work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.problems import GuideErrors
from knowledge.revisions import (
    DraftChanged,
    FieldChange,
    NoSuchRevision,
    NotInReview,
    NotPublished,
    OwnWork,
    RevisionState,
)
from tests.knowledge.curation import Room, plain, small


@pytest.fixture(autouse=True)
def guides(room: Room) -> None:
    room.library.import_guides([small("one", "老年卡"), small("two", "居住证")], "lin")


def states(room: Room, guide_id: str) -> dict[int, str]:
    return {info.revision: str(info.state) for info in room.editorial.history(guide_id)}


def test_opening_a_guide_gives_its_newest_revision_and_saves_nothing(room: Room) -> None:
    draft = room.editorial.open_draft("one", "wang")
    assert (draft.base_revision, draft.version, draft.content["title"]) == (1, 0, "老年卡")
    assert room.editorial.drafts() == []


def test_a_draft_is_kept_as_it_was_typed_even_when_nothing_in_it_is_right(room: Room) -> None:
    saved = room.editorial.save_draft("one", 0, {"title": "", "fee": ["?"]}, "wang")
    assert saved.version == 1
    assert room.editorial.open_draft("one", "li") == saved
    assert saved.content == {"id": "one", "title": "", "fee": ["?"]}
    assert {error.field for error in room.editorial.problems(saved.content)} >= {"title", "fee"}


def test_the_second_editor_sees_both_versions_and_chooses(room: Room) -> None:
    mine = room.editorial.open_draft("one", "wang")
    theirs = room.editorial.save_draft("one", 0, {**mine.content, "audience": "甲"}, "li")
    with pytest.raises(DraftChanged) as stale:
        room.editorial.save_draft("one", mine.version, {**mine.content, "audience": "乙"}, "wang")
    assert stale.value.theirs == theirs
    assert room.editorial.open_draft("one", "wang").content["audience"] == "甲"
    chosen = room.editorial.save_draft("one", stale.value.theirs.version, mine.content, "wang")
    assert (chosen.version, chosen.editor) == (2, "wang")


def test_what_is_handed_in_waits_for_a_reviewer_and_the_draft_is_gone(room: Room) -> None:
    revision = room.edit("one", "wang", life_events=["退休"])
    assert revision == 2
    assert room.editorial.drafts() == []
    (waiting,) = room.editorial.waiting()
    assert (waiting.guide_id, waiting.revision, waiting.author, waiting.note) == ("one", 2, "wang", "改")
    assert states(room, "one") == {2: "review", 1: "live"}
    assert room.editorial.diff("one", 1, 2) == [FieldChange("life_events", None, ["退休"])]
    assert room.editorial.revision("one", 2).life_events == ("退休",)


def test_residents_see_nothing_of_a_revision_in_review(room: Room) -> None:
    room.edit("one", title="改过的名字")
    assert room.shown() == {"one": 1, "two": 1}


def test_a_wrong_draft_is_not_handed_in(room: Room) -> None:
    room.editorial.save_draft("one", 0, {"title": "没有部门"}, "wang")
    with pytest.raises(GuideErrors):
        room.editorial.submit("one", 1, "wang", "")
    assert room.editorial.waiting() == []
    assert len(room.editorial.drafts()) == 1


def test_a_wording_of_another_published_guide_is_refused(room: Room) -> None:
    draft = room.editorial.open_draft("one", "wang")
    (problem,) = room.editorial.problems({**draft.content, "aliases": ["居住证"]})
    assert (problem.field, problem.code) == ("aliases[0]", "name_taken")


def test_a_wording_that_the_other_guide_gives_up_is_free(room: Room) -> None:
    room.edit("two", title="上海居住证", plain_name="办上海居住证")
    assert room.editorial.problems(plain("one", "老年卡", aliases=["居住证"])) == []


def test_who_wrote_it_cannot_approve_it(room: Room) -> None:
    revision = room.edit("one", "wang")
    with pytest.raises(OwnWork):
        room.editorial.approve("one", revision, "wang")
    room.editorial.approve("one", revision, "li")
    assert states(room, "one")[revision] == "approved"


def test_who_saved_the_draft_before_cannot_approve_what_another_hands_in(room: Room) -> None:
    draft = room.editorial.open_draft("one", "wang")
    room.editorial.save_draft("one", 0, draft.content, "wang")
    room.editorial.save_draft("one", 1, draft.content, "li")
    revision = room.editorial.submit("one", 2, "li", "")
    with pytest.raises(OwnWork):
        room.editorial.approve("one", revision, "wang")


def test_what_is_built_on_a_revision_sent_back_is_its_author_s_work_too(room: Room) -> None:
    first = room.edit("one", "wang", life_events=["退休"])
    room.editorial.send_back("one", first, "zhao", "请写明年龄")
    second = room.edit("one", "li", popularity=10)
    with pytest.raises(OwnWork):
        room.editorial.approve("one", second, "wang")
    room.editorial.approve("one", second, "zhao")


def test_a_revision_sent_back_says_why_and_is_where_the_editor_goes_on(room: Room) -> None:
    revision = room.edit("one", "wang", life_events=["退休"])
    room.editorial.send_back("one", revision, "li", "请写明年龄")
    newest = room.editorial.history("one")[0]
    assert (newest.state, newest.reviewer, newest.reason) == (RevisionState.SENT_BACK, "li", "请写明年龄")
    assert room.editorial.open_draft("one", "wang").content["life_events"] == ["退休"]
    with pytest.raises(NotInReview):
        room.editorial.approve("one", revision, "li")


def test_a_later_revision_takes_the_place_of_one_that_still_waits(room: Room) -> None:
    first = room.edit("one", "wang")
    second = room.edit("one", "li")
    assert [info.revision for info in room.editorial.waiting()] == [second]
    assert states(room, "one")[first] == "sent_back"
    with pytest.raises(NotInReview):
        room.editorial.approve("one", first, "zhao")


def test_a_draft_begun_before_another_s_revision_is_not_handed_in_blindly(room: Room) -> None:
    draft = room.editorial.open_draft("one", "wang")
    saved = room.editorial.save_draft("one", 0, draft.content, "wang")
    room.library.import_guides([small("one", "老年卡", life_events=["退休"])], "cli:lin")
    with pytest.raises(DraftChanged) as stale:
        room.editorial.submit("one", saved.version, "wang", "")
    theirs = stale.value.theirs
    assert (theirs.editor, theirs.base_revision) == ("cli:lin", 2)
    assert theirs.content["life_events"] == ["退休"]
    again = room.editorial.save_draft(
        "one", theirs.version, saved.content, "wang", base_revision=theirs.base_revision
    )
    assert room.editorial.submit("one", again.version, "wang", "") == 3


def test_a_new_guide_begins_as_a_draft_under_an_id_of_its_own(room: Room) -> None:
    with pytest.raises(GuideErrors):
        room.editorial.start_draft("one", {}, "wang")
    draft = room.editorial.start_draft("three", plain("three", "图书证"), "wang")
    with pytest.raises(GuideErrors):
        room.editorial.start_draft("three", {}, "li")
    assert room.editorial.submit("three", draft.version, "wang", "新") == 1
    assert room.shown() == {"one": 1, "two": 1}
    assert states(room, "three") == {1: "review"}


def test_a_draft_differs_from_what_residents_see(room: Room) -> None:
    draft = room.editorial.open_draft("one", "wang")
    room.editorial.save_draft("one", 0, {**draft.content, "life_events": ["退休"], "aliases": [""]}, "wang")
    assert room.editorial.draft_changes("one") == [FieldChange("life_events", None, ["退休"])]


def test_a_discarded_draft_is_gone(room: Room) -> None:
    room.editorial.save_draft("one", 0, {}, "wang")
    room.editorial.discard_draft("one", "wang")
    assert room.editorial.open_draft("one", "li").version == 0


def test_withdrawing_needs_another_person_too(room: Room) -> None:
    revision = room.editorial.withdraw("one", "wang", "已并入居住证")
    with pytest.raises(OwnWork):
        room.editorial.approve("one", revision, "wang")
    (waiting,) = room.editorial.waiting()
    assert waiting.withdraws
    room.editorial.approve("one", revision, "li")
    with pytest.raises(NotPublished):
        room.editorial.withdraw("none", "wang", "")


def test_an_old_revision_is_restored_as_a_new_one_in_review(room: Room) -> None:
    room.library.import_guides([replace(small("one", "老年卡"), fee=None, life_events=("退休",))], "lin")
    revision = room.editorial.restore("one", 1, "wang", "改回来")
    assert revision == 3
    assert room.editorial.diff("one", 1, 3) == []
    assert states(room, "one") == {3: "review", 2: "live", 1: "past"}


def test_what_is_not_there_is_named(room: Room) -> None:
    for ask in (
        lambda: room.editorial.open_draft("none", "wang"),
        lambda: room.editorial.revision("one", 9),
        lambda: room.editorial.diff("one", 1, 9),
        lambda: room.editorial.submit("one", 0, "wang", ""),
    ):
        with pytest.raises(NoSuchRevision):
            ask()


def test_an_approval_may_name_the_day_from_which_it_counts(room: Room) -> None:
    revision = room.edit("one")
    room.editorial.approve("one", revision, "li", date(2026, 7, 1))
    (approved,) = room.editorial.approved()
    assert approved.publish_on == date(2026, 7, 1)
