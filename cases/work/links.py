"""Cases that belong together: merged into a master, which is worked for all of them, or only linked."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cases.case import AT_REST, Actor, CaseStatus, Incomplete, NotYours
from cases.store import Told, Writing
from cases.tables import CaseRow, EventKind
from cases.work.tables import LinkRow


def merge(writing: Writing, row: CaseRow, master: str | None) -> None:
    """Make `master` the case that is worked instead; what was merged into `row` goes along."""
    if not master or master == row.number:
        raise Incomplete(f"case {row.number}: name the case that it is merged into")
    chief = writing.case(master)
    if chief.master is not None:
        raise NotYours(f"case {master} is itself merged: merge into {chief.master}")
    if CaseStatus(chief.status) in AT_REST:
        raise NotYours(f"case {master} is {chief.status}: nobody works it any more")
    row.master, row.department = master, None
    for follower in followers(writing, row.number):
        follower.master = master


def followers(writing: Writing, number: str) -> Sequence[CaseRow]:
    """Return the cases that are merged into this one."""
    merged = select(CaseRow).where(CaseRow.master == number).order_by(CaseRow.number)
    return writing.session.scalars(merged).all()


def tell_followers(writing: Writing, row: CaseRow, actor: Actor) -> None:
    """Tell the residents of merged cases how their master ended."""
    for follower in followers(writing, row.number):
        writing.tell(follower, Told(EventKind.FOLLOWED, actor, about=f"{row.number} {row.status}"))


def link(writing: Writing, one: str, other: str, actor: Actor) -> None:
    """Note on both cases that they belong together; doing so twice changes nothing."""
    rows = [writing.case(number) for number in sorted({one, other})]
    if len(rows) != 2:
        raise Incomplete(f"case {one} cannot be linked with itself")
    first, second = rows
    if writing.session.get(LinkRow, (first.number, second.number)) is not None:
        return
    writing.session.add(
        LinkRow(first=first.number, second=second.number, made_by=actor.login, made_at=writing.now)
    )
    for row, partner in ((first, second), (second, first)):
        writing.tell(row, Told(EventKind.LINKED, actor, about=partner.number))


def linked_with(session: Session, number: str) -> list[str]:
    """Return the numbers of the cases that are linked with this one."""
    both = select(LinkRow).where(or_(LinkRow.first == number, LinkRow.second == number))
    return sorted(row.second if row.first == number else row.first for row in session.scalars(both))
