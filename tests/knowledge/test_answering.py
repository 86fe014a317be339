"""What is asked is answered first; the card, the cautions and the source follow, and nothing is made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from knowledge.answering import MAX_CHOICES, TEXTS, Answering, Finding, GuideUnknown
from knowledge.guide import Aspect, Guide
from knowledge.guide_file import parse_guide
from knowledge.hall_profile_file import load_profile
from knowledge.library import load_shipped
from knowledge.matching import Match, Matcher
from language.reply import Block, BlockKind, Decision, Reply
from language.texts import Texts
from tests.knowledge.shipped import WEDNESDAY, answering


def _answering(*guides: Guide, at: datetime = WEDNESDAY) -> Answering:
    published = [(guide, 3) for guide in guides]
    return Answering(published, load_profile(), Matcher.build(guides), Texts(TEXTS), lambda: at)


def _one(permit: dict[str, Any], at: datetime = WEDNESDAY, **changes: Any) -> Answering:
    return _answering(parse_guide({**permit, **changes}, "residence-permit-first.yml"), at=at)


def _blocks(reply: Reply, kind: BlockKind) -> list[Block]:
    return [block for block in reply.blocks if block.kind is kind]


def test_a_finding_survives_the_wire() -> None:
    for text in ("居住证怎么办", "多少钱", "几点下班", "今天天气怎么样", "居住证多少钱，要带什么材料"):
        finding = answering().consider(text)
        assert Finding.from_wire(finding.to_wire()) == finding


def test_the_first_block_answers_and_the_last_is_the_source(permit: dict[str, Any]) -> None:
    reply = _one(permit).answer_guide("residence-permit-first")
    assert reply.decision is Decision.ANSWER
    assert reply.blocks[0].kind is BlockKind.TEXT
    assert reply.blocks[-1].kind is BlockKind.SOURCE
    assert reply.blocks[-1].date == "2022-03-08"
    assert reply.aspect == "overview"
    assert reply.guide is not None
    assert (reply.guide.title, reply.guide.revision) == ("上海市居住证申领(首次)", 3)
    assert reply.guide.source_date == "2022-03-08"
    assert reply.guide.verified_on is None


def test_the_overview_card_has_all_that_is_known(permit: dict[str, Any]) -> None:
    text = _one(permit).answer_guide("residence-permit-first").text
    for fact in (
        "居民身份证",
        "到窗口交材料",
        "一般15个工作日",
        "首次免工本费",
        "20元（2022年）",
        "随申办",
        "近亲属可代办",
    ):
        assert fact in text


@pytest.mark.parametrize("aspect", [aspect for aspect in Aspect if aspect is not Aspect.OVERVIEW])
def test_an_asked_aspect_is_answered_alone(permit: dict[str, Any], aspect: Aspect) -> None:
    reply = _one(permit).answer_guide("residence-permit-first", aspect)
    assert reply.aspect == aspect
    assert reply.blocks[0].text
    assert reply.speech
    if aspect is not Aspect.MATERIALS:
        assert not _blocks(reply, BlockKind.MATERIALS)


def test_an_amount_carries_its_year(permit: dict[str, Any]) -> None:
    assert "2022年" in _one(permit).answer_guide("residence-permit-first", Aspect.FEE).blocks[0].text


def test_a_blank_aspect_says_so_and_who_knows(permit: dict[str, Any]) -> None:
    reply = _one(permit, fee=None, amounts=[], phones=[]).answer_guide("residence-permit-first", Aspect.FEE)
    assert reply.decision is Decision.ANSWER
    assert "没有写" in reply.blocks[0].text
    assert "12345" in reply.blocks[0].text


def test_hours_that_a_guide_leaves_open_are_the_halls(permit: dict[str, Any]) -> None:
    reply = _one(permit).answer_guide("residence-permit-first", Aspect.HOURS)
    assert "8:30到16:30" in reply.blocks[0].text


def test_every_answer_of_every_shipped_guide_is_short_and_sourced() -> None:
    for guide in load_shipped():
        for aspect in Aspect:
            reply = answering().answer_guide(guide.id, aspect)
            said = reply.blocks[0].text
            assert said, (guide.id, aspect)
            assert "None" not in reply.text, (guide.id, aspect)
            assert len(said) <= 240, (guide.id, aspect, said)
            assert reply.blocks[-1].kind is BlockKind.SOURCE
            assert reply.blocks[-1].date
            assert len(reply.choices) <= MAX_CHOICES


def test_english_answers_are_english_around_the_facts(permit: dict[str, Any]) -> None:
    reply = _one(permit).answer_guide("residence-permit-first", Aspect.FEE, "en")
    assert "首次免工本费" in reply.text
    assert "Source" in reply.text


def test_an_unverified_guide_is_marked_and_a_verified_one_says_when(permit: dict[str, Any]) -> None:
    notices = _blocks(_one(permit).answer_guide("residence-permit-first"), BlockKind.NOTICE)
    assert any("核对" in notice.text for notice in notices)
    reply = _one(permit, verified_on=date(2026, 5, 1)).answer_guide("residence-permit-first")
    assert not _blocks(reply, BlockKind.NOTICE)
    assert "2026-05-01" in reply.blocks[-1].text


def test_an_expired_guide_is_never_presented_as_current(permit: dict[str, Any]) -> None:
    reply = _one(permit, expires_on=date(2026, 6, 9)).answer_guide("residence-permit-first", Aspect.FEE)
    assert "到期" in reply.blocks[0].text
    assert any("到期" in notice.text for notice in _blocks(reply, BlockKind.NOTICE))
    last_day = _one(permit, expires_on=date(2026, 6, 10)).answer_guide("residence-permit-first", Aspect.FEE)
    assert "到期" not in last_day.text


def test_an_abolished_service_is_said_to_be_gone(permit: dict[str, Any]) -> None:
    gone = _one(permit, status="abolished", status_note="2024年起并入居住登记")
    reply = gone.answer_guide("residence-permit-first", Aspect.MATERIALS)
    assert "已经取消" in reply.blocks[0].text
    assert "并入居住登记" in reply.text


def test_a_pointer_says_whom_to_ask(permit: dict[str, Any]) -> None:
    reply = _one(permit, completeness="pointer").answer_guide("residence-permit-first")
    assert "12345" in reply.blocks[0].text
    assert any("指个路" in notice.text for notice in _blocks(reply, BlockKind.NOTICE))


def test_a_source_without_a_date_says_so(permit: dict[str, Any]) -> None:
    for source in permit["sources"]:
        source["date"] = None
    reply = _one(permit).answer_guide("residence-permit-first")
    assert reply.blocks[-1].date == "日期不详"
    assert reply.guide is not None
    assert reply.guide.source_date is None


def test_a_general_question_offers_the_neighbours() -> None:
    reply = answering().reply(answering().consider("居住证怎么办"))
    neighbours = [choice for choice in reply.choices if choice.guide != "上海市居住证申领(首次)"]
    assert len(neighbours) >= 2
    assert all(choice.note for choice in neighbours)


def test_asking_back_offers_at_most_four_each_told_apart() -> None:
    reply = answering().reply(answering().consider("补贴"))
    assert reply.decision is Decision.CLARIFY
    assert 2 <= len(reply.choices) <= MAX_CHOICES
    assert all(choice.note and choice.payload["intent"] == "choose" for choice in reply.choices)


def test_declining_names_who_knows_and_offers_a_person() -> None:
    reply = answering().reply(answering().consider("今天天气怎么样"))
    assert reply.decision is Decision.DECLINE
    assert reply.guide is None
    assert "12345" in reply.text
    assert [choice.payload for choice in reply.choices] == [{"intent": "ask_person"}]


def test_a_bare_aspect_is_about_the_guide_just_spoken_of() -> None:
    finding = answering().consider("要带什么材料")
    assert finding.bare_aspect
    reply = answering().reply(finding, guide="residence-permit-first")
    assert (reply.decision, reply.aspect) == (Decision.ANSWER, "materials")
    assert answering().reply(finding).decision is Decision.CLARIFY


def test_a_picked_choice_is_answered() -> None:
    shown = answering().answer_guide("residence-permit-first", "materials")
    picked = next(choice for choice in shown.choices if choice.payload["aspect"] == "where")
    assert answering().choose(picked.payload).aspect == "where"


def test_a_withdrawn_guide_is_not_answered(permit: dict[str, Any]) -> None:
    with pytest.raises(GuideUnknown):
        answering().answer_guide("gone")
    assert answering().choose({"intent": "choose", "guide": "gone"}).decision is Decision.DECLINE
    finding = Finding(Decision.ANSWER, (Match("gone", 0.9),))
    assert answering().reply(finding).decision is Decision.DECLINE


def test_guides_stand_under_their_themes_most_asked_first() -> None:
    shelves = answering().guides_by_theme()
    assert sum(map(len, shelves.values())) == len(load_shipped())
    for guides in shelves.values():
        assert [g.popularity for g in guides] == sorted((g.popularity for g in guides), reverse=True)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 6, 10, 2, 0, tzinfo=UTC), "现在开着"),  # Wednesday 10:00
        (datetime(2026, 6, 9, 23, 0, tzinfo=UTC), "还没开门"),  # Wednesday 7:00
        (datetime(2026, 6, 10, 9, 0, tzinfo=UTC), "6月11日（周四）8:30"),  # Wednesday 17:00
        (datetime(2026, 6, 13, 5, 0, tzinfo=UTC), "6月14日（周日）8:30"),  # Saturday 13:00
    ],
)
def test_the_halls_hours_follow_the_clock(at: datetime, said: str) -> None:
    reply = answering(at).answer_hall("hours")
    assert said in reply.blocks[0].text
    assert (reply.decision, reply.guide, reply.aspect) == (Decision.ANSWER, None, "hours")
    assert reply.blocks[-1].kind is BlockKind.SOURCE
    assert reply.blocks[-1].date == "2018-02"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("hours:5", "周六（6月13日）"),
        ("hours:tomorrow", "周四（6月11日）"),
        ("hours:weekend", "周日"),
        ("hours:noon", "不休息"),
    ],
)
def test_hours_of_a_named_day_are_answered(asked: str, said: str) -> None:
    assert said in answering().answer_hall(asked).blocks[0].text


@pytest.mark.parametrize("aspect", ["hours", "address", "phone", "windows"])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_sample_profile_says_that_it_is_one(aspect: str, locale: str) -> None:
    reply = answering().answer_hall(aspect, locale)
    assert _blocks(reply, BlockKind.NOTICE)
    assert reply.blocks[0].text
    assert reply.speech


def test_handing_over_says_whom_to_call() -> None:
    reply = answering().hand_over()
    assert reply.decision is Decision.HANDOFF
    assert "12345" in reply.text


def test_hours_of_what_is_done_elsewhere_are_not_the_halls(permit: dict[str, Any]) -> None:
    elsewhere = _one(permit, where=["区法律援助中心"], phones=[])
    text = elsewhere.answer_guide("residence-permit-first", Aspect.HOURS).blocks[0].text
    assert "8:30" not in text
    assert "没有写" in text


@pytest.mark.parametrize(
    ("aspect", "matter"),
    [
        (Aspect.FEE, "要交多少钱、能拿多少钱"),
        (Aspect.AGENT, "能不能让别人代办"),
        (Aspect.ONLINE, "能不能网上办"),
    ],
)
def test_a_blank_aspect_names_what_is_not_known_and_who_knows(
    permit: dict[str, Any], aspect: Aspect, matter: str
) -> None:
    blank = _one(permit, fee=None, amounts=[], agent=None, online=[], phones=[])
    text = blank.answer_guide("residence-permit-first", aspect).blocks[0].text
    assert text == f"“办居住证”{matter}，我手上的资料没有写。请打市民热线12345问，或到窗口问。"


def test_two_aspects_of_a_guide_are_two_answers_on_one_card(permit: dict[str, Any]) -> None:
    reply = _one(permit).answer_guide("residence-permit-first", Aspect.FEE, also=Aspect.MATERIALS)
    first, second = _blocks(reply, BlockKind.TEXT)
    assert "首次免工本费" in first.text
    assert "居民身份证" in second.text
    assert reply.aspect == "fee"
    assert len(_blocks(reply, BlockKind.MATERIALS)) == 1
    assert len(_blocks(reply, BlockKind.FACTS)) == 1
    assert not {"fee", "materials"} & {choice.payload.get("aspect") for choice in reply.choices}


def test_of_two_aspects_the_one_that_is_blank_says_so(permit: dict[str, Any]) -> None:
    reply = _one(permit, phones=[]).answer_guide("residence-permit-first", Aspect.FEE, also=Aspect.PHONE)
    first, second = _blocks(reply, BlockKind.TEXT)
    assert "首次免工本费" in first.text
    assert "没有写" in second.text
