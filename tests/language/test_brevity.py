"""What is said is short, and the right part of it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.brevity import MAX_CHARS, fits, length, said_briefly, sentences

LONG = (
    "这件事情有很多种情况，要先看您的户口在哪里，再看您住在哪里，"
    "还要看您是不是参加过别的保险，以前领没领过别的钱，最后才知道能不能办"
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("现在开着，今天8:30到16:30。", "现在开着，今天八点半到十六点半。"),
        ("Open now; today 8:30-16:30.", "Open now; today 8:30 to 16:30."),
        ("请打021-12345678（总服务台）。", "请打零二幺，幺二三四，五六七八，总服务台。"),
        ("", ""),
    ],
)
def test_short_texts_are_said_whole(written: str, said: str) -> None:
    assert said_briefly(written) == said


def test_a_long_text_loses_its_asides_first() -> None:
    assert said_briefly(f"带身份证（{LONG}）。再带户口簿。") == "带身份证。再带户口簿。"


def test_the_question_is_kept_before_what_leads_to_it() -> None:
    said = said_briefly(f"{LONG}。您要办哪一件？")
    assert said.endswith("您要办哪一件？")
    assert fits(said)


def test_without_a_question_the_beginning_is_kept() -> None:
    assert said_briefly(f"马上打119。先跑出来。{LONG}。") == "马上打幺幺九。先跑出来。"


def test_a_long_sentence_ends_at_a_pause() -> None:
    said = said_briefly(f"{LONG}。")
    assert length(said) <= MAX_CHARS
    assert said.endswith("。")
    assert LONG.startswith(said[:-1])


def test_english_is_counted_in_words_and_a_number_to_call_counts_once() -> None:
    words = "please " * 24
    assert fits(f"{words}1 2 3 4 5.")
    assert not fits(f"{words}1 2 3 4 5 now.")
    assert length("call 0 2 1, 1 2 3 4 5 6 7 8 now") == 3


def test_sentences_are_told_apart() -> None:
    assert sentences("开门了。请进！有事吗？") == ["开门了。", "请进！", "有事吗？"]
    assert sentences("It is open. Come at 8.30 a m. Yes?") == ["It is open.", "Come at 8.30 a m.", "Yes?"]


@given(st.text(alphabet="办证，。？！；（）ab 19", max_size=400))
def test_what_is_said_can_be_kept_wherever_it_has_pauses(text: str) -> None:
    said = said_briefly(text)
    assert len(sentences(said)) <= 2
    assert not any("0" <= character <= "9" for character in said) or not any("办" <= c <= "证" for c in said)
