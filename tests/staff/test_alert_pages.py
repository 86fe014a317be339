"""Whoever calls for staff is shown on every page of the console until somebody says that they go."""

from __future__ import annotations

import pytest

from staff.roles import Role
from tests.staff.served import ServedConsole


def raise_alert(served: ServedConsole, kind: str = "illness") -> int:
    """Raise one alert and return its number."""
    alerts = served.means.alerts
    alerts.raise_alert(kind, "kiosk", f"key of {kind}")  # type: ignore[attr-defined]
    return alerts.recent(1)[0].id


def test_a_call_stands_on_every_page_until_it_is_seen_to(served: ServedConsole) -> None:
    viewer = served.signed_in("li", Role.VIEWER)
    assert "还没有人去看" not in viewer.get("/staff").text
    number = raise_alert(served)
    for page in ("/staff/alerts/banner", "/staff", "/staff/guides", "/staff/alerts"):
        assert "有 1 个呼叫还没有人去看" in viewer.get(page).text, page
    assert viewer.post(f"/staff/alerts/{number}/seen", {}).status_code == 303
    listed = viewer.get("/staff/alerts").text
    assert "急病" in listed
    assert "大厅自助机" in listed
    assert "li，2026-11-21 09:30" in listed
    assert "还没有人去看" not in viewer.get("/staff").text


def test_the_second_hears_that_somebody_goes_already(served: ServedConsole) -> None:
    number = raise_alert(served)
    served.signed_in("li", Role.VIEWER).post(f"/staff/alerts/{number}/seen", {})
    second = served.signed_in("wang", Role.CASE_STAFF)
    second.post(f"/staff/alerts/{number}/seen", {})
    assert "已经有人去看了" in second.get("/staff/alerts").text
    assert served.means.alerts.recent(1)[0].seen_by == "li"


@pytest.mark.parametrize(
    "kind",
    [
        "help", "self_harm", "fire", "lift", "poisoning", "gas",
        "violence", "illness", "injury", "fraud", "lost_person",
    ],
)  # fmt: skip
def test_every_kind_of_call_has_a_name(served: ServedConsole, kind: str) -> None:
    raise_alert(served, kind)
    page = served.signed_in("li", Role.VIEWER).get("/staff/alerts")
    assert page.status_code == 200
    assert "alert_kind" not in page.text


def test_nobody_outside_sees_a_call(served: ServedConsole) -> None:
    raise_alert(served)
    assert "呼叫" not in served.browser().get("/staff/alerts/banner").text
