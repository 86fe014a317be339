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
_GAP = re.compile(r"(?<=\d)[\s\-_—–.·]+(?=\d)")
_BOTH = re.compile(r"(?<!\d)(\d{6}) ?(\d{4,5})(?: ?(\d{3} ?\d{3}))?(?!\d)")
_CODE = re.compile(r"(?<!\d)(\d{3} ?\d{3})(?!\d)")


def read_digits(text: str) -> str:
    """Return the digits of `text`: full-width and spoken ones (幺三八) count, all between them is dropped."""
    return "".join(c for c in _plain(text) if c.isascii() and c.isdigit())


def read_number(text: str) -> str | None:
    """Return the case number as it is stored, `260611-0042`, or None where `text` cannot be one."""
    digits = read_digits(text)
    return f"{digits[:6]}-{digits[6:]}" if 10 <= len(digits) <= 11 else None


def find_number_and_code(text: str) -> tuple[str | None, str | None]:
    """Return the case number and the code that a sentence mentions, each None where it does not."""
    plain = _GAP.sub(" ", _plain(text))
    match = _BOTH.search(plain)
    if not match:
        alone = _CODE.search(plain)
        return None, alone.group(1).replace(" ", "") if alone else None
    number, code = f"{match.group(1)}-{match.group(2)}", match.group(3)
    if code is None:
        alone = _CODE.search(plain[: match.start()] + "|" + plain[match.end() :])
        code = alone.group(1) if alone else None
    return number, code and code.replace(" ", "")


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
    return unicodedata.normalize("NFKC", text).translate(_SPOKEN_DIGITS)
