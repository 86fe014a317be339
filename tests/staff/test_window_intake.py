"""What is taken down at the window: questions of its category, similar cases, and nothing filed by half."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

import cases.places
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.privacy.reading import read_masked
from cases.work.queues import Filter
from staff.roles import Role
from tests.staff.served import Browser, ServedConsole, database

SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")
NEW = "/staff/cases/-/new"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    served = ServedConsole.start(database(tmp_path_factory.mktemp("window")), "window")
    served.member("boss", Role.ADMIN)
    Places(served.means.casework.desk.store).replace(read_registry(SAMPLE))
    yield served
    served.close()


@pytest.fixture
def clerk(console: ServedConsole) -> Browser:
    return console.signed_in("clerk", Role.CASE_STAFF)


def sheet(**changes: str) -> dict[str, str]:
    typed = {"channel": "window", "kind": "repair", "description": "厨房漏水", "place": "桂花坊1号楼"}
    return {"key": secrets.token_hex(16), **typed, **changes}


def filed(console: ServedConsole) -> int:
    return console.means.casework.queues.count(Filter())


def seen(page: str) -> dict[str, str]:
    """The mark of a page that was looked at."""
    found = re.search(r'name="checked" value="([^"]*)"', page)
    assert found is not None
    return {"checked": found[1]}


def test_a_categorys_own_question_is_asked_once_and_kept_with_the_case(
    console: ServedConsole, clerk: Browser
) -> None:
    typed, before = sheet(), filed(console)
    asked = clerk.post(NEW, typed)
    assert asked.status_code == 422
    assert "水还在流吗" in asked.text
    assert "还没有登记" in asked.text
    assert '<option value="还在流">' in asked.text
    assert filed(console) == before
    done = clerk.post(NEW, {**typed, **seen(asked.text), "answer-water-leak:a": "还在流，淹到走廊了"})
    number = done.headers["location"].rpartition("/")[2]
    assert read_masked(console.means.casework.desk.store, number).details == "水还在流吗？ 还在流，淹到走廊了"
    for page in (f"/staff/cases/{number}", f"/staff/cases/{number}/sheet"):
        assert "还在流，淹到走廊了" in clerk.get(page).text


def test_an_answer_may_be_left_out_but_not_be_a_letter(console: ServedConsole, clerk: Browser) -> None:
    typed = sheet(place="桂花坊2号楼")
    mark = seen(clerk.post(NEW, typed).text)
    wrong = clerk.post(NEW, {**typed, **mark, "answer-water-leak:a": "长" * 121})
    assert wrong.status_code == 422
    assert "最多 120 个字" in wrong.text
    assert clerk.post(NEW, {**typed, **mark}).status_code == 303


def test_another_category_or_place_is_looked_at_again(console: ServedConsole, clerk: Browser) -> None:
    typed = sheet(place="桂花坊3号楼")
    mark = seen(clerk.post(NEW, typed).text)
    again = clerk.post(NEW, {**typed, **mark, "category": "power"})
    assert again.status_code == 422
    assert "整栋楼" in again.text


def test_similar_cases_are_shown_with_their_numbers_and_stop_nobody(
    console: ServedConsole, clerk: Browser
) -> None:
    first = sheet(description="楼道灯不亮", place="桂花坊4号楼")
    done = clerk.post(NEW, first)
    number = done.headers["location"].rpartition("/")[2]
    # Sent twice by an impatient finger, it is no case that resembles itself.
    assert clerk.post(NEW, first).headers["location"] == done.headers["location"]
    second = sheet(description="楼道灯不亮", place="桂花坊4号楼")
    hinted = clerk.post(NEW, second)
    assert hinted.status_code == 422
    assert f'href="/staff/cases/{number}"' in hinted.text
    done = clerk.post(NEW, {**second, **seen(hinted.text)})
    assert done.status_code == 303
    assert not done.headers["location"].endswith(number)


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "漏" * 501},
        {"description": "漏" * 1_300_000},  # 4 MB
        {"description": "<script>"},
        {"description": " "},
        {"description": "https://example.org/x"},
        {"place": "桂" * 121},
        {"contact_name": "<b>"},
        {"contact_phone": "1" * 100_000},
        {"hotline_ref": "1" * 65},
    ],
    ids=lambda changes: f"{next(iter(changes))} of {len(next(iter(changes.values())))}",
)
def test_what_no_form_takes_is_refused_with_a_word_and_files_nothing(
    console: ServedConsole, clerk: Browser, changes: dict[str, str]
) -> None:
    before = filed(console)
    refused = clerk.post(NEW, sheet(**{"description": "楼道灯不亮", **changes}))
    assert refused.status_code in (413, 422)
    assert 'class="error"' in refused.text or refused.status_code == 413
    assert len(refused.text) < 200_000
    assert filed(console) == before
