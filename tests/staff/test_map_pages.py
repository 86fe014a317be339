"""The map and the bursts on it, as each role sees them."""

from __future__ import annotations

import io
import re
import secrets
from pathlib import Path

import pytest
from openpyxl import load_workbook

import cases.places
from cases.case import CaseKind, Request
from cases.figures.hiding import Shown, Telling
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from staff.home_work import work_for
from staff.map.words import shade
from staff.roles import Role
from tests.staff.served import Browser, ServedConsole

SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")


def file(served: ServedConsole, count: int, place: str, category: str, said: str = "没水了") -> list[str]:
    """File cases of as many residents; return their numbers."""
    made = []
    for _ in range(count):
        key = secrets.token_hex(8)
        request = Request(key, CaseKind.REPAIR, said, place, "王小明", "13812345678", "chat", key, category)
        made.append(served.means.casework.desk.file_case(request).number)
    return made


@pytest.fixture
def street(served: ServedConsole) -> ServedConsole:
    """November: 7 lifts and 2 lamps in the first grid, 3 lifts in the second; now it is December."""
    served.member("boss", Role.ADMIN)
    Places(served.means.casework.desk.store).replace(read_registry(SAMPLE))
    file(served, 7, "梧桐苑1号楼", "lift")
    file(served, 2, "梧桐苑2号楼", "hallway-light")
    file(served, 3, "银杏家园1号楼", "lift")
    served.clock.turn(days=20)
    return served


def counts(page: str, row: str) -> list[str]:
    """Return the cells of a row of the table."""
    found = re.search(rf'<th scope="row">{row}.*?</tr>', page, re.DOTALL)
    assert found is not None, f"no row {row}"
    return re.findall(r"<td[^>]*>([^<]*)</td>", found[0].replace("&lt;", "＜"))


def test_everybody_sees_the_map_and_nobody_a_small_count(street: ServedConsole) -> None:
    page = street.signed_in("hu").get("/staff/map?span=2026-11").text
    assert counts(page, "电梯故障") == ["7", "＜5", "0", "0", "0", "0", "≥8"]
    assert counts(page, "楼道照明") == ["＜5", *"00000", "＜5"]
    assert counts(page, "合计") == ["≥8", "＜5", *"0000", "≥9"]
    assert "/staff/cases?" not in page
    assert "/staff/map/bursts" not in page


def test_who_sees_cases_is_led_to_them(street: ServedConsole) -> None:
    page = street.signed_in("clerk", Role.CASE_STAFF).get("/staff/map?span=2026-11").text
    assert "/staff/cases?which=all&amp;grid=g1&amp;category=lift" in page
    assert "/staff/map/bursts" in page


def test_the_map_is_narrowed_to_a_kind_and_a_time(street: ServedConsole) -> None:
    browser = street.signed_in("hu")
    assert "没有登记这样的工单" in browser.get("/staff/map?span=2026-11&kind=complaint").text
    assert counts(browser.get("/staff/map?span=2026-11&kind=repair").text, "合计")[-1] == "≥9"
    assert "没有登记这样的工单" in browser.get("/staff/map?span=2026-12").text
    assert counts(browser.get("/staff/map?span=2026").text, "电梯故障")[-1] == "≥8"
    last_month = browser.get("/staff/map").text  # the last month that is over
    assert counts(last_month, "电梯故障")[0] == "7"
    for strange in ("?span=2026-13", "?span=1999", "?span=2031-01", "?kind=x&span=%00"):
        assert counts(browser.get(f"/staff/map{strange}").text, "电梯故障")[0] == "7"


def test_the_workbook_holds_nothing_more_exact(street: ServedConsole) -> None:
    answer = street.signed_in("hu").get("/staff/map.xlsx?span=2026-11")
    book = load_workbook(io.BytesIO(answer.content))
    rows = {row[0]: row[2:] for row in book["网格和类别"].iter_rows(values_only=True)}
    assert rows["电梯故障"] == (7, "<5", 0, 0, 0, 0, "≥8")
    assert rows["楼道照明"] == ("<5", 0, 0, 0, 0, 0, "<5")
    assert rows["合计"] == ("≥8", "<5", 0, 0, 0, 0, "≥9")
    foremost = list(book["各网格前列"].iter_rows(min_row=2, values_only=True))
    assert foremost[0] == ("第一网格（示例）", 1, "电梯故障", 7)
    numbers = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert numbers.isdisjoint({2, 3, 4, 9, 10, 12} - {place for _, place, *_ in foremost})


