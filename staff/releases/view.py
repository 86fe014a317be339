"""What the release pages show: a release with its guides by name, and what its questions lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.gold import GateReport, GoldChange
from knowledge.release_info import ReleaseInfo
from knowledge.release_tables import PENDING, ReleaseState
from knowledge.release_workers import Worker
from knowledge.revisions import RevisionInfo
from staff.guide_names import names_of
from staff.means import StaffMeans

BEING_MADE = (ReleaseState.QUEUED, ReleaseState.BUILDING)
# What a state looks like: kinds of the badge macro.
KIND_OF_STATE = {
    ReleaseState.QUEUED: "quiet",
    ReleaseState.BUILDING: "",
    ReleaseState.REFUSED: "bad",
    ReleaseState.READY: "good",
    ReleaseState.SCHEDULED: "warn",
    ReleaseState.CURRENT: "good",
    ReleaseState.PAST: "quiet",
    ReleaseState.FAILED: "bad",
}
MOST_LISTED = 50
MOST_CHANGES = 200


@dataclass(frozen=True)
class ShownChange:
    """One guide that a release changes. `kind` is new, changed or withdrawn."""

    guide_id: str
    title: str
    before: int | None
    after: int | None

    @property
    def kind(self) -> str:
        """Say what happens to the guide."""
        if self.after is None:
            return "withdrawn"
        return "new" if self.before is None else "changed"


@dataclass(frozen=True)
class ShownRelease:
    """A release as a page shows it."""

    info: ReleaseInfo
    changes: tuple[ShownChange, ...]
    names: Mapping[str, str]  # of every guide that its questions name

    @property
    def badge(self) -> str:
        """Return the kind of badge that its state wears."""
        return KIND_OF_STATE[self.info.state]

    @property
    def is_being_made(self) -> bool:
        """Say whether a process is at it, or will be."""
        return self.info.state in BEING_MADE

    @property
    def is_under_way(self) -> bool:
        """Say whether it may still become current."""
        return self.info.state in PENDING

    def name(self, guide_id: str | None) -> str:
        """Return what a guide is called."""
        return self.names.get(guide_id, guide_id) if guide_id else ""


@dataclass(frozen=True)
class Waiting:
    """An approved revision that no release shows yet."""

    info: RevisionInfo
    title: str
    is_new: bool


@dataclass(frozen=True)
class Overview:
    """The list page."""

    current: ShownRelease | None
    under_way: tuple[ShownRelease, ...]
    past: tuple[ReleaseInfo, ...]
    waiting: tuple[Waiting, ...]
    workers: Sequence[Worker]


def overview(means: StaffMeans) -> Overview:
    """Read everything that the list page shows."""
    releases = means.releases.list(MOST_LISTED)
    current = means.releases.current()
    return Overview(
        current=shown(means, current) if current else None,
        under_way=tuple(shown(means, one) for one in means.releases.under_way()),
        past=tuple(releases),
        waiting=tuple(_waiting(means)),
        workers=means.workers(),
    )


def shown(means: StaffMeans, info: ReleaseInfo) -> ShownRelease:
    """Return a release with its guides by name; of very many changes only the first are named."""
    changes = info.changes[:MOST_CHANGES]
    revisions = {guide_id: after or before for guide_id, before, after in changes}
    asked = list(_guides_asked(info.gate)) if info.gate else []
    names = names_of(means, [*revisions, *asked], revisions)
    listed = tuple(ShownChange(guide_id, names[guide_id], a, b) for guide_id, a, b in changes)
    return ShownRelease(info, listed, names)


def _guides_asked(gate: GateReport) -> Iterable[str | None]:
    for change in (*gate.lost, *gate.won):
        yield from _guides_of(change)
    yield from (record.guide_id for record in gate.set_aside)


def _guides_of(change: GoldChange) -> tuple[str | None, ...]:
    return change.expected, change.new, change.live


def _waiting(means: StaffMeans) -> list[Waiting]:
    approved = means.editorial.approved()
    live = {guide.id for guide in means.guides()}
    names = names_of(
        means, [one.guide_id for one in approved], {one.guide_id: one.revision for one in approved}
    )
    return [Waiting(one, names[one.guide_id], one.guide_id not in live) for one in approved]
