"""What looks like one matter is proposed to staff, who merge it or say that it is several. See bursts.py.

A burst is remembered when it is seen, so that one of the night is still there in the morning. What staff
decided stands: the same cases are not proposed again, but a burst that has grown since is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.case import AT_REST, Actor, ActorRole, CaseError, CaseStatus, Incomplete, NotYours
from cases.figures.bursts import Burst, find_bursts
from cases.figures.tables import ProposalRow
from cases.store import Store, Writing
from cases.tables import CaseRow
from cases.work.moves import who_may
from cases.work.moving import Move, make_move

_DESK = (ActorRole.RECEIVER, ActorRole.SUPERVISOR)
# Of one grid and category; those further back cannot share a case with what is filed now.
_LOOK_BACK = 20


class Kind(StrEnum):
    """What is proposed."""

    BURST = "burst"
    GAP = "gap"


class State(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    PASSED = "passed"  # its cases were worked one by one before anybody decided


class NoSuchProposal(CaseError):
    """There is no proposal with this id."""

    def __init__(self, proposal: int) -> None:
        super().__init__(f"there is no proposal {proposal}: open the list anew")


class AlreadyDecided(CaseError):
    """Somebody was faster."""

    def __init__(self, proposal: int, state: str, by: str) -> None:
        super().__init__(f"proposal {proposal} is {state} (by {by}): open the list anew")
        self.state = State(state)
        self.by = by


class HasGrown(CaseError):
    """More cases came to a proposal than whoever decides has seen."""

    def __init__(self, proposal: int) -> None:
        super().__init__(f"proposal {proposal} has grown meanwhile: look at all its cases first")


@dataclass(frozen=True)
class Member:
    """One case of a proposal, and whether it can still be merged."""

    number: str
    status: CaseStatus
    department: str | None
    building: str | None
    channel: str
    created_at: datetime
    leads: bool  # others are merged into it already

    @property
    def is_open(self) -> bool:
        """Whether somebody still works it."""
        return self.status not in AT_REST


@dataclass(frozen=True)
class Proposal:
    """Cases that may be one matter, in the order of filing; `is_again` where a smaller one was dismissed."""

    id: int
    grid: str
    category: str
    members: tuple[Member, ...]
    proposed_at: datetime
    changed_at: datetime
    is_again: bool

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of all its cases."""
        return tuple(member.number for member in self.members)

    @property
    def suggested(self) -> str:
        """The case that may lead: one that others are merged into already, else the first that is open."""
        openly = [member for member in self.members if member.is_open]
        return max(openly, key=lambda member: member.leads).number


@dataclass(frozen=True)
class Merged:
    """What accepting a proposal did: which cases went into the master, and which could not."""

    master: str
    merged: tuple[str, ...]
    left: tuple[str, ...]


