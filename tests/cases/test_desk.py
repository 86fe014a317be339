"""The desk files each request once, whole, and sealed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from cases.case import AlreadyFiled, CaseStatus, InvalidRequest, Request, RequestKeyTaken, Reveal
from cases.desk import Desk
from cases.sealing import Sealer
from cases.tables import Base, CaseEventRow, CaseRow, EventKind, NoticeRow, NoticeState
from cases.work.moving import Move
from language.moments import Clock
from tests.cases.working import LI

ROOT = Path(__file__).resolve().parents[2]
MakeRequest = Callable[..., Request]
Sessions = sessionmaker[Session]


def count(sessions: Sessions, table: type) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def all_columns(engine: Engine) -> bytes:
    """Everything in every table, as the driver gives it."""
    parts = []
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.exec_driver_sql(f"SELECT * FROM {table.name}"):
                parts += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    return b"\n".join(parts)


def test_a_filed_case_has_a_history_and_owes_a_notice(
    desk: Desk, sessions: Sessions, make_request: MakeRequest
) -> None:
    receipt = desk.file_case(make_request())
    with sessions() as session:
        event = session.scalars(select(CaseEventRow)).one()
        notice = session.scalars(select(NoticeRow)).one()
    assert (event.number, event.kind, event.from_status, event.to_status) == (
        receipt.number,
        "filed",
        None,
        "received",
    )
    assert (notice.number, notice.sequence, notice.state) == (receipt.number, 1, NoticeState.PENDING)


def test_a_number_is_the_local_day_and_a_count_and_a_code_has_six_digits(
    desk: Desk, clock: object, make_request: MakeRequest
) -> None:
    first = desk.file_case(make_request("a"))
    second = desk.file_case(make_request("b"))
    clock.turn(hours=14)  # type: ignore[attr-defined]  # 16:00 UTC is the next day in Shanghai
    third = desk.file_case(make_request("c"))
    assert [r.number for r in (first, second, third)] == ["260611-0001", "260611-0002", "260612-0001"]
    assert first.code != second.code
    assert all(len(r.code) == 6 and r.code.isdigit() for r in (first, second, third))


def test_filing_again_returns_the_same_number_and_code(
    desk: Desk, sessions: Sessions, make_request: MakeRequest
) -> None:
    first = desk.file_case(make_request())
    again = desk.file_case(make_request(description="换一种说法也一样"))
    assert first.is_new
    assert not again.is_new
    assert (again.number, again.code) == (first.number, first.code)
    assert [count(sessions, table) for table in (CaseRow, CaseEventRow, NoticeRow)] == [1, 1, 1]


def test_a_new_process_tells_the_same_code(
    desk: Desk, sessions: Sessions, sealer: Sealer, clock: Clock, make_request: MakeRequest
) -> None:
    first = desk.file_case(make_request())
    rotated = Sealer([os.urandom(32), bytes(range(32))])
    for keys in (Sealer([bytes(range(32))]), rotated):
        again = Desk(sessions, keys, clock).file_case(make_request())
        assert (again.number, again.code) == (first.number, first.code)
    assert Desk(sessions, rotated, clock).look_up(first.number, first.code, "x")


def test_eight_threads_with_one_key_file_one_case(
    desk: Desk, sessions: Sessions, make_request: MakeRequest
) -> None:
    together = Barrier(8)

    def file(_: int) -> object:
        together.wait()
        return desk.file_case(make_request())

    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(file, range(8)))
    assert len({(r.number, r.code) for r in receipts}) == 1  # type: ignore[attr-defined]
    assert sum(r.is_new for r in receipts) == 1  # type: ignore[attr-defined]
    assert [count(sessions, table) for table in (CaseRow, CaseEventRow, NoticeRow)] == [1, 1, 1]
    assert desk.verify() == []


def test_sixteen_threads_with_their_own_keys_get_numbers_without_a_gap(
    desk: Desk, make_request: MakeRequest
) -> None:
    together = Barrier(16)

    def file(position: int) -> str:
        together.wait()
        return desk.file_case(make_request(f"key-{position}")).number

    with ThreadPoolExecutor(16) as threads:
        numbers = sorted(threads.map(file, range(16)))
    assert numbers == [f"260611-{count:04}" for count in range(1, 17)]
    assert desk.verify() == []


def test_a_key_of_another_conversation_tells_nothing(desk: Desk, make_request: MakeRequest) -> None:
    desk.file_case(make_request())
    with pytest.raises(RequestKeyTaken):
        desk.file_case(make_request(conversation="conversation-2"))


def test_a_number_of_the_hotline_is_filed_once(desk: Desk, make_request: MakeRequest) -> None:
    first = desk.file_case(make_request("a", hotline_ref="SH-1"))
    with pytest.raises(AlreadyFiled, match=first.number):
        desk.file_case(make_request("b", hotline_ref="SH-1"))
    assert not desk.file_case(make_request("a", hotline_ref="SH-1")).is_new


def test_a_failure_in_mid_filing_leaves_nothing_behind(
    desk: Desk, engine: Engine, sessions: Sessions, make_request: MakeRequest
) -> None:
    NoticeRow.__table__.drop(engine)  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="notice"):
        desk.file_case(make_request())
    NoticeRow.__table__.create(engine)  # type: ignore[attr-defined]
    assert [count(sessions, table) for table in (CaseRow, CaseEventRow)] == [0, 0]
    assert desk.file_case(make_request()).number == "260611-0001"


CHILD = """
import os, signal, sys
from sqlalchemy import create_engine, event
from sqlalchemy.orm import sessionmaker, Session
from cases.case import CaseKind, Request
from cases.desk import Desk
from cases.sealing import Sealer
from datetime import datetime, UTC
url, moment = sys.argv[1:]
engine = create_engine(url)
sessions = sessionmaker(engine)
event.listen(sessions, moment, lambda session, *_: os.kill(os.getpid(), signal.SIGKILL))
desk = Desk(sessions, Sealer([bytes(range(32))]), lambda: datetime(2026, 6, 11, 2, tzinfo=UTC))
request = Request("key-1", CaseKind.REPAIR, "楼道灯不亮了", "3号楼", None, None, "chat", "conversation-1")
desk.file_case(request)
"""


@pytest.mark.parametrize(("moment", "kept"), [("before_commit", 0), ("after_flush", 0), ("after_commit", 1)])
def test_a_kill_around_the_commit_files_whole_or_not_at_all_and_never_twice(
    moment: str, kept: int, database_url: str, desk: Desk, sessions: Sessions, make_request: MakeRequest
) -> None:
    done = subprocess.run([sys.executable, "-c", CHILD, database_url, moment], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [count(sessions, table) for table in (CaseRow, CaseEventRow, NoticeRow)] == [kept] * 3
    receipt = desk.file_case(make_request())
    assert receipt.is_new == (kept == 0)
    assert receipt.number == "260611-0001"
    assert desk.look_up(receipt.number, receipt.code, "x") is not None
    assert desk.verify() == []


def test_no_contact_field_and_no_code_is_in_the_database_in_clear(
    desk: Desk, engine: Engine, tmp_path: Path, make_request: MakeRequest
) -> None:
    request = make_request()
    receipt = desk.file_case(request)
    desk.move(receipt.number, Move(CaseStatus.ACCEPTED, LI, note="已打电话给王建国"))
    engine.dispose()
    raw = all_columns(engine) + b"".join(file.read_bytes() for file in tmp_path.glob("*.db*"))
    assert receipt.number.encode() in raw
    secrets = (request.contact_phone, request.contact_name, request.place, request.description, receipt.code)
    for secret in secrets:
        assert secret is not None
        assert secret.encode() not in raw
        assert secret.encode("utf-16-le") not in raw


def test_records_are_masked_unless_they_are_revealed_for_a_reason(
    desk: Desk, sessions: Sessions, make_request: MakeRequest
) -> None:
    desk.file_case(make_request(description="请打 138 1234 5678 找我"))
    masked = next(desk.records())
    assert (masked.contact_name, masked.contact_phone) == ("王**", "138****5678")
    assert masked.description == "请打 138******5678 找我"
    assert count(sessions, CaseEventRow) == 1
    clear = next(desk.records(Reveal("cli:li", "回访")))
    assert (clear.contact_name, clear.contact_phone) == ("王建国", "13812345678")
    with sessions() as session:
        kinds = session.scalars(select(CaseEventRow.kind).order_by(CaseEventRow.sequence)).all()
    assert kinds == [EventKind.FILED, EventKind.REVEALED]
    assert desk.verify() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"key": ""},
        {"key": "k" * 65},
        {"description": ""},
        {"description": "长" * 501},
        {"description": "好" * 1_400_000},
        {"contact_phone": ""},
        {"place": "\ud800"},
        {"conversation": ""},
        {"channel": "c" * 33},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_no_form_accepts_never_reaches_the_store(
    changes: dict[str, str], make_request: MakeRequest
) -> None:
    with pytest.raises(InvalidRequest):
        make_request(**changes)


def test_a_locked_database_is_an_error_and_not_half_a_case(
    tmp_path: Path, sealer: Sealer, clock: Clock, make_request: MakeRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'busy.db'}"
    hurried = create_engine(url, connect_args={"timeout": 0.05})
    other = create_engine(url)
    Base.metadata.create_all(other)
    desk = Desk(sessionmaker(hurried), sealer, clock)
    with other.connect() as busy:
        busy.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError):
            desk.file_case(make_request())
    assert desk.file_case(make_request()).number == "260611-0001"
    hurried.dispose()
    other.dispose()
