"""What editors and reviewers pass around: drafts, revisions with what was decided, and what differs.

EditorialError         something an editor or reviewer wanted cannot be done; the message says why
  DraftChanged         ... somebody else has saved or handed in meanwhile; `.theirs` is what they wrote
  OwnWork              ... who wrote it cannot approve it
  NotInReview          ... the revision waits for no decision (any more)
  NoSuchRevision       ... there is no such guide or revision
  NotPublished         ... residents do not see the guide
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from knowledge.guide_file import GUIDE_FIELDS


class RevisionState(StrEnum):
    """Where a revision stands."""

    REVIEW = "review"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    LIVE = "live"
    PAST = "past"
    WITHDRAWN = "withdrawn"  # it took the guide away, or is the last one that residents saw


@dataclass(frozen=True)
class Draft:
    """The working draft of a guide, as it was typed. Version 0 is not saved yet."""

    guide_id: str
    base_revision: int | None  # the revision it was begun from; None for a new guide
    content: dict[str, Any]
    version: int
    editor: str  # who saved it last
    updated_at: datetime


@dataclass(frozen=True)
class RevisionInfo:
    """A revision without its content: who wrote it, and what became of it."""

    guide_id: str
    revision: int
    state: RevisionState
    withdraws: bool  # it proposes to take the guide away
    author: str
    created_at: datetime
    note: str
    reviewer: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    publish_on: date | None = None
    released_in: int | None = None  # the first release that showed it, where it was reviewed
    replaced_by: int | None = None  # a later revision took its place before it was shown


@dataclass(frozen=True)
class FieldChange:
    """A field of a guide (a name of Guide's fields) and its plain value on both sides; None where empty."""

    field: str
    before: Any
    after: Any


class EditorialError(Exception):
    """Something an editor or reviewer wanted cannot be done; the message says why."""


class DraftChanged(EditorialError):
    """Somebody else was faster. `theirs` is what they wrote.

    To write over it, save again with `theirs.version` (and `theirs.base_revision`).
    """

    def __init__(self, theirs: Draft) -> None:
        super().__init__(f"{theirs.editor} has changed {theirs.guide_id} meanwhile: look at both and choose")
        self.theirs = theirs


class OwnWork(EditorialError):
    """Who wrote a revision cannot approve it: ask another reviewer."""


class NotInReview(EditorialError):
    """The revision waits for no decision: look at its history."""


class NoSuchRevision(EditorialError, KeyError):
    """There is no such guide or revision."""


class NotPublished(EditorialError):
    """Residents do not see this guide, so it cannot be withdrawn."""


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """Return the fields in which two guides as plain data differ, in the order of Guide's fields.

    Values are compared as they mean, not as they were typed: empty text, an empty list and null are the same.
    """
    changes = []
    for name in GUIDE_FIELDS:
        old, new = _filled(before.get(name)), _filled(after.get(name))
        if old != new:
            changes.append(FieldChange(name, old, new))
    return changes


def _filled(value: Any) -> Any:
    """Return a plain value without its empty parts; None where nothing is left."""
    if isinstance(value, Mapping):
        kept = {key: _filled(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one is not None} or None
    if isinstance(value, list | tuple):
        return [one for one in map(_filled, value) if one is not None] or None
    if isinstance(value, str):
        return value.strip() or None
    return value
