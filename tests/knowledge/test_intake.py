"""Whole sheets are handed in like drafts: in one step, and only what differs."""

from __future__ import annotations

import pytest

from knowledge.intake import Intake
from knowledge.problems import GuideErrors
from knowledge.revisions import OwnWork
from tests.knowledge.curation import Room, plain, small


@pytest.fixture
def intake(room: Room) -> Intake:
    room.library.import_guides([small("a"), small("b", aliases=["乙"])], "lin")
    return Intake(room.sessions, room.clock)


def test_what_differs_waits_for_a_reviewer_and_what_does_not_stays(room: Room, intake: Intake) -> None:
    summary = intake.take_in([small("a", notes="1"), small("b", aliases=["乙"]), small("c")], "li", "表格")
    assert [(one.guide_id, one.revision, one.is_new, one.fields) for one in summary.taken] == [
        ("a", 2, False, ("notes",)),
        (
            "c",
            1,
            True,
            ("id", "title", "plain_name", "department", "theme", "popularity", "status", "completeness"),
        ),
    ]
    assert summary.same == ("b",)
    assert {info.guide_id for info in room.editorial.waiting()} == {"a", "c"}
    with pytest.raises(OwnWork):
        room.editorial.approve("a", 2, "li")


def test_the_same_sheet_again_changes_nothing(room: Room, intake: Intake) -> None:
    guides = [small("a", notes="1"), small("c")]
    intake.take_in(guides, "li", "表格")
    assert intake.take_in(guides, "li", "表格").taken == ()
    assert len(room.editorial.waiting()) == 2


def test_a_dry_run_tells_and_changes_nothing(room: Room, intake: Intake) -> None:
    summary = intake.take_in([small("a", notes="1"), small("c")], "li", "表格", dry_run=True)
    assert len(summary.taken) == 2
    assert room.editorial.waiting() == []
    assert intake.take_in([small("c")], "li", "").taken[0].revision == 1


def test_a_wording_of_a_published_guide_is_refused_unless_the_sheet_gives_it_up(
    room: Room, intake: Intake
) -> None:
    with pytest.raises(GuideErrors) as refused:
        intake.take_in([small("a", aliases=["乙"])], "li", "")
    assert refused.value.errors[0].code == "name_taken"
    assert room.editorial.waiting() == []
    assert len(intake.take_in([small("a", aliases=["乙"]), small("b")], "li", "").taken) == 2


def test_somebodys_draft_stays_and_is_told(room: Room, intake: Intake) -> None:
    room.editorial.save_draft("a", 0, plain("a", notes="9"), "chen")
    (taken,) = intake.take_in([small("a", notes="1")], "li", "").taken
    assert taken.drafted_by == "chen"
    assert room.editorial.open_draft("a", "chen").content["notes"] == "9"


def test_what_rests_on_anothers_unreleased_work_is_theirs_too(room: Room, intake: Intake) -> None:
    room.edit("a", "chen", notes="1")
    (taken,) = intake.take_in([small("a", notes="2")], "li", "").taken
    with pytest.raises(OwnWork):
        room.editorial.approve("a", taken.revision, "chen")


def test_a_withdrawn_guide_comes_back_as_a_proposal(room: Room, intake: Intake) -> None:
    revision = room.editorial.withdraw("a", "li", "不办了")
    room.editorial.approve("a", revision, "wang")
    room.releases.propose("chen", "")
    room.releases.publish(room.build(), "chen")
    (taken,) = intake.take_in([small("a")], "li", "又办了").taken
    assert (taken.is_new, taken.revision) == (True, 3)
