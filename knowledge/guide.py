"""What a service guide (办事指南) is: its fields, and how old its facts are.

A guide is a value: reading one from a file, checking it and writing it back is guide_file.py's work. A blank
field (None or an empty tuple) means "not known", never "none needed".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Aspect(StrEnum):
    """What a resident may want to know about a guide."""

    OVERVIEW = "overview"
    ELIGIBILITY = "eligibility"
    MATERIALS = "materials"
    PROCESS = "process"
    WHERE = "where"
    HOURS = "hours"
    TIME_LIMIT = "time_limit"
    FEE = "fee"
    BASIS = "basis"
    PHONE = "phone"
    ONLINE = "online"
    AGENT = "agent"


class Completeness(StrEnum):
    """How much of a guide is known."""

    FULL = "full"
    PARTIAL = "partial"
    POINTER = "pointer"  # only that it exists and whom to ask


class Theme(StrEnum):
    """The heading under which the kiosk lists a guide."""

    BIRTH = "生育收养"
    SCHOOL = "入学教育"
    WORK = "就业创业"
    INSURANCE = "社保医保"
    HOUSING = "住房物业"
    IDENTITY = "户籍证件"
    ELDERLY = "养老助残"
    RELIEF = "救助补贴"
    ARCHIVES = "档案查询"
    EVERYDAY = "便民服务"


class MaterialForm(StrEnum):
    """In which form a material is handed in."""

    ORIGINAL = "original"
    COPY = "copy"
    ORIGINAL_AND_COPY = "original_and_copy"
    ELECTRONIC = "electronic"
    FILLED_FORM = "filled_form"


class Allowed(StrEnum):
    """Whether someone else may apply in the resident's place."""

    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"


class GuideStatus(StrEnum):
    """Whether the service still exists under this name."""

    CURRENT = "current"
    RENAMED = "renamed"
    ABOLISHED = "abolished"


@dataclass(frozen=True)
class Material:
    """One thing to bring. `form` and `count` are None where no source says."""

    name: str
    form: MaterialForm | None = None
    count: int | None = None
    fetched_by_window: bool = False  # the window fetches it from the city's records; need not be brought
    required: bool = True
    when: str | None = None  # only in this case
    note: str | None = None


@dataclass(frozen=True)
class TimeLimit:
    """How long it takes; days are working days, set only where a source says which kind."""

    text: str
    statutory_days: int | None = None
    promised_days: int | None = None


@dataclass(frozen=True)
class Amount:
    """A sum of money and the year (or day) from which it holds."""

    what: str
    value: str
    year: str | None = None


@dataclass(frozen=True)
class Phone:
    """A number to call and whose it is."""

    number: str
    label: str | None = None


@dataclass(frozen=True)
class Agent:
    """May someone else apply, and under which conditions."""

    allowed: Allowed
    text: str | None = None


@dataclass(frozen=True)
class English:
    """How the service is called and asked for in English. The official name stays what identifies it."""

    title: str
    phrasings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Neighbour:
    """Another service that is easily taken for this one: its official name, and what tells them apart."""

    title: str
    differs: str | None = None


@dataclass(frozen=True)
class Source:
    """Where facts were read. `fields` names the guide's fields that it bears."""

    title: str
    url: str | None = None
    date: str | None = None  # YYYY, YYYY-MM or YYYY-MM-DD
    date_note: str | None = None
    fields: tuple[str, ...] = ()


# Fields that state a fact; each that is filled must be borne by a source.
FACT_FIELDS = (
    "audience",
    "conditions",
    "materials",
    "steps",
    "where",
    "hours",
    "time_limit",
    "fee",
    "amounts",
    "result",
    "basis",
    "phones",
    "online",
    "agent",
)

