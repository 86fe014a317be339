"""Traditional characters as simplified ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.normalise import normalise
from language.script import simplified


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("居住證怎麼辦，要帶什麼材料", "居住证怎么办，要带什么材料"),
        ("請問敬老卡去邊度領", "请问敬老卡去边度领"),
        ("甚麼時候開門", "什么时候开门"),
        ("我老公著急，看著就著急", "我老公着急，看着就着急"),
        ("著名的餐廳", "著名的餐厅"),
        ("乾坤與乾淨", "乾坤与干净"),
        ("頭髮、發財、後面、皇后", "头发、发财、后面、皇后"),
        ("電梯裡有人被困，煤氣洩漏", "电梯里有人被困，煤气泄漏"),
        ("社會保障卡遺失補辦", "社会保障卡遗失补办"),
        ("徵地養老", "征地养老"),
    ],
)
def test_traditional_characters_become_simplified(written: str, meant: str) -> None:
    assert simplified(written) == meant


@pytest.mark.parametrize("text", ["居住证怎么办？ok 138", "皇后、乾坤、著名、老么", "😀[[phone:k3f9abcd]]"])
def test_simplified_text_stays_as_it_is(text: str) -> None:
    assert simplified(text) == text


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x2FA1F, exclude_categories=["Cs"])))
def test_every_character_keeps_its_place(text: str) -> None:
    assert len(simplified(text)) == len(text)


def test_what_is_compared_is_simplified() -> None:
    assert normalise("《居住證》怎麼辦？") == "居住证怎么办"
