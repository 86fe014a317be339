"""What is heard in a text besides a guide."""

from __future__ import annotations

import pytest

from bot import wishes
from bot.etiquette import without_call
from bot.hints import hints
from bot.privacy import without_personal_data
from bot.screening import Screened, is_english, screen
from bot.turn import Channel, Turn


@pytest.mark.parametrize("text", ["投诉", "我要报修", "我要投诉一下", "请帮我登记一个报修", "可以报修吗"])
def test_a_bare_wish_names_the_form(text: str) -> None:
    assert hints(text)["request"] == "named"


@pytest.mark.parametrize("text", ["电梯坏了", "楼下垃圾没人清，臭死了", "我要举报群租", "举报楼上打麻将"])
def test_a_trouble_is_told(text: str) -> None:
    assert hints(text)["request"] == "told"


@pytest.mark.parametrize(
    "text", ["我不想投诉了", "不用报修了", "居住证怎么办", "独居老人上门看望", "加装电梯"]
)
def test_a_service_or_an_unwanted_request_is_none(text: str) -> None:
    assert hints(text)["request"] is None


def test_a_case_number_is_heard_and_an_amount_is_not() -> None:
    assert hints("查一下261122-0006")["case_number"]
    assert not hints("12345")["case_number"]
    assert not hints("每月2305元")["case_number"]


@pytest.mark.parametrize("text", ["不用了", "不", "没有电话", "匿名"])
def test_short_words_leave_a_field_out(text: str) -> None:
    assert hints(text)["skips"]


@pytest.mark.parametrize("text", ["垃圾好几天没人清了", "就在三号楼", "一号线旁边"])
def test_numbers_in_a_story_ask_nothing(text: str) -> None:
    assert not hints(text)["question"]


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("居住证怎么办，另外你们几点下班", ("居住证怎么办", "你们几点下班")),
        ("我想办敬老卡，还想问居住证怎么办", ("我想办敬老卡", "居住证怎么办")),
        ("居住证怎么办？顺便问一下周六开门吗", ("居住证怎么办", "周六开门吗")),
        ("居住证怎么办", None),
        ("我还有一个问题", None),
    ],
)
def test_two_wishes_are_told_apart(text: str, both: tuple[str, str] | None) -> None:
    assert wishes.split(text) == both


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("@小邻 敬老卡怎么办", "敬老卡怎么办"),
        ("敬老卡怎么办 @小邻", "敬老卡怎么办"),
        ("@小邻", "你好"),
        ("我的邮箱是a@b.cn", "我的邮箱是a@b.cn"),
    ],
)
def test_the_name_that_called_is_no_part_of_the_question(said: str, meant: str) -> None:
    turn = Turn(Channel.GROUP, "c", is_group=True, mentioned=True, text=said)
    assert without_call(turn) == meant


@pytest.mark.parametrize(
    ("sealed", "question"),
    [
        ("我电话是[[phone:kfbamcdpeo]],居住证怎么办", "居住证怎么办"),
        ("我叫[[name:kfbamcdpeo]],身份证[[id_card:kfbamcdpeo]],居住证怎么办", "居住证怎么办"),
        ("居住证怎么办", "居住证怎么办"),
        ("[[phone:kfbamcdpeo]]", ""),
    ],
)
def test_a_guide_is_looked_for_without_personal_data(sealed: str, question: str) -> None:
    assert without_personal_data(sealed) == question


def test_nobody_types_a_token() -> None:
    screened = screen("[[phone:kfbamcdpeo]]")
    assert isinstance(screened, Screened)
    assert "[[" not in screened.text


def test_only_a_sentence_makes_a_text_english() -> None:
    assert is_english("how do I get a residence permit")
    assert not is_english("ok")
    assert not is_english("我要办 residence permit card")
