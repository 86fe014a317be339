"""Wires the staff console: its accounts and keepers, and the code for the first administrator."""

from __future__ import annotations

import logging
import os

from sanic import Request
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.web import Trust
from cases.work.casework import Casework
from hall.commands.staff import StaffParts
from hall.figures import read_figures
from hall.kiosk_wiring import hall_facts
from hall.wiring import Wiring
from kiosk.preview import Preview
from kiosk.vendor import VENDORED
from knowledge.editorial import Editorial
from knowledge.intake import Intake
from knowledge.overview import Overview
from knowledge.release_workers import live_workers
from knowledge.releases import Releases
from knowledge.serving import Serving
from knowledge.trial import Trials
from staff.accounts import Accounts
from staff.attempts import Attempts
from staff.audit import AuditTrail
from staff.kept_typing import KeptTyping
from staff.means import StaffMeans
from staff.oidc import Oidc, OidcSettings
from staff.outside_members import OutsideMembers
from staff.passwords import Hasher
from staff.sign_ins import SignIns

logger = logging.getLogger(__name__)

SET_UP_DIGITS = 12


def make_accounts(wiring: Wiring) -> Accounts:
    """Return the members of staff."""
    return Accounts(wiring.sessions, wiring.clock, Hasher())


def make_staff_parts(wiring: Wiring) -> StaffParts:
    """Return what `linli staff` works on."""
    sessions, clock = wiring.sessions, wiring.clock
    return StaffParts(
        make_accounts(wiring),
        SignIns(sessions, clock),
        Attempts(sessions, clock),
        AuditTrail(sessions, clock),
    )


def make_staff_means(wiring: Wiring, trust: Trust) -> StaffMeans:
    """Return what the console stands on."""
    sessions, clock = wiring.sessions, wiring.clock
    preview = Preview(lambda locale: hall_facts(wiring, locale), clock, wiring.profile.timezone)

    def address(request: Request) -> str:
        # Keyed: there are too few addresses for a plain hash to hide one.
        return wiring.sealer.sign("staff-address", trust.address(request) or "this machine")

    return StaffMeans(
        accounts=make_accounts(wiring),
        sign_ins=SignIns(sessions, clock),
        attempts=Attempts(sessions, clock),
        audit=AuditTrail(sessions, clock),
        alerts=wiring.alerts,
        kept=KeptTyping(sessions, clock, wiring.sealer),
        clock=clock,
        zone=wiring.profile.timezone,
        hall_name=lambda: wiring.profile.name,
        set_up_code=lambda: set_up_code(wiring),
        on_set_up=lambda: wiring.settings.set_up_file.unlink(missing_ok=True),
        address=address,
        vendored=VENDORED,
        public_url=wiring.settings.public_url,
        oidc=make_oidc(wiring),
        outside_members=OutsideMembers(sessions, clock),
        casework=Casework.at(wiring.desk),
        library=wiring.library,
        editorial=Editorial(sessions, clock),
        releases=Releases(sessions, clock, wiring.profile.timezone),
        gold=wiring.gold,
        unanswered=wiring.unanswered,
        switches=wiring.switches,
        guides=lambda: wiring.release.guides,
        judge=lambda text: wiring.release.answering().consider(text),
        guide_for=Serving(lambda: wiring.release.answering()),
        workers=lambda: live_workers(sessions, clock),
        figures=lambda first, last: read_figures(wiring, first, last),
        overview=Overview(sessions),
        intake=Intake(sessions, clock),
        trials=Trials(lambda: wiring.release.answering()),
        draw_screen=preview.screen,
        draw_page=preview.page,
    )


def make_oidc(wiring: Wiring) -> Oidc | None:
    """Return the organisation's own sign-in, where the settings name one."""
    settings = wiring.settings
    if not settings.oidc_issuer:
        return None
    return Oidc(
        OidcSettings(
            settings.oidc_issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret,
            settings.oidc_role_claim,
        ),
        wiring.sealer,
        wiring.clock,
    )


def purge_staff(wiring: Wiring) -> None:
    """Forget sessions, wrong tries and kept typing that have had their time."""
    SignIns(wiring.sessions, wiring.clock).purge()
    Attempts(wiring.sessions, wiring.clock).purge()
    KeptTyping(wiring.sessions, wiring.clock, wiring.sealer).purge()


def set_up_code(wiring: Wiring) -> str:
    """Return the code that the first administrator must know.

    Made from the hall's key: every process on every machine tells the same one. It opens nothing once there
    is a member of staff.
    """
    return wiring.sealer.digits("staff-set-up", "first administrator", SET_UP_DIGITS)


def tell_set_up_code(wiring: Wiring) -> None:
    """While nobody has an account: write the code to a file of ours alone, and say it on the terminal.

    Several processes come here at a start; the one that makes the file says it.
    """
    file = wiring.settings.set_up_file
    try:
        if not make_accounts(wiring).is_empty():
            file.unlink(missing_ok=True)
            return
        code = set_up_code(wiring)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except (OSError, SQLAlchemyError) as problem:
        logger.warning("the code for the first administrator cannot be told (%s)", type(problem).__name__)
        return
    with os.fdopen(handle, "w") as out:
        out.write(code + "\n")
    shown = " ".join(code[start : start + 4] for start in range(0, SET_UP_DIGITS, 4))
    print(f"Nobody has a staff account yet: open /staff and enter the code {shown}", flush=True)
