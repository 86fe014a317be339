"""Accounts, sessions, passwords and the trail on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session, sessionmaker

from hall.database import migrate_engine, open_engine, open_sessions
from staff.accounts import AccountProblem, Accounts, Member
from staff.attempts import Attempts
from staff.audit import PAGE_ROWS, Act, AuditTrail, Outcome, Wanted
from staff.audit_sheet import write_sheet
from staff.kept_typing import MOST_PER_MEMBER, KeptForm
from staff.passwords import Hasher, PasswordRefused, check_password
from staff.roles import Role
from staff.sign_ins import SignIns
from tests.staff.served import PASSWORD, TurnedClock, make_means, quick_hasher


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = open_engine(database_url)
    migrate_engine(engine)
    yield open_sessions(engine)
    engine.dispose()


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def accounts(sessions: sessionmaker[Session], clock: TurnedClock) -> Accounts:
    return Accounts(sessions, clock, quick_hasher())


def found(accounts: Accounts, login: str, *roles: Role) -> Member:
    accounts.add(login, login, roles)
    member = accounts.find(login)
    assert member is not None
    return member


def test_of_many_first_administrators_at_once_one_wins(accounts: Accounts) -> None:
    def try_it(number: int) -> bool:
        try:
            accounts.found(f"boss-{number}", "老板", PASSWORD)
        except AccountProblem:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_it, range(8))) == 1
    assert len(accounts.members()) == 1


def test_two_administrators_cannot_take_each_others_role_at_once(accounts: Accounts) -> None:
    for login in ("a1", "b1"):
        found(accounts, login, Role.ADMIN)

    def demote(login: str) -> bool:
        try:
            accounts.change(login, login, [Role.VIEWER])
        except AccountProblem:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, ("a1", "b1"))) == [False, True]


def test_a_login_is_one_whatever_its_case_and_width(accounts: Accounts) -> None:
    found(accounts, "Wang.Fang", Role.ADMIN)
    for same in ("wang.fang", "ＷＡＮＧ.fang", " wang.FANG "):
        assert accounts.find(same) is not None
        with pytest.raises(AccountProblem, match="login_taken"):
            accounts.add(same, "王芳", [Role.VIEWER])


@pytest.mark.parametrize("login", ["", "a", "a b", "x" * 65, "a\0b", "a/b", "<b>", "\u202eabc"])
def test_what_cannot_be_a_login_is_refused(login: str, accounts: Accounts) -> None:
    with pytest.raises(AccountProblem, match="login_malformed"):
        accounts.add(login, "王芳", [Role.VIEWER])


def test_a_hash_made_with_older_parameters_is_made_anew_at_sign_in(
    accounts: Accounts, sessions: sessionmaker[Session], clock: TurnedClock
) -> None:
    _, code = accounts.add("wang", "王芳", [Role.ADMIN])
    accounts.choose_password("wang", code, PASSWORD)
    newer = Hasher(memory_kib=128, passes=1, lanes=1)
    later = Accounts(sessions, clock, newer)
    assert later.check("wang", PASSWORD) is not None
    with sessions() as session:
        from staff.tables import MemberRow

        hashed = session.query(MemberRow).one().password_hash
    assert hashed is not None
    assert hashed.startswith("$argon2id$")
    assert not newer.is_old(hashed)
    assert later.check("wang", PASSWORD) is not None


class CountingHasher(Hasher):
    """Counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__(memory_kib=64, passes=1, lanes=1)
        self.asked = 0

    def is_right(self, password: str, hashed: str | None) -> bool:
        self.asked += 1
        return super().is_right(password, hashed)


def test_nobody_costs_as_much_work_as_a_wrong_password(
    sessions: sessionmaker[Session], clock: TurnedClock
) -> None:
    hasher = CountingHasher()
    accounts = Accounts(sessions, clock, hasher)
    _, code = accounts.add("wang", "王芳", [Role.ADMIN])
    accounts.choose_password("wang", code, PASSWORD)
    accounts.add("neu", "新人", [Role.VIEWER])
    for count, login in enumerate(("wang", "neu", "nobody", "\0", "x" * 5000), start=1):
        assert accounts.check(login, "falsch") is None
        assert hasher.asked == count
    assert accounts.check("wang", PASSWORD + "x" * 500) is None


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("123456789", "password_short"),
        ("x" * 201, "password_long"),
        ("wangfang12", "password_is_login"),
        ("WANGFANG.9", "password_is_login"),
        ("aaaaaaaaaaaa", "password_common"),
        ("abababababab", "password_common"),
        ("9876543210", "password_common"),
        ("Admin123456", "password_common"),
        ("P@ssw0rd123", "password_common"),
    ],
)
def test_an_easy_password_is_refused(password: str, key: str) -> None:
    with pytest.raises(PasswordRefused, match=key):
        check_password(password, "wangfang")