# The guide's fields that an answer about an aspect shows.
ASPECT_FIELDS: dict[Aspect, tuple[str, ...]] = {
    Aspect.OVERVIEW: ("audience", "conditions", "materials", "steps", "where", "time_limit", "fee", "result"),
    Aspect.ELIGIBILITY: ("audience", "conditions"),
    Aspect.MATERIALS: ("materials",),
    Aspect.PROCESS: ("steps",),
    Aspect.WHERE: ("where",),
    Aspect.HOURS: ("hours",),
    Aspect.TIME_LIMIT: ("time_limit",),
    Aspect.FEE: ("fee", "amounts"),
    Aspect.BASIS: ("basis",),
    Aspect.PHONE: ("phones",),
    Aspect.ONLINE: ("online",),
    Aspect.AGENT: ("agent",),
}


@dataclass(frozen=True)
class Guide:
    """One service item: what it is, who may have it, what to bring, and where each fact was read."""

    id: str
    title: str  # the official name
    plain_name: str  # what a neighbour would call it
    department: str
    theme: Theme
    aliases: tuple[str, ...] = ()
    life_events: tuple[str, ...] = ()
    popularity: int = 50  # 0 to 100, our guess of how often it is asked; breaks ties only
    audience: str | None = None
    conditions: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    steps: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    hours: str | None = None  # only where they differ from the hall's own
    time_limit: TimeLimit | None = None
    fee: str | None = None
    amounts: tuple[Amount, ...] = ()
    result: str | None = None
    basis: tuple[str, ...] = ()
    phones: tuple[Phone, ...] = ()
    online: tuple[str, ...] = ()
    agent: Agent | None = None
    neighbours: tuple[Neighbour, ...] = ()
    phrasings: tuple[str, ...] = ()
    english: English | None = None
    notes: str | None = None  # for staff only: conflicts between sources
    status: GuideStatus = GuideStatus.CURRENT
    status_note: str | None = None
    sources: tuple[Source, ...] = ()
    verified_on: date | None = None  # empty until staff of a hall verify
    review_by: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None  # the last day on which it holds
    completeness: Completeness = Completeness.PARTIAL

    def is_effective(self, on: date) -> bool:
        """Say whether the guide has come into force by that day (it may have expired since)."""
        return self.effective_on is None or self.effective_on <= on

    def is_expired(self, on: date) -> bool:
        """Say whether the guide's last day has passed."""
        return self.expires_on is not None and self.expires_on < on

    def review_due(self, on: date) -> bool:
        """Say whether staff should have looked at the guide again by that day."""
        return self.review_by is not None and self.review_by <= on

    def title_in(self, locale: str) -> str:
        """Return the title for readers of `locale`: the English one where there is one, else the official."""
        return self.english.title if locale == "en" and self.english else self.title

    def plain_name_in(self, locale: str) -> str:
        """Return what a neighbour would call it; in English, the title."""
        return self.english.title if locale == "en" and self.english else self.plain_name

    def knows(self, aspect: Aspect) -> bool:
        """Say whether any field that an answer about `aspect` shows is filled."""
        return any(getattr(self, name) for name in ASPECT_FIELDS[aspect])

    def sources_for(self, aspect: Aspect) -> tuple[Source, ...]:
        """Return the sources that bear a filled field of `aspect`, newest first, undated last."""
        shown = {name for name in ASPECT_FIELDS[aspect] if getattr(self, name)}
        return newest_first(source for source in self.sources if shown.intersection(source.fields))

    def source_date_for(self, aspect: Aspect | None = None) -> str | None:
        """Return the newest date of a source that bears `aspect`, else of any source, else None."""
        bearing = self.sources_for(aspect) if aspect is not None else ()
        for sources in (bearing, newest_first(self.sources)):
            if sources and sources[0].date is not None:
                return sources[0].date
        return None


def newest_first(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return sources by date, newest first, undated last.

    A partial date counts from its beginning: "2022" is older than "2022-03-08", lest an old page look fresh.
    ISO strings of different length sort in just that order.
    """
    return tuple(sorted(sources, key=lambda source: source.date or "", reverse=True))
