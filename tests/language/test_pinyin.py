"""Homophones and common accents fall together."""

from __future__ import annotations

import pytest

from language.pinyin import sounds, syllable


@pytest.mark.parametrize(
    ("meant", "typed"),
    [
        ("居住证", "居住正"),
        ("敬老卡", "敬脑卡"),
        ("残疾证", "蚕疾证"),
        ("失业金", "失业斤"),
        ("医保", "衣保"),
    ],
)
def test_what_sounds_alike_is_alike(meant: str, typed: str) -> None:
    assert sounds(meant) == sounds(typed)


def test_different_words_sound_different() -> None:
    assert sounds("低保") != sounds("医保")


def test_a_character_has_a_toneless_syllable() -> None:
    assert [syllable(character) for character in "办女证a1"] == ["ban", "nü", "zheng", "a", "1"]
