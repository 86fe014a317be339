"""From an unanswered question to a phrasing, a new guide, or a question that must be declined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from knowledge.adoption import Adoption, AdoptionError, adopt_phrasing, free_id, skeleton
from knowledge.clusters import Question
from knowledge.editorial import Editorial
from knowledge.gold import Gold
from knowledge.guide_file import parse_guide
from knowledge.library import Library
from knowledge.unanswered import Unanswered

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
Plain = dict[str, Any]


def test_a_question_becomes_a_phrasing_of_a_valid_guide(permit: Plain) -> None:
    adopted = adopt_phrasing(permit, " 居住证  在哪块办？ ")
    assert adopted["phrasings"] == [*permit["phrasings"], "居住证 在哪块办"]
    assert parse_guide(adopted, "permit").phrasings[-1] == "居住证 在哪块办"
    assert "居住证 在哪块办" not in permit["phrasings"]


@pytest.mark.parametrize("text", ["居住证怎么办？", "居住证", "上海市居住证申领（首次）"])
def test_a_wording_that_is_there_already_changes_nothing(permit: Plain, text: str) -> None:
    assert adopt_phrasing(permit, text) == permit


@pytest.mark.parametrize(("text", "code"), [("？！", "no_words"), ("", "no_words"), ("办" * 121, "too_long")])
def test_what_cannot_be_a_phrasing_is_refused(permit: Plain, text: str, code: str) -> None:
    with pytest.raises(AdoptionError) as refused:
        adopt_phrasing(permit, text)
    assert refused.value.code == code


def test_a_guide_with_all_the_phrasings_it_may_have_takes_no_more(permit: Plain) -> None:
    permit["phrasings"] = [f"第{number}种说法" for number in range(200)]
    with pytest.raises(AdoptionError):
        adopt_phrasing(permit, "还有一种")


def test_a_new_guide_lacks_only_what_staff_must_write() -> None:
    draft = skeleton(["护照过期了怎么换？", "护照到期了在哪换"], {"hu-zhao-guo-qi-le-zen"})
    assert draft["id"] == "hu-zhao-guo-qi-le-zen-2"
    assert draft["phrasings"] == ["护照过期了怎么换", "护照到期了在哪换"]
    written = {**draft, "title": "普通护照换发", "department": "公安"}
    assert str(parse_guide(written, "x").completeness) == "pointer"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3号楼停电", "guide-3-hao-lou-ting-dian"),
        ("😀", "guide"),
        ("绿卡", "lv-ka"),
        ("ETC怎么办", "e-t-c-zen-me-ban"),
    ],
)
def test_an_id_is_made_of_any_text(text: str, expected: str) -> None:
    assert free_id(text, ()) == expected


@dataclass
class Desk:
    adoption: Adoption

    def waiting(self) -> list[Question]:
        return self.adoption.unanswered.waiting()

    def gold(self) -> dict[str, str | None]:
        return {question.text: question.guide_id for question in self.adoption.gold.questions()}


@pytest.fixture
def desk(sessions: sessionmaker[Session], permit: Plain) -> Desk:
    def clock() -> datetime:
        return NOON

    Library(sessions, clock).import_guides([parse_guide(permit, "permit")], "li")
    unanswered = Unanswered(sessions, clock, bytes, bytes)
    for text in ("居住证在哪块弄", "居住证在哪块弄？", "居住证弄弄要啥"):
        unanswered.note(text, "declined", "chat", None, NOON)
    return Desk(Adoption(Editorial(sessions, clock), Gold(sessions, clock), unanswered))


def ids(desk: Desk) -> list[int]:
    return [question.id for question in desk.waiting()]


WORDINGS = ["居住证在哪块弄", "居住证弄弄要啥？"]
GUIDE = "residence-permit-first"


def test_wordings_become_phrasings_of_a_draft_and_gold_questions(desk: Desk) -> None:
    done = desk.adoption.as_phrasings(ids(desk), GUIDE, "wang", WORDINGS)
    assert done.texts == ("居住证在哪块弄", "居住证弄弄要啥")
    assert done.draft.content["phrasings"][-2:] == list(done.texts)
    assert desk.gold() == dict.fromkeys(done.texts, GUIDE)
    assert (done.settled, desk.waiting()) == (3, [])


def test_a_gold_question_that_names_another_guide_is_left_alone(desk: Desk) -> None:
    desk.adoption.gold.add(WORDINGS[0], None, "li")
    desk.adoption.as_phrasings(ids(desk), GUIDE, "wang", WORDINGS[:1])
    assert desk.gold() == {WORDINGS[0]: None}


def test_what_somebody_else_settled_is_said_to_be_settled(desk: Desk) -> None:
    listed = ids(desk)
    desk.adoption.ignore(listed, "li")
    assert desk.adoption.as_phrasings(listed, GUIDE, "wang", WORDINGS).settled == 0


def test_a_cluster_begins_a_new_guide(desk: Desk) -> None:
    done = desk.adoption.as_new_guide(ids(desk), "wang", WORDINGS)
    assert desk.adoption.editorial.open_draft(done.draft.guide_id, "wang").content["phrasings"]
    assert desk.gold() == {}
    assert desk.waiting() == []
    again = desk.adoption.as_new_guide([], "wang", WORDINGS)
    assert again.draft.guide_id == f"{done.draft.guide_id}-2"


def test_what_is_not_ours_must_be_declined_from_now_on(desk: Desk) -> None:
    assert desk.adoption.as_not_ours(ids(desk), "wang", WORDINGS) == 3
    assert set(desk.gold().values()) == {None}
    assert desk.waiting() == []


def test_what_the_gold_set_says_a_guide_answers_is_ours(desk: Desk) -> None:
    desk.adoption.gold.add(WORDINGS[0], GUIDE, "li")
    with pytest.raises(AdoptionError) as refused:
        desk.adoption.as_not_ours(ids(desk), "wang", WORDINGS)
    assert refused.value.code == "has_guide"
    assert len(desk.waiting()) == 3


def test_what_is_ignored_leaves_no_trace_but_its_own(desk: Desk) -> None:
    desk.adoption.ignore(ids(desk), "wang")
    assert desk.gold() == {}
    assert desk.waiting() == []


def test_where_the_draft_cannot_be_saved_the_questions_stay(desk: Desk) -> None:
    with pytest.raises(AdoptionError):
        desk.adoption.as_phrasings(ids(desk), GUIDE, "wang", ["？"])
    assert len(desk.waiting()) == 3
    assert desk.gold() == {}


def test_undoing_a_phrasing_leaves_nothing_of_it(desk: Desk) -> None:
    listed = ids(desk)
    done = desk.adoption.as_phrasings(listed, GUIDE, "wang", WORDINGS)
    assert desk.adoption.undo(listed, "phrasing", "li", GUIDE, done.texts) == []
    assert len(desk.adoption.undo(listed, "phrasing", "wang", GUIDE, done.texts)) == 3
    assert len(desk.waiting()) == 3
    assert desk.gold() == {}
    assert desk.adoption.editorial.drafts() == []


def test_undoing_leaves_what_others_wrote(desk: Desk) -> None:
    listed = ids(desk)
    editorial = desk.adoption.editorial
    done = desk.adoption.as_phrasings(listed, GUIDE, "wang", WORDINGS)
    editorial.save_draft(GUIDE, done.draft.version, {**done.draft.content, "popularity": 7}, "wu")
    desk.adoption.undo(listed, "phrasing", "wang", GUIDE, done.texts)
    kept = editorial.open_draft(GUIDE, "wu").content
    assert kept["popularity"] == 7
    assert not set(done.texts) & set(kept["phrasings"])


def test_a_new_guide_is_thrown_away_unless_somebody_wrote_in_it(desk: Desk) -> None:
    listed = ids(desk)
    editorial = desk.adoption.editorial
    done = desk.adoption.as_new_guide(listed, "wang", WORDINGS)
    desk.adoption.undo(listed, "new_guide", "wang", done.draft.guide_id, done.texts)
    assert editorial.drafts() == []
    done = desk.adoption.as_new_guide(listed, "wang", WORDINGS)
    editorial.save_draft(done.draft.guide_id, 1, {**done.draft.content, "title": "居住证"}, "wang")
    desk.adoption.undo(listed, "new_guide", "wang", done.draft.guide_id, done.texts)
    assert [draft.guide_id for draft in editorial.drafts()] == [done.draft.guide_id]


def test_undoing_not_ours_takes_the_gold_question_back(desk: Desk) -> None:
    listed = ids(desk)
    desk.adoption.as_not_ours(listed, "wang", WORDINGS)
    desk.adoption.undo(listed, "not_ours", "wang", "", WORDINGS)
    assert desk.gold() == {}
    assert len(desk.waiting()) == 3
