"""The figures page: its span, its charts with the numbers behind them, and its workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from knowledge.figures import Figures, RatingCount, TurnCount, make_figures
from knowledge.guide import Guide
from staff.figures import charts
from staff.figures.drawing import Bar, Curve, Part, columns, curves, rows, ticks
from staff.roles import Role
from tests.knowledge.curation import small
from tests.staff.served import Browser, ServedConsole, database

TODAY = date(2026, 11, 21)
GUIDES = [small("one", "老年综合津贴"), small("two", "居住证签注", department="公安")]


def figures(first: date, last: date, guides: list[Guide] = GUIDES) -> Figures:
    turns = [
        TurnCount(TODAY, "chat", "answer", "one", "fee", 6),
        TurnCount(TODAY, "chat", "decline", None, None, 2),
        TurnCount(TODAY, "kiosk", "clarify", None, None, 2),
        TurnCount(TODAY, "kiosk", "smalltalk", None, None, 5),
        TurnCount(TODAY - timedelta(days=20), "group", "answer", "two", None, 10),
    ]
    within = [one for one in turns if first <= one.day <= last]
    ratings = [RatingCount(1, "one", 1), RatingCount(5, "one", 3)]
    return make_figures((first, last), within, ratings, guides, {"one": 2}, TODAY)


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[Browser]:
    served = ServedConsole.start(database(tmp_path), "staff_figures", figures=figures)
    yield served.signed_in("hu", Role.VIEWER)
    served.close()


def test_every_share_says_of_what(viewer: Browser) -> None:
    page = viewer.get("/staff/figures?days=7").text
    assert "2026-11-15 至 2026-11-21" in page
    assert "<strong>10</strong><span>个问题</span><small>另有 5 次填表、寒暄等，不算在内</small>" in page
    assert "60%（6/10）" in page
    assert "75%（6/8）" in page
    assert "1 / 4 次评价" in page
    assert "共 8 个" in page


def test_charts_are_drawn_with_a_table_behind_each(viewer: Browser) -> None:
    page = viewer.get("/staff/figures").text
    assert page.count('<figure class="chart">') == 5
    assert page.count("看数字") == 5
    assert page.count('role="img"') == 5
    assert "老年综合津贴" in page
    assert "本中心没核对过" in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=2026-11-01&to=2026-11-02", "2026-11-01 至 2026-11-02"),
        ("days=90", "2026-08-24 至 2026-11-21"),
        ("days=3", "2026-10-23 至 2026-11-21"),
        ("from=2026-11-01", "请填好起止两个日期"),
        ("from=x&to=y", "请填好起止两个日期"),
        ("from=2026-11-02&to=2026-11-01", "结束要在开始之后"),
        ("from=0001-01-01&to=0001-01-02", "结束要在开始之后"),
        ("from=2020-01-01&to=2026-11-01", "最多 400 天"),
    ],
)
def test_a_span_is_picked_or_said_to_be_wrong(viewer: Browser, query: str, words: str) -> None:
    answer = viewer.get(f"/staff/figures?{query}")
    assert answer.status_code == 200
    assert words in answer.text


def test_nothing_asked_is_said_and_not_drawn(viewer: Browser) -> None:
    page = viewer.get("/staff/figures?from=2026-01-01&to=2026-01-02").text
    assert "这段时间没有人提问" in page
    assert "每天问了多少" not in page


def test_the_workbook_holds_the_same_span(viewer: Browser) -> None:
    answer = viewer.get("/staff/figures.xlsx?from=2026-11-15&to=2026-11-21")
    book = load_workbook(io.BytesIO(answer.content))
    assert book["概况"]["B3"].value == 15
    assert "2026-11-15" in answer.headers["content-disposition"]


def test_a_long_span_is_drawn_by_the_week() -> None:
    long = figures(TODAY - timedelta(days=99), TODAY)
    weeks = charts.by_week(long.days)
    assert len(weeks) == 15
    assert sum(charts.asked(week) for week in weeks) == 20
    assert "每周的问题数" in charts.day_chart(long)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (11, [0, 5, 10, 15]),
        (980, [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_an_axis_has_a_handful_of_round_numbers(most: int, expected: list[int]) -> None:
    assert ticks(most)[: len(expected)] == expected
    assert ticks(most)[-1] >= most


def test_bars_are_as_long_as_their_numbers() -> None:
    bars = [
        Bar("a", (Part("answer", "答", 30), Part("decline", "不答", 10))),
        Bar("<b>", (Part("answer", "答", 20),)),
    ]
    drawn = ElementTree.fromstring(str(rows(bars, "x")))
    widths = [float(rect.attrib["width"]) for rect in drawn.iter("rect")]
    assert widths[0] == pytest.approx(3 * widths[1], rel=0.01)
    assert widths[2] == pytest.approx(2 * widths[1], rel=0.01)
    upright = ElementTree.fromstring(str(columns(bars, "x")))
    heights = [float(rect.attrib["height"]) for rect in upright.iter("rect")]
    assert heights[0] == pytest.approx(1.5 * heights[2], rel=0.01)
    shares = ElementTree.fromstring(str(rows(bars, "x", as_shares=True)))
    assert [text.text for text in shares.iter("text") if text.text and "%" in text.text] == [
        "75%",
        "25%",
        "100%",
    ]


def test_a_line_is_broken_where_there_is_nothing_to_count() -> None:
    drawn = ElementTree.fromstring(str(curves([Curve("a", "率", (0.5, 1.0, None, 0.0))], list("1234"), "x")))
    dots = [float(dot.attrib["cy"]) for dot in drawn.iter("circle")]
    assert len(dots) == 3
    top, middle, ground = dots[1], dots[0], dots[2]
    assert middle - top == pytest.approx(ground - middle)
    lines = [line for line in drawn.iter("line") if line.attrib["class"] == "curve a"]
    assert len(lines) == 1  # none to the point that is missing, and none from it
