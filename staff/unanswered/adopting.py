"""Puts residents' wordings into the draft of a guide, old or new, and takes them out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.editorial import Editorial
from knowledge.guide import Completeness
from knowledge.problems import GuideErrors
from knowledge.revisions import Draft, DraftChanged
from language.normalise import normalise
from language.pinyin import syllable

# Whoever saves between our reading and our writing is faster once, hardly twice.
_TRIES = 4
_ID_SYLLABLES = 6
_TITLE_CHARS = 100
_PHRASING_CHARS = 120


@dataclass(frozen=True)
class Adopted:
    """A draft that took wordings in, and those that it did not have before."""

    draft: Draft
    added: tuple[str, ...]


def adopt(editorial: Editorial, guide_id: str, texts: Sequence[str], editor: str) -> Adopted:
    """Add wordings to the draft of a guide. Raises NoSuchRevision, or DraftChanged under heavy editing."""
    for last in range(_TRIES):
        draft = editorial.open_draft(guide_id, editor)
        has = _phrasings(draft)
        known = set(map(normalise, has))
        added = [text for text in dict.fromkeys(texts) if normalise(text) not in known]
        content = {**draft.content, "phrasings": [*has, *added]}
        try:
            saved = editorial.save_draft(guide_id, draft.version, content, editor)
        except DraftChanged:
            if last == _TRIES - 1:
                raise
            continue
        return Adopted(saved, tuple(added))
    raise AssertionError("the last try returns or raises")


def take_back(editorial: Editorial, guide_id: str, texts: Sequence[str], editor: str) -> None:
    """Take wordings out of the draft; one that then changes nothing is thrown away."""
    draft = editorial.open_draft(guide_id, editor)
    if draft.version == 0:
        return
    kept = [one for one in _phrasings(draft) if one not in texts]
    content = {**draft.content, "phrasings": kept}
    try:
        editorial.save_draft(guide_id, draft.version, content, editor)
    except DraftChanged:
        return  # somebody is at it now: they see the wording and decide
    if draft.base_revision is not None and not editorial.draft_changes(guide_id):
        editorial.discard_draft(guide_id, editor)


def start_guide(editorial: Editorial, title: str, phrasings: Sequence[str], editor: str) -> Draft:
    """Save the draft of a new guide that only says whom to ask. Raises GuideErrors where no id is free."""
    stem = slug_of(title)
    for number in range(1, 100):
        guide_id = stem if number == 1 else f"{stem}-{number}"
        try:
            return editorial.start_draft(guide_id, _pointer(guide_id, title, phrasings), editor)
        except GuideErrors as taken:
            if number == 99:
                raise taken
    raise AssertionError("the last try returns or raises")


def slug_of(title: str) -> str:
    """Return an id made of how a title sounds: 护照换发 is hu-zhao-huan-fa."""
    sounds = [syllable(character) for character in normalise(title)]
    words = [sound for sound in sounds if sound.isascii() and sound.isalpha()][:_ID_SYLLABLES]
    return "-".join(words)[:50].strip("-") or "new-guide"


def clean(texts: Sequence[str]) -> list[str]:
    """Return wordings that a guide can take: trimmed, each once, none that says nothing."""
    trimmed = (" ".join(text.split())[:_PHRASING_CHARS] for text in texts)
    return list({normalise(text): text for text in trimmed if normalise(text)}.values())


def _phrasings(draft: Draft) -> list[str]:
    found: Any = draft.content.get("phrasings")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _pointer(guide_id: str, title: str, phrasings: Sequence[str]) -> dict[str, Any]:
    return {
        "id": guide_id,
        "title": title[:_TITLE_CHARS],
        "plain_name": "",
        "department": "",
        "theme": "",
        "phrasings": list(phrasings),
        "completeness": str(Completeness.POINTER),
    }
