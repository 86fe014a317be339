"""What a screen says becomes what a voice can say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from language.numerals import number_words
from language.readings import with_readings
from language.speaking import pieces, speakable, speakable_english

SPOKEN = yaml.safe_load((Path(__file__).parents[1] / "utterances" / "speaking.yml").read_text("utf-8"))


@pytest.mark.parametrize(("shown", "said"), SPOKEN["zh"].items())
def test_chinese_is_said_as_people_say_it(shown: str, said: str) -> None:
    assert speakable(str(shown)) == said


@pytest.mark.parametrize(("shown", "said"), SPOKEN["en"].items())
def test_english_numbers_to_call_are_spelled(shown: str, said: str) -> None:
    assert speakable_english(shown) == said


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("0", "零"),
        ("10", "十"),
        ("101", "一百零一"),
        ("1010", "一千零一十"),
        ("2000", "两千"),
        ("20000", "两万"),
        ("120050", "十二万零五十"),
        ("1000001", "一百万零一"),
        ("100000000", "一亿"),
        ("0.5", "零点五"),
    ],
)
def test_numbers_have_their_words(digits: str, words: str) -> None:
    assert number_words(digits) == words


@given(st.text(max_size=80))
def test_no_digit_is_left_in_what_is_said(text: str) -> None:
    assert not any("0" <= character <= "9" for character in speakable(text))


@given(st.text(alphabet="你好，。！a 1", max_size=300))
def test_pieces_are_short_and_lose_no_word(text: str) -> None:
    cut = pieces(text, most=20)
    assert all(0 < len(piece) <= 20 for piece in cut)
    words = [character for character in text if character.isalnum()]
    assert [character for character in "".join(cut) if character.isalnum()] == words


def test_a_long_text_takes_little_time() -> None:
    speakable("1-2，" * 2000 + "a" * 5000 + "<" * 3000 + "[[" * 1000)


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("到银行办", "到银 hang2 办"),
        ("重新登记地址", "chong2 新登记 di4 址"),
        ("银行行长", "银 hang2 hang2 zhang3"),
        ("长宁区，行不行，慢慢地走", "长宁区，行不行，慢慢地走"),
    ],
)
def test_a_misread_character_is_spelled_in_pinyin(written: str, spelled: str) -> None:
    assert with_readings(written) == spelled
