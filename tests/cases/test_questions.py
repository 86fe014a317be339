"""What a category asks of its own: asked once, skipped freely, kept with the case, never asked when known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from cases import intake, questions
from cases import request_form as form
from cases.arrivals.categories import load_categories
from cases.case import Request
from cases.desk import Desk
from cases.intake import Said
from cases.privacy.reading import read_masked
from cases.request_form import SKIPPED, YES, Field, Refusal
from language.reply import Reply

LEAK: dict[str, str | None] = {"kind": "repair", "description": "厨房漏水", "place": "幸福里小区8号楼"}
LIFT: dict[str, str | None] = {**LEAK, "description": "电梯坏了"}


def answer(text: str, intent: str = "inform", values: Mapping[str, str | None] = LEAK) -> intake.Step:
    return intake.advance(values, Field.DETAILS, Said(intent, text), "zh")


def after(text: str, intent: str = "inform", values: Mapping[str, str | None] = LEAK) -> str | None:
    """What staff will read of an answer."""
    return questions.told({**values, **answer(text, intent, values).changes})


def labels(reply: Reply) -> list[str]:
    return [choice.label for choice in reply.choices]


def test_it_is_asked_after_the_place_and_before_the_consent() -> None:
    assert form.next_field({**LEAK, "place": None}) is Field.PLACE
    assert form.next_field(LEAK) is Field.DETAILS
    step = answer("还在流")
    assert step.next_field is Field.CONSENT
    assert form.next_field({**LEAK, **step.changes}) is Field.CONSENT


def test_the_question_comes_with_answers_to_touch_and_a_way_around() -> None:
    reply = form.ask_details(LEAK)
    assert "水还在流吗？" in reply.text
    assert labels(reply) == ["还在流", "不流了", "不清楚", "不办了"]
    assert [choice.payload["intent"] for choice in reply.choices] == ["inform", "inform", "skip", "cancel"]
    assert labels(form.ask_details(LEAK, "en")) == [
        "Still leaking",
        "It has stopped",
        "I do not know",
        "Stop",
    ]
    assert labels(form.ask_details(LIFT)) == ["不清楚", "不办了"]
    assert (reply.asks, reply.private) == ("details", True)


KNOWN = {
    "厨房漏水，还在滴": Field.CONSENT,
    "水管漏水，我关了总阀": Field.CONSENT,
    "3号楼电梯坏了": Field.DETAILS,  # a building's number is no lift's
    "3号楼2号电梯坏了": Field.CONSENT,
    "东边的电梯停了": Field.CONSENT,
    "两部电梯都坏了": Field.CONSENT,
    "楼上太吵": Field.DETAILS,
    "半夜很吵": Field.DETAILS,
    "楼上半夜打麻将太吵": Field.CONSENT,
    "我家停电了": Field.CONSENT,
    "停电了": Field.DETAILS,
    "井盖没了，没人围": Field.CONSENT,
    "路灯不亮": Field.CONSENT,
    "想问一下": Field.CONSENT,
}


@pytest.mark.parametrize(("description", "asked"), KNOWN.items())
def test_what_was_told_is_not_asked_again(description: str, asked: Field) -> None:
    assert form.next_field({"description": description, "place": "幸福里小区8号楼"}) is asked


@pytest.mark.parametrize(
    ("text", "intent", "kept"),
    [
        ("还在流，越来越大", "inform", "水还在流吗？ 还在流，越来越大"),
        ("是的", "affirm", "水还在流吗？ 是的"),
        ("没有", "skip", "水还在流吗？ 没有"),
        ("没", "deny", "水还在流吗？ 没"),
        ("Still leaking", "inform", "水还在流吗？ 还在流"),
        ("不清楚", "skip", None),
        ("我也说不清楚啊", "inform", None),
        ("跳过", "inform", None),
        ("I do not know", "skip", None),
        ("这个不方便说", "skip", None),
    ],
)
def test_an_answer_is_free_words_and_a_skip_leaves_it_out(text: str, intent: str, kept: str | None) -> None:
    assert after(text, intent) == kept
    assert answer(text, intent).next_field is Field.CONSENT


def test_an_answer_is_no_correction_of_the_place() -> None:
    for text in ("应该是3号电梯", "3号", "我看了，是2号梯"):
        step = answer(text, values=LIFT)
        assert "place" not in step.changes
        assert questions.told({**LIFT, **step.changes}) == f"是几号电梯，或者哪一边的？ {text}"


def test_a_correction_of_the_place_is_no_answer() -> None:
    step = answer("地址错了，应该是9号楼", "change_field")
    assert step.changes == {"place": "幸福里小区9号楼"}
    assert step.next_field is Field.DETAILS


def test_a_question_that_is_gone_when_it_is_asked_again_is_left_with_any_word() -> None:
    gone = {**LEAK, "description": "路灯不亮"}
    reply = form.ask_details(gone)
    assert (reply.asks, labels(reply)) == ("details", ["不清楚", "不办了"])
    assert answer("好的", "affirm", gone).next_field is Field.CONSENT


def test_who_speaks_is_taken_out_of_an_answer() -> None:
    step = answer("还在流，我姓李，电话13812345678")
    assert (step.changes["contact_name"], step.changes["contact_phone"]) == ("李", "13812345678")
    assert questions.told({**LEAK, **step.changes}) == "水还在流吗？ 还在流"
    step = answer("我姓李，电话13812345678")
    assert step.next_field is Field.DETAILS


@pytest.mark.parametrize("text", ["", "？？", "https://example.org/x", "水" * 121])
def test_what_is_no_answer_is_asked_again(text: str) -> None:
    step = answer(text)
    assert step.next_field is Field.DETAILS
    assert step.reply is not None
    assert "不清楚" in step.reply.text
    assert step.changes == {"details": None}


def test_the_read_back_shows_it_and_changes_it() -> None:
    full = {
        **LEAK,
        **answer("还在流").changes,
        "consent": YES,
        "contact_name": "王",
        "contact_phone": SKIPPED,
    }
    lines = {item.label: item.text for block in form.confirm(full).blocks for item in block.items}
    assert lines["补充"] == "水还在流吗？ 还在流"
    assert "还在流" not in form.confirm(full, in_group=True).text
    english = form.confirm(full, "en")
    assert "Still leaking" in english.text
    assert "补充" in labels(form.ask_change(full))
    step = intake.advance(full, Field.CONFIRMED, Said("change_field", "补充", "details"), "zh")
    assert (step.changes["details"], step.next_field) == (None, Field.DETAILS)
    without = {**full, "description": "路灯不亮"}
    assert "补充" not in form.confirm(without).text
    assert "补充" not in labels(form.ask_change(without))


def test_another_description_has_questions_of_its_own() -> None:
    told = {**LEAK, **answer("还在流").changes}
    assert form.next_field({**told, "description": "停电了"}) is Field.DETAILS
    assert questions.told({**told, "description": "停电了"}) is None
    assert questions.told(told) == "水还在流吗？ 还在流"


def test_going_back_from_the_question_asks_for_the_place() -> None:
    step = answer("上一步")
    assert (step.changes, step.next_field) == ({"place": None}, Field.PLACE)


def test_two_questions_are_asked_one_after_the_other() -> None:
    noise: dict[str, str | None] = {**LEAK, "description": "天天吵死了"}
    assert "几点" in form.ask_details(noise).text
    step = answer("晚上", values=noise)
    assert step.next_field is Field.DETAILS
    once = {**noise, **step.changes}
    assert "哪里来" in form.ask_details(once).text
    refused = answer("？", values=once)
    assert refused.changes == {"details": once["details"]}
    both = {**once, **answer("不清楚", "skip", once).changes}
    assert form.next_field(both) is Field.CONSENT
    assert questions.told(both) == "一般几点钟最吵？ 晚上"


def test_the_answer_is_filed_with_the_case(desk: Desk, make_request: Callable[..., Request]) -> None:
    full = {**LEAK, **answer("还在流，找13912345678").changes, "consent": "no", "confirmed": YES}
    request = form.request_from(full, "key", "chat", "talk")
    record = read_masked(desk.store, desk.file_case(request).number)
    assert record.details is not None
    assert record.details.startswith("水还在流吗？ 还在流")
    assert "13912345678" not in record.details


def test_any_answer_fits_a_request() -> None:
    for category in load_categories().values():
        details = ""
        values: dict[str, str | None] = {"description": "某事", "category": category.id, "place": "某处"}
        while form.next_field({**values, "details": details}) is Field.DETAILS:
            accepted = form.validate(Field.DETAILS, "长" * 120)
            assert not isinstance(accepted, Refusal)
            details = questions.with_answer({**values, "details": details}, accepted)
        told = questions.told({**values, "details": details})
        assert told is None or len(told) <= 400
