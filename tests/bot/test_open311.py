"""Open311 GeoReport v2: what programs of others read and file, and what they never learn."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from sanic import Sanic
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

import cases.places
from bot.channels.open311.door import make_open311
from bot.channels.open311.reports import Reports
from cases.arrivals.categories import Privacy, load_categories
from cases.case import CaseKind, CaseStatus, Request
from cases.desk import Desk
from cases.places.registry import Places
from cases.places.registry_file import read_registry
from cases.sealing import Sealer
from cases.tables import Base
from hall.settings import SettingsError, read_settings
from tests.cases.conftest import HandClock
from tests.cases.working import bring, open_departments
from tests.serving import ServedApp

KEY = "k" * 20
SAMPLE = Path(cases.places.__file__ or "").with_name("sample.yml")
SENSITIVE = next(one.id for one in load_categories().values() if one.privacy is Privacy.SENSITIVE)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(datetime(2026, 6, 11, 2, 0, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path: Path, clock: HandClock) -> Desk:
    engine = create_engine(f"sqlite:///{tmp_path / 'linli.db'}")
    Base.metadata.create_all(engine)
    desk = Desk(sessionmaker(engine), Sealer([bytes(range(32))]), clock)
    open_departments(desk)
    Places(desk.store).replace(read_registry(SAMPLE))
    return desk


@pytest.fixture
def city(desk: Desk) -> Iterator[httpx.Client]:
    app: Sanic[Any, Any] = Sanic(f"open311-{secrets.token_hex(4)}", configure_logging=False)
    app.config.TOUCHUP = False
    app.blueprint(make_open311(Reports(desk), KEY))
    served = ServedApp(app)
    with httpx.Client(base_url=f"{served.url}/open311/v2/", trust_env=False, timeout=30) as client:
        yield client
    served.close()


def report(**changes: str) -> dict[str, str]:
    typed = {"service_code": "lift", "description": "电梯坏了, 我是王小明", "address_string": "梧桐苑3号楼"}
    return {
        "api_key": KEY,
        **typed,
        "last_name": "王",
        "first_name": "小明",
        "phone": "13812345678",
        **changes,
    }


def listed(city: httpx.Client, **asked: str) -> list[dict[str, str]]:
    answer = city.get("requests.json", params={"api_key": KEY, **asked})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, str]] = answer.json()
    return found


def test_services_are_the_categories_in_both_formats(city: httpx.Client) -> None:
    told = city.get("services.json").json()
    assert [one["service_code"] for one in told] == list(load_categories())
    assert {one["type"] for one in told} == {"realtime"}
    answer = city.get("services.xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "services"
    assert [one.findtext("service_code") for one in root.iter("service")] == list(load_categories())
    assert city.get("services/lift.json").json() == {"service_code": "lift", "attributes": []}


def test_what_is_filed_is_a_case_and_is_read_without_a_word_of_it(city: httpx.Client, desk: Desk) -> None:
    (filed,) = city.post("requests.json", data=report()).json()
    number = filed["service_request_id"]
    code = filed["service_notice"].partition("查询码：")[2][:6]
    assert desk.look_up(number, code, "talk") is not None
    for path in (f"requests/{number}.json", f"requests/{number}.xml", "requests.json", "requests.xml"):
        answer = city.get(path, params={"api_key": KEY})
        assert answer.status_code == 200
        assert number in answer.text
        assert not [word for word in ("王", "小明", "138", "3号楼", "我是", code) if word in answer.text]
    (told,) = listed(city)
    assert (told["status"], told["service_code"], told["address_id"]) == ("open", "lift", "g1")
    assert told["requested_datetime"] == "2026-06-11T02:00:00+00:00"
    assert desk.verify() == []


def test_sent_again_under_its_key_it_is_the_same_case(city: httpx.Client) -> None:
    again = {"idempotency-key": "report-17"}
    numbers = {
        city.post("requests.json", data=report(), headers=again).json()[0]["service_request_id"] for _ in "ab"
    }
    numbers.add(city.post("requests.json", data=report()).json()[0]["service_request_id"])
    assert len(numbers) == 2


def test_a_list_is_narrowed_by_code_status_and_days(city: httpx.Client, desk: Desk, clock: HandClock) -> None:
    old = desk.file_case(
        Request("a", CaseKind.REPAIR, "停电", "梧桐苑1号楼", None, None, "chat", "a", "power")
    )
    bring(desk, old.number, CaseStatus.RESOLVED)
    clock.turn(days=100)
    new = desk.file_case(
        Request("b", CaseKind.REPAIR, "电梯", "梧桐苑1号楼", None, None, "chat", "b", "lift")
    )

    def numbers(**asked: str) -> list[str]:
        return [one["service_request_id"] for one in listed(city, **asked)]

    assert numbers() == [new.number]  # of 90 days, where nothing is said
    since = {"start_date": "2026-06-01T00:00:00Z"}
    assert numbers(**since) == [new.number, old.number]
    assert numbers(**since, status="closed") == [old.number]
    assert numbers(**since, service_code="lift,power", status="open") == [new.number]
    assert numbers(**since, end_date="2026-06-30T00:00:00+08:00") == [old.number]
    assert set(numbers(service_request_id=f"{old.number},{new.number}")) == {new.number, old.number}


def test_what_is_sensitive_or_of_no_category_is_not_told(city: httpx.Client, desk: Desk) -> None:
    hidden = [
        desk.file_case(Request(key, CaseKind.OTHER, "说不清", None, None, None, "chat", key, category)).number
        for key, category in (("a", SENSITIVE), ("b", None))
    ]
    assert listed(city) == listed(city, service_code=SENSITIVE) == []
    for number in hidden:
        assert city.get(f"requests/{number}.json", params={"api_key": KEY}).status_code == 404


REFUSED = (
    ({"api_key": ""}, 403, "api_key"),
    ({"api_key": "wrong"}, 403, "api_key"),
    ({"service_code": ""}, 400, "service_code"),
    ({"service_code": "no-such"}, 404, "service_code"),
    ({"description": ""}, 400, "description"),
    ({"description": "长" * 501}, 400, "description"),
    ({"address_string": ""}, 400, "address_string"),
    ({"address_string": "", "address_id": "nowhere"}, 400, "address_id"),
    ({"address_string": "", "lat": "31.2", "long": "121.5"}, 400, "lat, long"),
    ({"phone": "12"}, 400, "phone"),
)


def test_a_refusal_says_what_to_send_and_files_nothing(city: httpx.Client) -> None:
    for changes, status, named in REFUSED:
        answer = city.post("requests.xml", data=report(**changes))
        assert answer.status_code == status, changes
        root = ElementTree.fromstring(answer.content)
        assert (root.tag, root.findtext("error/code")) == ("errors", str(status))
        assert named in str(root.findtext("error/description"))
    assert listed(city) == []


def test_a_building_is_named_by_its_id(city: httpx.Client) -> None:
    assert city.post("requests.json", data=report(address_string="", address_id="w-3")).status_code == 200
    assert listed(city)[0]["address_id"] == "g1"


def test_cases_are_read_with_the_key_only(city: httpx.Client) -> None:
    for path in ("requests.json", "requests/260611-0001.xml"):
        assert city.get(path).status_code == 403
        assert city.get(path, params={"api_key": "k" * 19}).status_code == 403


def test_a_key_that_can_be_guessed_is_refused() -> None:
    assert read_settings({}).open311_key == ""
    with pytest.raises(SettingsError, match="LINLI_OPEN311_KEY"):
        read_settings({"LINLI_OPEN311_KEY": "secret"})


def test_wrong_dates_and_unknown_addresses_say_so(city: httpx.Client) -> None:
    for asked in ({"start_date": "yesterday"}, {"end_date": "2026-06-11"}, {"status": "half"}):
        assert city.get("requests.json", params={"api_key": KEY, **asked}).status_code == 400
    assert city.get("tokens/1.json").status_code == 404
    assert city.get("nothing").status_code == 404
