"""What is asked is told apart from what it is asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.aspects import Wordings
from knowledge.guide import Aspect

UTTERANCES: dict[str, list[Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "utterances" / "guide_questions.yml").read_text("utf-8")
)
WORDINGS = Wordings()


@pytest.mark.parametrize("case", UTTERANCES["bare"], ids=lambda case: case["say"])
def test_a_question_without_a_subject_is_bare(case: dict[str, str]) -> None:
    reading = WORDINGS.read(case["say"])
    assert reading.is_bare
    assert reading.aspect == case["aspect"]
    assert WORDINGS.about_hall(case["say"]) is None


@pytest.mark.parametrize("case", UTTERANCES["hall"], ids=lambda case: case["say"])
def test_a_question_about_the_hall_is_about_the_hall(case: dict[str, str]) -> None:
    assert WORDINGS.about_hall(case["say"]) == case["hall"]


@pytest.mark.parametrize("say", UTTERANCES["not_hall"])
def test_the_words_of_the_hall_about_something_else_are_not_about_the_hall(say: str) -> None:
    assert WORDINGS.about_hall(say) is None


@pytest.mark.parametrize(
    "case", [c for c in UTTERANCES["first"] if "aspect" in c], ids=lambda case: case["say"]
)
def test_the_aspect_of_a_named_guide_is_read(case: dict[str, str]) -> None:
    reading = WORDINGS.read(case["say"])
    assert reading.aspect == case["aspect"]
    assert not reading.is_bare
    assert WORDINGS.about_hall(case["say"]) is None


@pytest.mark.parametrize("case", UTTERANCES["aspects"], ids=lambda case: case["say"])
def test_an_aspect_is_read_in_the_words_of_residents(case: dict[str, Any]) -> None:
    reading = WORDINGS.read(case["say"])
    assert reading.aspect == case["aspect"]
    assert reading.is_bare == case.get("bare", False)
    assert WORDINGS.about_hall(case["say"]) is None


@pytest.mark.parametrize("say", UTTERANCES["no_aspect"])
def test_the_asker_s_own_money_is_no_fee(say: str) -> None:
    assert WORDINGS.read(say).aspect is not Aspect.FEE


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("请问一下失业登记需要准备哪些证件呢", "失业登记"),
        ("居住证怎么办", "居住证"),
        ("我想办敬老卡，谢谢", "敬老卡"),
        ("低保一个月多少钱", "低保"),
        ("居住证在哪办", "居住证"),
    ],
)
def test_question_words_are_no_part_of_the_topic(question: str, topic: str) -> None:
    assert WORDINGS.topic(question) == topic


@pytest.mark.parametrize("text", ["", "？", "你好", "谢谢", "今天天气怎么样", "居住证"])
def test_what_asks_for_no_aspect_has_none(text: str) -> None:
    reading = WORDINGS.read(text)
    assert reading.aspect is None
    assert not reading.is_bare


def test_two_aspects_give_the_first_one_asked() -> None:
    assert WORDINGS.read("居住证要带什么材料，多少钱").aspect is Aspect.MATERIALS
    assert WORDINGS.read("居住证多少钱，要带什么材料").aspects == (Aspect.FEE, Aspect.MATERIALS)


def test_every_aspect_has_wordings() -> None:
    asked = yaml.safe_load((Path(__file__).parents[2] / "knowledge" / "aspects.yml").read_text("utf-8"))[
        "asking"
    ]
    assert {*asked, "overview"} == set(Aspect)
