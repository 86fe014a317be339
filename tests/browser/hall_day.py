"""Who works at a real hall for a day, and how five residents file at five doors."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook
from playwright.sync_api import Page, expect
from sqlalchemy import update

from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.work.department_file import read_departments
from cases.work.departments import Departments
from cases.work.tables import ClockRow, Purpose
from hall.commands.staff import StaffParts
from hall.settings import read_settings
from hall.staff_wiring import make_staff_parts
from hall.wiring import Wiring
from staff.roles import Role
from tests.browser.conftest import Opener
from tests.running_hall import RunningHall
from tests.staff.served import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
PLACES = ROOT / "cases" / "places" / "sample.yml"
DEPARTMENTS = ROOT / "cases" / "work" / "departments.yml"
DESK = {"width": 1280, "height": 900}
NUMBER = re.compile(r"\d{6}-\d{4,}")
# Who works today: login, role and department.
STAFF = (
    ("day-chen", Role.CASE_STAFF, None),
    ("day-he", Role.CASE_STAFF, "city"),
    ("day-lin", Role.CASE_STAFF, "green"),
    ("day-wu", Role.SUPERVISOR, None),
)


@dataclass
class Day:
    """The hall, who works in it with a browser of their own each, and the cases by door."""

    hall: RunningHall
    wiring: Wiring
    pages: dict[str, Page]
    cases: dict[str, str] = field(default_factory=dict)

    def act(self, who: str, door: str, title: str, **fields: str) -> Page:
        """Open the case of a door and do one act; `fields` are filled by name."""
        page = self.pages[who]
        page.goto(f"{self.hall.url}/staff/cases/{self.cases[door]}")
        fold = page.locator(".act-fold").filter(
            has=page.locator("summary", has_text=re.compile(rf"^\s*{title}\s*$"))
        )
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
        for name, value in fields.items():
            there = fold.locator(f"[name={name}]")
            if there.first.get_attribute("type") == "checkbox":
                for one in value.split():
                    fold.locator(f"[name={name}][value={one}]").check()
            elif there.evaluate("element => element.tagName") == "SELECT":
                there.select_option(value)
            else:
                there.fill(value)
        fold.locator("button.primary").click()
        expect(page.locator(".flash.good")).to_be_visible()
        return page

    def figures(self) -> dict[str, int]:
        """Return every number of the results page, by what it is called there."""
        page = self.pages["day-wu"]
        today = self.wiring.clock().astimezone(self.wiring.profile.timezone).date()
        first, last = today - timedelta(days=1), today + timedelta(days=1)
        page.goto(f"{self.hall.url}/staff/results?from={first}&to={last}")
        numbers: dict[str, int] = page.evaluate(
            """() => Object.fromEntries([
              ...[...document.querySelectorAll('.rates dt')].map(t => [t.innerText, t.nextElementSibling]),
              ...[...document.querySelectorAll('.counts > span')].map(
                s => [s.firstChild.data.trim(), s.querySelector('strong')]),
            ].map(([name, shown]) => [name, parseInt(shown.innerText)]))"""
        )
        return numbers

    def let_the_whistle_run_out(self, door: str) -> None:
        """Let the time pass that a department had to come; the clocks of the case become older."""
        past = self.wiring.clock() - timedelta(minutes=5)
        waits = (ClockRow.number == self.cases[door], ClockRow.purpose == Purpose.ARRIVE)
        older = {"warn_at": past, "due_at": past, "escalate_at": past + timedelta(minutes=1)}
        with self.wiring.sessions.begin() as session:
            session.execute(update(ClockRow).where(*waits, ClockRow.ended_at.is_(None)).values(**older))


def open_day(hall: RunningHall, visitor: Opener) -> Day:
    """Make places known, and have four members of staff sign in."""
    wiring = Wiring(read_settings({"LINLI_FOLDER": str(hall.folder)}))
    Places(wiring.desk.store).replace(read_registry(PLACES))
    Departments(wiring.desk.store).replace(read_departments(DEPARTMENTS))
    parts = make_staff_parts(wiring)
    pages = {}
    for login, role, department in STAFF:
        enrol(parts, login, role, department)
        page = visitor(hall, DESK).open("/staff/sign-in")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        expect(page.locator("h1")).to_contain_text("您好")
        pages[login] = page
    return Day(hall, wiring, pages)


def enrol(parts: StaffParts, login: str, role: Role, department: str | None) -> None:
    """Give a member of staff an account."""
    _, code = parts.accounts.add(login, f"{login}先生", (role,), department)
    parts.accounts.choose_password(login, code, PASSWORD)


def say(page: Page, text: str, answered: str) -> None:
    """Say something on the chat page and wait for what is answered."""
    page.fill("#text", text)
    page.press("#text", "Enter")
    expect(page.locator(".message.reply").last).to_contain_text(answered)


def by_chat(page: Page) -> str:
    """File through the chat page: the street light is out."""
    say(page, "我要报修", "是什么事")
    say(page, "小区门口的路灯坏了", "在什么地方")
    say(page, "梧桐苑3号楼", "称呼和电话")
    say(page, "不留了", "请核对")
    say(page, "确认提交", "受理编号")
    return number_in(page.locator(".message.reply").last.inner_text())


def by_kiosk(page: Page) -> str:
    """File by touch at the kiosk: rubbish is not taken away."""
    page.click(".tile:has-text('投诉')")
    page.click(".choice:has-text('投诉')")
    for value in ("银杏家园门口的垃圾没人清", "银杏家园2号楼"):
        expect(page.locator("#value")).to_have_value("")
        page.fill("#value", value)
        page.click("button[form=field]")
    page.click(".choice:has-text('不留')")
    page.click(".actions .primary")
    page.wait_for_selector(".receipt")
    return number_in(page.locator(".receipt").inner_text())


def by_group(hall: RunningHall) -> str:
    """File from the group of an estate, and take it back."""
    neighbour = {"channel": "group", "sender": "neighbour-3", "mentioned": True}
    group = "group-w"
    for text in ("我要报修", "3号楼的门禁坏了", "梧桐苑3号楼", "不留了"):
        hall.say(group, text, **neighbour)
    filed = hall.say(group, "确认提交", **neighbour)
    number, code = filed["case"]["number"], filed["case"]["code"]
    talk = secrets.token_hex(8)
    found = hall.say(talk, f"查一下 {number}，查询码 {code}")
    hall.choose(talk, next(one["id"] for one in found["choices"] if "撤" in one["label"]))
    assert "撤回" in hall.say(talk, "确定")["text"]
    return str(number)


def by_window(page: Page, url: str) -> str:
    """File at the window: somebody who came in person."""
    page.goto(f"{url}/staff/cases/-/new")
    page.fill("#description", "希望延长周末开放时间")
    page.fill("#place", "受理中心大厅")
    page.click("main form button.primary")
    expect(page.locator(".flash.good")).to_be_visible()
    return number_in(page.locator("h1").inner_text())


def by_hotline(page: Page, url: str, folder: Path) -> str:
    """File the sheet that the hotline sent."""
    book = Workbook()
    rows = book.active
    assert rows is not None
    rows.append(["工单编号", "诉求类型", "诉求内容", "诉求地址", "联系人", "联系电话"])
    rows.append(
        [
            f"DAY-{secrets.token_hex(4)}",
            "投诉",
            "小区绿化带的树枝挡住路",
            "海棠新村1号楼",
            "王女士",
            "13812345678",
        ]
    )
    book.save(folder / "12345.xlsx")
    page.goto(f"{url}/staff/cases/-/hotline")
    page.set_input_files("input[type=file]", folder / "12345.xlsx")
    page.click("button:has-text('登记没有错的')")
    expect(page.locator("main")).to_contain_text(NUMBER)
    return number_in(page.locator("main").inner_text())


def number_in(text: str) -> str:
    """Return the case number in a text."""
    found = NUMBER.search(text)
    assert found, text
    return found.group()
