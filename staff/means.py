"""What the console is given: the rooms and keepers behind its pages. hall/ fills it in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sanic import Request

from cases.work.casework import Casework
from knowledge.editorial import Editorial
from knowledge.figures import Figures
from knowledge.gold import Gold, Judge
from knowledge.guide import Guide
from knowledge.intake import Intake
from knowledge.library import Library
from knowledge.overview import Overview
from knowledge.release_workers import Worker
from knowledge.releases import Releases
from knowledge.switches import Switches
from knowledge.trial import Trials
from knowledge.unanswered import Unanswered
from language.moments import Clock
from language.reply import Reply
from staff.accounts import Accounts
from staff.alerts.book import AlertBook
from staff.attempts import Attempts
from staff.audit import AuditTrail
from staff.kept_typing import KeptTyping
from staff.oidc import Oidc
from staff.outside_members import OutsideMembers
from staff.sign_ins import SignIns


@dataclass(frozen=True)
class StaffMeans:
    """Everything that pages call."""

    accounts: Accounts
    sign_ins: SignIns
    attempts: Attempts
    audit: AuditTrail
    kept: KeptTyping
    alerts: AlertBook
    clock: Clock
    zone: ZoneInfo
    hall_name: Callable[[], str]
    set_up_code: Callable[[], str]  # what the first administrator reads off the operator's terminal
    on_set_up: Callable[[], None]  # called once there is an administrator
    address: Callable[[Request], str]  # who is calling, for limits alone; never stored in clear
    vendored: Path  # htmx and the icons
    public_url: str  # where browsers reach us, when that is not what they asked for
    oidc: Oidc | None  # the organisation's own sign-in, where it has one
    outside_members: OutsideMembers
    casework: Casework
    library: Library
    editorial: Editorial
    releases: Releases
    gold: Gold
    unanswered: Unanswered
    switches: Switches
    guides: Callable[[], Sequence[Guide]]  # those that residents see, as this process holds them
    judge: Judge  # what residents would get for a question now
    guide_for: Callable[[tuple[str, ...]], str | None]  # which guide serves a matter of these names
    workers: Callable[[], Sequence[Worker]]
    overview: Overview
    intake: Intake
    trials: Trials
    draw_screen: Callable[[Reply, str], str]  # the kiosk's screen after a question, as HTML
    draw_page: Callable[[Reply], str]  # the page that a phone opens, as HTML
    figures: Callable[[date, date], Figures]  # of the days from the first to the last, both included
