"""Members who prove who they are to their organisation's own sign-in, not to the console."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.transactions import writing
from language.moments import Clock
from staff.accounts import AccountProblem, Member, fold_login, member_of, read_login, read_name
from staff.roles import Role
from staff.tables import MemberRow


@dataclass(frozen=True)
class OutsidePerson:
    """Who the organisation says this is. `roles` is None where it says nothing of roles."""

    issuer: str
    subject: str
    login: str
    name: str
    roles: tuple[Role, ...] | None


class OutsideMembers:
    """Finds or adds the member for a person of the organisation."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def admit(self, person: OutsidePerson) -> Member:
        """Return the member. A person is known by issuer and subject alone: a login proves nothing.

        Roles follow the organisation where it names them; else an administrator gives them.
        """
        key = hashlib.sha256(f"{person.issuer}\n{person.subject}".encode()).hexdigest()
        with writing(self._sessions) as session:
            row = session.scalar(select(MemberRow).where(MemberRow.subject_hash == key))
            if row is None:
                row = MemberRow(
                    login=_free_login(session, person, key),
                    name=_name(person),
                    roles=[],
                    subject_hash=key,
                    created_at=self._clock(),
                )
                session.add(row)
            if person.roles is not None:
                row.roles = [str(role) for role in person.roles]
            session.flush()
            return member_of(row)


def _free_login(session: Session, person: OutsidePerson, key: str) -> str:
    """Return the person's login, or one like it: whoever has it already is somebody else."""
    try:
        wanted = read_login(person.login)[:50]
    except AccountProblem:
        wanted = "member"
    taken = session.scalar(select(MemberRow.id).where(MemberRow.login == fold_login(wanted)))
    return f"{wanted}-{key[:8]}" if taken is not None else wanted


def _name(person: OutsidePerson) -> str:
    try:
        return read_name(person.name[:64])
    except AccountProblem:
        return person.login[:64] or "—"
