"""What is picked in words from what is on offer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.picking import NoSuchChoice, Picked, pick
from bot.talk import Offered

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
SAID: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "utterances/picks.yml").read_text("utf-8"))


def a_choice(label: str, note: str, title: str) -> dict[str, Any]:
    return {"intent": "choose", "guide": title, "label": label, "guide_title": title, "note": note}


CHOICES = (
    a_choice("首次办居住证", "第一次办", "上海市居住证申领(首次)"),
    a_choice("居住证补办（丢了）", "", "上海市居住证补领"),
    a_choice("居住证续签", "", "上海市居住证签注"),
    a_choice("敬老卡申领", "", "老年综合津贴(敬老卡)申领"),
)
OFFERED = Offered(CHOICES, int((NOW + timedelta(minutes=10)).timestamp()), is_last=True, asked_back=True)


def picked(text: str, offered: Offered = OFFERED, asks: str | None = None, at: datetime = NOW) -> Picked:
    found = pick(text, offered, asks, at)
    assert isinstance(found, Picked), found
    return found


@pytest.mark.parametrize(("text", "place"), SAID["picks"].items())
def test_a_choice_is_picked_by_its_place_or_its_name(text: str, place: int) -> None:
    found = picked(text)
    assert (found.choice["label"], found.rest) == (CHOICES[place - 1]["label"], "")


@pytest.mark.parametrize(("text", "meant"), SAID["asked_of"].items())
def test_what_is_asked_of_a_choice_goes_along(text: str, meant: list[Any]) -> None:
    found = picked(text)
    assert (found.choice["label"], found.rest) == (CHOICES[meant[0] - 1]["label"], meant[1])


@pytest.mark.parametrize(("text", "places"), SAID["both"].items())
def test_two_may_be_picked_at_once(text: str, places: list[int]) -> None:
    found = picked(text)
    assert [found.choice, found.second] == [CHOICES[place - 1] for place in places]


@pytest.mark.parametrize("text", SAID["missing"])
def test_a_number_that_nothing_bears_is_seen(text: str) -> None:
    assert pick(text, OFFERED, None, NOW) == NoSuchChoice(4)


@pytest.mark.parametrize("text", SAID["nothing"])
def test_other_texts_pick_nothing(text: str) -> None:
    assert pick(text, OFFERED, None, NOW) is None


@pytest.mark.parametrize("text", SAID["values_in_form"])
@pytest.mark.parametrize("field", ["description", "place", "contact_phone", "confirmed"])
def test_in_a_form_a_text_is_a_value_first(text: str, field: str) -> None:
    assert pick(text, OFFERED, field, NOW) is None


@pytest.mark.parametrize(("text", "place"), SAID["picks_in_form"].items())
def test_in_a_form_only_what_is_unmistakable_picks(text: str, place: int) -> None:
    assert picked(text, asks="confirmed").choice == CHOICES[place - 1]


def test_choices_end_after_ten_minutes() -> None:
    later = NOW + timedelta(minutes=10, seconds=1)
    assert pick("敬老卡那个", OFFERED, None, later) is None
    assert pick("第一个", OFFERED, None, later) == NoSuchChoice(0)


def test_without_an_offer_a_bare_number_is_left_alone() -> None:
    assert pick("1", Offered(), None, NOW) is None
    assert pick("第一个", Offered(), None, NOW) == NoSuchChoice(0)
    assert pick("第一个", Offered(), "place", NOW) is None


def test_part_of_a_name_needs_a_question_back_or_a_pointing_word() -> None:
    told = replace(OFFERED, asked_back=False)
    assert pick("敬老卡", told, None, NOW) is None
    assert picked("敬老卡那个", told).choice == CHOICES[3]
    assert picked("居住证续签", told).choice == CHOICES[2]


@pytest.mark.parametrize("text", ["好的", "要", "接着", "继续", "嗯", "yes"])
def test_yes_takes_what_the_hall_offered_to_go_on_with(text: str) -> None:
    wish = {"intent": "ask_guide", "asks": "敬老卡在哪里领", "label": "接着问：敬老卡在哪里领"}
    offered = replace(OFFERED, choices=(wish, *CHOICES), asked_back=False)
    assert picked(text, offered).choice == wish
    assert pick(text, replace(offered, is_last=False), None, NOW) is None
    assert pick(text, OFFERED, None, NOW) is None


def test_levels_of_a_rating_are_picked_by_their_points() -> None:
    levels = tuple({"intent": "rate", "stars": stars, "label": f"第{stars}级"} for stars in (5, 4, 3, 2, 1))
    offered = replace(OFFERED, choices=levels)
    assert picked("5", offered).choice["stars"] == 5
    assert picked("第五个", offered).choice["stars"] == 1
