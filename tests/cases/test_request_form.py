"""The form asks one thing at a time, takes what people really say, and tells what to enter instead."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cases import request_form as form
from cases import status
from cases.case import CaseKind, CaseStatus, InvalidRequest, Receipt
from cases.request_form import SKIPPED, Field, Refusal
from language.reply import BlockKind, Decision, Reply

CASES = Path(__file__).resolve().parents[2] / "cases"
FULL = {
    "description": "3号楼二楼楼道灯不亮了",
    "place": "张江路100弄3号楼",
    "contact_name": "王建国",
    "contact_phone": "13812341234",
}


def payloads(reply: Reply) -> list[str]:
    return [str(choice.payload["intent"]) for choice in reply.choices]


def test_fields_are_asked_in_order_and_a_skipped_one_is_not_asked_again() -> None:
    values: dict[str, str | None] = {}
    asked = []
    while field := form.next_field(values):
        asked.append(field)
        values[field] = SKIPPED
    assert asked == ["description", "place", "consent", "contact_name", "contact_phone", "confirmed"]


@pytest.mark.parametrize(
    ("said", "accepted"),
    [
        ("13812341234", "13812341234"),
        ("138 1234 1234", "13812341234"),
        ("138-1234-1234", "13812341234"),
        ("+86 13812341234", "13812341234"),
        ("+8613812341234", "13812341234"),
        ("１３８１２３４１２３４", "13812341234"),
        ("幺三八幺二三四幺二三四", "13812341234"),
        ("我的手机是13812341234，谢谢", "13812341234"),
        ("13812341234 对就是13812341234", "13812341234"),
        ("021-50123456", "021-50123456"),
        ("02150123456", "021-50123456"),
        ("021 5012 3456", "021-50123456"),
        ("021-50123456转801", "021-50123456转801"),
        ("0512-6512345", "0512-6512345"),
        ("50123456", "50123456"),
        ("不留", SKIPPED),
        ("不方便。", SKIPPED),
        ("Skip", SKIPPED),
    ],
)
def test_a_phone_is_taken_as_people_say_it(said: str, accepted: str) -> None:
    assert form.validate("contact_phone", said) == accepted


@pytest.mark.parametrize(
    "said",
    [
        "",
        "1381234123",
        "138123412345",
        "23812341234",
        "12345",
        "110",
        "没空",
        "310115199001011234",
        "1" * 5000,
        "😀",
    ],
)
def test_what_is_no_phone_is_refused_with_what_to_enter(said: str) -> None:
    refusal = form.validate("contact_phone", said)
    assert isinstance(refusal, Refusal)
    reply = form.refuse("contact_phone", refusal)
    assert (reply.decision, reply.asks) == (Decision.FORM, "contact_phone")
    assert "11位手机号" in reply.text
    assert payloads(reply) == ["skip", "cancel"]


def test_two_phones_are_one_too_many() -> None:
    assert form.validate("contact_phone", "13812341234或者13912341234") == Refusal("refuse_two_phones")


@pytest.mark.parametrize(
    ("said", "accepted"),
    [
        ("王建国", "王建国"),
        ("我叫王建国", "王建国"),
        ("我姓王。", "王"),
        ("叫我王阿姨吧", "王阿姨"),
        ("买买提·艾力", "买买提·艾力"),
        ("my name is Anna Smith", "Anna Smith"),
        ("匿名", SKIPPED),
        ("不想说", SKIPPED),
    ],
)
def test_a_name_is_taken_without_its_lead(said: str, accepted: str) -> None:
    assert form.validate("contact_name", said) == accepted


@pytest.mark.parametrize("said", ["", "13812341234", "我叫", "。。。", "王" * 21, "😀😀"])
def test_what_is_no_name_is_refused(said: str) -> None:
    assert form.validate("contact_name", said) == Refusal("refuse_contact_name")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "refuse_description_short"),
        ("灯", "refuse_description_short"),
        ("😀😀😀", "refuse_description_short"),
        ("？？？", "refuse_description_short"),
        ("\x00\x01", "refuse_description_short"),
        ("长" * 501, "refuse_description_long"),
    ],
)
def test_a_description_needs_words_and_an_end(said: str, reason: str) -> None:
    refusal = form.validate("description", said)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert form.refuse("description", refusal).asks == "description"


def test_a_description_of_two_and_of_500_characters_is_taken_on_one_line() -> None:
    assert form.validate("description", "漏水") == "漏水"
    assert form.validate("description", "长" * 500) == "长" * 500
    assert form.validate("description", " 灯\n坏了\x00\ud800 ") == "灯 坏了"
    assert form.validate("description", "跳过") == "跳过"


@pytest.mark.parametrize("said", ["", "3", "123456", "那", "地" * 121, "😀"])
def test_a_place_needs_words(said: str) -> None:
    assert isinstance(form.validate("place", said), Refusal)


@given(st.sampled_from(list(Field)), st.text())
def test_any_text_gives_a_value_or_a_refusal_that_can_be_said(field: Field, said: str) -> None:
    outcome = form.validate(field, said)
    if isinstance(outcome, Refusal):
        for locale in ("zh", "en"):
            assert form.refuse(field, outcome, locale).text
    else:
        assert outcome
        outcome.encode()


@given(st.text())
def test_whatever_the_form_accepts_can_be_filed(said: str) -> None:
    values: dict[str, str | None] = dict(FULL)
    for field in FULL:
        outcome = form.validate(field, said)
        if not isinstance(outcome, Refusal):
            values[field] = outcome
    form.request_from(values, "key", "chat", "conversation")


def test_a_place_may_be_left_out_of_a_suggestion_but_not_of_a_repair() -> None:
    assert form.validate("place", "说不清楚", CaseKind.SUGGESTION) == SKIPPED
    refusal = form.validate("place", "说不清楚", CaseKind.REPAIR)
    assert isinstance(refusal, Refusal)
    assert "这一项要填" in form.refuse("place", refusal, kind=CaseKind.REPAIR).text
    assert payloads(form.ask("place", kind=CaseKind.SUGGESTION)) == ["skip", "cancel"]
    assert payloads(form.ask("place", kind=CaseKind.REPAIR)) == ["cancel"]


@pytest.mark.parametrize("field", ["description", "confirmed"])
def test_what_it_is_about_and_the_confirmation_cannot_be_skipped(field: str) -> None:
    assert isinstance(form.skip(field), Refusal)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("field", [field for field in Field if field is not Field.DETAILS])
def test_every_question_names_its_field_can_be_heard_and_can_be_stopped(field: Field, locale: str) -> None:
    reply = form.ask(field, locale)
    assert (reply.decision, reply.asks, reply.private) == (Decision.FORM, field.value, True)
    assert reply.text
    assert reply.speech
    assert payloads(reply)[-1] == "cancel"
    assert Reply.from_wire(reply.to_wire()) == reply


def test_the_read_back_shows_all_with_the_phone_masked_and_offers_three_ways_on() -> None:
    reply = form.confirm(FULL)
    assert payloads(reply) == ["affirm", "deny", "cancel"]
    assert [choice.label for choice in reply.choices] == ["确认提交", "修改", "不办了"]
    assert reply.asks == "confirmed"
    assert "138****1234" in reply.text
    assert "13812341234" not in str(reply.to_wire())
    assert all(part in reply.text for part in ("报修", FULL["description"], FULL["place"], "王建国"))
    assert "王建国" not in reply.speech


def test_the_read_back_leaves_tokens_and_masked_values_as_they_are() -> None:
    reply = form.confirm({**FULL, "place": "[[address:abcdefghij]]", "contact_phone": "138****1234"})
    assert "[[address:abcdefghij]]" in reply.text
    assert "138****1234" in reply.text


def test_what_was_left_out_is_read_back_as_left_out() -> None:
    assert form.confirm({**FULL, "contact_name": SKIPPED, "contact_phone": SKIPPED}).text.count("未留") == 2


@pytest.mark.parametrize(
    ("said", "accepted"),
    [("确认", "yes"), ("好的！", "yes"), ("OK", "yes"), ("不对", "no"), ("修改", "no"), ("no", "no")],
)
def test_the_read_back_takes_a_short_yes_or_no(said: str, accepted: str) -> None:
    assert form.validate("confirmed", said) == accepted


def test_anything_else_at_the_read_back_is_asked_again() -> None:
    assert form.validate("confirmed", "今天天气不错") == Refusal("refuse_confirmed")


def test_a_correction_offers_each_field() -> None:
    choices = form.ask_change(FULL).choices
    assert [choice.payload.get("field") for choice in choices] == [*FULL, None]


def test_the_receipt_shows_number_and_code_and_speaks_neither() -> None:
    reply = form.filed(Receipt("260611-0042", "123456", is_new=True))
    assert reply.decision is Decision.CASE
    assert reply.case is not None
    assert (reply.case.number, reply.case.code) == ("260611-0042", "123456")
    receipt = next(block for block in reply.blocks if block.kind is BlockKind.RECEIPT)
    assert [item.text for item in receipt.items] == ["260611-0042", "123456"]
    assert "查进度" in reply.text
    assert "123456" not in reply.speech


def test_stopping_says_that_nothing_was_submitted() -> None:
    reply = form.cancelled()
    assert (reply.decision, reply.asks, reply.case) == (Decision.SMALLTALK, None, None)
    assert "没有提交" in reply.text


def test_a_full_form_becomes_a_request_with_what_was_skipped_left_out() -> None:
    request = form.request_from({**FULL, "contact_phone": SKIPPED}, "key", "kiosk", "session")
    assert (request.kind, request.contact_phone, request.contact_name) == (CaseKind.REPAIR, None, "王建国")
    with pytest.raises(InvalidRequest):
        form.request_from({}, "key", "kiosk", "session")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我要报修，楼道灯坏了", CaseKind.REPAIR),
        ("厨房漏水了", CaseKind.REPAIR),
        ("小区门口路灯坏了三天了", CaseKind.REPAIR),
        ("投诉电梯坏了没人修", CaseKind.COMPLAINT),
        ("楼上半夜扰民", CaseKind.COMPLAINT),
        ("有人高空抛物", CaseKind.COMPLAINT),
        ("建议小区增加一个充电桩", CaseKind.SUGGESTION),
        ("希望能多放几张长椅", CaseKind.SUGGESTION),
        ("求助，独居老人需要送饭", CaseKind.HELP),
        ("我妈行动不便要人上门", CaseKind.HELP),
        ("就是想说一件事", CaseKind.OTHER),
        ("The street light is broken", CaseKind.REPAIR),
        ("", CaseKind.OTHER),
    ],
)
def test_the_kind_is_heard_from_the_words(text: str, kind: CaseKind) -> None:
    assert form.detect_kind(text) is kind


def test_every_text_is_there_in_both_languages_and_every_kind_status_and_field_has_one() -> None:
    texts = yaml.safe_load((CASES / "texts.yml").read_text("utf-8"))
    assert all(set(entry) == {"zh", "en"} and all(entry.values()) for entry in texts.values())
    needed = {f"kind_{kind}" for kind in CaseKind} | {f"status_{s}" for s in CaseStatus}
    needed |= {f"ask_{field}" for field in [*Field, *status.LookUpField]}
    assert needed <= set(texts)


def test_every_kind_has_its_words_and_all_words_are_text() -> None:
    kinds = yaml.safe_load((CASES / "kinds.yml").read_text("utf-8"))
    assert set(kinds) == {str(kind) for kind in CaseKind}
    lists = [words for entry in kinds.values() for words in (entry["says"], entry["about"])]
    lists += yaml.safe_load((CASES / "form_words.yml").read_text("utf-8")).values()
    # YAML 1.1 reads a bare no, yes, on or off as a boolean.
    assert all(isinstance(word, str) and word == word.lower() for words in lists for word in words)


def test_a_number_in_the_description_is_masked_at_the_read_back() -> None:
    reply = form.confirm({"description": "灯坏了，电话13812345678", "place": "8号楼13812345678"})
    assert "13812345678" not in reply.text
    assert "13812345678" not in reply.speech


@pytest.mark.parametrize("value", ["幸福里小区", "要带什么材料", "居住证怎么办"])
def test_a_place_or_a_question_is_no_name(value: str) -> None:
    assert isinstance(form.validate("contact_name", value), Refusal)
