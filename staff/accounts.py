"""The members of staff: who they are, what they may do, and how they prove who they are."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from knowledge.transactions import writing
from language.moments import Clock
from staff.passwords import Hasher, check_password
from staff.roles import Role, read_roles
from staff.tables import MemberRow

CODE_LIVES = timedelta(hours=24)
NAME_MOST_CHARS = 64
_LOGIN = re.compile(r"[\w.@-]{2,64}")
# No 0, O, 1, I, L: the code is read out and typed.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_CHARS = 16


class AccountProblem(Exception):
    """Something about an account that cannot be; `field` is the form's, `key` a sentence of texts.yml."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(f"{field}: {key}")
        self.field = field
        self.key = key


@dataclass(frozen=True)
class Member:
    """A member of staff as the pages see them."""

    id: int
    login: str
    name: str
    roles: tuple[Role, ...]
    department: str | None  # for whom they work cases; None: for the hall's own desk
    is_disabled: bool
    has_password: bool
    created_at: datetime
    signed_in_at: datetime | None
    code_until: datetime | None

    def may(self, allowed: Iterable[Role]) -> bool:
        """Return whether one of these roles is theirs."""
        return not set(self.roles).isdisjoint(allowed)


class Accounts:
    """The members. Every method is one transaction."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock, hasher: Hasher) -> None:
        self._sessions = sessions
        self._clock = clock
        self._hasher = hasher

    def is_empty(self) -> bool:
        """Return whether nobody has an account yet."""
        with self._sessions() as session:
            return session.scalar(select(MemberRow.id).limit(1)) is None

    def members(self) -> list[Member]:
        """Return every member by login, those who are disabled too."""
        with self._sessions() as session:
            rows = session.scalars(select(MemberRow)).all()
        return sorted((member_of(row) for row in rows), key=lambda member: member.login)

    def find(self, login: str) -> Member | None:
        """Return the member with this login, or None."""
        with self._sessions() as session:
            row = _by_login(session, login)
            return member_of(row) if row else None

    def found(self, login: str, name: str, password: str) -> Member:
        """Add the first administrator. Raises AccountProblem when there is somebody already."""
        login, name = read_login(login), read_name(name)
        hashed = self._hasher.hash(check_password(password, login))
        with writing(self._sessions) as session:
            _hold(session)
            if session.scalar(select(func.count()).select_from(MemberRow)):
                raise AccountProblem("login", "set_up_done")
            row = self._new(login, name, (Role.ADMIN,))
            row.password_hash = hashed
            session.add(row)
            session.flush()
            return member_of(row)

    def add(
        self, login: str, name: str, roles: Iterable[Role], department: str | None = None
    ) -> tuple[Member, str]:
        """Add a member; return them and the one-time code with which they choose a password."""
        login, name = read_login(login), read_name(name)
        wanted = read_roles(roles)
        if not wanted:
            raise AccountProblem("roles", "roles_missing")
        code = make_code()
        try:
            with writing(self._sessions) as session:
                row = self._new(login, name, wanted)
                row.department = department
                self._give_code(row, code)
                session.add(row)
                session.flush()
                return member_of(row), code
        except IntegrityError:
            raise AccountProblem("login", "login_taken") from None

    def change(
        self, login: str, name: str, roles: Iterable[Role], department: str | None = None
    ) -> tuple[Member, Member]:
        """Set name, roles and department; return the member before and after. One administrator must stay."""
        name, wanted = read_name(name), read_roles(roles)
        if not wanted:
            raise AccountProblem("roles", "roles_missing")
        with writing(self._sessions) as session:
            _hold(session)
            row = _existing(session, login)
            before = member_of(row)
            row.name, row.roles = name, [str(role) for role in wanted]
            row.department = department
            _keep_an_admin(session)
            return before, member_of(row)

    def set_disabled(self, login: str, is_disabled: bool) -> Member:
        """Lock a member out, or let them in again. Their sessions are ended by who calls this."""
        with writing(self._sessions) as session:
            _hold(session)
            row = _existing(session, login)
            row.disabled_at = self._clock() if is_disabled else None
            if is_disabled:
                row.code_hash = row.code_until = None
            _keep_an_admin(session)
            return member_of(row)

    def reset_password(self, login: str) -> str:
        """Take the password away; return the one-time code with which a new one is chosen within a day."""
        code = make_code()
        with writing(self._sessions) as session:
            row = _existing(session, login)
            row.password_hash = None
            self._give_code(row, code)
        return code

    def choose_password(self, login: str, code: str, password: str) -> Member:
        """Set a password with a one-time code. Raises AccountProblem, PasswordRefused."""
        hashed = self._hasher.hash(check_password(password, fold_login(login)))
        with writing(self._sessions) as session:
            row = _by_login(session, login)
            offered = hash_code(code)
            is_right = row is not None and hmac.compare_digest(row.code_hash or "", offered)
            if row is None or not is_right or row.disabled_at:
                raise AccountProblem("code", "code_wrong")
            if row.code_until is None or row.code_until < self._clock():
                raise AccountProblem("code", "code_old")
            row.password_hash, row.code_hash, row.code_until = hashed, None, None
            return member_of(row)

    def change_password(self, login: str, old: str, new: str) -> None:
        """Set a new password for who knows the old one. Raises AccountProblem, PasswordRefused."""
        if self.check(login, old) is None:
            raise AccountProblem("old", "password_wrong")
        hashed = self._hasher.hash(check_password(new, fold_login(login)))
        with writing(self._sessions) as session:
            _existing(session, login).password_hash = hashed

    def check(self, login: str, password: str) -> Member | None:
        """Return the member whose password this is; as slow for nobody as for a wrong password."""
        with self._sessions() as session:
            row = _by_login(session, login)
        hashed = row.password_hash if row and not row.disabled_at else None
        if not self._hasher.is_right(password, hashed) or row is None or hashed is None:
            return None
        if self._hasher.is_old(hashed):
            anew = self._hasher.hash(unicodedata.normalize("NFC", password))
            with writing(self._sessions) as session:
                _existing(session, login).password_hash = anew
        return member_of(row)

    def _new(self, login: str, name: str, roles: Iterable[Role]) -> MemberRow:
        return MemberRow(
            login=login, name=name, roles=[str(role) for role in roles], created_at=self._clock()
        )

    def _give_code(self, row: MemberRow, code: str) -> None:
        row.code_hash = hash_code(code)
        row.code_until = self._clock() + CODE_LIVES


def fold_login(text: str) -> str:
    """Return a login as it is stored: full-width letters and capitals are no difference."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def read_login(text: str) -> str:
    """Return the login, or raise AccountProblem when it cannot be one."""
    login = fold_login(text)
    if not _LOGIN.fullmatch(login):
        raise AccountProblem("login", "login_malformed")
    return login


