"""What a case is: its kinds, its statuses, the moves between them, and what enters and leaves the desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cases.masks import mask, mask_text

DESCRIPTION_CHARS = (2, 500)
PLACE_CHARS = (2, 120)
NAME_MAX_CHARS = 20
PHONE_MAX_CHARS = 20
KEY_MAX_CHARS = 64


class CaseKind(StrEnum):
    """What a resident wants of the hall."""

    REPAIR = "repair"  # 报修
    COMPLAINT = "complaint"  # 投诉
    SUGGESTION = "suggestion"  # 建议
    HELP = "help"  # 求助
    OTHER = "other"


class CaseStatus(StrEnum):
    """How far a case has come."""

    FILED = "filed"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


# The one table of legal moves. A resolved case goes back to work when its resident is not content.
MOVES: dict[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.FILED: frozenset({CaseStatus.ACCEPTED, CaseStatus.WITHDRAWN}),
    CaseStatus.ACCEPTED: frozenset({CaseStatus.IN_PROGRESS, CaseStatus.RESOLVED, CaseStatus.WITHDRAWN}),
    CaseStatus.IN_PROGRESS: frozenset({CaseStatus.RESOLVED, CaseStatus.WITHDRAWN}),
    CaseStatus.RESOLVED: frozenset({CaseStatus.IN_PROGRESS, CaseStatus.CLOSED}),
    CaseStatus.CLOSED: frozenset(),
    CaseStatus.WITHDRAWN: frozenset(),
}


class InvalidRequest(ValueError):
    """A request that must not reach the store: a field is missing, too long, or not text."""


@dataclass(frozen=True)
class Request:
    """What a resident asks, ready to be filed. `key` is made when the form opens and makes filing idempotent.

    Values are clear text (no vault tokens); the desk seals them. Raises InvalidRequest on a value that no
    form would have accepted, so that a door which skips the form's checks cannot store it either.
    """

    key: str
    kind: CaseKind
    description: str
    place: str | None
    contact_name: str | None
    contact_phone: str | None
    channel: str
    conversation: str

    def __post_init__(self) -> None:
        """Refuse what no form accepts."""
        if not 0 < len(self.key) <= KEY_MAX_CHARS:
            raise InvalidRequest(
                f"a request key has 1 to {KEY_MAX_CHARS} characters: make one when the form opens"
            )
        if not 0 < len(self.conversation) <= 128 or not 0 < len(self.channel) <= 32:
            raise InvalidRequest(
                "a request names its channel (32 characters) and conversation (128 characters)"
            )
        limits = {
            "description": DESCRIPTION_CHARS[1],
            "place": PLACE_CHARS[1],
            "contact_name": NAME_MAX_CHARS,
            "contact_phone": PHONE_MAX_CHARS,
        }
        for field, most in limits.items():
            value: str | None = getattr(self, field)
            if value is None and field != "description":
                continue
            if not value or len(value) > most or not _is_storable(value):
                raise InvalidRequest(
                    f"{field} must be 1 to {most} characters of text: check it with request_form"
                )


@dataclass(frozen=True)
class Receipt:
    """What the resident takes home: number and code. `is_new` is False when this request was filed before."""

    number: str
    code: str
    is_new: bool


@dataclass(frozen=True)
class CaseView:
    """What a resident may see of a case: how it stands, not who said what."""

    number: str
    kind: CaseKind
    status: CaseStatus
    department: str | None
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class CaseRecord:
    """One case as staff export it. Contact fields are masked unless they were revealed for a reason."""

    number: str
    kind: str
    category: str | None
    status: str
    channel: str
    department: str | None
    grid: str | None
    building: str | None
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    description: str | None
    place: str | None
    contact_name: str | None
    contact_phone: str | None

    def masked(self) -> CaseRecord:
        """Return the record with contact fields, and long numbers in its texts, starred."""
        return replace(
            self,
            description=self.description and mask_text(self.description),
            place=self.place and mask_text(self.place),
            contact_name=self.contact_name and mask("name", self.contact_name),
            contact_phone=self.contact_phone and mask("phone", self.contact_phone),
        )


@dataclass(frozen=True)
class Reveal:
    """Who reads contact fields in clear, and why; written into the history of each case."""

    author: str
    reason: str


class CaseError(Exception):
    """Something asked of the desk that cannot be done; the subclasses below say what."""


class NoSuchCase(CaseError):
    """There is no case with this number."""

    def __init__(self, number: str) -> None:
        super().__init__(f"there is no case {number}: check the number")


class IllegalMove(CaseError):
    """The table of moves does not lead from the present status to the wanted one."""

    def __init__(self, number: str, present: CaseStatus, wanted: CaseStatus, by: str) -> None:
        legal = ", ".join(sorted(MOVES[present])) or "none, it has ended"
        super().__init__(
            f"case {number} is {present} (set by {by}) and cannot become {wanted}; it can become: {legal}"
        )
        self.present = present
        self.by = by


class RequestKeyTaken(CaseError):
    """Another conversation filed under this request key."""

    def __init__(self) -> None:
        super().__init__("this request key belongs to another conversation: make a new random key per form")


class TooManyAttempts(CaseError):
    """Look-up is locked for a while after wrong codes."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"too many wrong look-ups: try again in {minutes} minutes")
        self.minutes = minutes


def may_move(present: CaseStatus, wanted: CaseStatus) -> bool:
    """Return whether the table of moves leads from `present` to `wanted`."""
    return wanted in MOVES[present]


def _is_storable(value: str) -> bool:
    # A lone surrogate cannot be encoded; it comes from broken UTF-8 that a door let through.
    return not any("\ud800" <= character <= "\udfff" for character in value)
