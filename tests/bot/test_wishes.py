"""Two wishes in one message: both get their answer, and one story stays one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import wishes
from language.reply import BlockKind, Decision
from tests.bot.small_hall import SmallHall


@pytest.fixture
def hall(tmp_path: Path) -> SmallHall:
    return SmallHall(tmp_path, f"sqlite:///{tmp_path}/hall.sqlite")


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("居住证怎么办，还有敬老卡在哪里领", ("居住证怎么办", "敬老卡在哪里领")),
        ("居住证怎么办还有敬老卡在哪里领", ("居住证怎么办", "敬老卡在哪里领")),
        ("社保卡丢了，顺便问下医保怎么查余额", ("社保卡丢了", "医保怎么查余额")),
        ("低保怎么申请？对了，你们礼拜六开门伐", ("低保怎么申请", "你们礼拜六开门伐")),
        ("居住证还有什么材料要带", None),
        ("居住证还有没有别的办法", None),
        ("居住证多少钱要带什么材料", None),
    ],
)
def test_two_wishes_are_split_where_they_are_joined(text: str, both: tuple[str, str] | None) -> None:
    assert wishes.split(text) == both


@pytest.mark.parametrize(
    "text",
    [
        "居住证怎么办，还有敬老卡在哪里领",
        "居住证怎么办，敬老卡在哪里领",
        "居住证怎么办？敬老卡在哪里领？",
        "我想问两个问题，居住证怎么办，敬老卡在哪里领",
    ],
)
def test_the_first_is_answered_and_the_second_is_a_touch_away(hall: SmallHall, text: str) -> None:
    first = hall.say(text)
    assert first.guide is not None
    assert first.guide.id == "residence-permit-first"
    assert "敬老卡在哪里领" in first.choices[0].label
    second = hall.choose(first.choices[0].id)
    assert second.guide is not None
    assert (second.guide.id, second.aspect) == ("senior-card-application", "where")


def test_a_second_wish_may_be_about_the_hall(hall: SmallHall) -> None:
    first = hall.say("居住证怎么办，你们礼拜六开门伐")
    assert first.guide is not None
    second = hall.choose(first.choices[0].id)
    assert (second.guide, second.aspect) == (None, "hours")
    assert "周六" in second.text


def test_where_the_first_is_asked_back_the_second_waits_behind_it(hall: SmallHall) -> None:
    reply = hall.say("居住证和敬老卡怎么办，还有法律援助在哪里")
    assert reply.decision is Decision.CLARIFY
    assert [choice.guide is None for choice in reply.choices] == [False, False, True]
    assert hall.choose(reply.choices[-1].id).guide is not None


@pytest.mark.parametrize("text", ["居住证多少钱要带什么材料", "居住证多少钱，还有要带什么材料"])
def test_two_things_of_one_service_are_both_answered(hall: SmallHall, text: str) -> None:
    reply = hall.say(text)
    fee, materials = (block.text for block in reply.blocks if block.kind is BlockKind.TEXT)
    assert "免" in fee
    assert "要备" in materials or "要带" in materials
    assert reply.aspect == "fee"
    # Both would be too long for the ear: it hears the first, and where the rest is.
    assert "免" in reply.speech
    assert "其余的在屏幕上" in reply.speech
    assert not any("接着问" in choice.label for choice in reply.choices)


def test_two_things_asked_of_no_service_are_both_answered_once_it_is_chosen(hall: SmallHall) -> None:
    asked_back = hall.say("要带什么材料，多少钱")
    assert asked_back.decision is Decision.CLARIFY
    reply = hall.choose(asked_back.choices[0].id)
    assert len([block for block in reply.blocks if block.kind is BlockKind.TEXT]) == 2


@pytest.mark.parametrize("text", ["我爸走不动，居住证怎么办", "居住证到期了，在哪里签"])
def test_one_story_is_one_wish(hall: SmallHall, text: str) -> None:
    assert not any("接着问" in choice.label for choice in hall.say(text).choices)
