"""Photos on the console: who may bring and see them, how they are handed out, and what is refused."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from cases.case import Actor, ActorRole, CaseKind, CaseStatus, Request
from cases.work.departments import Department
from cases.work.moving import Move
from staff.roles import Role
from tests.staff.served import Browser, ServedConsole, clerk, database, handler

LI = Actor("li", ActorRole.RECEIVER)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    served = ServedConsole.start(database(tmp_path_factory.mktemp("photos")), "photos")
    served.member("boss", Role.ADMIN)
    served.means.casework.departments.replace([Department("water", "水务所"), Department("green", "绿化所")])
    yield served
    served.close()


@pytest.fixture
def number(console: ServedConsole) -> str:
    """A leak that the hall has accepted and given to the water people."""
    desk = console.means.casework.desk
    request = Request(
        secrets.token_hex(16), CaseKind.REPAIR, "水管漏水", "幸福里小区3号楼", None, None, "chat", "talk"
    )
    number = desk.file_case(request).number
    desk.move(number, Move(CaseStatus.ACCEPTED, LI))
    desk.move(number, Move(CaseStatus.DISPATCHED, LI, department="water"))
    return number


def picture(kind: str = "JPEG", size: tuple[int, int] = (800, 400), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


def upload(browser: Browser, number: str, *files: tuple[str, bytes]) -> httpx.Response:
    browser.get(f"/staff/cases/{number}")
    sent = [("photos", (name, content, "image/jpeg")) for name, content in files]
    return browser.post(f"/staff/cases/{number}/photos", files=sent)


def links(page: str) -> list[str]:
    return re.findall(r'href="(/staff/cases/[\d-]+/photos/\d+)"', page)


def test_photos_are_shown_small_and_handed_out_as_nothing_but_a_jpeg(
    console: ServedConsole, number: str
) -> None:
    browser = clerk(console)
    name = "../<script>alert(1)</script>\u202egpj.exe"
    done = upload(browser, number, (name, picture()), ("灯.png", picture("PNG", (50, 50))))
    page = browser.get(done.headers["location"]).text
    assert "已加 2 张照片" in page
    assert "<script>alert" not in page
    first = browser.http.get(links(page)[0])
    assert first.headers["content-type"] == "image/jpeg"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["content-disposition"].startswith('inline; filename="2')
    assert "script" not in first.headers["content-disposition"]
    small = browser.http.get(links(page)[0] + "?size=small")
    with Image.open(io.BytesIO(small.content)) as image:
        assert image.size == (320, 160)


def test_what_is_no_photo_is_refused_in_words_and_the_others_stay(
    console: ServedConsole, number: str
) -> None:
    browser = clerk(console)
    refused = upload(browser, number, ("a.jpg", b"no picture"), ("b.jpg", picture()))
    assert refused.status_code == 422
    assert "第 1 张没有收：打不开" in refused.text
    assert len(links(refused.text)) == 1
    bomb = picture("PNG", (20_000, 20_000), "1")
    assert "像素太多" in upload(browser, number, ("bomb.png", bomb)).text
    assert "超过 10 MB" in upload(browser, number, ("big.jpg", b"x" * (10 * 1024 * 1024 + 1))).text
    assert "没有收到照片" in upload(browser, number).text
    too_large = upload(browser, number, *[("big.jpg", b"x" * 9_000_000)] * 4)
    assert too_large.status_code == 413
    many = [(f"{n}.jpg", picture(size=(40 + n, 20))) for n in range(7)]
    assert "最多 6 张" in upload(browser, number, *many).text


def test_only_who_works_the_case_sees_or_brings_its_photos(console: ServedConsole, number: str) -> None:
    browser = clerk(console)
    upload(browser, number, ("a.jpg", picture()))
    (link,) = links(browser.get(f"/staff/cases/{number}").text)
    assert handler(console, "water").http.get(link).status_code == 200
    stranger = handler(console, "green")
    assert stranger.http.get(link).status_code == 403
    assert upload(stranger, number, ("a.jpg", picture(size=(9, 9)))).status_code == 403
    assert browser.http.get(link.rpartition("/")[0] + "/9999999999999999999999").status_code == 404
    other = console.means.casework.desk.file_case(
        Request(secrets.token_hex(16), CaseKind.SUGGESTION, "多放椅子", None, None, None, "chat", "talk")
    ).number
    assert browser.http.get(link.replace(number, other)).status_code == 404


def test_who_comes_to_a_whistle_may_prove_it_with_a_photo(console: ServedConsole, number: str) -> None:
    browser, green = clerk(console), handler(console, "green")
    browser.get(f"/staff/cases/{number}")
    browser.post(f"/staff/cases/{number}/whistle", {"departments": "green", "note": "要看现场"})
    page = green.get(f"/staff/cases/{number}").text
    whistle = re.search(r'name="whistle" value="(\d+)"', page)
    assert whistle is not None
    come = {"whistle": whistle[1], "note": "两人到场"}

    def send(content: bytes, **more: str) -> httpx.Response:
        files = {"proof": ("现场.jpg", content, "image/jpeg")}
        return green.post(f"/staff/cases/{number}/come", {**come, **more}, files=files)

    assert "打不开" in send(b"no picture").text
    assert "还有必填的没填" in send(picture(), note=" ").text
    assert links(green.get(f"/staff/cases/{number}").text) == []
    done = send(picture())
    page = green.get(done.headers["location"]).text
    assert "已到场" in page
    assert "看照片" in page


def test_a_case_taken_down_at_the_window_keeps_its_photos_and_tells_of_those_that_are_none(
    console: ServedConsole,
) -> None:
    browser = clerk(console)
    browser.get("/staff/cases/-/new")
    typed = {
        "key": secrets.token_hex(16),
        "kind": "suggestion",
        "description": "多放几把椅子",
        "place": "大厅",
    }
    files = [("photos", ("a.jpg", picture(), "image/jpeg")), ("photos", ("b.jpg", b"no", "image/jpeg"))]
    done = browser.post("/staff/cases/-/new", typed, files=files)
    page = browser.get(done.headers["location"]).text
    assert len(links(page)) == 1
    assert "查询码" in page
    assert "第 2 张没有收：打不开" in page
    refused = browser.post("/staff/cases/-/new", {**typed, "description": ""}, files=files)
    assert "照片请重新选" in refused.text