class Proposals:
    """Bursts as staff see and decide them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def remember(self) -> int:
        """Keep the bursts of now, and let go of what was worked one by one; return how many are new or grew.

        Any number of workers may do so at once.
        """
        with self._store.sessions() as session:
            found = [burst for burst in find_bursts(self._store) if _is_news(session, burst)]
            passed = [row.id for row, _ in _waiting(session) if not _is_alive(session, row)]
        if not found and not passed:
            return 0
        with self._store.writing() as writing:
            for row in writing.session.scalars(select(ProposalRow).where(ProposalRow.id.in_(passed))):
                if row.state == State.OPEN and not _is_alive(writing.session, row):
                    row.state, row.decided_at = State.PASSED.value, writing.now
            return sum(_keep(writing, burst) for burst in found)

    def waiting(self) -> tuple[Proposal, ...]:
        """Return what staff have to decide, the largest first."""
        with self._store.sessions() as session:
            found = [_proposal(row, members) for row, members in _waiting(session)]
        alive = [one for one in found if _can_merge(one.members)]
        return tuple(sorted(alive, key=lambda one: (-len(one.members), one.proposed_at)))

    def count(self) -> int:
        """Return how many wait for a decision."""
        return len(self.waiting())

    def accept(
        self, proposal: int, actor: Actor, master: str, chosen: Collection[str], seen: Collection[str]
    ) -> Merged:
        """Merge the chosen cases into the master, all in one transaction; `seen` are those that were shown.

        A case that was closed or merged meanwhile is left, and told. Raises NoSuchProposal, AlreadyDecided,
        HasGrown, NotYours, and Incomplete where nothing is left to merge.
        """
        with self._store.writing() as writing:
            row = _open_row(writing, proposal, actor, seen)
            if master not in row.numbers:
                raise Incomplete(f"proposal {proposal}: choose the case that leads from its own")
            merged, left = [], []
            for number in row.numbers:
                if number == master or number not in chosen:
                    continue
                status = CaseStatus(writing.case(number).status)
                if actor.role in who_may(status, CaseStatus.MERGED):
                    make_move(writing, number, Move(CaseStatus.MERGED, actor, master=master))
                    merged.append(number)
                else:
                    left.append(number)
            if not merged:
                raise Incomplete(f"proposal {proposal}: no case can be merged into {master} any more")
            _decide(writing, row, State.ACCEPTED, actor)
            row.master = master
        return Merged(master, tuple(merged), tuple(left))

    def dismiss(self, proposal: int, actor: Actor, seen: Collection[str]) -> None:
        """Say that these cases are several matters. Raises as `accept` does."""
        with self._store.writing() as writing:
            _decide(writing, _open_row(writing, proposal, actor, seen), State.DISMISSED, actor)


def _open_row(writing: Writing, proposal: int, actor: Actor, seen: Collection[str]) -> ProposalRow:
    row = writing.session.get(ProposalRow, proposal)
    if row is None or row.kind != Kind.BURST:
        raise NoSuchProposal(proposal)
    if actor.role not in _DESK:
        raise NotYours(f"proposal {proposal}: {actor.role} cannot decide it, the hall's desk does")
    if row.state != State.OPEN:
        raise AlreadyDecided(proposal, row.state, row.decided_by or "clock")
    if not set(row.numbers) <= set(seen):
        raise HasGrown(proposal)
    return row


def _decide(writing: Writing, row: ProposalRow, state: State, actor: Actor) -> None:
    row.state, row.decided_by, row.decided_at = state.value, actor.login, writing.now


def _keep(writing: Writing, burst: Burst) -> bool:
    """Write a burst down unless it is known; one that is still open grows."""
    if not _is_news(writing.session, burst):
        return False
    touching = _touching(writing.session, burst)
    waiting = next((row for row in touching if row.state == State.OPEN), None)
    if waiting is not None:
        waiting.numbers = sorted({*waiting.numbers, *burst.numbers})
        waiting.changed_at = writing.now
        return True
    dismissed = next((row for row in touching if row.state == State.DISMISSED), None)
    writing.session.add(
        ProposalRow(
            kind=Kind.BURST.value,
            key=_key(burst),
            state=State.OPEN.value,
            numbers=list(burst.numbers),
            follows=dismissed.id if dismissed else None,
            proposed_at=writing.now,
            changed_at=writing.now,
        )
    )
    return True


def _is_news(session: Session, burst: Burst) -> bool:
    known = {number for row in _touching(session, burst) for number in row.numbers}
    return not set(burst.numbers) <= known


def _touching(session: Session, burst: Burst) -> list[ProposalRow]:
    """Return the proposals that have a case in common with a burst, the newest first."""
    row = ProposalRow
    of_key = select(row).where(row.kind == Kind.BURST.value, row.key == _key(burst))
    found = session.scalars(of_key.order_by(row.id.desc()).limit(_LOOK_BACK))
    return [one for one in found if set(one.numbers) & set(burst.numbers)]


def _key(burst: Burst) -> str:
    return f"{burst.grid} {burst.category}"


def _waiting(session: Session) -> list[tuple[ProposalRow, tuple[Member, ...]]]:
    row = ProposalRow
    opened = select(row).where(row.kind == Kind.BURST.value, row.state == State.OPEN.value)
    return [(one, _members(session, one.numbers)) for one in session.scalars(opened.order_by(row.id)).all()]


def _is_alive(session: Session, row: ProposalRow) -> bool:
    return _can_merge(_members(session, row.numbers))


def _can_merge(members: Sequence[Member]) -> bool:
    return sum(member.is_open for member in members) > 1


def _members(session: Session, numbers: Sequence[str]) -> tuple[Member, ...]:
    rows = session.scalars(select(CaseRow).where(CaseRow.number.in_(numbers)))
    masters = set(session.scalars(select(CaseRow.master).where(CaseRow.master.in_(numbers))))
    found = [
        Member(
            row.number,
            CaseStatus(row.status),
            row.department,
            row.building,
            row.channel,
            row.created_at,
            row.number in masters,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda member: (member.created_at, member.number)))


def _proposal(row: ProposalRow, members: tuple[Member, ...]) -> Proposal:
    grid, _, category = row.key.partition(" ")
    return Proposal(row.id, grid, category, members, row.proposed_at, row.changed_at, row.follows is not None)
