"""The question for a contact: a yes, a no, one of the two, or the name and the number at once."""

from __future__ import annotations

import pytest

from cases.contact_answers import take_consent, take_contact
from cases.field_rules import accept_confirmed, read_consent
from cases.request_form import NO, SKIPPED, YES, Field, Refusal

PHONE = "13812345678"


@pytest.mark.parametrize(
    "said",
    [
        "好",
        "可以",
        "可以的",
        "同意",
        "行啊",
        "留吧",
        "没问题",
        "愿意的",
        "成",
        "要的",
        "可以是可以，不要告诉邻居",
        "yes",
        "sure",
    ],
)
def test_a_yes_agrees_to_both(said: str) -> None:
    assert take_consent(said, "inform") == {"consent": YES}


@pytest.mark.parametrize(
    "said",
    [
        "不",
        "不留",
        "不留了",
        "都不留",
        "不用了",
        "不要",
        "不同意",
        "不方便",
        "不想留",
        "算了不留了",
        "不要打我电话",
        "no",
        "rather not",
        "i don't want to",
    ],
)
def test_a_no_keeps_neither(said: str) -> None:
    assert take_consent(said, "inform") == {"consent": NO}


@pytest.mark.parametrize(
    "said", ["匿名", "我想匿名", "只留电话", "名字不留", "电话可以，名字不留", "no name"]
)
def test_anonymous_leaves_out_the_name_only(said: str) -> None:
    assert take_consent(said, "skip") == {"consent": YES, "contact_name": SKIPPED}


@pytest.mark.parametrize("said", ["只留名字", "不留电话", "名字可以留，电话不留", "没有手机"])
def test_the_number_alone_can_be_left_out(said: str) -> None:
    assert take_consent(said, "skip") == {"consent": YES, "contact_phone": SKIPPED}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("王小明", {"contact_name": "王小明"}),
        ("我姓李", {"contact_name": "李"}),
        (PHONE, {"contact_phone": PHONE}),
        ("王小明，13812345678", {"contact_name": "王小明", "contact_phone": PHONE}),
        ("李红 幺三八一二三四五六七八", {"contact_name": "李红", "contact_phone": PHONE}),
        ("好的，我叫王小明，电话138 1234 5678", {"contact_name": "王小明", "contact_phone": PHONE}),
        ("打021-58881234转801", {"contact_phone": "021-58881234转801"}),
    ],
)
def test_a_name_or_a_number_is_a_yes(said: str, told: dict[str, str]) -> None:
    assert take_consent(said, "inform") == {"consent": YES, **told}


@pytest.mark.parametrize("said", ["随便", "什么意思", "http://a.cn", "123456", "今天天气不错"])
def test_what_says_neither_is_asked_again(said: str) -> None:
    assert take_consent(said, "inform") == Refusal("refuse_consent")


def test_both_are_left_out_late_as_well() -> None:
    taken = take_contact({"consent": YES}, Field.CONTACT_NAME, "都不留了", is_skip=True)
    assert taken == {"consent": NO}


def test_a_number_given_for_a_name_is_kept_and_the_name_asked_again() -> None:
    assert take_contact({}, Field.CONTACT_NAME, PHONE, is_skip=False) == {"contact_phone": PHONE}


@pytest.mark.parametrize("said", ["就打我手机尾号1234那个", "打我这个电话就行", "微信联系我"])
def test_a_number_that_nobody_sees_is_refused_with_the_reason(said: str) -> None:
    taken = take_contact({}, Field.CONTACT_PHONE, said, is_skip=False)
    assert taken == Refusal("refuse_known_phone")


@pytest.mark.parametrize(
    "said", ["对，没错", "可以了", "好的谢谢", "嗯，就这样吧", "好，帮我提交", "looks good", "没错没错"]
)
def test_a_yes_of_several_words_is_plain(said: str) -> None:
    assert accept_confirmed(said) == YES


@pytest.mark.parametrize(
    "said", ["对了", "好的，等一下", "没问题吧？", "好的但是电话错了", "是吗", "对，还有一件事"]
)
def test_a_yes_with_something_behind_it_is_none(said: str) -> None:
    assert accept_confirmed(said) != YES


@pytest.mark.parametrize("said", ["为什么要留电话", "要我电话干什么", "安全吗", ""])
def test_a_question_agrees_to_nothing(said: str) -> None:
    assert read_consent(said) is None
