"""Text that is compared has one form."""

from __future__ import annotations

import pytest

from language.normalise import MAX_CHARS, clauses, fold, normalise


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("居住证，怎么办？", "居住证怎么办"),
        ("ＡＢ１２", "ab12"),
        ("  居 住\t证\n", "居住证"),
        ("①号窗口", "1号窗口"),
        ("？！。", ""),
        ("", ""),
        ("<b>低保</b>", "b低保b"),
        ("低保😀", "低保"),
    ],
)
def test_only_letters_digits_and_characters_are_compared(written: str, compared: str) -> None:
    assert normalise(written) == compared


def test_normalising_twice_changes_nothing() -> None:
    once = normalise("我想办《居住证》（第1次）")
    assert normalise(once) == once


def test_a_pasted_document_is_cut() -> None:
    assert len(fold("办" * 5000)) == MAX_CHARS


def test_a_message_falls_into_its_clauses() -> None:
    assert clauses("我妈80了，想办敬老卡。怎么办呀？谢谢") == ["我妈80了", "想办敬老卡", "怎么办呀", "谢谢"]
