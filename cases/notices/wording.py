"""The words of a notice, by locale, and of what staff have told last about a case."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cases.case import CaseStatus, Outcome
from cases.masks import mask_text
from cases.work.moving import PauseReason
from language.texts import Texts

LOCALES = ("zh", "en")
DECLINED = "declined"
# What a resident should hear of even where nobody can write to them.
MATTERS = frozenset({CaseStatus.RESOLVED.value, DECLINED, CaseStatus.PAUSED.value, "followed"})
# What makes nothing that was told before it untrue.
CHANGES_NOTHING = frozenset({"reminded", CaseStatus.CLOSED.value})
# What asks to be answered with a rating.
ASKS_RATING = frozenset({CaseStatus.RESOLVED.value, "reminded"})


def subject_of(kind: str, before: str | None) -> str:
    """Return what a notice tells of: its kind, but `declined` for closing a case that was never resolved."""
    is_declined = kind == CaseStatus.CLOSED and before not in (CaseStatus.RESOLVED, CaseStatus.RATED)
    return DECLINED if is_declined else kind


def word_notice(kind: str, number: str, before: str | None, note: str, about: str) -> Mapping[str, str]:
    """Return what a notice says, by locale.

    `kind` is the status it tells of, or `followed` or `reminded`; `before`, `note` and `about` are those of
    the history's entry. Only what staff wrote for the resident is quoted, with long numbers starred: the
    result of a resolved case and why one is declined.
    """
    texts, key = _texts(), subject_of(kind, before)
    return {
        locale: texts.say(
            key,
            locale,
            number=number,
            note=_quoted(note) or texts.say("no_words", locale),
            pause=_pause(about.split(), locale),
        )
        for locale in LOCALES
    }


def word_outcome(kind: str, note: str, about: str) -> Outcome | None:
    """Return a result, why a case was declined or what it waits for; None where nothing was written."""
    if kind == CaseStatus.PAUSED:
        return Outcome(kind, {locale: _pause(about.split(), locale) for locale in LOCALES})
    quoted = _quoted(note)
    return Outcome(kind, dict.fromkeys(LOCALES, quoted)) if quoted else None


def say_notice(key: str, locale: str, **values: object) -> str:
    """Return a sentence that goes with notices: how to rate, or that there is news."""
    return _texts().say(key, locale, **values)


def _quoted(note: str) -> str:
    return mask_text(note).strip().rstrip("。.!！")


def _pause(about: list[str], locale: str) -> str:
    found = (reason for reason in PauseReason if reason.value in about)
    return _texts().say(f"pause_{next(found, PauseReason.OTHER_OFFICE)}", locale)


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_name("notices.yml"))