def test_who_knows_the_total_sees_no_month_that_it_would_tell(served: ServedConsole) -> None:
    served.member("boss", Role.ADMIN)
    Places(served.means.casework.desk.store).replace(read_registry(SAMPLE))
    file(served, 2, "梧桐苑1号楼", "lift")
    water = served.signed_in("water", Role.CASE_STAFF)
    served.means.accounts.change("water", "水务", [Role.CASE_STAFF], "water")  # sees its own cases alone
    for browser in (served.signed_in("hu"), water):
        page = browser.get("/staff/map?span=2026-11").text
        assert "2026 年 11 月不写出来" in page
        assert "电梯故障" not in page
    clerk = served.signed_in("clerk", Role.CASE_STAFF)
    assert counts(clerk.get("/staff/map?span=2026-11").text, "电梯故障")[0] == "＜5"


def test_every_shade_has_its_colour() -> None:
    sheet = (Path(__file__).parents[2] / "staff" / "static" / "map.css").read_text("utf-8")
    reached = {shade(Shown(Telling.EXACT, number)) for number in range(200)}
    assert {f".heat-{dark}" for dark in reached} <= set(re.findall(r"\.heat-\d", sheet))


def work(served: ServedConsole, login: str, *roles: Role) -> dict[str, int]:
    served.member(login, *roles)
    member = served.means.accounts.find(login)
    assert member is not None
    return {one.key: one.count for one in work_for(served.means, member)}


def accept(browser: Browser, proposal: str, seen: list[str], master: str, ticked: list[str]) -> str:
    done = browser.post(
        f"/staff/map/bursts/{proposal}/accept", {"master": master, "number": ticked, "seen": seen}
    )
    return (browser.get(done.headers["location"]) if done.status_code == 303 else done).text


def test_a_burst_is_shown_merged_once_and_gone(street: ServedConsole) -> None:
    numbers = file(street, 3, "梧桐苑1号楼", "water-supply", "整幢楼没水，电话13912345678")
    first, second = (street.signed_in(one, Role.CASE_STAFF) for one in ("clerk", "second"))
    page = first.get("/staff/map/bursts").text
    assert work(street, "clerk")["bursts"] == 1
    assert "第一网格（示例） · 停水" in page
    assert "整幢楼没水" in page
    assert "13912345678" not in page
    found = re.search(r"/map/bursts/(\d+)/accept", page)
    assert found is not None
    second.get("/staff/map/bursts")
    assert "请选一件主案" in accept(first, found[1], numbers, numbers[0], [])
    assert f"主案 {numbers[1]}，并入 2 件" in accept(first, found[1], numbers, numbers[1], numbers)
    assert "clerk先生已经把它们并成一件了" in accept(second, found[1], numbers, numbers[0], numbers)
    assert "现在没有" in second.get("/staff/map/bursts").text
    assert "bursts" not in work(street, "clerk")
    assert street.means.casework.desk.verify() == []


def test_what_is_several_matters_is_dismissed_until_it_grows(street: ServedConsole) -> None:
    numbers = file(street, 3, "梧桐苑1号楼", "water-supply")
    browser = street.signed_in("sun", Role.SUPERVISOR)
    found = re.search(r"/map/bursts/(\d+)/accept", browser.get("/staff/map/bursts").text)
    assert found is not None
    seen = {"seen": numbers}
    done = browser.post(f"/staff/map/bursts/{found[1]}/dismiss", seen)
    assert "已记下" in browser.get(done.headers["location"]).text
    assert "已经记下" in browser.post(f"/staff/map/bursts/{found[1]}/dismiss", seen).text
    file(street, 1, "梧桐苑3号楼", "water-supply")
    assert "现在又多了" in browser.get("/staff/map/bursts").text


def test_a_department_decides_no_burst(street: ServedConsole) -> None:
    numbers = file(street, 3, "梧桐苑1号楼", "water-supply")
    street.means.casework.desk.tick()
    browser = street.signed_in("water", Role.CASE_STAFF)
    street.means.accounts.change("water", "水务", [Role.CASE_STAFF], "water")
    assert browser.get("/staff/map/bursts").status_code == 403
    assert "/staff/map/bursts" not in browser.get("/staff/map").text
    browser.get("/staff/map")
    assert browser.post("/staff/map/bursts/1/dismiss", {"seen": numbers}).status_code == 403
    assert "bursts" not in work(street, "water")
    assert work(street, "sun", Role.SUPERVISOR)["bursts"] == 1
