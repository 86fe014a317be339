"""The wordings that lead to published guides, kept in memory, to tell a draft which of its own are taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.guide import Guide
from knowledge.guide_set import wordings_of
from knowledge.problems import GuideError
from knowledge.release_sets import current_number
from knowledge.tables import GuideRevisionRow, GuideRow, GuideState
from language.normalise import normalise


class LiveWordings:
    """Wordings by their owners, read again when another release is current: once, not at each keystroke."""

    def __init__(self) -> None:
        self._release = -1
        self._owners: dict[str, tuple[str, str, str]] = {}

    def clashes(self, session: Session, guide: Guide) -> list[GuideError]:
        """Return a problem for each wording of `guide` that leads to another published guide."""
        number = current_number(session)
        if number != self._release:
            self._owners = _read(session)
            self._release = number
        errors = []
        for field, text in wordings_of(guide):
            owner_id, title, owner_field = self._owners.get(normalise(text), (guide.id, "", ""))
            if owner_id != guide.id and not _gives_up(session, owner_id, text):
                values = {"text": text, "other": f"{owner_id} {title}", "other_field": owner_field}
                errors.append(GuideError(guide.id, field, "name_taken", values))
        return errors


def _gives_up(session: Session, guide_id: str, text: str) -> bool:
    """Say whether the newest revision of a guide, live or not yet, no longer has this wording."""
    newest = select(GuideRevisionRow.content).where(GuideRevisionRow.guide_id == guide_id)
    content = session.scalar(newest.order_by(GuideRevisionRow.revision.desc()).limit(1))
    return content is not None and normalise(text) not in {one for one, _ in _wordings(content)}


def _wordings(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in ("title", "plain_name"):
        yield normalise(str(content.get(field, ""))), field
    for field in ("aliases", "phrasings"):
        for place, text in enumerate(content.get(field) or ()):
            yield normalise(str(text)), f"{field}[{place}]"
    english = content.get("english") or {}
    if english:
        yield normalise(str(english.get("title", ""))), "english.title"
    for place, text in enumerate(english.get("phrasings") or ()):
        yield normalise(str(text)), f"english.phrasings[{place}]"


def _read(session: Session) -> dict[str, tuple[str, str, str]]:
    live = (
        select(GuideRevisionRow.guide_id, GuideRevisionRow.content)
        .join(
            GuideRow,
            (GuideRow.id == GuideRevisionRow.guide_id) & (GuideRow.revision == GuideRevisionRow.revision),
        )
        .where(GuideRow.state == GuideState.PUBLISHED)
    )
    owners: dict[str, tuple[str, str, str]] = {}
    for guide_id, content in session.execute(live):
        title = str(content.get("title", ""))
        for wording, field in _wordings(content):
            owners.setdefault(wording, (guide_id, title, field))
    return owners