@pytest.mark.parametrize(
    "password", [PASSWORD, "correct horse battery", "春江潮水连海平海上明", "x9$Lk2!mQ7"]
)
def test_a_good_password_is_taken(password: str) -> None:
    assert check_password(password, "wangfang") == password


def test_many_tries_at_once_do_not_slip_past_the_limit(
    sessions: sessionmaker[Session], clock: TurnedClock
) -> None:
    attempts = Attempts(sessions, clock)
    with ThreadPoolExecutor(6) as pool:
        waits = list(pool.map(lambda _: attempts.charge({"login/x": 5, "address/y": 30}), range(12)))
    assert sum(wait is None for wait in waits) == 5
    attempts.purge()
    assert attempts.charge({"login/x": 5}) is not None
    clock.turn(minutes=16)
    attempts.purge()
    assert attempts.charge({"login/x": 5}) is None


def test_a_session_is_known_by_its_token_alone_and_forgotten_after_a_day(
    accounts: Accounts, sessions: sessionmaker[Session], clock: TurnedClock
) -> None:
    sign_ins = SignIns(sessions, clock)
    member = found(accounts, "wang", Role.ADMIN)
    token, other = sign_ins.open(member, "Chrome, Windows"), sign_ins.open(member, "")
    assert sign_ins.find(token).stands  # type: ignore[union-attr]
    assert sign_ins.find(token + "x") is None
    assert sign_ins.find("\ud800") is None
    assert [one.browser for one in sign_ins.standing()].count("Chrome, Windows") == 1
    key = sign_ins.find(other).key  # type: ignore[union-attr]
    assert sign_ins.end_one(key) == "wang"
    assert sign_ins.end_one(key) is None
    assert sign_ins.end_one("%") is None
    assert len(sign_ins.standing()) == 1
    clock.turn(hours=33)
    sign_ins.purge()
    assert sign_ins.find(token) is None


def test_kept_typing_is_sealed_limited_and_forgotten(
    accounts: Accounts, sessions: sessionmaker[Session], clock: TurnedClock
) -> None:
    kept = make_means(sessions, clock).kept
    member, other = found(accounts, "wang", Role.ADMIN), found(accounts, "li", Role.VIEWER)
    form = KeptForm(
        "/staff/guides/x", "/staff/guides/x/edit?a=1", [("text", "居民证\ud800 <b>"), ("text", "二")]
    )
    ids = []
    for _ in range(MOST_PER_MEMBER + 3):
        clock.turn(seconds=1)
        ids.append(kept.keep(member, form))
    assert kept.read(member, str(ids[0])) is None, "the oldest makes place"
    read = kept.read(member, str(ids[-1]))
    assert read is not None
    assert read.fields == [("text", "居民证? <b>"), ("text", "二")]
    assert kept.read(other, str(ids[-1])) is None
    assert kept.read(member, "nothing") is None
    assert kept.keep(member, KeptForm("/x", "/x", [("text", "长" * 1_000_001)])) is None
    with sessions() as session:
        from staff.tables import KeptTypingRow

        assert all("居民证".encode() not in row.sealed for row in session.query(KeptTypingRow))
    clock.turn(hours=25)
    assert kept.read(member, str(ids[-1])) is None
    kept.purge()


def test_the_trail_is_filtered_paged_and_keeps_short_facts(
    sessions: sessionmaker[Session], clock: TurnedClock
) -> None:
    trail = AuditTrail(sessions, clock)
    for number in range(PAGE_ROWS + 5):
        trail.note("wang" if number % 2 else "li", Act("guide.save", "guide", f"g{number % 3}"))
        clock.turn(hours=1)
    rows, count = trail.find(Wanted())
    assert (len(rows), count) == (PAGE_ROWS, PAGE_ROWS + 5)
    assert len(trail.find(Wanted(), page=2)[0]) == 5
    assert trail.find(Wanted(), page=99) == ([], PAGE_ROWS + 5)
    assert {row.login for row in trail.find(Wanted(login="li"))[0]} == {"li"}
    assert {row.act.object_id for row in trail.find(Wanted(object_id="g1"))[0]} == {"g1"}
    since = rows[4].at
    assert trail.find(Wanted(since=since))[1] == 5
    assert trail.find(Wanted(until=since))[1] == PAGE_ROWS
    long = Act("x" * 99, "k" * 99, "o\0" * 200, before={"text": "长" * 999}, after={"ids": list(range(99))})
    trail.note("w" * 99, long, Outcome.REFUSED)
    newest = trail.find(Wanted())[0][0]
    assert len(newest.act.before["text"]) == 200
    assert len(newest.act.after["ids"]) == 50
    assert "\0" not in newest.act.object_id


def test_a_sheet_runs_no_formula() -> None:
    body = write_sheet("操作记录", ["时间"], [["=1+1"], ["@x"], ["a\x07b"], ["-2"]])
    sheet = load_workbook(BytesIO(body)).worksheets[0]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == ["=1+1", "@x", "ab", "-2"]
    assert {cell.data_type for cell in cells} == {"s"}
