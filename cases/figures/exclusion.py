"""A department's request to leave a case out of its figures: how far it is and who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from cases.case import Actor, ActorRole, CaseError

_REASONS = Path(__file__).with_name("reasons.yml")


class State(StrEnum):
    """How far a request is. What stands is `Exclusion.is_granted`."""

    ASKED = "asked"
    DECIDED = "decided"
    APPEALED = "appealed"
    SETTLED = "settled"


class Act(StrEnum):
    """What somebody may do with a request."""

    DECIDE = "decide"
    APPEAL = "appeal"
    DECIDE_APPEAL = "decide_appeal"


class NoSuchExclusion(CaseError):
    """Nobody asked for this."""

    def __init__(self, exclusion: int) -> None:
        super().__init__(f"there is no request {exclusion} to leave a case out: open it from the list")


class AlreadyAsked(CaseError):
    """The department asked this for the case before; a refusal is answered by an appeal."""

    def __init__(self, number: str, department: str) -> None:
        super().__init__(f"{department} asked to leave case {number} out before: appeal against a refusal")


class NotCounted(CaseError):
    """The case counts in no rate as it is."""

    def __init__(self, number: str) -> None:
        super().__init__(f"case {number} counts in no rate already: nothing is to be left out")


class NotOpen(CaseError):
    """The act comes too early or too late, as when two supervisors decide at once."""

    def __init__(self, number: str, state: str, by: str | None) -> None:
        super().__init__(f"case {number}: the request is {state} (by {by or 'nobody'}), look at it again")


class SamePerson(CaseError):
    """Four eyes: who asked, or decided before, does not decide."""

    def __init__(self, number: str, login: str) -> None:
        super().__init__(f"case {number}: {login} has had a part in this: another supervisor decides")


class UnknownReason(CaseError):
    """No reason has this id."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"there is no reason '{reason[:64]}': choose one of {', '.join(reasons())}")


@dataclass(frozen=True)
class Word:
    """What somebody said to it, and when. `words` is None where they were erased with the case's."""

    by: str
    at: datetime
    words: str | None


@dataclass(frozen=True)
class Exclusion:
    """A department's request to leave a case out of the figures, as it stands."""

    id: int
    number: str
    department: str
    reason: str
    state: State
    is_granted: bool
    asked: Word
    decided: Word | None
    appealed: Word | None
    settled: Word | None

    def open_to(self, actor: Actor) -> tuple[Act, ...]:
        """Return what this person may do with it now."""
        parts = {word.by for word in (self.asked, self.decided, self.appealed) if word is not None}
        if self.state is State.DECIDED:
            return (Act.APPEAL,) if may_appeal(self.is_granted, self.department, actor) else ()
        if actor.role is not ActorRole.SUPERVISOR or actor.login in parts or self.state is State.SETTLED:
            return ()
        return (Act.DECIDE,) if self.state is State.ASKED else (Act.DECIDE_APPEAL,)


@cache
def reasons() -> Mapping[str, str]:
    """Return what a department may ask for, by id, in the order of the file."""
    found: dict[str, str] = yaml.safe_load(_REASONS.read_text("utf-8"))
    return found


def may_appeal(is_granted: bool, department: str, actor: Actor) -> bool:
    """Return whether it is this person's side that a decision went against."""
    if is_granted:
        return actor.role in (ActorRole.RECEIVER, ActorRole.SUPERVISOR)
    return actor.role is ActorRole.HANDLER and actor.department == department
