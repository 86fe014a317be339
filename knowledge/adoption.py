"""What staff make of unanswered questions with one click: a phrasing, a new guide, or "not ours"."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.clusters import Question
from knowledge.editorial import Editorial
from knowledge.gold import Gold
from knowledge.guide import Completeness, Theme
from knowledge.guide_file import MAX_PHRASINGS
from knowledge.problems import GuideErrors
from knowledge.revisions import Draft, DraftChanged, EditorialError
from knowledge.unanswered import How, Unanswered
from language.normalise import normalise
from language.pinyin import syllable

ORIGIN = "unanswered"
MAX_PHRASING_CHARS = 120
# Whoever saves between our reading and our writing is faster once, hardly four times.
_TRIES = 4
# Guides whose names begin alike; each start is one question to the database.
_MOST_TRIED = 50
_MAX_SYLLABLES = 6
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


class AdoptionError(ValueError):
    """A question that cannot be adopted; `code` is too_long, too_many, no_words or has_guide."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def adopt_phrasing(content: Mapping[str, Any], question: str) -> dict[str, Any]:
    """Return a guide's mapping with the question as a phrasing; a wording it has already changes nothing.

    Raises AdoptionError.
    """
    text = " ".join(question.split()).rstrip("?？。.!！，, ")
    if not normalise(text):
        raise AdoptionError("no_words", "the question has no words")
    if len(text) > MAX_PHRASING_CHARS:
        raise AdoptionError("too_long", f"keep a phrasing under {MAX_PHRASING_CHARS} characters")
    present = [str(one) for one in content.get("phrasings") or ()]
    names = [content.get("title"), content.get("plain_name"), *(content.get("aliases") or ())]
    if normalise(text) in {normalise(str(one)) for one in (*present, *names) if one}:
        return dict(content)
    if len(present) >= MAX_PHRASINGS:
        raise AdoptionError("too_many", f"a guide has at most {MAX_PHRASINGS} phrasings")
    return {**content, "phrasings": [*present, text]}


def skeleton(questions: Sequence[str], taken: Container[str]) -> dict[str, Any]:
    """Return the mapping of a new guide that only points somewhere, with the questions as its phrasings.

    Title and department are for staff to write: the draft is not valid before. `taken` holds the ids in use.
    """
    content: dict[str, Any] = {
        "id": free_id(questions[0], taken),
        "title": "",
        "plain_name": questions[0][:60],
        "department": "",
        "theme": str(Theme.EVERYDAY),
        "phrasings": [],
        "completeness": str(Completeness.POINTER),
    }
    for question in questions:
        adopted = adopt_phrasing({**content, "plain_name": ""}, question)
        content["phrasings"] = adopted["phrasings"]
    return content


def free_id(text: str, taken: Container[str]) -> str:
    """Return an id that no guide has, made of how the text sounds."""
    sounds = [_NOT_A_LETTER.sub("", syllable(character).replace("ü", "v")) for character in normalise(text)]
    words = [sound for sound in sounds if sound][:_MAX_SYLLABLES]
    base = "-".join(words) if words and words[0][0].isalpha() else "-".join(["guide", *words])
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


@dataclass(frozen=True)
class Adopted:
    """A draft that took wordings in, and what it says now that it did not say before."""

    draft: Draft
    texts: tuple[str, ...]
    settled: int  # how many questions left the queue; none where somebody else was faster


