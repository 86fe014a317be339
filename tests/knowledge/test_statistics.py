"""The page of guide statistics counts right, and the one in docs is current."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.guide import Source
from knowledge.guide_file import parse_guide
from knowledge.library import load_shipped
from knowledge.statistics import count, kind_of, words
from knowledge.statistics_page import render_statistics, without_day

PAGE = Path(__file__).parents[2] / "docs" / "guides-statistics.md"
DAY = date(2026, 6, 10)


def test_what_is_counted_is_counted_right(
    permit: dict[str, Any], other_guide: Callable[[str], dict[str, Any]]
) -> None:
    late = {**other_guide("late"), "expires_on": "2026-06-09", "verified_on": "2026-01-01"}
    early = {**other_guide("early"), "effective_on": "2026-06-11", "review_by": "2026-06-10"}
    counted = count([parse_guide(one, "x") for one in (permit, late, early)], DAY)
    assert counted.guides == 3
    assert (counted.completeness.full, counted.completeness.pointer) == (1, 2)
    assert [(row.name, row.total) for row in counted.departments] == [("民政", 2), ("公安(居住证/人口)", 1)]
    assert (counted.phrasings, counted.phrasings_fewest, counted.phrasings_most) == (6, 0, 6)
    assert (counted.sources, counted.guides_without_source) == (2, 2)
    assert dict(counted.source_years) == {"2022": 1, "2018": 1}
    assert dict(counted.newest_source_years) == {"2022": 1, "": 2}
    assert dict(counted.filled)["materials"] == 1
    assert dict(counted.filled)["hours"] == 0
    assert (counted.verified, counted.review_due, counted.expired, counted.not_yet_effective) == (1, 1, 1, 1)
    assert dict(counted.statuses) == {"current": 3, "renamed": 0, "abolished": 0}


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://mzj.sh.gov.cn/a", "government"),
        ("https://gov.cn.example.com/a", "other"),
        ("https://www.sdju.edu.cn", "public body"),
        ("https://github.com/a/b", "code"),
        ("https://www.163.com/a", "other"),
        (None, "none"),
    ],
)
def test_a_source_s_kind_is_told_by_its_host(url: str | None, kind: str) -> None:
    assert kind_of(Source("x", url=url)) == kind


def test_every_field_and_kind_has_a_word() -> None:
    counted = count(load_shipped(), DAY)
    assert {name for name, _ in counted.filled} <= set(words()["fields"])
    assert {kind for kind, _ in counted.source_kinds} == {kind["kind"] for kind in words()["source_kinds"]}


def test_a_page_of_no_guides_says_so() -> None:
    assert "没有指南" in render_statistics(count([], DAY), DAY)


def test_a_department_cannot_break_the_table(other_guide: Callable[[str], dict[str, Any]]) -> None:
    guide = parse_guide({**other_guide("a"), "department": "甲|乙"}, "x")
    assert "甲\\|乙" in render_statistics(count([guide], DAY), DAY)


def test_the_page_in_docs_is_that_of_the_shipped_guides() -> None:
    fresh = render_statistics(count(load_shipped(), DAY), DAY)
    assert without_day(PAGE.read_text("utf-8")) == without_day(fresh), (
        "make it anew: linli guides statistics --shipped --write docs/guides-statistics.md"
    )
