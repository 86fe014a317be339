"""What a page is about: the draft of a guide, what residents see of it, or one of its revisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from knowledge.overview import Entry
from knowledge.problems import GuideError
from knowledge.revisions import FieldChange, NoSuchRevision, RevisionInfo, field_changes
from knowledge.trial import Subject, showable
from staff.means import StaffMeans

DRAFT = "draft"
LIVE = "live"


@dataclass(frozen=True)
class Matter:
    """One state of a guide: its content as it was written, and as far as it can be shown."""

    which: str  # draft, live, or a revision's number
    content: Mapping[str, Any]
    subject: Subject
    errors: tuple[GuideError, ...]
    info: RevisionInfo | None = None  # None for a draft

    @property
    def title(self) -> str:
        """The guide's official name, as this state has it."""
        return str(self.content.get("title") or self.subject.guide_id)


def read_matter(means: StaffMeans, guide_id: str, which: str) -> Matter:
    """Return one state of a guide. Raises NoSuchRevision."""
    if which == DRAFT:
        draft = means.editorial.open_draft(guide_id, "")
        version = f"draft {draft.version} {draft.updated_at if draft.version else draft.base_revision}"
        return _matter(guide_id, which, draft.content, version, 0)
    history = means.editorial.history(guide_id)
    if which == LIVE:
        live = live_of(means, guide_id)
        if live is None:
            raise NoSuchRevision(f"residents do not see '{guide_id}'")
        which = str(live)
    info = next((one for one in history if str(one.revision) == which), None)
    if info is None:
        raise NoSuchRevision(f"guide '{guide_id}' has no revision {which[:20]}")
    content = means.overview.content(guide_id, info.revision)
    matter = _matter(guide_id, which, content, f"revision {info.revision}", info.revision)
    if not info.withdraws:
        return replace(matter, info=info)
    gone = Subject(guide_id, None, f"gone {info.revision}")
    return replace(matter, info=info, subject=gone)


def entry_of(means: StaffMeans, guide_id: str) -> Entry:
    """Return a guide's entry. Raises NoSuchRevision."""
    entry = means.overview.entry(guide_id)
    if entry is None:
        raise NoSuchRevision(f"no guide '{guide_id}'")
    return entry


def people_of(means: StaffMeans) -> dict[str, str]:
    """Return what the members are called, by login."""
    return {member.login: member.name for member in means.accounts.members()}


def live_of(means: StaffMeans, guide_id: str) -> int | None:
    """Return the number of the revision that residents see."""
    entry = means.overview.entry(guide_id)
    return entry.live_revision if entry is not None else None


def against_live(means: StaffMeans, matter: Matter) -> list[FieldChange]:
    """Return what a state says otherwise than residents see now; all of it where they see nothing."""
    guide_id = matter.subject.guide_id
    live = live_of(means, guide_id)
    before = means.overview.content(guide_id, live) if live is not None else {}
    if matter.subject.guide is None:  # it takes the guide away
        return field_changes(before, {})
    return field_changes(before, matter.content)


def _matter(guide_id: str, which: str, content: Mapping[str, Any], version: str, revision: int) -> Matter:
    guide, errors = showable({**content, "id": guide_id})
    subject = Subject(guide_id, replace(guide, id=guide_id), version, revision)
    return Matter(which, content, subject, tuple(errors))
