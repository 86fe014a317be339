"""How the kiosk's lists choose and cut: the questions on the first screen, and pages."""

from __future__ import annotations

from dataclasses import replace

from kiosk import shelf
from knowledge.library import load_shipped
from tests.kiosk.fakes import make_guides


def test_the_first_screen_asks_whole_questions_that_fit_on_one_line() -> None:
    questions = shelf.hot_questions(load_shipped())
    assert len(questions) == shelf.HOT_QUESTIONS
    assert len(set(questions)) == shelf.HOT_QUESTIONS
    for question in questions:
        assert question.endswith("？")
        assert len(question) <= shelf.HOT_QUESTION_CHARS


def test_a_detail_is_no_hot_question() -> None:
    guide = make_guides()[0]
    only_details = replace(guide, phrasings=("要带照片吗", "居住证签注", "居住证有什么用处可以给我说说"))
    assert shelf.hot_questions([only_details]) == []
    asked = replace(guide, phrasings=("要带照片吗", "居住证怎么办"))
    assert shelf.hot_questions([asked]) == ["居住证怎么办？"]


def test_a_page_beyond_the_last_is_the_last() -> None:
    guides = make_guides()
    page = shelf.page_of(guides, 99)
    assert page.number == page.pages == -(-len(guides) // shelf.PAGE_SIZE)
    assert page.guides[-1] == guides[-1]
