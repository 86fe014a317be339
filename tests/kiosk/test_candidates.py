"""Pinyin in, words out."""

from __future__ import annotations

import pytest

from kiosk.candidates import LIMIT, Keyboard

WORDS = ["居住证怎么办？", "居住证", "医保卡丢了怎么补", "最低生活保障", "低保怎么申请", "社会保障卡（补领）"]


@pytest.fixture(scope="module")
def keyboard() -> Keyboard:
    return Keyboard(WORDS)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("juzhuzheng", "居住证"),
        ("JuZhuZheng", "居住证"),
        ("ju'zhu'zheng", "居住证"),
        ("juzhuzh", "居住证"),
        ("jzz", "居住证"),
        ("yibaoka", "医保卡"),
        ("dibao", "低保"),
        ("shehuibaozhangka", "社会保障卡"),
        ("diantihuaile", "电梯坏了"),
        ("shuiguanloushui", "水管漏水"),
        ("xingfulu", "幸福路"),
        ("sanhaolou", "三号楼"),
        ("zhangjianguo", "张建国"),
        ("wangayi", "王阿姨"),
        ("lv", "吕"),
        ("w", "我"),
    ],
)
def test_the_word_that_was_meant_is_among_the_first_three(typed: str, word: str, keyboard: Keyboard) -> None:
    assert word in [candidate.text for candidate in keyboard.suggest(typed)[:3]]


@pytest.mark.parametrize("character", "幸福里张王李赵电梯漏水的一是在曦")
def test_every_common_character_can_be_typed_by_its_sound(character: str, keyboard: Keyboard) -> None:
    from pypinyin import lazy_pinyin

    words = keyboard.suggest(lazy_pinyin(character)[0], limit=400)
    assert character in [word.text for word in words]


def test_a_candidate_says_how_many_letters_it_stands_for(keyboard: Keyboard) -> None:
    found = {candidate.text: candidate.letters for candidate in keyboard.suggest("dibaoshenqing")}
    assert found["低保"] == len("dibao")


@pytest.mark.parametrize("typed", ["", "123", "居住证", "<script>", "é", "'"])
def test_what_is_not_pinyin_finds_nothing_and_breaks_nothing(typed: str, keyboard: Keyboard) -> None:
    assert all(candidate.letters > 0 for candidate in keyboard.suggest(typed))


def test_a_long_row_of_letters_is_answered_in_time_and_in_measure(keyboard: Keyboard) -> None:
    assert len(keyboard.suggest("zhuang" * 1000)) <= LIMIT
