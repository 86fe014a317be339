"""The evaluation page: true counts, pictures, and nothing in it that runs or is fetched."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from knowledge.charts import confusion_chart, outcome_chart, reliability_chart
from knowledge.diagnosis import calibration_error, confusions, diagnose, outcome, reliability
from knowledge.evaluation import Prediction, Question, Run
from knowledge.evaluation_page import Page, render_page
from knowledge.matching import Match
from language.reply import Decision

SCRIPT = "<script>alert(1)</script>"


def _asked(text: str, gold: str | None, found: str, confidence: float, decision: Decision) -> Prediction:
    kind = "in" if gold else "oos_near"
    matches = (Match(found, confidence), Match("居住证补办", confidence / 2))
    return Prediction(Question(text, text, gold, kind), matches, decision)


@pytest.fixture
def done() -> Run:
    return Run(
        (
            _asked("居住证", "居住证申领", "居住证申领", 0.95, Decision.ANSWER),
            _asked("居住证丢了", "居住证补办", "居住证挂失", 0.95, Decision.ANSWER),
            _asked("居住证没了", "居住证补办", "居住证挂失", 0.45, Decision.CLARIFY),
            _asked(SCRIPT, "居住证补办", "居住证申领", 0.42, Decision.DECLINE),
            _asked("护照", None, "居住证申领", 0.05, Decision.DECLINE),
        ),
        1.0,
        0.5,
    )


def test_confidence_is_held_against_what_was_right(done: Run) -> None:
    bins = reliability(done.predictions)
    assert [one.count for one in bins] == [1, 0, 0, 0, 2, 0, 0, 0, 0, 2]
    assert bins[9].accuracy == 0.5
    assert bins[9].mean_confidence == pytest.approx(0.95)
    assert bins[1].accuracy is None
    expected = (2 * 0.45 + 0.45 + 0.42 + 0.05) / 5
    assert calibration_error(bins) == pytest.approx(expected)
    assert calibration_error(reliability(())) is None


def test_the_pair_most_often_mixed_up_comes_first_with_its_questions(done: Run) -> None:
    worst, other = confusions(done.predictions)
    assert (worst.meant, worst.found, worst.count, worst.answered) == ("居住证补办", "居住证挂失", 2, 1)
    assert [example.text for example in worst.examples] == ["居住证丢了", "居住证没了"]
    assert worst.examples[0].place == 2
    assert other.count == 1


def test_what_became_of_the_questions_adds_up(done: Run) -> None:
    counted = outcome(done.predictions)
    assert (counted.right, counted.wrong, counted.asked_back_right, counted.declined) == (1, 1, 1, 2)
    assert counted.total == len(done.predictions)


def test_every_picture_is_well_formed_svg_with_a_name(done: Run) -> None:
    pictures = [
        reliability_chart(reliability(done.predictions)),
        reliability_chart(reliability(())),
        outcome_chart({"<b>": outcome(done.predictions), "none": outcome(())}),
        confusion_chart(confusions(done.predictions), {"居住证补办": "<i>补办"}),
    ]
    for picture in pictures:
        svg = ElementTree.fromstring(str(picture))
        assert svg.tag == "svg"
        assert svg.attrib["aria-label"]


def test_the_page_escapes_what_people_wrote_and_fetches_nothing(done: Run) -> None:
    html = render_page(done, Page(SCRIPT, "2026-06-10", {"bm25": done}, {"story": done}, {}, (SCRIPT,)))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert not re.search(r"(?:src|href)\s*=|url\(|@import|https?://", html)
    assert "居住证没了" in html


def test_the_page_stands_for_an_empty_run() -> None:
    html = render_page(Run((), 0.0, 0.0), Page("empty", "2026-06-10"))
    assert "<svg" in html


def test_a_diagnosis_is_plain_data(done: Run) -> None:
    plain = diagnose(done)
    assert set(plain) == {"calibration_error", "reliability", "confusions"}
    assert plain["confusions"][0]["examples"][0]["text"] == "居住证丢了"
