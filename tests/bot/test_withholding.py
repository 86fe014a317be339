"""What people get while staff have switched a guide, a door or the whole assistant off."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.turn import Channel
from hall.database import open_engine, open_sessions
from hall.kiosk_wiring import answer_guide
from knowledge.switches import Switches
from language.brevity import said_briefly
from language.reply import Decision, HandledBy
from tests.bot.small_hall import SmallHall
from tests.running_hall import RunningHall

TEXT = "此事项正在核对，请到1号窗口问。"
TEXT_EN = "This is being checked. Please ask at window 1."


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SmallHall]:
    hall = SmallHall(tmp_path, f"sqlite:///{tmp_path / 'linli.db'}")
    yield hall
    hall.wiring.engine.dispose()


def off(hall: SmallHall, scope: str, name: str = "", until: datetime | None = None) -> None:
    hall.wiring.switches.set(scope, name, TEXT, TEXT_EN, until, "li")


def test_a_guide_gives_way_to_the_text_at_every_door(hall: SmallHall) -> None:
    off(hall, "guide", "residence-permit-first")
    asked = hall.say("居住证怎么办")
    touched = hall.open_guide("residence-permit-first")
    on_a_phone = hall.wiring.answering().answer_guide("residence-permit-first", "materials")
    for reply in (asked, touched, on_a_phone):
        assert (reply.decision, reply.text) == (Decision.DECLINE, TEXT)
        assert reply.guide is not None
        assert reply.guide.id == "residence-permit-first"
        assert [choice.payload["intent"] for choice in reply.choices] == ["ask_person"]


def test_a_choice_that_leads_to_it_does_so_too(hall: SmallHall) -> None:
    reply = hall.say("居住证怎么办")
    off(hall, "guide", "residence-permit-first")
    again = next(
        choice for choice in reply.choices if choice.payload.get("guide") == "residence-permit-first"
    )
    assert hall.choose(again.id).text == TEXT


def test_what_is_asked_next_is_still_about_it(hall: SmallHall) -> None:
    off(hall, "guide", "residence-permit-first")
    hall.say("敬老卡怎么办")
    hall.say("居住证怎么办")
    assert hall.say("要带什么材料").text == TEXT


def test_other_guides_are_answered_as_before(hall: SmallHall) -> None:
    off(hall, "guide", "residence-permit-first")
    assert hall.say("敬老卡怎么办").decision is Decision.ANSWER


def test_what_is_switched_off_is_no_unanswered_question(hall: SmallHall) -> None:
    off(hall, "guide", "residence-permit-first")
    hall.say("居住证怎么办")
    off(hall, "assistant")
    hall.say("护照过期了去哪里换")
    assert hall.wiring.unanswered.waiting() == []


def test_a_door_gives_way_and_the_others_do_not(hall: SmallHall) -> None:
    off(hall, "door", "kiosk")
    assert hall.say("居住证怎么办", channel=Channel.KIOSK).text == TEXT
    assert hall.open_guide("residence-permit-first").text == TEXT
    reply = hall.say("居住证怎么办")
    assert (reply.decision, reply.handled_by) == (Decision.ANSWER, HandledBy.FALLBACK)


@pytest.mark.parametrize(("scope", "name"), [("door", "kiosk"), ("assistant", "")])
def test_so_does_the_page_behind_the_kiosks_code(hall: SmallHall, scope: str, name: str) -> None:
    shown = answer_guide(hall.wiring, "legal-aid", None, "zh")
    assert shown.decision is Decision.ANSWER
    off(hall, scope, name)
    shown = answer_guide(hall.wiring, "legal-aid", None, "zh")
    assert (shown.decision, shown.text, shown.choices) == (Decision.DECLINE, TEXT, ())
    assert shown.guide is not None


def test_the_whole_assistant_gives_way_to_text_choices_and_commands(hall: SmallHall) -> None:
    choice = hall.say("居住证怎么办").choices[0].id
    off(hall, "assistant")
    replies = [hall.say(text) for text in ("居住证怎么办", "你好", "/restart", "？？？")]
    for reply in [*replies, hall.choose(choice), hall.open_guide("legal-aid")]:
        assert (reply.decision, reply.text, reply.handled_by) == (Decision.DECLINE, TEXT, HandledBy.SCREEN)
        assert said_briefly(reply.speech) == said_briefly(TEXT)


def test_emergencies_come_first_all_the_same(hall: SmallHall) -> None:
    off(hall, "assistant")
    reply = hall.say("着火了")
    assert reply.decision is Decision.EMERGENCY
    assert "119" in reply.text


def test_who_asks_in_english_reads_english(hall: SmallHall) -> None:
    off(hall, "assistant")
    assert hall.say("how do I get a residence permit").text == TEXT_EN


def test_it_ends_at_its_time_and_is_seen_by_another_process(hall: SmallHall) -> None:
    other = hall.another_process()
    assert other.switches.standing().at_door("chat") is None
    off(hall, "assistant", until=hall.now + timedelta(hours=1))
    other.switches.refresh()
    assert other.switches.standing().at_door("chat") is not None
    assert hall.say("居住证怎么办").text == TEXT
    hall.wait(hours=1)
    assert other.switches.standing().at_door("chat") is None
    assert hall.say("居住证怎么办").decision is Decision.ANSWER
    other.engine.dispose()


@pytest.fixture
def switches(running_hall: RunningHall) -> Iterator[Switches]:
    engine = open_engine(f"sqlite:///{running_hall.folder / 'linli.db'}")
    switches = Switches(open_sessions(engine), lambda: datetime.now(UTC))
    yield switches
    for switch in switches.all():
        switches.clear(switch.scope, switch.name)
    engine.dispose()
    talk = secrets.token_hex(16)
    running_hall.wait_for(
        lambda: running_hall.say(talk, "居住证怎么办")["decision"] == "answer", "all is switched on again"
    )


@pytest.mark.rasa
def test_a_form_in_progress_waits_until_the_assistant_is_back(
    running_hall: RunningHall, switches: Switches
) -> None:
    talk = secrets.token_hex(16)
    assert running_hall.say(talk, "我要报修")["decision"] == "form"
    asked = running_hall.say(talk, "3号楼的楼道灯坏了")
    assert asked["decision"] == "form"
    switches.set("assistant", "", TEXT, TEXT_EN, None, "li")
    running_hall.wait_for(
        lambda: TEXT in running_hall.say(secrets.token_hex(16), "你好")["text"], "it is switched off", 1.0
    )
    withheld = running_hall.say(talk, "张江路777弄9号")
    assert TEXT in withheld["text"]
    assert "都还在" in withheld["text"]
    assert running_hall.say(talk, "楼道着火了")["decision"] == "emergency"
    switches.clear("assistant", "")
    running_hall.wait_for(
        lambda: TEXT not in running_hall.say(secrets.token_hex(16), "你好")["text"], "it is on again", 1.0
    )
    assert running_hall.say(talk, "张江路777弄9号")["decision"] == "form"


@pytest.mark.rasa
def test_a_guide_gives_way_in_a_real_dialogue_and_at_the_kiosk(
    running_hall: RunningHall, switches: Switches
) -> None:
    talk = secrets.token_hex(16)
    switches.set("guide", "residence-permit-first", TEXT, TEXT_EN, None, "li")
    running_hall.wait_for(
        lambda: TEXT in running_hall.say(talk, "居住证怎么办")["text"], "the guide is switched off", 1.0
    )
    followed = running_hall.say(talk, "要带什么材料")
    assert (followed["decision"], followed["text"]) == ("decline", TEXT)
    for page in ("/kiosk/guide/residence-permit-first", "/guide/residence-permit-first"):
        shown = running_hall.http.get(f"{running_hall.url}{page}", follow_redirects=True)
        assert shown.status_code == 200
        assert TEXT in shown.text
    assert running_hall.say(talk, "敬老卡怎么办")["decision"] == "answer"
