"""One step of the form in a conversation: what a turn fills, corrects and leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import intake
from cases.early import place_alone, told_early
from cases.intake import Said
from cases.request_form import SKIPPED, YES, Field

FULL: dict[str, str | None] = {
    "kind": "repair",
    "description": "路灯不亮",
    "place": "幸福里小区8号楼",
    "consent": YES,
    "contact_name": "王女士",
    "contact_phone": "13812345678",
}


def at_read_back(text: str, intent: str) -> intake.Step:
    return intake.advance(FULL, Field.CONFIRMED, Said(intent, text), "zh")


def test_a_story_fills_what_it_tells() -> None:
    story = "我家在张江路100弄5号楼，水管漏水，我姓李，电话13912345678"
    step = intake.open_form(Said("file_request", story), "zh")
    assert step.changes["place"] == "张江路100弄5号楼"
    assert step.changes["contact_name"] == "李"
    assert step.changes["contact_phone"] == "13912345678"
    assert step.next_field is Field.DETAILS  # whether it still leaks
    assert step.changes["description"] == "我家在张江路100弄5号楼，水管漏水"


def test_two_numbers_in_a_story_are_asked_about() -> None:
    assert "contact_phone" not in told_early("电话13912345678，或者13812345678")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("我是幸福里小区3号楼的王阿姨", "幸福里小区3号楼"),
        ("我们小区3号楼电梯坏了", None),
        ("住在阳光花园二期12号楼3单元的老人", "阳光花园二期12号楼3单元"),
        ("3号楼电梯坏了", None),
    ],
)
def test_a_place_counts_when_it_can_be_found(text: str, place: str | None) -> None:
    assert told_early(text).get("place") == place


def test_a_place_is_kept_without_who_speaks() -> None:
    assert place_alone("在幸福里小区东门，我叫王小明，电话13812345678") == "在幸福里小区东门"


def test_a_phone_told_with_the_place_is_not_asked_again() -> None:
    values = {"kind": "repair", "description": "路灯不亮"}
    step = intake.advance(values, Field.PLACE, Said("inform", "小区东门，电话13812345678"), "zh")
    assert step.changes == {"place": "小区东门", "contact_phone": "13812345678"}
    assert step.next_field is Field.CONSENT


def test_who_speaks_is_no_description() -> None:
    step = intake.advance({"kind": "repair"}, Field.DESCRIPTION, Said("inform", "我叫王小明"), "zh")
    assert step.changes == {"contact_name": "王小明"}
    assert step.next_field is Field.DESCRIPTION


def test_a_trouble_is_no_name() -> None:
    values = {"kind": "repair", "description": "坏了", "place": "8号楼", "consent": YES}
    step = intake.advance(values, Field.CONTACT_NAME, Said("inform", "水管漏了"), "zh")
    assert step.next_field is Field.CONTACT_NAME


def test_the_name_of_the_form_is_no_description() -> None:
    step = intake.advance({"kind": "complaint"}, Field.DESCRIPTION, Said("inform", "我要投诉"), "zh")
    assert step.next_field is Field.DESCRIPTION
    assert step.changes["description"] is None


def test_an_earlier_field_is_corrected_on_the_way() -> None:
    values = {"description": "路灯不亮", "place": "8号楼"}
    said = Said("change_field", "地址说错了，是9号楼")
    step = intake.advance(values, Field.CONSENT, said, "zh")
    assert step.changes == {"place": "9号楼"}
    assert step.next_field is Field.CONSENT


def test_a_field_may_be_left_out_while_another_is_asked() -> None:
    values = {"description": "路灯不亮", "place": "8号楼", "consent": YES, "contact_name": "王女士"}
    step = intake.advance(values, Field.CONTACT_PHONE, Said("skip", "能不能不留名字"), "zh")
    assert step.changes == {"contact_name": SKIPPED}
    assert step.next_field is Field.CONTACT_PHONE


def test_a_plain_yes_confirms() -> None:
    assert at_read_back("对的", "affirm").changes == {"confirmed": YES}


@pytest.mark.parametrize(
    ("text", "intent", "field", "value"),
    [
        ("对，就是电话要改成13912345678", "affirm", "contact_phone", "13912345678"),
        ("地址错了，应该是10号楼", "change_field", "place", "幸福里小区10号楼"),
        ("地址错了", "change_field", "place", None),
        ("可以匿名吗", "skip", "contact_name", SKIPPED),
        ("名字就不留了", "skip", "contact_name", SKIPPED),
    ],
)
def test_a_correction_at_the_read_back_is_no_yes(
    text: str, intent: str, field: str, value: str | None
) -> None:
    step = at_read_back(text, intent)
    assert step.changes["confirmed"] is None
    assert step.changes[field] == value


def test_nothing_to_change_reads_back_once_more() -> None:
    step = at_read_back("不改了", "deny")
    assert (step.changes, step.next_field) == ({"confirmed": None}, Field.CONFIRMED)


@pytest.mark.parametrize(
    "text",
    [
        "不对，是6号楼",
        "不是5号楼，6号楼",
        "不是5号楼是6号楼",
        "是6号楼不是5号楼",
        "不，6号楼",
        "错了，6号楼",
        "说错了，我住6号楼",
        "楼号错了是6号",
        "应该是6号楼",
        "6号楼",
    ],
)
@pytest.mark.parametrize("asked", [Field.CONSENT, Field.CONTACT_NAME, Field.CONTACT_PHONE])
def test_a_building_said_later_corrects_the_place_and_refuses_nothing(asked: Field, text: str) -> None:
    values: dict[str, str | None] = {"description": "路灯不亮", "place": "幸福里小区5号楼"}
    if asked is not Field.CONSENT:
        values["consent"] = YES
    if asked is Field.CONTACT_PHONE:
        values["contact_name"] = "李"
    for intent in ("inform", "deny", "skip", "change_field"):
        step = intake.advance(values, asked, Said(intent, text), "zh")
        assert step.changes == {"place": "幸福里小区6号楼"}, intent
        assert step.next_field is asked


@pytest.mark.parametrize("text", ["不对", "错了", "说错了", "不是"])
def test_wrong_alone_at_the_consent_asks_what_to_change(text: str) -> None:
    values: dict[str, str | None] = {"description": "路灯不亮", "place": "幸福里小区5号楼"}
    step = intake.advance(values, Field.CONSENT, Said("deny", text), "zh")
    assert step.reply is not None
    assert "要改哪一项" in step.reply.text
    assert (step.changes, step.next_field) == ({"consent": None}, Field.CONSENT)


def test_a_place_that_is_denied_is_asked_again() -> None:
    values: dict[str, str | None] = {"description": "路灯不亮", "place": "幸福里小区5号楼"}
    step = intake.advance(values, Field.CONSENT, Said("deny", "不是5号楼"), "zh")
    assert (step.changes, step.next_field) == ({"place": None}, Field.PLACE)


@given(
    st.sampled_from(list(Field)),
    st.sampled_from(["inform", "affirm", "deny", "skip", "change_field"]),
    st.text(max_size=80),
)
def test_whatever_is_said_the_form_knows_what_to_ask_next(asked: Field, intent: str, text: str) -> None:
    known = list(Field)[: list(Field).index(asked)]
    values = {name: value for name, value in FULL.items() if name == "kind" or name in known}
    step = intake.advance(values, asked, Said(intent, text), "zh")
    is_filed = step.changes.get("confirmed") == YES
    assert is_filed or step.next_field is not None
    assert not is_filed or asked is Field.CONFIRMED
