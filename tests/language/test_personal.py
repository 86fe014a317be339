"""Personal data is found where it stands, and ordinary questions are left alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from language.personal import Kind, find, looks_like_name


def found(text: str) -> list[list[str]]:
    return [[str(span.kind), text[span.start : span.end]] for span in find(text)]


UTTERANCES = yaml.safe_load(
    (Path(__file__).parents[1] / "utterances" / "personal_data.yml").read_text("utf-8")
)
PERSONAL: dict[str, list[list[str]]] = UTTERANCES["personal"]


@pytest.mark.parametrize(("text", "expected"), PERSONAL.items(), ids=PERSONAL.keys())
def test_personal_data_is_found_where_it_stands(text: str, expected: list[list[str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", UTTERANCES["ordinary"])
def test_an_ordinary_question_holds_nothing_personal(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", UTTERANCES["names"])
def test_a_name_given_in_answer_looks_like_one(text: str) -> None:
    assert looks_like_name(text)


@pytest.mark.parametrize("text", UTTERANCES["not_names"])
def test_another_answer_does_not_look_like_a_name(text: str) -> None:
    assert not looks_like_name(text)


def test_a_wrong_check_digit_alone_is_no_identity_card() -> None:
    assert Kind.ID_CARD not in {span.kind for span in find("办件号310101199001011230")}


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
AROUND = st.text(st.sampled_from("的我要办理居住证电话怎么在哪里，。？！补贴老人您好谢们请问号"), max_size=20)


@st.composite
def identity_cards(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(["310101", "110105", "440304", "650102", "810000"]))
    born = draw(st.dates(date(1920, 1, 1), date(2026, 1, 1))).strftime("%Y%m%d")
    number = f"{region}{born}{draw(st.integers(0, 999)):03}"
    return number + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, number, strict=True)) % 11]


@st.composite
def bank_cards(draw: st.DrawFn) -> str:
    number = "62" + "".join(map(str, draw(st.lists(st.integers(0, 9), min_size=13, max_size=16))))
    total = 0
    for place, digit in enumerate(reversed(number)):
        total += sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit)
    return number + str(-total % 10)


@given(AROUND, st.one_of(identity_cards(), bank_cards()), AROUND)
def test_a_valid_number_is_found_in_any_sentence(before: str, number: str, after: str) -> None:
    spans = [(span.start, span.end) for span in find(before + number + after)]
    assert any(start <= len(before) and len(before + number) <= end for start, end in spans)


@given(AROUND, st.integers(13_000_000_000, 19_999_999_999), AROUND)
def test_a_mobile_is_found_in_any_sentence(before: str, number: int, after: str) -> None:
    spans = [(span.start, span.end) for span in find(f"{before}{number}{after}")]
    assert any(start <= len(before) and len(before) + 11 <= end for start, end in spans)


PIECES = st.sampled_from(
    [
        *PERSONAL,
        "，",
        " ",
        "０",
        "号",
        "[[",
        "]]",
        "路",
        "1",
        "３",
        "x",
        "·",
        "我叫",
        "姓",
        "王",
        "[[phone:kfbamcdpeo]]",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=8).map("".join))
def test_spans_are_ordered_apart_and_inside_the_text(text: str) -> None:
    end = 0
    for span in find(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    find(text)
    looks_like_name(text)


@given(st.lists(PIECES, max_size=6))
def test_a_token_is_never_touched(pieces: list[str]) -> None:
    token = "[[id_card:abcdefghij]]"
    before = "".join(piece for piece in pieces if "[" not in piece and "]" not in piece)
    text = f"{before}{token}{before}"
    covered = range(len(before), len(before) + len(token))
    assert not any(set(covered) & set(range(span.start, span.end)) for span in find(text))


def test_a_long_text_takes_little_time() -> None:
    find("仙霞路一二三四五六七八九十" * 400)
    find("a" * 5000 + "@" + "1 " * 5000)
