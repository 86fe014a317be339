"""A small console behind a real Sanic server, with a database of its own and a clock that tests turn."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sanic import Sanic
from sqlalchemy import Engine, event, inspect
from sqlalchemy.orm import Session, sessionmaker

from bot.alerts import Alerts
from cases.desk import Desk
from cases.sealing import Sealer
from cases.work.casework import Casework
from hall.database import migrate_engine, open_engine, open_sessions
from hall.public_app import MAX_BODY_BYTES
from kiosk.needs import HallFacts
from kiosk.preview import Preview
from kiosk.vendor import VENDORED
from knowledge.answering import TEXTS, Answering, Finding
from knowledge.editorial import Editorial
from knowledge.figures import make_figures
from knowledge.gold import Gold
from knowledge.hall_profile_file import load_profile
from knowledge.intake import Intake
from knowledge.learned import shipped_learning
from knowledge.library import Library
from knowledge.matching import Matcher
from knowledge.overview import Overview
from knowledge.release_workers import live_workers
from knowledge.releases import Releases
from knowledge.serving import Serving
from knowledge.switches import Switches
from knowledge.trial import Trials
from knowledge.unanswered import Unanswered
from language.reply import Decision
from language.texts import Texts
from staff.accounts import Accounts
from staff.attempts import Attempts
from staff.audit import AuditTrail
from staff.console import Console
from staff.door import PAGE_MODULES, AddPages, make_staff
from staff.kept_typing import KeptTyping
from staff.means import StaffMeans
from staff.outside_members import OutsideMembers
from staff.passwords import Hasher
from staff.roles import Role
from staff.sign_ins import SignIns
from tests.serving import ServedApp

SET_UP_CODE = "123412341234"
PASSWORD = "竹子-灯塔-清晨-7"


@dataclass
class TurnedClock:
    """A clock that stands still until a test turns it on."""

    now: datetime = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        """Go on by hours, minutes, seconds."""
        self.now += timedelta(**by)


def quick_hasher() -> Hasher:
    """A hasher that costs a test nothing."""
    return Hasher(memory_kib=64, passes=1, lanes=1)


def make_means(sessions: sessionmaker[Session], clock: TurnedClock, **more: Any) -> StaffMeans:
    """Return means over a database; `more` sets single parts, as what page authors bring."""
    sealer = Sealer([b"k" * 32])
    preview = Preview(
        lambda locale: HallFacts("幸福路街道社区事务受理服务中心"), clock, ZoneInfo("Asia/Shanghai")
    )
    parts: dict[str, Any] = {
        "accounts": Accounts(sessions, clock, quick_hasher()),
        "sign_ins": SignIns(sessions, clock),
        "attempts": Attempts(sessions, clock),
        "audit": AuditTrail(sessions, clock),
        "kept": KeptTyping(sessions, clock, sealer),
        "alerts": Alerts(sessions, clock, lambda at: True),
        "clock": clock,
        "zone": ZoneInfo("Asia/Shanghai"),
        "hall_name": lambda: "幸福路街道社区事务受理服务中心",
        "set_up_code": lambda: SET_UP_CODE,
        "on_set_up": lambda: None,
        "address": lambda request: request.headers.get("x-test-address", "here"),
        "vendored": VENDORED,
        "public_url": "",
        "oidc": None,
        "outside_members": OutsideMembers(sessions, clock),
        "casework": Casework.at(Desk(sessions, sealer, clock)),
        "library": Library(sessions, clock),
        "editorial": Editorial(sessions, clock),
        "releases": Releases(sessions, clock),
        "gold": Gold(sessions, clock),
        "unanswered": Unanswered(sessions, clock, seal=lambda text: text, open=lambda sealed: sealed),
        "switches": Switches(sessions, clock),
        "guides": lambda: [guide for guide, _ in Library(sessions, clock).published()],
        "judge": lambda text: Finding(Decision.DECLINE),
        "guide_for": Serving(live_answering(Library(sessions, clock), clock)),
        "workers": lambda: live_workers(sessions, clock),
        "figures": lambda first, last: make_figures((first, last), (), (), (), {}, last),
        "overview": Overview(sessions),
        "intake": Intake(sessions, clock),
        "trials": Trials(live_answering(Library(sessions, clock), clock)),
        "draw_screen": preview.screen,
        "draw_page": preview.page,
    }
    return StaffMeans(**{**parts, **more})


def live_answering(library: Library, clock: TurnedClock) -> Callable[[], Answering]:
    """Return what answers from the published guides, with the shipped numbers; built anew at each release."""
    held: dict[int, Answering] = {}

    def answering() -> Answering:
        number = library.release()
        if number not in held:
            published = library.published()
            matcher = Matcher.build((guide for guide, _ in published), learned=shipped_learning())
            held[number] = Answering(published, load_profile(), matcher, Texts(TEXTS), clock)
        return held[number]

    return answering


@dataclass
class ServedConsole:
    """A console that answers on a free port until it is closed."""

    means: StaffMeans
    clock: TurnedClock
    engine: Engine
    name: str
    url: str = ""

    @classmethod
    def start(cls, database_url: str, name: str, **more: Any) -> ServedConsole:
        """Migrate the database and serve; `more` as in make_means, and `clock`, `modules` of pages."""
        engine = open_engine(database_url)
        if database_url.startswith("sqlite"):
            # A test's power is not cut: waiting for the disk at each write would be most of its time.
            event.listen(
                engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF")
            )
        if not inspect(engine).has_table("alembic_version"):
            migrate_engine(engine)
        clock = more.pop("clock", None) or TurnedClock()
        modules = more.pop("modules", PAGE_MODULES)
        served = cls(make_means(open_sessions(engine), clock, **more), clock, engine, name)
        served._begin(modules)
        return served

    @property
    def console(self) -> Console:
        """The table of pages."""
        found: Console = self._routes.ctx.console
        return found

    def member(self, login: str, *roles: Role, password: str = PASSWORD) -> str:
        """Add a member with a password; return their login."""
        accounts = self.means.accounts
        if accounts.find(login) is None:
            _, code = accounts.add(login, f"{login}先生", roles or (Role.VIEWER,))
            accounts.choose_password(login, code, password)
        return login

    def browser(self, **headers: str) -> Browser:
        """Return a browser that has been nowhere yet."""
        return Browser(self.url, headers)

    def signed_in(self, login: str, *roles: Role) -> Browser:
        """Return a browser in which this member, made when missing, is signed in."""
        self.member(login, *roles)
        browser = self.browser()
        assert browser.sign_in(login).status_code == 303
        return browser

    def close(self) -> None:
        """Stop serving."""
        self._served.close()
        self.engine.dispose()

    def _begin(self, modules: Sequence[AddPages]) -> None:
        self._served = ServedApp(self._make_app(modules))
        self.url = self._served.url

    def _make_app(self, modules: Sequence[AddPages]) -> Sanic[Any, Any]:
        app: Sanic[Any, Any] = Sanic(self.name, configure_logging=False)
        app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES  # as in the hall
        app.config.TOUCHUP = False  # it rewrites Sanic itself, which works for one app a process
        self._routes = make_staff(self.means, modules)
        app.blueprint(self._routes)
        return app


def clerk(console: ServedConsole) -> Browser:
    """Return the browser of who receives cases."""
    return console.signed_in("clerk", Role.CASE_STAFF)


def handler(console: ServedConsole, department: str) -> Browser:
    """Return the browser of who works cases for a department."""
    browser = console.signed_in(f"at-{department}", Role.CASE_STAFF)
    console.means.accounts.change(f"at-{department}", department, [Role.CASE_STAFF], department)
    return browser


class Browser:
    """Sends what a browser sends: cookies, where it came from, and the hidden fields of the page it is on."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.http = httpx.Client(
            base_url=url, headers={"origin": url, **headers}, trust_env=False, timeout=30
        )
        self.url = url
        self.page = httpx.Response(200)

    def get(self, path: str) -> httpx.Response:
        """Open a page."""
        self.page = self.http.get(path)
        return self.page

    @property
    def csrf(self) -> str:
        """What the forms of the page that is open carry."""
        found = re.search(r'name="csrf" content="(\w*)"', self.page.text)
        return found.group(1) if found else ""

    def post(self, path: str, fields: Mapping[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Send a form, with the hidden field of the page that was opened last."""
        sent = {"csrf": self.csrf, **(fields or {})}
        return self.http.post(path, data=sent, **more)

    def sign_in(self, login: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        """Sign in as a person does, and open the first page."""
        self.get("/staff/sign-in")
        answer = self.post("/staff/sign-in", {"login": login, "password": password, **more})
        if answer.status_code == 303:
            self.get("/staff/me")
        return answer


def database(folder: Path) -> str:
    """Return the address of a new SQLite database with its tables, copied from one that is made once."""
    shutil.copyfile(_empty_database(), folder / "staff.db")
    return f"sqlite:///{folder / 'staff.db'}"


@cache
def _empty_database() -> Path:
    file = Path(tempfile.mkdtemp(prefix="linli-tests-")) / "empty.db"
    atexit.register(shutil.rmtree, file.parent, ignore_errors=True)
    engine = open_engine(f"sqlite:///{file}")
    migrate_engine(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file
