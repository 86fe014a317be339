"""What residents told in confidence is read for a reason, sealed anew, handed out, and erased in time."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from cases.arrivals.photos import Photos
from cases.case import ActorRole, CaseStatus, Incomplete, NoSuchCase, NotYours, Request, Reveal
from cases.desk import Desk
from cases.privacy.erasing import erase, erase_expired, load_retention, preview_erasure
from cases.privacy.handing_out import hand_out
from cases.privacy.reading import read_clear, read_masked
from cases.privacy.rotation import SEALED, seal_anew, sealed_columns
from cases.sealing import Sealer, Unopenable
from cases.tables import CaseEventRow, CaseRow, EventKind
from cases.work.working import Working
from tests.cases.conftest import KEY, PHONE, HandClock
from tests.cases.test_desk import all_columns
from tests.cases.working import BOSS, LI, WANG, ZHOU, a_move, bring, open_departments

Sessions = sessionmaker[Session]
NEW_KEY = bytes(range(32, 64))
ANSWER = "一般几点钟最吵？ 夜里12点，王小明说的"


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def number(desk: Desk, make_request: Callable[..., Request]) -> str:
    """A case with everything that is sealed: fields, notes, a whistle's reason and proof, a photo."""
    open_departments(desk)
    number = desk.file_case(make_request(details=ANSWER)).number
    bring(desk, number, CaseStatus.IN_PROGRESS)
    work = Working(desk.store)
    whistle = work.whistle(number, ["gardens"], WANG, "树挡住了灯")
    work.come(whistle, ZHOU, "周师傅看过")
    Photos(desk.store).add(number, "灯.jpg", a_photo(), LI)
    desk.move(number, a_move(CaseStatus.RESOLVED, WANG))
    return number


def test_reading_one_case_in_clear_needs_a_reason_and_is_written_down_first(
    desk: Desk, sessions: Sessions, number: str
) -> None:
    assert read_masked(desk.store, number).contact_phone == "138****5678"
    with pytest.raises(Incomplete):
        read_clear(desk.store, number, Reveal("li", " x "))
    assert read_clear(desk.store, number, Reveal("li", "电话回访", ActorRole.RECEIVER)).contact_phone == PHONE
    with sessions() as session:
        events = session.scalars(select(CaseEventRow).where(CaseEventRow.kind == EventKind.REVEALED)).all()
    assert [(event.author, event.role) for event in events] == [("li", "receiver")]
    for read in (
        lambda: read_masked(desk.store, "x"),
        lambda: read_clear(desk.store, "x", Reveal("li", "电话回访")),
    ):
        with pytest.raises(NoSuchCase):
            read()
    assert desk.verify() == []


def test_after_rotation_the_old_key_opens_nothing_that_is_stored(
    desk: Desk, sessions: Sessions, clock: HandClock, number: str, engine: Engine
) -> None:
    rotated = Desk(sessions, Sealer([NEW_KEY, KEY]), clock)
    count = seal_anew(rotated.store)
    assert count >= 9
    assert seal_anew(rotated.store) == 0
    assert rotated.verify() == []
    assert read_masked(rotated.store, number).contact_phone == "138****5678"
    assert (
        Photos(rotated.store)
        .read(Photos(rotated.store).of_case(number)[0].id, number)
        .startswith(b"\xff\xd8")
    )
    with pytest.raises(Unopenable):
        read_masked(Desk(sessions, Sealer([KEY]), clock).store, number)


def test_every_sealed_column_that_lasts_is_rotated() -> None:
    rotated = {f"{column.class_.__tablename__}.{column.key}" for column, _ in SEALED}
    assert rotated == sealed_columns() - {"sealed_value.sealed"}


def test_a_code_survives_the_rotation(
    desk: Desk, sessions: Sessions, clock: HandClock, make_request: Callable[..., Request]
) -> None:
    receipt = desk.file_case(make_request())
    rotated = Desk(sessions, Sealer([NEW_KEY, KEY]), clock)
    seal_anew(rotated.store)
    assert rotated.look_up(receipt.number, receipt.code, "c") is not None
    assert rotated.file_case(make_request()).code == receipt.code