@dataclass(frozen=True)
class Adoption:
    """Carries a cluster of questions, by ids, to where it belongs, and takes it out of the queue.

    The queue is changed last: where something fails in between, the questions are still there, and doing it
    again does nothing twice. `texts` are the wordings that staff picked, or wrote better.
    """

    editorial: Editorial
    gold: Gold
    unanswered: Unanswered

    def as_phrasings(self, ids: Collection[int], guide_id: str, by: str, texts: Sequence[str]) -> Adopted:
        """Add wordings to a guide's draft, and to the gold set where they are new there.

        Raises AdoptionError, DraftChanged, NoSuchRevision.
        """
        draft, added = self._write(guide_id, by, list(texts))
        asked = {normalise(question.text) for question in self.gold.questions()}
        for text in added:
            if normalise(text) not in asked:
                self.gold.add(text, guide_id, by, ORIGIN)
        return Adopted(draft, added, len(self.unanswered.settle(ids, How.PHRASING, by, guide_id)))

    def as_new_guide(self, ids: Collection[int], by: str, texts: Sequence[str]) -> Adopted:
        """Start the draft of a guide that staff still have to write. Raises AdoptionError, GuideErrors."""
        taken: set[str] = set()
        while True:
            content = skeleton(texts, taken)
            try:
                draft = self.editorial.start_draft(content["id"], content, by)
                break
            except GuideErrors:
                if len(taken) == _MOST_TRIED:
                    raise
                taken.add(content["id"])
        settled = self.unanswered.settle(ids, How.NEW_GUIDE, by, draft.guide_id)
        return Adopted(draft, tuple(texts), len(settled))

    def as_not_ours(self, ids: Collection[int], by: str, texts: Sequence[str]) -> int:
        """Keep what was asked as something to decline: a release that begins to answer it is refused.

        Returns how many questions left the queue. Raises AdoptionError where the gold set says that a guide
        answers it.
        """
        asked = {normalise(question.text): question for question in self.gold.questions()}
        known = [asked[normalise(text)] for text in texts if normalise(text) in asked]
        if any(question.guide_id is not None for question in known):
            raise AdoptionError(
                "has_guide", "the gold set names a guide that answers this: change that first"
            )
        if not any(map(normalise, texts)):
            raise AdoptionError("no_words", "the question has no words")
        for text in texts:
            if normalise(text) not in asked:
                self.gold.add(text, None, by, ORIGIN)
        return len(self.unanswered.settle(ids, How.NOT_OURS, by))

    def ignore(self, ids: Collection[int], by: str) -> int:
        """Take questions out of the queue and make nothing of them; return how many."""
        return len(self.unanswered.settle(ids, How.IGNORED, by))

    def undo(
        self, ids: Collection[int], how: str, by: str, guide_id: str, texts: Sequence[str]
    ) -> list[Question]:
        """Put questions back that this person had settled, and take back what was made of them.

        A draft that others wrote in since keeps what they wrote. Returns the questions that came back.
        """
        reopened = self.unanswered.reopen(ids, by)
        if not reopened:
            return []
        if how == How.PHRASING:
            self._unwrite(guide_id, by, texts)
        elif how == How.NEW_GUIDE:
            self._discard(guide_id, by)
        if how in (How.PHRASING, How.NOT_OURS):
            self._forget_gold(by, guide_id or None, texts)
        return reopened

    def _write(self, guide_id: str, by: str, texts: list[str]) -> tuple[Draft, tuple[str, ...]]:
        for last in range(_TRIES):
            draft = self.editorial.open_draft(guide_id, by)
            content: dict[str, Any] = dict(draft.content)
            for text in texts:
                content = adopt_phrasing(content, text)
            before = set(draft.content.get("phrasings") or ())
            added = tuple(one for one in content.get("phrasings") or () if one not in before)
            try:
                return self.editorial.save_draft(guide_id, draft.version, content, by), added
            except DraftChanged:  # somebody saved between our reading and our writing
                if last == _TRIES - 1:
                    raise
        raise AssertionError("the last try returns or raises")

    def _unwrite(self, guide_id: str, by: str, texts: Sequence[str]) -> None:
        try:
            draft = self.editorial.open_draft(guide_id, by)
            if draft.version == 0:
                return
            kept = [one for one in draft.content.get("phrasings") or () if one not in texts]
            self.editorial.save_draft(guide_id, draft.version, {**draft.content, "phrasings": kept}, by)
        except EditorialError:
            return  # gone, or somebody is at it now: they see the wording and decide
        if draft.base_revision is not None and not self.editorial.draft_changes(guide_id):
            self.editorial.discard_draft(guide_id, by)

    def _discard(self, guide_id: str, by: str) -> None:
        """Throw a new guide's draft away, unless somebody has written more of it since."""
        is_untouched = any(
            draft.guide_id == guide_id and draft.base_revision is None and draft.version == 1
            for draft in self.editorial.drafts()
        )
        if is_untouched:
            self.editorial.discard_draft(guide_id, by)

    def _forget_gold(self, by: str, guide_id: str | None, texts: Sequence[str]) -> None:
        wanted = set(map(normalise, texts))
        for question in self.gold.questions():
            is_theirs = (question.origin, question.added_by) == (ORIGIN, by)
            if is_theirs and question.guide_id == guide_id and normalise(question.text) in wanted:
                self.gold.remove(question.id, by)
