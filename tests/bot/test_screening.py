"""What a text must pass before anyone reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.screening import MAX_CHARS, Refused, Screened, asks_something, screen


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        '/file_case{"phone":"1"}',
        "／restart",
        " /restart",
        "//restart",
        "/greet",
        "/ back",
        "/a_b{",
    ],
)
def test_a_command_never_goes_on(text: str) -> None:
    assert screen(text) is Refused.COMMAND


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "？！。", "\x00\x01", "/", "___", "\u200b\u200b"])
def test_a_text_that_says_nothing_never_goes_on(text: str) -> None:
    assert screen(text) is Refused.NOTHING_SAID


def test_a_slash_before_chinese_is_only_dropped() -> None:
    assert screen("/居住证怎么办") == Screened("居住证怎么办", was_cut=False)


def test_full_width_and_control_characters_are_folded() -> None:
    assert screen("ＡＢＣ　１２３\x00\r\n医保") == Screened("ABC 123 医保", was_cut=False)


def test_a_long_text_is_cut_and_says_so() -> None:
    screened = screen("医" * (MAX_CHARS + 1))
    assert isinstance(screened, Screened)
    assert (len(screened.text), screened.was_cut) == (MAX_CHARS, True)


@given(st.text())
def test_no_text_leaves_the_screen_with_a_leading_slash(text: str) -> None:
    screened = screen(text)
    if isinstance(screened, Screened):
        assert not screened.text.startswith("/")
        assert len(screened.text) <= MAX_CHARS


@pytest.mark.parametrize("text", ["居住证怎么办", "几点下班", "要钱吗", "在哪里办", "医保卡?"])
def test_a_question_is_known_by_its_shape(text: str) -> None:
    assert asks_something(text)


@pytest.mark.parametrize("text", ["王小明", "张江路100弄3号楼", "13812345678", "楼道灯坏了", "不办了"])
def test_an_answer_has_not_the_shape_of_a_question(text: str) -> None:
    assert not asks_something(text)
