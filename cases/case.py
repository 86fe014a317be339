"""What a case is: its kinds, its statuses, who acts on it, and what enters and leaves the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cases.masks import mask, mask_text

DESCRIPTION_CHARS = (2, 500)
PLACE_CHARS = (2, 120)
NAME_MAX_CHARS = 20
PHONE_MAX_CHARS = 20
ANSWER_MAX_CHARS = 120  # to one of a category's own questions
DETAILS_MAX_CHARS = 400
GROUP_MAX_CHARS = 128  # of a group that a registry can name
KEY_MAX_CHARS = 64


class CaseKind(StrEnum):
    """What a resident wants of the hall."""

    REPAIR = "repair"  # 报修
    COMPLAINT = "complaint"  # 投诉
    SUGGESTION = "suggestion"  # 建议
    HELP = "help"  # 求助
    CONSULTATION = "consultation"  # 咨询
    OTHER = "other"  # nothing was heard


class CaseStatus(StrEnum):
    """How far a case has come. The legal moves between them are in cases/work/moves.py."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    RETURNED = "returned"  # a department gave it back to its receiver
    RESOLVED = "resolved"
    RATED = "rated"
    REOPENED = "reopened"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"  # another case, its master, is worked instead


ENDED = frozenset({CaseStatus.CLOSED, CaseStatus.WITHDRAWN, CaseStatus.MERGED})
AT_REST = ENDED | {CaseStatus.RESOLVED, CaseStatus.RATED}  # nobody owes work


class ActorRole(StrEnum):
    """In which part somebody acts on a case."""

    RECEIVER = "receiver"  # the hall's desk, which receives cases and dispatches them
    HANDLER = "handler"  # a department
    SUPERVISOR = "supervisor"
    RESIDENT = "resident"
    CLOCK = "clock"  # the hall itself, when a time has passed


@dataclass(frozen=True)
class Actor:
    """Who acts, by login; a handler also by department."""

    login: str
    role: ActorRole
    department: str | None = None


RESIDENT = Actor("resident", ActorRole.RESIDENT)
CLOCK = Actor("clock", ActorRole.CLOCK)


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
    category: str | None = None  # an id of categories.yml; heard from the words where none is given
    taken_by: str | None = None  # the member of staff who took it down, by login
    hotline_ref: str | None = None  # the 12345 hotline's own number
    group: str | None = None  # the channel's id of the group it was said in: it may name the estate
    locale: str = "zh"  # what the resident spoke, and reads notices in: "zh" or "en"
    details: str | None = None  # what was answered to the category's own questions, a line each

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
            "category": KEY_MAX_CHARS,
            "taken_by": KEY_MAX_CHARS,
            "hotline_ref": KEY_MAX_CHARS,
            "group": GROUP_MAX_CHARS,
            "locale": 8,
            "details": DETAILS_MAX_CHARS,
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
class Outcome:
    """What staff have told a resident of how it stands: the result, why it is declined, what it waits for.

    `kind` is resolved, declined or paused; the words are by locale, long numbers in them starred.
    """

    kind: str
    words: Mapping[str, str]


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
    rating: int | None = None
    reopen_until: datetime | None = None  # set once it is resolved or closed
    outcome: Outcome | None = None


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
    hotline_ref: str | None = None
    answerable: str | None = None
    master: str | None = None
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    ended_at: datetime | None = None
    rating: int | None = None
    details: str | None = None

    def masked(self) -> CaseRecord:
        """Return the record with contact fields, and long numbers in its texts, starred."""
        return replace(
            self,
            description=self.description and mask_text(self.description),
            place=self.place and mask_text(self.place),
            details=self.details and mask_text(self.details),
            contact_name=self.contact_name and mask("name", self.contact_name),
            contact_phone=self.contact_phone and mask("phone", self.contact_phone),
        )


@dataclass(frozen=True)
class Reveal:
    """Who reads contact fields in clear, and why; written into the history of each case."""

    author: str
    reason: str
    role: ActorRole = ActorRole.SUPERVISOR

    @property
    def actor(self) -> Actor:
        """Who reads, as the history names them."""
        return Actor(self.author, self.role)


class CaseError(Exception):
    """Something asked of the desk that cannot be done; the subclasses below say what."""


class NoSuchCase(CaseError):
    """There is no case with this number."""

    def __init__(self, number: str) -> None:
        super().__init__(f"there is no case {number}: check the number")


class IllegalMove(CaseError):
    """The table of moves does not lead from the present status to the wanted one."""

    def __init__(self, number: str, present: str, wanted: str, by: str, legal: Iterable[str]) -> None:
        ways = ", ".join(sorted(legal)) or "none, it has ended"
        super().__init__(
            f"case {number} is {present} (set by {by}) and cannot become {wanted}; it can become: {ways}"
        )
        self.present = present
        self.by = by


class NotYours(CaseError):
    """The move is legal, but not for this role, this department or this person."""


class Incomplete(CaseError):
    """An act lacks something: a reason, a department, a result. The message names it."""


class RequestKeyTaken(CaseError):
    """Another conversation filed under this request key."""

    def __init__(self) -> None:
        super().__init__("this request key belongs to another conversation: make a new random key per form")


class AlreadyFiled(CaseError):
    """The hotline's number was filed before, under another request key."""

    def __init__(self, number: str) -> None:
        super().__init__(f"this hotline number is case {number} already")
        self.number = number


class TooManyAttempts(CaseError):
    """Look-up is locked for a while after wrong codes."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"too many wrong look-ups: try again in {minutes} minutes")
        self.minutes = minutes


def _is_storable(value: str) -> bool:
    # A lone surrogate cannot be encoded; it comes from broken UTF-8 that a door let through.
    return not any("\ud800" <= character <= "\udfff" for character in value)