def read_name(text: str) -> str:
    """Return a person's name without what cannot be seen, or raise AccountProblem."""
    name = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] != "C").strip()
    if not 1 <= len(name) <= NAME_MOST_CHARS:
        raise AccountProblem("name", "name_malformed")
    return name


def make_code() -> str:
    """Return a one-time code, four groups of four."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_CHARS))
    return "-".join(letters[start : start + 4] for start in range(0, _CODE_CHARS, 4))


def hash_code(code: str) -> str:
    """Return the hash of a code; dashes, spaces and capitals are no difference."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", code[:200]).upper() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def member_of(row: MemberRow) -> Member:
    """Return a row as the pages see it."""
    return Member(
        id=row.id,
        login=row.login,
        name=row.name,
        roles=read_roles(row.roles),
        department=row.department,
        is_disabled=row.disabled_at is not None,
        has_password=row.password_hash is not None,
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
        code_until=row.code_until,
    )


def _by_login(session: Session, login: str) -> MemberRow | None:
    # PostgreSQL takes no NUL in a text, and no login holds one.
    folded = fold_login(login[:200]).replace("\0", "")
    return session.scalar(select(MemberRow).where(MemberRow.login == folded))


def _existing(session: Session, login: str) -> MemberRow:
    row = _by_login(session, login)
    if row is None:
        raise AccountProblem("login", "login_unknown")
    return row


def _hold(session: Session) -> None:
    """Let nobody else change members meanwhile: of two who take each other's role away one must fail."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE staff_member IN SHARE ROW EXCLUSIVE MODE"))


def _keep_an_admin(session: Session) -> None:
    session.flush()
    standing = session.scalars(select(MemberRow).where(MemberRow.disabled_at.is_(None)))
    if not any(Role.ADMIN in read_roles(row.roles) for row in standing):
        raise AccountProblem("roles", "last_admin")
