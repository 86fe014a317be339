"""What a person corrects, in their own words, while the form is being filled or read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.case import CaseKind
from cases.corrections import mend_place, read_correction, sounds_corrected, wants_back
from cases.request_form import SKIPPED

FORM: dict[str, str | None] = {
    "kind": "repair",
    "description": "3号楼电梯坏了",
    "place": "幸福里小区3号楼",
    "consent": "yes",
    "contact_name": "王小明",
    "contact_phone": "13812345678",
}


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("刚才地址说错了", {"place": None}),
        ("地址错了，是5号楼", {"place": "幸福里小区5号楼"}),
        ("地址不对，5号楼", {"place": "幸福里小区5号楼"}),
        ("地址应该是邻里路9号", {"place": "邻里路9号"}),
        ("电话改成13912345678", {"contact_phone": "13912345678"}),
        ("电话错了", {"contact_phone": None}),
        ("地址", {"place": None}),
        ("电话吧", {"contact_phone": None}),
        ("号码打错了，幺三九一二三四五六七八", {"contact_phone": "13912345678"}),
        ("名字和电话都错了", {"contact_name": None, "contact_phone": None}),
        ("名字写错了，应该是王晓明", {"contact_name": "王晓明"}),
        ("把名字去掉", {"contact_name": SKIPPED}),
        ("电话不要留了", {"contact_phone": SKIPPED}),
        ("能不能把电话删掉", {"contact_phone": SKIPPED}),
        ("不是3号楼是5号楼", {"place": "幸福里小区5号楼", "description": "5号楼电梯坏了"}),
        ("不是三号楼，是五号楼", {"place": "幸福里小区五号楼", "description": "五号楼电梯坏了"}),
        ("不是王小明，是王晓明", {"contact_name": "王晓明"}),
        ("改成5号楼", {"place": "幸福里小区5号楼"}),
        ("再加一句，里面关着人的广告也掉了", {"description": "3号楼电梯坏了；里面关着人的广告也掉了"}),
        ("不是报修，是投诉", {"kind": "complaint"}),
        ("the phone is wrong", {"contact_phone": None}),
        ("change my phone to 13912345678", {"contact_phone": "13912345678"}),
        (
            "地址错了，应该是6号楼，电话改成13912345678",
            {"place": "幸福里小区6号楼", "contact_phone": "13912345678"},
        ),
    ],
)
def test_a_correction_is_read_from_its_words(text: str, changes: dict[str, str | None]) -> None:
    assert read_correction(FORM, text, CaseKind.REPAIR, is_change=False) == changes
    assert sounds_corrected(text) or "改成5" in text or "报修" in text


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "王小明",
        "幸福里小区3号楼",
        "好的",
        "电话是13912345678",
        "名字叫王小明",
        "电话亭旁边",
        "",
    ],
)
def test_an_answer_is_no_correction(text: str) -> None:
    assert not sounds_corrected(text)


def test_a_place_that_is_needed_is_asked_again_when_it_is_taken_back() -> None:
    assert read_correction(FORM, "地址去掉", CaseKind.REPAIR, is_change=True) == {"place": None}
    assert read_correction(FORM, "地址去掉", CaseKind.SUGGESTION, is_change=True) == {"place": SKIPPED}


@pytest.mark.parametrize(
    ("old", "new", "mended"),
    [
        ("幸福里小区8号楼", "9号楼", "幸福里小区9号楼"),
        ("张江路100弄3号楼2单元", "3单元", "张江路100弄3号楼3单元"),
        ("幸福里小区东门", "9号楼", "9号楼"),
        ("幸福里小区8号楼", "邻里路9号", "邻里路9号"),
        (None, "9号楼", "9号楼"),
    ],
)
def test_only_the_part_that_was_wrong_is_mended(old: str | None, new: str, mended: str) -> None:
    assert mend_place(old, new) == mended


def test_the_story_follows_a_corrected_place() -> None:
    form = {**FORM, "description": "幸福里小区3号楼的门禁坏了"}
    changes = read_correction(form, "地址错了，是5号楼", CaseKind.REPAIR, is_change=True)
    assert changes == {"place": "幸福里小区5号楼", "description": "幸福里小区5号楼的门禁坏了"}


@pytest.mark.parametrize("text", ["上一步", "返回", "我要回到上一步", "退回去", "go back"])
def test_one_step_back_is_asked_for(text: str) -> None:
    assert wants_back(text)


@given(st.text(max_size=60), st.booleans())
def test_no_text_breaks_it_and_no_field_is_made_up(text: str, is_change: bool) -> None:
    changes = read_correction(FORM, text, CaseKind.REPAIR, is_change=is_change)
    assert changes is None or set(changes) <= set(FORM)
