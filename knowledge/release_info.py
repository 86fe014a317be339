"""What is told of a release, and why something could not be done with one.

ReleaseError          `.text(locale)` says in a sentence why, and what to do
  NothingToRelease    ... no approved change waits, or a rollback would change nothing
  NoSuchRelease
  NotNow              ... its state, date or time does not allow it
  NotLoaded           ... a process that answers residents has not loaded it yet: try again in seconds
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from knowledge.gold import GateReport
from knowledge.release_sets import Change
from knowledge.release_tables import ReleaseKind, ReleaseRow, ReleaseState
from language.texts import Texts


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_name("releases.yml"))


@dataclass(frozen=True)
class Reason:
    """Why a release failed: a key of releases.yml and what fills its places."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, locale: str = "zh") -> str:
        """Return it as a sentence."""
        values = dict(self.values)
        if "state" in values:
            values["state"] = state_text(str(values["state"]), locale)
        return _texts().say(self.code, locale, **values)


class ReleaseError(Exception):
    """Something that was wanted of a release cannot be done."""

    def __init__(self, code: str, /, **values: object) -> None:
        self.reason = Reason(code, values)
        super().__init__(self.reason.text("en"))

    def text(self, locale: str = "zh") -> str:
        """Return why, and what to do, as a sentence."""
        return self.reason.text(locale)


class NothingToRelease(ReleaseError):
    """A release would change nothing."""


class NoSuchRelease(ReleaseError):
    """There is no release of this number."""


class NotNow(ReleaseError):
    """The release's state, its date or the time does not allow it."""


class NotLoaded(ReleaseError):
    """A process that answers residents has not loaded the release yet."""


@dataclass(frozen=True)
class Override:
    """Who let a refused release pass, and why."""

    who: str
    why: str


@dataclass(frozen=True)
class ReleaseInfo:
    """A release. `changes` are (guide id, revision before, revision after), None where there is none."""

    number: int
    state: ReleaseState
    kind: ReleaseKind
    base: int  # the release that it changes
    goes_back_to: int | None
    progress: float  # 0 to 1
    step: str  # a key of releases.yml
    made_by: str
    made_at: datetime
    note: str
    not_before: date | None
    becomes_current_at: datetime | None  # planned, or when it did
    published_by: str | None
    changes: tuple[tuple[str, int | None, int | None], ...]
    gate: GateReport | None
    override: Override | None
    error: Reason | None
    build: str | None = None

    def step_text(self, locale: str = "zh") -> str:
        """Return the step as staff read it."""
        return _texts().say(self.step, locale)

    def state_text(self, locale: str = "zh") -> str:
        """Return the state as staff read it."""
        return state_text(self.state, locale)


def state_text(state: str, locale: str = "zh") -> str:
    """Return a state as staff read it."""
    return _texts().say(f"state_{state}", locale)


def tell(row: ReleaseRow, changes: Iterable[Change]) -> ReleaseInfo:
    """Return what is told of a release."""
    return ReleaseInfo(
        number=row.number,
        state=ReleaseState(row.state),
        kind=ReleaseKind(row.kind),
        base=row.base,
        goes_back_to=row.goes_back_to,
        progress=row.progress,
        step=row.step,
        made_by=row.made_by,
        made_at=row.made_at,
        note=row.note,
        not_before=row.not_before,
        becomes_current_at=row.becomes_current_at,
        published_by=row.published_by,
        changes=tuple((c.guide_id, c.from_revision, None if c.withdraws else c.to_revision) for c in changes),
        gate=_gate(row.gate),
        override=Override(row.override_by, row.override_why or "") if row.override_by else None,
        error=Reason(row.error["code"], row.error["values"]) if row.error else None,
        build=row.build,
    )


def _gate(wire: dict[str, Any] | None) -> GateReport | None:
    return GateReport.from_wire(wire) if wire is not None else None
