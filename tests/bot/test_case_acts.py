"""Residents rate, reopen and withdraw a case in a talk; Rasa is not needed for any of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.case_words import act_in_focus, wants_filed_case
from bot.choices import Choices, ChoiceUnknown
from bot.tables import TalkRow
from bot.talk import Offered, Talk
from bot.turn import Channel, Turn
from cases.case import Actor, ActorRole, CaseKind, CaseStatus, Receipt, Request
from cases.desk import Desk
from cases.history import note_context
from cases.resident_replies import choices
from cases.residents import Residents
from cases.tables import CaseEventRow
from cases.work.moving import Move
from language.reply import Decision, HandledBy, Reply
from tests.bot.small_hall import SmallHall

LI = Actor("li", ActorRole.RECEIVER)
NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _words_are_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have the first turn of the process behind us: on a busy machine it is answered late."""
    folder = tmp_path_factory.mktemp("first")
    first = SmallHall(folder, f"sqlite:///{folder / 'linli.db'}")
    first.say("你好")
    first.wiring.engine.dispose()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SmallHall]:
    hall = SmallHall(tmp_path, f"sqlite:///{tmp_path / 'linli.db'}")
    yield hall
    hall.wiring.engine.dispose()


@pytest.fixture
def receipt(hall: SmallHall) -> Receipt:
    return filed(hall, "somewhere else")


def filed(hall: SmallHall, talk: str) -> Receipt:
    desk = hall.wiring.desk
    receipt = desk.file_case(
        Request("key", CaseKind.REPAIR, "楼道灯不亮", "幸福里3号楼", None, None, "chat", talk)
    )
    desk.move(receipt.number, Move(CaseStatus.ACCEPTED, LI))
    return receipt


def resolve(hall: SmallHall, receipt: Receipt) -> None:
    hall.wiring.desk.move(receipt.number, Move(CaseStatus.RESOLVED, LI, "换了灯泡"))


def key_of(hall: SmallHall, conversation: str = "c") -> str:
    return hall.wiring.conversation.key_of(Turn(Channel.CHAT, conversation))


def look_up(hall: SmallHall, receipt: Receipt) -> Reply:
    return hall.say(f"查进度 {receipt.number} {receipt.code}")


def status_of(desk: Desk, receipt: Receipt) -> CaseStatus:
    view = desk.look_up(receipt.number, receipt.code, "test")
    assert view is not None
    return view.status


def test_a_look_up_in_one_breath_works_without_rasa(hall: SmallHall, receipt: Receipt) -> None:
    reply = look_up(hall, receipt)
    assert (reply.decision, reply.handled_by) == (Decision.STATUS, HandledBy.FALLBACK)
    assert receipt.number in reply.text
    assert [choice.label for choice in reply.choices] == ["我要撤回"]


def test_a_choice_never_shows_the_code(hall: SmallHall, receipt: Receipt) -> None:
    resolve(hall, receipt)
    reply = look_up(hall, receipt)
    assert len(reply.choices) == 6
    assert receipt.code not in str(reply.to_wire())


def test_a_number_alone_means_points_of_the_five_levels(hall: SmallHall, receipt: Receipt) -> None:
    resolve(hall, receipt)
    look_up(hall, receipt)
    assert "记下了：非常不满意" in hall.say("1").text


def test_a_touch_from_another_talk_or_after_ten_minutes_does_nothing(
    hall: SmallHall, receipt: Receipt
) -> None:
    resolve(hall, receipt)
    best = look_up(hall, receipt).choices[0]
    with pytest.raises(ChoiceUnknown):
        hall.choose(best.id, "another")
    hall.wait(minutes=11)
    with pytest.raises(ChoiceUnknown):
        hall.choose(best.id)
    assert status_of(hall.wiring.desk, receipt) is CaseStatus.RESOLVED


