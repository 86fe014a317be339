"""Look-up by number and code: reading what a person typed, and holding back whoever guesses."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlalchemy.orm import Session

from cases.sealing import Sealer
from cases.tables import LookupAttemptRow, insert_into

WINDOW = timedelta(minutes=15)
WRONG_PER_NUMBER = 5
WRONG_PER_CONVERSATION = 10  # twice as many: one person may look up two cases and mistype both
CODE_DIGITS = 6

_SPOKEN_DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")
_DASHES = re.compile("横杠|横线|短横|杠|减号|横")
_ENGLISH = {
    word: str(digit)
    for digit, words in enumerate(
        ("zero|oh|o", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in words.split("|")
} | {"dash": "-", "hyphen": "-"}
_ENGLISH_RUN = re.compile(rf"\b(?:{'|'.join(_ENGLISH)})(?:[\s,-]+(?:{'|'.join(_ENGLISH)})\b){{3,}}", re.I)
# Digits with nothing but pauses between them: 26 11 22 - 0001，424437.
_RUN = re.compile(r"\d(?:[\s\-_—–~.·/\\,，、。]*\d)*")
# A number begins with the day of filing.
_DAY = re.compile(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_NUMBER_DIGITS = (10, 11)


def read_digits(text: str) -> str:
    """Return the digits of `text`: full-width and spoken ones (幺三八) count, all between them is dropped."""
    return "".join(c for c in _plain(text) if c.isascii() and c.isdigit())


def read_number(text: str) -> str | None:
    """Return the case number as it is stored, `260611-0042`, or None where `text` cannot be one."""
    digits = read_digits(text)
    return f"{digits[:6]}-{digits[6:]}" if 10 <= len(digits) <= 11 else None


def find_number_and_code(text: str) -> tuple[str | None, str | None]:
    """Return the case number and the code that a sentence mentions, each None where it does not.

    Either may come first, in one breath or with words between; pauses and dashes do not matter.
    """
    number = code = None
    for run in _RUN.finditer(_DASHES.sub("-", _plain(text))):
        found_number, found_code = _split_digits(run.group())
        number, code = number or found_number, code or found_code
    return number, code


def is_bare_code(text: str) -> bool:
    """Return whether a text is six digits and nothing else: the code once more, after a wrong one."""
    return len(read_digits(text)) == CODE_DIGITS and not any(c.isalpha() for c in _plain(text))


def begins_number(text: str) -> bool:
    """Return whether a text holds six digits that look like the first half of a number, and no code."""
    return _DAY.fullmatch(read_digits(text)) is not None and "码" not in text and "code" not in text.lower()


def _split_digits(run: str) -> tuple[str | None, str | None]:
    digits = "".join(c for c in run if c.isdigit())
    if len(digits) == CODE_DIGITS:
        return None, digits
    for size in _NUMBER_DIGITS:
        if len(digits) not in (size, size + CODE_DIGITS):
            continue
        rest = digits[size:]
        # 13812345678 is nobody's case: there is no 12th month's 34th day.
        if _DAY.match(digits) and (not rest or _is_apart(run, size)):
            return f"{digits[:6]}-{digits[6:size]}", rest or None
        if rest and _DAY.match(digits[CODE_DIGITS:]):
            number = digits[CODE_DIGITS:]
            return f"{number[:6]}-{number[6:]}", digits[:CODE_DIGITS]
    return None, None


def _is_apart(run: str, size: int) -> bool:
    """Return whether a run that has the digits of number and code does not contradict that split."""
    pieces = [len(re.sub(r"\D", "", piece)) for piece in re.split(r"[\s,，、。]+", run)]
    ends = {sum(pieces[: position + 1]) for position in range(len(pieces))}
    return len(pieces) == 1 or size in ends


def charge(
    session: Session, sealer: Sealer, number: str, conversation: str, at: datetime
) -> timedelta | None:
    """Count one attempt before it is made, so that many at once cannot slip past the limit.

    Returns how long look-up stays locked, or None when this attempt is allowed.
    """
    locked = None
    # Always number first: two look-ups then cannot wait for each other.
    for subject, most in zip(
        _subjects(sealer, number, conversation), (WRONG_PER_NUMBER, WRONG_PER_CONVERSATION), strict=True
    ):
        failures, since = _count(session, subject, at)
        if failures > most:
            wait = max(since + WINDOW - at, timedelta(minutes=1))
            locked = max(locked or wait, wait)
    return locked


def give_back(session: Session, sealer: Sealer, number: str, conversation: str) -> None:
    """Take back what `charge` counted: the code was right. Earlier wrong attempts stay counted."""
    session.execute(
        update(LookupAttemptRow)
        .where(LookupAttemptRow.subject.in_(_subjects(sealer, number, conversation)))
        .values(failures=LookupAttemptRow.failures - 1)
    )


def forget_old(session: Session, at: datetime) -> None:
    """Delete counts whose window has passed."""
    session.execute(delete(LookupAttemptRow).where(LookupAttemptRow.since <= at - WINDOW))


def _count(session: Session, subject: str, at: datetime) -> tuple[int, datetime]:
    row = LookupAttemptRow
    is_over = row.since <= at - WINDOW
    statement = (
        insert_into(session, row)
        .values(subject=subject, failures=1, since=at)
        .on_conflict_do_update(
            index_elements=["subject"],
            set_={
                "failures": case((is_over, 1), else_=row.failures + 1),
                "since": case((is_over, at), else_=row.since),
            },
        )
        .returning(row.failures, row.since)
    )
    failures, since = session.execute(statement).one()
    return failures, since


def _subjects(sealer: Sealer, number: str, conversation: str) -> list[str]:
    # Hashed: what a person typed as a number may be anything, a phone number too.
    return [sealer.sign("lookup", f"number/{number}"), sealer.sign("lookup", f"conversation/{conversation}")]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return _ENGLISH_RUN.sub(_in_digits, folded).translate(_SPOKEN_DIGITS)


def _in_digits(run: re.Match[str]) -> str:
    words = re.split(r"[\s,]+", run.group().lower().replace("-", " "))
    return "".join(_ENGLISH.get(word, "") for word in words)
