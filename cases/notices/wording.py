"""The words of a notice, by locale."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cases.case import CaseStatus
from cases.masks import mask_text
from cases.work.moving import PauseReason
from language.texts import Texts

LOCALES = ("zh", "en")


def word_notice(kind: str, number: str, before: str | None, note: str, about: str) -> Mapping[str, str]:
    """Return what a notice says, by locale.

    `kind` is the status it tells of, or `followed` or `reminded`; `before`, `note` and `about` are those of
    the history's entry. Only what staff wrote for the resident is quoted, with long numbers starred: the
    result of a resolved case and why one is declined.
    """
    is_declined = kind == CaseStatus.CLOSED and before not in (CaseStatus.RESOLVED, CaseStatus.RATED)
    key = "declined" if is_declined else kind
    words = mask_text(note).strip().rstrip("。.!！")
    pause = next(
        (reason for reason in PauseReason if reason.value in about.split()), PauseReason.OTHER_OFFICE
    )
    texts = _texts()
    return {
        locale: texts.say(
            key,
            locale,
            number=number,
            note=words or texts.say("no_words", locale),
            pause=texts.say(f"pause_{pause}", locale),
        )
        for locale in LOCALES
    }


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_name("notices.yml"))