def test_the_reason_is_kept_as_it_was_said_but_for_long_numbers(hall: SmallHall, receipt: Receipt) -> None:
    resolve(hall, receipt)
    hall.choose(look_up(hall, receipt).choices[5].id)
    reply = hall.say("还是不亮，打13812345678，满意什么呀")
    assert "已经重新办理" in reply.text
    with hall.wiring.sessions() as session:
        row = session.scalars(select(CaseEventRow).order_by(CaseEventRow.sequence.desc())).first()
    assert row is not None
    assert row.note is not None
    note = hall.wiring.sealer.open(row.note, note_context(row.sequence))
    assert note == "还是不亮,打138****5678,满意什么呀"


def test_whoever_reads_english_is_thanked_in_english(hall: SmallHall, receipt: Receipt) -> None:
    resolve(hall, receipt)
    reply = hall.say(f"check my case {receipt.number} {receipt.code}")
    assert "opened again until 2026-06-25" in reply.text
    assert "Thank you, your rating is noted: Satisfied" in hall.choose(reply.choices[1].id).text


def test_in_a_form_a_case_can_be_rated_and_nothing_of_the_form_is_lost(
    hall: SmallHall, receipt: Receipt
) -> None:
    resolve(hall, receipt)
    levels = look_up(hall, receipt).choices
    asking(hall, "description")
    assert "先把手上这份填完" in hall.choose(levels[5].id).text
    rated = hall.choose(levels[0].id)
    assert "记下了：非常满意" in rated.text
    assert "没有丢" in rated.text
    assert rated.asks == "description"


def asking(hall: SmallHall, field: str) -> None:
    with hall.wiring.sessions.begin() as session:
        session.execute(update(TalkRow).values(asks=field))


def test_whoever_gives_no_reason_leaves_the_case_as_it_is(hall: SmallHall, receipt: Receipt) -> None:
    resolve(hall, receipt)
    look_up(hall, receipt)
    assert "哪里还没解决" in hall.say("灯还是不亮").text
    assert "什么都没有改" in hall.say("算了，不用了").text
    assert status_of(hall.wiring.desk, receipt) is CaseStatus.RESOLVED


def test_the_case_shown_last_is_not_the_one_that_is_named(hall: SmallHall, receipt: Receipt) -> None:
    look_up(hall, receipt)
    reply = hall.say("撤回 260610-0999 123456")
    assert "没有查到" in reply.text


def test_a_notice_is_rated_by_its_number_in_the_talk_that_filed_the_case(hall: SmallHall) -> None:
    own = filed(hall, key_of(hall))
    resolve(hall, own)
    notice = noticed(hall, own, "c")
    hall.wait(hours=5)
    assert "记下了：满意" in hall.choose(notice.choices[1].id).text
    assert status_of(hall.wiring.desk, own) is CaseStatus.RATED


def test_a_number_alone_rates_nothing_in_another_talk(hall: SmallHall, receipt: Receipt) -> None:
    resolve(hall, receipt)
    notice = noticed(hall, receipt, "c")
    assert "编号和查询码" in hall.choose(notice.choices[1].id).text
    assert status_of(hall.wiring.desk, receipt) is CaseStatus.RESOLVED


def test_words_answer_a_notice_while_it_is_the_last_thing_shown(hall: SmallHall) -> None:
    own = filed(hall, key_of(hall))
    resolve(hall, own)
    noticed(hall, own, "c")
    assert "记下了：非常满意" in hall.say("很满意，谢谢").text
    # Whoever is content may find that it is not solved after all.
    assert "哪里还没解决" in hall.say("不对，还没修好").text
    assert "什么都没有改" in hall.say("先不用了").text
    assert "已经评过了" in hall.say("给个好评").text


def noticed(hall: SmallHall, receipt: Receipt, conversation: str) -> Reply:
    """Return a notice of a resolved case, offered as the door does that fetches it."""
    key, now = key_of(hall, conversation), hall.now
    view = Residents(hall.wiring.desk).look_up(receipt.number, receipt.code, "test")
    assert view is not None
    reply = Reply(Decision.STATUS, choices=choices(view, {"number": receipt.number}, now))
    reply = Choices(hall.wiring.sealer).issue(reply, key, now, timedelta(days=1))
    hall.wiring.memory.offer(key, reply, now + timedelta(days=1))
    return reply


