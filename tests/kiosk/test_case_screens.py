"""The kiosk's status screen over HTTP: what can be done with a case, and what a guesser learns: nothing."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from cases.case import Actor, ActorRole, CaseKind, CaseStatus, Receipt, Request
from cases.resident_replies import ResidentReplies, Who
from cases.residents import Residents
from cases.work.moving import Move
from tests.kiosk.fakes import REPLIES, make_hall
from tests.kiosk.served import ServedHall

LI = Actor("li", ActorRole.RECEIVER)
LEVELS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHall]:
    served = ServedHall(make_hall(tmp_path_factory.mktemp("cases")), "kiosk_cases")
    yield served
    served.close()


@pytest.fixture
def browser(served: ServedHall) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, follow_redirects=True, trust_env=False) as client:
        yield client


@pytest.fixture
def receipt(served: ServedHall, request: pytest.FixtureRequest) -> Receipt:
    key = request.node.name[:60]
    return served.hall.needs.desk.file_case(
        Request(key, CaseKind.REPAIR, "楼道灯不亮", "幸福里3号楼", None, None, "kiosk", "someone")
    )


def resolve(served: ServedHall, receipt: Receipt) -> None:
    for move in (Move(CaseStatus.ACCEPTED, LI), Move(CaseStatus.RESOLVED, LI, "换了灯泡")):
        served.hall.needs.desk.move(receipt.number, move)


def look_up(browser: httpx.Client, receipt: Receipt, code: str | None = None) -> str:
    fields = {"number": receipt.number, "code": code or receipt.code}
    return browser.post("/kiosk/status", data=fields).text


def act(browser: httpx.Client, wanted: str, **fields: str) -> str:
    return browser.post("/kiosk/status/act", data={"act": wanted, **fields}).text


def test_an_open_case_is_withdrawn_after_a_question(
    served: ServedHall, browser: httpx.Client, receipt: Receipt
) -> None:
    page = look_up(browser, receipt)
    assert "我要撤回" in page
    assert "非常满意" not in page
    assert "确定撤回" in act(browser, "withdraw_case")
    assert "等工作人员受理" in act(browser, "keep_case")
    assert "已经撤回" in act(browser, "withdraw_case", sure="1")
    assert "我要撤回" not in act(browser, "look_up")


def test_a_resolved_case_is_rated_once_and_opened_again_with_a_reason(
    served: ServedHall, browser: httpx.Client, receipt: Receipt
) -> None:
    resolve(served, receipt)
    page = look_up(browser, receipt)
    assert all(f">{level}<" in page for level in LEVELS)
    assert receipt.code not in page
    assert "评价记下了：满意" in act(browser, "rate_case", stars="4")
    assert "已经评过了" in act(browser, "rate_case", stars="1")
    page = act(browser, "look_up")
    assert "谢谢您的评价：满意" in page
    assert "非常满意" not in page
    assert 'name="reason"' in act(browser, "reopen_case")
    assert "请说一句哪里还没解决" in act(browser, "reopen_case", reason=" ")
    assert "已经重新办理" in act(browser, "reopen_case", reason="灯还是不亮，电话13812345678")


def test_whoever_changes_the_language_reads_the_case_in_it(
    served: ServedHall, browser: httpx.Client, receipt: Receipt
) -> None:
    resolve(served, receipt)
    look_up(browser, receipt)
    page = browser.post("/kiosk/setting", data={"name": "locale", "value": "en"}).text
    assert "resolved." in page
    assert "Very satisfied" in page
    assert "非常满意" not in page


def test_danger_told_as_a_reason_is_answered_first(
    served: ServedHall, browser: httpx.Client, receipt: Receipt
) -> None:
    resolve(served, receipt)
    look_up(browser, receipt)
    assert "119" in act(browser, "reopen_case", reason="着火了")
    assert "已处理完" in browser.get("/kiosk/status").text


@pytest.mark.parametrize(
    ("wanted", "stars"),
    [("rate_case", "6"), ("rate_case", "<b>"), ("rate_case", ""), ("close_case", "5"), ("", "")],
)
def test_what_no_screen_offers_changes_nothing(
    wanted: str, stars: str, served: ServedHall, browser: httpx.Client, receipt: Receipt
) -> None:
    resolve(served, receipt)
    look_up(browser, receipt)
    page = act(browser, wanted, stars=stars)
    assert "已处理完" in page
    assert "请评一评" in page


def test_nothing_is_done_without_a_look_up_that_found_the_case(
    served: ServedHall, browser: httpx.Client, receipt: Receipt
) -> None:
    resolve(served, receipt)
    assert "回执上的编号" in act(browser, "rate_case", stars="1")
    wrong = look_up(browser, receipt, f"{(int(receipt.code) + 1) % 1_000_000:06}")
    assert "没有查到" in wrong
    assert "非常满意" not in wrong
    assert "回执上的编号" in act(browser, "rate_case", stars="1", number=receipt.number)
    view = served.hall.needs.desk.look_up(receipt.number, receipt.code, "test")
    assert view is not None
    assert view.status is CaseStatus.RESOLVED


def test_whoever_comes_next_does_not_hold_the_case(
    served: ServedHall, browser: httpx.Client, receipt: Receipt
) -> None:
    look_up(browser, receipt)
    browser.post("/kiosk/end")
    assert receipt.number not in act(browser, "withdraw_case", sure="1")
    look_up(browser, receipt)
    browser.get("/kiosk/status?new=1")
    assert receipt.number not in act(browser, "withdraw_case", sure="1")


def test_what_was_found_is_read_aloud(served: ServedHall, browser: httpx.Client, receipt: Receipt) -> None:
    look_up(browser, receipt)
    assert browser.post("/kiosk/speak", data={"of": "status"}).status_code == 200
    assert any(receipt.number in text for text, *_ in served.hall.speech.said)


def test_asked_in_words_the_same_buttons_lead_back_into_the_conversation(
    served: ServedHall, browser: httpx.Client, receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(served, receipt)
    replies = ResidentReplies(Residents(served.hall.needs.desk))
    who = Who(receipt.number, receipt.code, "c", held={"number": "n", "code": "c"})
    monkeypatch.setitem(REPLIES, "查进度", replies.look_up(who))
    monkeypatch.setitem(REPLIES, "重新办", replies.ask_reason(who))
    page = browser.post("/kiosk/ask", data={"text": "查进度"}).text
    assert page.count('class="level ') == len(LEVELS)
    assert "/kiosk/status/act" not in page
    assert receipt.code not in page
    page = browser.post("/kiosk/ask", data={"text": "重新办"}).text
    assert 'name="text"' in page.split("<main")[1]
