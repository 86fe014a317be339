"""`linli staff`: who may sign in to the console, for when nobody can, or a page is too slow a way."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from staff.accounts import CODE_LIVES, AccountProblem, Accounts, Member
from staff.attempts import Attempts
from staff.audit import Act, AuditTrail
from staff.roles import EVERY_ROLE, Role
from staff.sign_ins import SignIns

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_PROBLEMS = {
    "login_malformed": "A login has 2 to 64 letters and digits; . _ - @ may be among them.",
    "login_taken": "This login is taken: choose another.",
    "login_unknown": "Nobody has this login: `linli staff list` names all.",
    "name_malformed": "--name is the person's name, at most 64 characters.",
    "roles_missing": "--role names at least one role.",
    "last_admin": "This is the last administrator who can sign in: make somebody else one first.",
}


@dataclass(frozen=True)
class StaffParts:
    """What the command works on."""

    accounts: Accounts
    sign_ins: SignIns
    attempts: Attempts
    audit: AuditTrail


def register(subparsers: Subparsers, open_parts: Callable[[], StaffParts]) -> None:
    """Add `staff add|list|reset-password|disable`; `run` of the parsed arguments returns the exit code."""
    parser = subparsers.add_parser("staff", help="who may sign in to the staff console")
    actions = parser.add_subparsers(dest="staff_action", required=True)

    add = actions.add_parser("add", help="add a member; prints a one-time code")
    add.add_argument("login")
    add.add_argument("--name", default="", help="the person's name (default: the login)")
    add.add_argument(
        "--role", action="append", choices=[str(role) for role in EVERY_ROLE], help="may be given repeatedly"
    )
    add.set_defaults(run=lambda arguments: _guarded(run_add, arguments, open_parts))

    listing = actions.add_parser("list", help="list the members")
    listing.set_defaults(run=lambda arguments: _guarded(run_list, arguments, open_parts))

    reset = actions.add_parser("reset-password", help="take a password away; prints a one-time code")
    reset.add_argument("login")
    reset.set_defaults(run=lambda arguments: _guarded(run_reset, arguments, open_parts))

    disable = actions.add_parser("disable", help="lock a member out, at once")
    disable.add_argument("login")
    disable.set_defaults(run=lambda arguments: _guarded(run_disable, arguments, open_parts))


def run_add(arguments: argparse.Namespace, parts: StaffParts) -> None:
    """Add a member. The first one is an administrator unless roles are given."""
    roles = [Role(name) for name in arguments.role or ()]
    if not roles:
        roles = [Role.ADMIN if parts.accounts.is_empty() else Role.VIEWER]
    member, code = parts.accounts.add(arguments.login, arguments.name or arguments.login, roles)
    _note(parts, "member.add", member, after={"roles": [str(role) for role in member.roles]})
    print(f"{member.login} is added as {', '.join(member.roles)}.")
    _tell_code(code)


def run_list(arguments: argparse.Namespace, parts: StaffParts) -> None:
    """Print the members, one line each."""
    for member in parts.accounts.members():
        state = "disabled" if member.is_disabled else "waits for a password" if member.code_until else "ok"
        seen = f"{member.signed_in_at:%Y-%m-%d}" if member.signed_in_at else "never"
        print(f"{member.login}\t{member.name}\t{','.join(member.roles)}\t{state}\tsigned in {seen}")


def run_reset(arguments: argparse.Namespace, parts: StaffParts) -> None:
    """Take a password away and end the member's sessions; wrong tries are forgotten."""
    code = parts.accounts.reset_password(arguments.login)
    member = parts.accounts.find(arguments.login)
    assert member is not None
    parts.attempts.forgive(f"login/{member.login}")
    parts.sign_ins.end_all(member)
    _note(parts, "member.reset-password", member)
    print(f"The password of {member.login} no longer works.")
    _tell_code(code)


def run_disable(arguments: argparse.Namespace, parts: StaffParts) -> None:
    """Lock a member out and end their sessions."""
    member = parts.accounts.set_disabled(arguments.login, True)
    parts.sign_ins.end_all(member)
    _note(parts, "member.disable", member, after={"disabled": True})
    print(f"{member.login} is locked out.")


def _guarded(
    run: Callable[[argparse.Namespace, StaffParts], None],
    arguments: argparse.Namespace,
    open_parts: Callable[[], StaffParts],
) -> int:
    try:
        run(arguments, open_parts())
    except AccountProblem as problem:
        print(_PROBLEMS[problem.key], file=sys.stderr)
        return 1
    return 0


def _note(parts: StaffParts, act: str, member: Member, after: dict[str, object] | None = None) -> None:
    parts.audit.note(f"cli:{getpass.getuser()}", Act(act, "member", member.login, after=after or {}))


def _tell_code(code: str) -> None:
    hours = CODE_LIVES.total_seconds() / 3600
    print(f"One-time code, good for {hours:.0f} hours: {code}")
    print("With it a password is chosen at /staff/new-password.")
