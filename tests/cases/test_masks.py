"""Masks show enough to recognise one's own number, and not enough for anyone else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.masks import mask, mask_text


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13812341234", "138****1234"),
        ("phone", "021-50123456", "021-****3456"),
        ("phone", "50123456", "****3456"),
        ("phone", "", ""),
        ("name", "王建国", "王**"),
        ("name", "王", "王*"),
        ("name", "", ""),
        ("id_card", "310115199001011234", "3101**********1234"),
        ("bank_card", "6222021234567890", "6222********7890"),
        ("plate", "沪A12345", "沪*****5"),
        ("email", "wang@example.cn", "w***@example.cn"),
        ("address", "张江路100弄3号502室", "张江路100弄******"),
        ("anything", "secret", "s****t"),
        ("anything", "ab", "a*"),
    ],
)
def test_a_value_is_masked_by_its_kind(kind: str, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


@given(
    st.sampled_from(["phone", "name", "id_card", "bank_card", "plate", "email"]), st.text("0123456789王a-@")
)
def test_a_mask_keeps_the_length_or_hides_a_lone_character_and_never_fails(kind: str, value: str) -> None:
    shown = mask(kind, value)
    assert len(shown) in (len(value), len(value) + 1)


@pytest.mark.parametrize("value", ["13812341234", "021-50123456", "50123456"])
def test_masking_a_phone_twice_changes_nothing(value: str) -> None:
    assert mask("phone", mask("phone", value)) == mask("phone", value)


def test_long_numbers_in_a_text_are_masked_and_short_ones_stay() -> None:
    assert mask_text("3号楼502室，打138 1234-5678，7月1日") == "3号楼502室，打138******5678，7月1日"