def test_erasing_says_beforehand_what_goes_and_afterwards_what_went(
    desk: Desk, sessions: Sessions, engine: Engine, tmp_path: Path, number: str
) -> None:
    preview = preview_erasure(desk.store, number)
    assert preview.fields == ("contact_name", "contact_phone", "description", "place", "details")
    assert (preview.notes, preview.photos) == (6, 1)
    with pytest.raises(Incomplete):
        erase(desk.store, number, BOSS, " ")
    receipt = erase(desk.store, number, BOSS, "本人到窗口申请，已核对身份")
    assert receipt.erased == preview
    with sessions() as session:
        event = session.get_one(CaseEventRow, receipt.sequence)
        assert (event.kind, event.hash) == (EventKind.ERASED, receipt.signature)
        row = session.get_one(CaseRow, number)
        assert (row.status, row.department, row.erased_at is not None) == ("resolved", "repairs", True)
    record = read_masked(desk.store, number)
    assert (record.description, record.place, record.contact_name, record.contact_phone) == (None,) * 4
    assert record.details is None
    assert Photos(desk.store).of_case(number) == ()
    after = preview_erasure(desk.store, number)
    assert (after.fields, after.notes, after.photos) == ((), 1, 0)  # the reason for erasing
    assert desk.verify() == []
    with sessions() as session:
        counted = select(func.count()).select_from(CaseEventRow)
        assert session.scalar(counted) == receipt.sequence
    assert b"JFIF" not in all_columns(engine)


def test_a_case_that_is_worked_cannot_be_erased(desk: Desk, make_request: Callable[..., Request]) -> None:
    number = desk.file_case(make_request()).number
    with pytest.raises(NotYours, match="closed or withdrawn"):
        erase(desk.store, number, BOSS, "本人申请")
    with pytest.raises(NoSuchCase):
        preview_erasure(desk.store, "260611-9999")


def test_what_has_been_kept_long_enough_is_erased_by_class(
    desk: Desk, sessions: Sessions, clock: HandClock, make_request: Callable[..., Request]
) -> None:
    open_departments(desk)
    ordinary = desk.file_case(make_request("a", category="lift")).number
    private = desk.file_case(make_request("b", category="hardship")).number
    unknown = desk.file_case(make_request("c", description="说不清")).number
    still = desk.file_case(make_request("d", category="hardship")).number
    for number in (ordinary, private, unknown):
        bring(desk, number, CaseStatus.CLOSED)

    def kept(number: str) -> tuple[bool, bool]:
        with sessions() as session:
            row = session.get_one(CaseRow, number)
        return row.contact_phone is not None, row.description is not None

    assert erase_expired(desk.store) == 0
    clock.turn(days=90)
    assert [erase_expired(desk.store) for _ in range(2)] == [2, 0]
    assert [kept(n) for n in (ordinary, private, unknown)] == [(True, True), (False, True), (False, True)]
    clock.turn(days=90)
    assert erase_expired(desk.store) == 1
    clock.turn(days=185)
    assert erase_expired(desk.store) == 2
    assert [kept(n) for n in (ordinary, private, still)] == [(False, True), (False, False), (True, True)]
    clock.turn(days=365)
    assert [erase_expired(desk.store) for _ in range(2)] == [1, 0]
    assert desk.verify() == []


def test_every_class_has_its_times_and_words_are_kept_no_shorter_than_contacts() -> None:
    for retention in load_retention().values():
        assert retention.contact <= retention.words


def test_a_resident_gets_all_that_is_kept_and_no_name_of_staff(
    desk: Desk, sessions: Sessions, number: str
) -> None:
    with pytest.raises(Incomplete):
        hand_out(desk.store, number, LI, "")
    given = hand_out(desk.store, number, LI, "本人凭身份证领取")
    text = json.dumps(given, ensure_ascii=False)
    assert given["case"]["contact_phone"] == PHONE
    assert given["case"]["details"] == ANSWER
    assert read_masked(desk.store, number).details == ANSWER
    assert "周师傅看过" in text
    assert [event["what"] for event in given["history"]][-1] == "exported"
    assert {event["by"] for event in given["history"]} == {"resident", "receiver", "handler"}
    assert "灯.jpg" in text
    assert desk.verify() == []
