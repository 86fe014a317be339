"""What a member of staff may do: roles, of which a person may hold several."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """One kind of work. A page names the roles that may open it; holding one of them is enough."""

    VIEWER = "viewer"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    CASE_STAFF = "case_staff"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


EVERY_ROLE: tuple[Role, ...] = tuple(Role)


def read_roles(names: Iterable[str]) -> tuple[Role, ...]:
    """Return the roles with these names in the order of Role, each once; unknown names are left out."""
    wanted = set(names)
    return tuple(role for role in Role if role.value in wanted)
