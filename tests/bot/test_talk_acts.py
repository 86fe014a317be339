"""What a talk remembers and does without Rasa: ratings, repeating, voices, questions left, ways on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.acts import declines, stars_in, voice_in
from bot.tables import RatingRow, TalkRow
from bot.turn import Channel
from knowledge.curation_tables import UnansweredRow
from language.reply import Decision, Reply
from tests.bot.small_hall import SmallHall

WAYS = ["换个说法再问", "看看有哪些服务", "找工作人员", "把问题留给工作人员"]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SmallHall]:
    hall = SmallHall(tmp_path, f"sqlite:///{tmp_path / 'linli.db'}")
    yield hall
    hall.wiring.engine.dispose()


def labels(reply: Reply) -> list[str]:
    return [choice.label for choice in reply.choices]


def waiting(hall: SmallHall) -> list[tuple[str, str]]:
    return [(question.text, question.reason) for question in hall.wiring.unanswered.waiting()]


def stars(hall: SmallHall) -> list[tuple[str | None, int]]:
    with hall.wiring.sessions() as session:
        return [(row.turn_id, row.stars) for row in session.scalars(select(RatingRow).order_by(RatingRow.id))]


def test_two_failures_in_a_row_offer_four_ways_on(hall: SmallHall) -> None:
    first = hall.say("护照过期了去哪里换")
    assert (first.decision, labels(first)) == (Decision.DECLINE, ["找工作人员"])
    second = hall.say("彩票去哪里兑")
    assert (second.decision, labels(second)) == (Decision.DECLINE, WAYS)
    assert "换个说法" in second.text
    assert labels(hall.say("火锅哪家好吃")) == WAYS


def test_nonsense_and_hard_words_count_as_well(hall: SmallHall) -> None:
    assert hall.say("？？？").choices == ()
    assert labels(hall.say("😀😀")) == WAYS
    hall.say("居住证怎么办")
    assert labels(hall.say("什么破机器")) != WAYS
    assert labels(hall.say("你这个垃圾")) == WAYS


def test_an_answer_in_between_starts_the_count_anew_thanks_do_not(hall: SmallHall) -> None:
    for between, ways in (("居住证怎么办", False), ("谢谢", True)):
        hall.say("护照过期了去哪里换", between)
        hall.say(between, between)
        assert (labels(hall.say("彩票去哪里兑", between)) == WAYS) is ways


def test_asked_back_twice_keeps_the_likeliest_in_reach(hall: SmallHall) -> None:
    hall.say("敬老卡和居住证")
    second = hall.say("就是敬老卡和居住证")
    assert second.decision is Decision.CLARIFY
    assert len(second.choices) == 4
    assert labels(second)[1:] == WAYS[1:]
    assert second.choices[0].guide is not None


def test_none_of_these_after_a_question_back_is_a_second_failure(hall: SmallHall) -> None:
    hall.say("敬老卡和居住证")
    reply = hall.say("都不是")
    assert "换个说法" in reply.text
    assert labels(reply) == WAYS


def test_each_of_the_four_ways_leads_on(hall: SmallHall) -> None:
    decisions = {}
    for place, way in enumerate(WAYS):
        hall.say("护照过期了去哪里换", way)
        hall.wait(seconds=5)
        offered = hall.say("彩票去哪里兑", way)
        decisions[way] = hall.choose(offered.choices[place].id, way)
    assert decisions["找工作人员"].decision is Decision.HANDOFF
    assert "慢慢说" in decisions["换个说法再问"].text
    assert len(decisions["看看有哪些服务"].choices) >= 2
    assert "彩票去哪里兑" in decisions["把问题留给工作人员"].text


def test_a_question_is_left_for_staff_once_and_honestly(hall: SmallHall) -> None:
    hall.say("护照过期了去哪里换，我叫欧阳小明")
    hall.say("谢谢")
    reply = hall.say("把问题留给工作人员")
    assert "没有您的联系方式" in reply.text
    assert "12345" in reply.text
    assert [reason for _, reason in waiting(hall)] == ["left"]
    assert "欧阳" not in str(waiting(hall))
    assert "已经记下" in hall.say("把问题留给工作人员").text
    assert len(waiting(hall)) == 1


def test_what_was_answered_badly_can_be_left_too(hall: SmallHall) -> None:
    hall.say("居住证怎么办")
    hall.say("把问题留给工作人员")
    assert waiting(hall) == [("居住证怎么办", "left")]


def test_whoever_asked_nothing_is_asked_what_to_leave(hall: SmallHall) -> None:
    assert "什么问题" in hall.say("我要把问题留给工作人员").text
    reply = hall.say("小区里能不能装晾衣架，我电话13987654321")
    assert "小区里能不能装晾衣架" in reply.text
    ((text, reason),) = waiting(hall)
    assert reason == "left"
    assert "139" not in text
    hall.say("我要把问题留给工作人员", "another")
    assert "不留了" in hall.say("算了", "another").text
    assert len(waiting(hall)) == 1


def test_a_question_that_can_be_answered_is_answered_instead_of_left(hall: SmallHall) -> None:
    hall.say("我要把问题留给工作人员")
    assert hall.say("居住证怎么办").decision is Decision.ANSWER
    assert waiting(hall) == []


def test_the_last_answer_is_rated_in_words_and_again(hall: SmallHall) -> None:
    answer = hall.say("居住证怎么办")
    assert "谢谢" in hall.say("我给个非常满意的评价").text
    assert stars(hall) == [(answer.turn, 5)]
    assert "改成" in hall.say("评价基本满意吧").text
    assert stars(hall) == [(answer.turn, 3)]


def test_five_levels_are_offered_and_picked_by_touch_place_and_name(hall: SmallHall) -> None:
    answer = hall.say("居住证怎么办")
    levels = hall.say("我要评价")
    assert labels(levels) == ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
    hall.choose(levels.choices[1].id)
    assert stars(hall) == [(answer.turn, 4)]
    for said, meant in (("满意", 4), ("第三个", 3), ("5", 5), ("第一个", 5)):
        hall.say("我要评价")
        hall.say(said)
        assert stars(hall) == [(answer.turn, meant)]


def test_a_low_rating_is_asked_why_once_and_the_reason_is_sealed(hall: SmallHall) -> None:
    answer = hall.say("居住证怎么办")
    assert "哪里不好" in hall.say("评价不满意").text
    assert "记下了" in hall.say("字太多了看不懂，我叫欧阳小明").text
    with hall.wiring.sessions() as session:
        (row,) = session.scalars(select(RatingRow))
        assert (row.turn_id, row.stars) == (answer.turn, 2)
        assert row.sealed_reason is not None
        assert "字太多".encode() not in row.sealed_reason
    assert "哪里不好" not in hall.say("评价非常不满意").text


def test_whoever_gives_no_reason_is_left_in_peace(hall: SmallHall) -> None:
    hall.say("居住证怎么办")
    hall.say("评价不满意")
    assert "没关系" in hall.say("不说了").text
    assert hall.say("敬老卡怎么办").decision is Decision.ANSWER


def test_a_question_after_a_low_rating_is_no_reason(hall: SmallHall) -> None:
    hall.say("居住证怎么办")
    hall.say("评价不满意")
    assert hall.say("敬老卡怎么办").decision is Decision.ANSWER


def test_without_an_answer_the_visit_is_rated(hall: SmallHall) -> None:
    hall.say("给你们好评")
    hall.say("评价改成一般")
    assert stars(hall) == [(None, 3)]


@pytest.mark.parametrize("asked", ["居住证要带什么材料", "几点下班", "护照过期了去哪里换", "找工作人员"])
def test_the_last_reply_is_said_once_more(hall: SmallHall, asked: str) -> None:
    first = hall.say(asked)
    again = hall.say("没听清，再说一遍")
    assert (again.decision, again.text, labels(again)) == (first.decision, first.text, labels(first))
    assert hall.say("再说一遍").text == first.text
    is_first_failure = first.decision is not Decision.DECLINE
    assert (labels(hall.say("彩票去哪里兑")) != WAYS) is is_first_failure


def test_a_question_back_is_repeated_with_its_choices(hall: SmallHall) -> None:
    first = hall.say("敬老卡和居住证")
    assert labels(hall.say("再说一遍")) == labels(first)
    assert hall.say("第一个").decision is Decision.ANSWER


def test_nothing_is_repeated_before_anything_was_said(hall: SmallHall) -> None:
    assert "还没说过" in hall.say("再说一遍").text


@pytest.mark.parametrize(
    ("said", "voice"),
    [("慢一点", "slower"), ("快一点", "faster"), ("大声点", "louder"), ("小声点", "softer")],
)
def test_at_the_kiosk_the_voice_changes(hall: SmallHall, said: str, voice: str) -> None:
    assert hall.say(said, channel=Channel.KIOSK).voice == voice


def test_whoever_could_not_follow_hears_the_answer_again(hall: SmallHall) -> None:
    answer = hall.say("居住证要带什么材料", channel=Channel.KIOSK)
    assert answer.text in hall.say("慢一点", channel=Channel.KIOSK).text


def test_in_chat_there_is_no_voice(hall: SmallHall) -> None:
    reply = hall.say("大声点")
    assert reply.voice is None
    assert "没有声音" in reply.text


@pytest.mark.parametrize(
    "text", ["刚才那个居住证", "回到刚才的", "刚才那个要带什么材料", "前面说的居住证要带什么"]
)
def test_the_talk_returns_to_what_was_spoken_of_before(hall: SmallHall, text: str) -> None:
    hall.say("居住证怎么办")
    hall.say("敬老卡怎么办")
    reply = hall.say(text)
    assert reply.guide is not None
    assert reply.guide.id == "residence-permit-first"
    assert reply.aspect == ("materials" if "要带" in text else "overview")


def test_after_an_aside_the_way_back_leads_to_the_last_service(hall: SmallHall) -> None:
    hall.say("居住证怎么办")
    hall.say("几点下班")
    reply = hall.say("回到刚才的")
    assert reply.guide is not None
    assert reply.guide.id == "residence-permit-first"


@pytest.mark.parametrize(
    "text",
    [
        "不是，我说的是敬老卡",
        "说错了，是敬老卡",
        "我问的是敬老卡",
        "不是居住证，是敬老卡",
        "不对，敬老卡",
        "我是说敬老卡",
    ],
)
def test_a_correction_is_answered_with_what_was_asked_before(hall: SmallHall, text: str) -> None:
    hall.say("居住证多少钱")
    reply = hall.say(text)
    assert reply.guide is not None
    assert (reply.guide.id, reply.aspect) == ("senior-card-application", "fee")


@pytest.mark.parametrize("text", ["我问的不是这个", "不是", "不对", "你理解错了", "答非所问", "不是这个"])
def test_whoever_was_misunderstood_is_asked_again(hall: SmallHall, text: str) -> None:
    hall.say("居住证怎么办")
    reply = hall.say(text)
    assert reply.decision is Decision.CLARIFY
    assert "对不起" in reply.text


def test_what_can_be_picked_is_not_purged_before_its_time(hall: SmallHall) -> None:
    hall.say("敬老卡和居住证")
    hall.wait(minutes=9)
    hall.wiring.memory.purge_expired()
    assert hall.say("第一个").decision is Decision.ANSWER
    hall.wait(minutes=31)
    hall.wiring.memory.purge_expired()
    with hall.wiring.sessions() as session:
        assert session.scalars(select(TalkRow.sealed_offered)).all() == [None]


def test_nothing_that_was_said_is_readable_in_the_talk(hall: SmallHall) -> None:
    hall.say("敬老卡和居住证，另外护照在哪里换")
    hall.say("护照过期了去哪里换")
    with hall.wiring.sessions() as session:
        kept = [
            *session.scalars(select(TalkRow.sealed_offered)),
            *session.scalars(select(UnansweredRow.sealed)),
        ]
    assert kept
    assert not any("护照".encode() in one or b"\\u62a4" in one for one in kept if one)


def test_five_hundred_turns_stay_small_and_quick(hall: SmallHall) -> None:
    said = ("居住证怎么办", "要带什么材料", "护照过期了去哪里换", "敬老卡和居住证", "谢谢")
    for number in range(500):
        hall.say(said[number % len(said)])
    with hall.wiring.sessions() as session:
        (row,) = session.scalars(select(TalkRow))
        assert len(row.sealed_offered or b"") < 10_000
    assert hall.say("居住证怎么办").decision is Decision.ANSWER


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("非常不满意", 1), ("很不满意", 1), ("差评", 1), ("打1分", 1),
        ("不满意", 2), ("不太满意", 2), ("不是很满意", 2), ("两颗星", 2),
        ("基本满意", 3), ("一般般", 3), ("还行吧", 3),
        ("满意", 4), ("蛮好的", 4), ("打4分", 4),
        ("非常满意", 5), ("很满意", 5), ("五星好评", 5), ("打五分", 5), ("10分", 5),
        ("我要评价", None), ("打分", None),
    ],
)  # fmt: skip
def test_stars_are_read_from_words(text: str, meant: int | None) -> None:
    assert stars_in(text) == meant


@pytest.mark.parametrize(
    ("text", "voice"),
    [
        ("说慢点", "slower"), ("太快了", "slower"), ("别讲那么快", "slower"), ("慢慢讲", "slower"),
        ("太慢了", "faster"), ("讲快一点", "faster"), ("声音大一点", "louder"), ("大点声", "louder"),
        ("听不清", "louder"), ("太轻了", "louder"), ("我耳朵不好，响一点", "louder"), ("太响了", "softer"),
        ("小声点", "softer"), ("轻一点", "softer"), ("太吵了", "softer"),
    ],
)  # fmt: skip
def test_what_the_voice_shall_become_is_heard(text: str, voice: str) -> None:
    assert voice_in(text) == voice


@pytest.mark.parametrize(
    ("text", "said"), [("不说了", True), ("没有", True), ("算了，谢谢", True), ("不知道要带什么", False)]
)
def test_whoever_has_nothing_to_add_is_heard(text: str, said: bool) -> None:
    assert declines(text) is said


def test_a_detail_asked_before_anything_was_picked_goes_along_with_each(hall: SmallHall) -> None:
    first = hall.say("敬老卡和居住证")
    reply = hall.say("要带什么材料")
    assert (reply.decision, labels(reply)) == (Decision.CLARIFY, labels(first))
    answer = hall.say("第二个")
    assert (answer.decision, answer.aspect) == (Decision.ANSWER, "materials")


def test_a_short_question_that_finds_nothing_offers_what_is_known_of_the_service(hall: SmallHall) -> None:
    hall.say("居住证怎么办")
    reply = hall.say("啥意思啊看不懂")
    assert reply.decision is Decision.DECLINE
    assert "要带什么材料" in labels(reply)
    assert labels(reply)[-1] == "找工作人员"
    assert labels(hall.say("什么呀")) == WAYS


@pytest.mark.parametrize(
    "opener", ["等一下，", "对了，", "那个……", "喂，", "哎呀，", "不好意思，", "我再问一下，"]
)
def test_drawing_breath_hides_no_question(hall: SmallHall, opener: str) -> None:
    assert hall.say(f"{opener}居住证怎么办").decision is Decision.ANSWER
    assert hall.say(f"{opener}你们周六上班吗").aspect == "hours"
