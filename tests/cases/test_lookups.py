"""Look-up opens to number and code only, however they are typed, and stops guessers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.case import CaseStatus, Receipt, Request, TooManyAttempts
from cases.desk import Desk
from cases.lookups import WRONG_PER_CONVERSATION, WRONG_PER_NUMBER, find_number_and_code
from cases.resident_replies import ResidentReplies, Who
from cases.residents import Residents
from cases.tables import LookupAttemptRow
from language.reply import Decision, Reply


@pytest.fixture
def receipt(desk: Desk, make_request: Callable[..., Request]) -> Receipt:
    return desk.file_case(make_request())


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


WAYS_TO_TYPE: dict[str, Callable[[str], str]] = {
    "as printed": lambda text: text,
    "without the dash": lambda text: text.replace("-", ""),
    "with spaces": lambda text: f" {text} ".replace("-", " "),
    "full width": lambda text: text.translate(str.maketrans("0123456789-", "０１２３４５６７８９－")),
    "spoken": lambda text: text.translate(str.maketrans("0123456789", "零幺二三四五六七八九")),
    "digit by digit": lambda text: " ".join(text),
    "in words": lambda text: f"编号{text}。",
}


def test_a_case_is_found_however_its_number_and_code_are_typed(desk: Desk, receipt: Receipt) -> None:
    for way, type_it in WAYS_TO_TYPE.items():
        view = desk.look_up(type_it(receipt.number), type_it(receipt.code), "conversation-9")
        assert view is not None, way
        assert (view.number, view.status) == (receipt.number, CaseStatus.RECEIVED)


def test_what_is_no_number_or_no_code_finds_nothing(desk: Desk, receipt: Receipt) -> None:
    for number in ("", "你好", "123", "9" * 100_000, "260611-9999", "'; drop table cases;--"):
        assert desk.look_up(number, receipt.code, "conversation-9") is None
    for code in ("", "abc", "1" * 100_000, "１２"):
        assert desk.look_up(receipt.number, code, "conversation-9") is None


def test_five_wrong_codes_lock_a_number_for_everyone_even_with_the_right_code(
    desk: Desk, clock: object, receipt: Receipt
) -> None:
    for attempt in range(WRONG_PER_NUMBER):
        assert desk.look_up(receipt.number, wrong(receipt.code), f"guesser-{attempt}") is None
    with pytest.raises(TooManyAttempts) as locked:
        desk.look_up(receipt.number, receipt.code, "somebody else")
    assert locked.value.minutes == 15
    clock.turn(minutes=15)  # type: ignore[attr-defined]
    assert desk.look_up(receipt.number, receipt.code, "somebody else") is not None


def test_a_number_that_does_not_exist_locks_like_one_that_does(desk: Desk) -> None:
    for attempt in range(WRONG_PER_NUMBER):
        assert desk.look_up("260611-0777", "123456", f"guesser-{attempt}") is None
    with pytest.raises(TooManyAttempts):
        desk.look_up("260611-0777", "123456", "guesser")


def test_a_conversation_that_tries_number_after_number_is_locked(desk: Desk) -> None:
    for attempt in range(WRONG_PER_CONVERSATION):
        assert desk.look_up(f"260611-{attempt:04}", "123456", "guesser") is None
    with pytest.raises(TooManyAttempts):
        desk.look_up("260611-0500", "123456", "guesser")


def test_right_look_ups_are_not_limited_and_do_not_wash_away_wrong_ones(desk: Desk, receipt: Receipt) -> None:
    for _ in range(20):
        assert desk.look_up(receipt.number, receipt.code, "owner") is not None
    for _ in range(WRONG_PER_NUMBER):
        desk.look_up(receipt.number, wrong(receipt.code), "owner")
        if _ < WRONG_PER_NUMBER - 1:
            assert desk.look_up(receipt.number, receipt.code, "owner") is not None
    with pytest.raises(TooManyAttempts):
        desk.look_up(receipt.number, receipt.code, "owner")


def test_guesses_made_at_once_do_not_slip_past_the_limit(desk: Desk, receipt: Receipt) -> None:
    def guess(position: int) -> bool:
        try:
            return desk.look_up(receipt.number, wrong(receipt.code), f"guesser-{position}") is None
        except TooManyAttempts:
            return False

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(guess, range(12))) == WRONG_PER_NUMBER


def test_old_attempts_are_forgotten(desk: Desk, clock: object, sessions: sessionmaker[Session]) -> None:
    desk.look_up("260611-0777", "123456", "guesser")
    clock.turn(minutes=15)  # type: ignore[attr-defined]
    desk.purge_expired()
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(LookupAttemptRow)) == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("260611-0042", ("260611-0042", None)),
        ("260611 0042 123456", ("260611-0042", "123456")),
        ("2606110042123456", ("260611-0042", "123456")),
        ("编号260611-0042，查询码123 456", ("260611-0042", "123456")),
        ("查询码123456，编号２６０６１１－００４２", ("260611-0042", "123456")),
        ("123456", (None, "123456")),
        ("二六零六幺幺零零四二", ("260611-0042", None)),
        ("我要查进度", (None, None)),
        ("13812345678901234567", (None, None)),
    ],
)
def test_number_and_code_are_read_from_a_sentence(text: str, found: tuple[str | None, str | None]) -> None:
    assert find_number_and_code(text) == found


def stands(desk: Desk, *who: str) -> Reply:
    """Return what is said of a case: number, code, conversation, locale."""
    return ResidentReplies(Residents(desk)).look_up(Who(*who))


def test_the_reply_tells_the_status_but_neither_contact_nor_description(desk: Desk, receipt: Receipt) -> None:
    reply = stands(desk, receipt.number, receipt.code, "x")
    assert reply.decision is Decision.STATUS
    assert reply.private
    assert "已登记" in reply.text
    assert "2026年6月11日 10:00" in reply.text
    assert "张江" not in reply.text
    assert "楼道" not in reply.text


def test_a_wrong_code_and_an_unknown_number_get_the_same_words(desk: Desk, receipt: Receipt) -> None:
    unknown = stands(desk, "260611-0999", receipt.code, "x")
    assert stands(desk, receipt.number, wrong(receipt.code), "x") == unknown


def test_a_locked_look_up_says_how_long(desk: Desk, receipt: Receipt) -> None:
    for _ in range(WRONG_PER_NUMBER):
        desk.look_up(receipt.number, wrong(receipt.code), "x")
    assert "15分钟" in stands(desk, receipt.number, receipt.code, "x").text
    assert "15 minutes" in stands(desk, receipt.number, receipt.code, "x", "en").text
