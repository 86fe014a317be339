"""Traditional characters as simplified ones."""

from __future__ import annotations

from language.script import simplified


def test_traditional_characters_become_simplified() -> None:
    assert simplified("居住證怎麼辦，要帶什麼材料") == "居住证怎么办，要带什么材料"


def test_simplified_text_stays_as_it_is() -> None:
    text = "居住证怎么办？ok 138"
    assert simplified(text) == text