def shown(*intents: str, **more: Any) -> Talk:
    offered = tuple({"intent": intent, "number": "n", **more} for intent in intents)
    return Talk(offered=Offered(offered, until=10**10, is_last=True))


RESOLVED, OPEN = ("rate_case", "reopen_case"), ("withdraw_case",)
SAID = [
    ("给个好评", RESOLVED, ("rate_case", 5)),
    ("很满意，谢谢", RESOLVED, ("rate_case", 5)),
    ("不太满意", RESOLVED, ("rate_case", 2)),
    ("还行吧", RESOLVED, ("rate_case", 3)),
    ("我要评价", RESOLVED, ("rate_case", None)),
    ("还没修好", RESOLVED, ("reopen_case", None)),
    ("怎么还是不亮", RESOLVED, ("reopen_case", None)),
    ("根本没人来修", RESOLVED, ("reopen_case", None)),
    ("又坏了", RESOLVED, ("reopen_case", None)),
    ("it is still broken", RESOLVED, ("reopen_case", None)),
    ("已经修好了，谢谢", RESOLVED, None),
    ("谢谢", RESOLVED, None),
    ("好的", RESOLVED, None),
    ("居住证怎么办", RESOLVED, None),
    ("你们满意度怎么评的？", RESOLVED, None),
    ("我不报了撤掉吧", OPEN, ("withdraw_case", None)),
    ("不用来修了，自己好了", OPEN, ("withdraw_case", None)),
    ("取消查询", OPEN, None),
    ("不用了，谢谢", OPEN, None),
    ("给个好评", OPEN, ("rate_case", None)),
    ("怎么还没修", OPEN, ("reopen_case", None)),
    ("谢谢你们", OPEN, None),
]


@pytest.mark.parametrize(("text", "offered", "meant"), SAID)
def test_what_is_said_of_the_case_shown_last(
    text: str, offered: tuple[str, ...], meant: tuple[str, int | None] | None
) -> None:
    found = act_in_focus(text, shown(*offered), NOW)
    assert (found and (found["intent"], found.get("stars"))) == meant


@pytest.mark.parametrize(
    ("text", "intent"),
    [("确定", "withdraw_case"),
     ("是的，撤吧", "withdraw_case"), ("不撤了", "keep_case"), ("算了，不用了", "keep_case"),
     ("再想想", "keep_case"), ("no", "keep_case"), ("居住证怎么办", None)],
)  # fmt: skip
def test_what_answers_whether_it_shall_really_be_withdrawn(text: str, intent: str | None) -> None:
    found = act_in_focus(text, shown("withdraw_case", "keep_case", sure=True), NOW)
    assert (found and found["intent"]) == intent
    assert found is None or intent == "keep_case" or found["sure"]


def test_nothing_is_meant_of_a_case_that_was_not_the_last_thing_shown() -> None:
    talk = shown("rate_case")
    assert act_in_focus("给个好评", replace(talk, offered=replace(talk.offered, is_last=False)), NOW) is None
    assert act_in_focus("给个好评", replace(talk, offered=replace(talk.offered, until=1)), NOW) is None


@pytest.mark.parametrize(
    ("text", "is_wanted"),
    [("撤回", True), ("我要撤掉", True), ("我要撤回上次的投诉", True), ("我要评价上次的报修", True),
     ("withdraw my request", True), ("结婚登记撤销怎么办", False),
     ("我想撤销户口", False), ("我要评价", False),
     ("路灯坏了还没修好", False)],
)  # fmt: skip
def test_a_case_that_was_filed_before_is_looked_up_first(text: str, is_wanted: bool) -> None:
    assert wants_filed_case(text) is is_wanted
