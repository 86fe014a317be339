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
from knowledge.revisions import Draft
from knowledge.unanswered import How, Unanswered, texts_of
from language.normalise import normalise
from language.pinyin import syllable

ORIGIN = "unanswered"
MAX_PHRASING_CHARS = 120
# More wordings of one thing teach the matcher little, and nobody would read them in the review.
MOST_WORDINGS = 10
_MAX_SYLLABLES = 6
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


class AdoptionError(ValueError):
    """A question that cannot be adopted; `code` is "too_long", "too_many" or "no_words"."""

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
class Adoption:
    """Carries a cluster of questions to where it belongs, and takes it out of the queue.

    The queue is changed last: where something fails in between, the questions are still there, and doing it
    again does nothing twice.
    """

    editorial: Editorial
    gold: Gold
    unanswered: Unanswered

    def as_phrasings(
        self, questions: Sequence[Question], guide_id: str, by: str, texts: Sequence[str] = ()
    ) -> Draft:
        """Add wordings (all distinct ones unless `texts` says which) to a guide's draft, and to the gold set.

        Raises AdoptionError, DraftChanged, NoSuchRevision.
        """
        chosen = list(texts) or texts_of(questions)[:MOST_WORDINGS]
        draft = self.editorial.open_draft(guide_id, by)
        content: dict[str, Any] = dict(draft.content)
        for text in chosen:
            content = adopt_phrasing(content, text)
        saved = self.editorial.save_draft(guide_id, draft.version, content, by)
        for text in chosen:
            self.gold.add(text, guide_id, by, ORIGIN)
        self.unanswered.settle(_ids(questions), How.PHRASING, by, guide_id)
        return saved

    def as_new_guide(
        self, questions: Sequence[Question], by: str, taken: Collection[str], texts: Sequence[str] = ()
    ) -> Draft:
        """Start the draft of a guide that staff still have to write. Raises AdoptionError, GuideErrors."""
        content = skeleton(list(texts) or texts_of(questions)[:MOST_WORDINGS], taken)
        draft = self.editorial.start_draft(content["id"], content, by)
        self.unanswered.settle(_ids(questions), How.NEW_GUIDE, by, content["id"])
        return draft

    def as_not_ours(self, questions: Sequence[Question], by: str) -> None:
        """Keep what was asked as something to decline: a release that begins to answer it is refused."""
        for text in texts_of(questions)[:MOST_WORDINGS]:
            self.gold.add(text, None, by, ORIGIN)
        self.unanswered.settle(_ids(questions), How.NOT_OURS, by)

    def ignore(self, questions: Sequence[Question], by: str) -> None:
        """Take questions out of the queue and make nothing of them."""
        self.unanswered.settle(_ids(questions), How.IGNORED, by)


def _ids(questions: Sequence[Question]) -> list[int]:
    return [question.id for question in questions]
