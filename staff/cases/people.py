"""As whom a member of staff works cases."""

from __future__ import annotations

from cases.case import Actor, ActorRole
from staff.accounts import Member
from staff.roles import Role

DESK = (Role.CASE_STAFF, Role.SUPERVISOR)


def actor_of(member: Member) -> Actor:
    """Return who acts on a case when this member does.

    A supervisor acts as one; who works for a department acts for it; the others are the hall's own desk.
    """
    if member.may((Role.SUPERVISOR,)):
        return Actor(member.login, ActorRole.SUPERVISOR)
    if member.department is not None:
        return Actor(member.login, ActorRole.HANDLER, member.department)
    return Actor(member.login, ActorRole.RECEIVER)
