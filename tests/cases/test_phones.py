"""Telephone numbers as people write and say them."""

from __future__ import annotations

import pytest

from cases.phones import read_phones

MOBILE = {"13812345678"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("幺三八 一二三四 五六七八", MOBILE),
        ("一三八，一二三四，五六七八", MOBILE),
        ("1 3 8 1 2 3 4 5 6 7 8", MOBILE),
        ("138.1234.5678", MOBILE),
        ("138—1234—5678", MOBILE),
        ("壹叁捌一二三四五六七八", MOBILE),
        ("0086 138 1234 5678", MOBILE),
        ("零二一五八八八一二三四", {"021-58881234"}),
        ("(021)58881234", {"021-58881234"}),
        ("+86 21 5888 1234", {"021-58881234"}),
        ("021-58881234分机12", {"021-58881234转12"}),
        ("400-820-1234", {"400-820-1234"}),
        ("13812345678，13912345678", {"13812345678", "13912345678"}),
        ("三楼，13812345678", MOBILE),
        ("310115199001011234", set()),
        ("138123456789", set()),
    ],
)
def test_a_number_is_read(text: str, numbers: set[str]) -> None:
    assert read_phones(text) == numbers


@pytest.mark.parametrize("text", ["20261122路灯坏了", "修了3次花了2305000元", "打过400-820-1234"])
def test_what_stands_in_a_story_is_no_number_to_call(text: str) -> None:
    assert read_phones(text, is_asked=False) == set()


def test_a_local_number_in_a_story_counts_behind_its_name() -> None:
    assert read_phones("灯坏了，我家电话58881234", is_asked=False) == {"58881234"}
