"""The charts of the figures page, made of Figures; what each part means is told in figures.yml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from knowledge.figure_sheets import figure_words
from knowledge.figures import QUESTIONS, Age, Figures, Group, Hot
from staff.figures.drawing import Bar, Part, columns, rows

# More days than these are drawn by the week: bars thinner than that are no bars.
MOST_DAYS_DRAWN = 62
MOST_ROWS = 15


def asked(group: Group) -> int:
    """Return how many questions a group holds: answered, asked back or declined."""
    return sum(group.decisions.get(str(decision), 0) for decision in QUESTIONS)


def by_week(days: Sequence[Group]) -> list[Group]:
    """Return the days put together by calendar week, each named by its first day within the span."""
    weeks: dict[tuple[int, int], list[Group]] = {}
    for day in days:
        year, week, _ = date.fromisoformat(day.name).isocalendar()
        weeks.setdefault((year, week), []).append(day)
    return [_together(members) for members in weeks.values()]


def day_chart(figures: Figures) -> Markup:
    """Draw the questions of each day, or week, by what became of them."""
    is_long = len(figures.days) > MOST_DAYS_DRAWN
    groups = by_week(figures.days) if is_long else figures.days
    bars = [Bar(f"{date.fromisoformat(one.name):%m-%d}", _parts(one)) for one in groups]
    return columns(bars, "每周的问题数" if is_long else "每天的问题数")


def door_chart(figures: Figures) -> Markup:
    """Draw what became of the questions at each door, as shares of that door's own."""
    doors = figure_words()["doors"]
    bars = [
        Bar(doors.get(one.name, one.name), _parts(one), f"共 {asked(one)} 个")
        for one in figures.doors
        if asked(one)
    ]
    return rows(bars, "各入口答上的比例", as_shares=True)


def hot_chart(hot: Sequence[Hot]) -> Markup:
    """Draw how often the hottest guides were answered."""
    words = figure_words()["decisions"]["answer"]
    bars = [Bar(one.title, (Part("answer", words, one.answers),)) for one in hot[:MOST_ROWS]]
    return rows(bars, "问得最多的指南")


def department_chart(figures: Figures) -> Markup:
    """Draw how much of each department's guides is known."""
    words = figure_words()["columns"]
    bars = [
        Bar(
            one.name,
            tuple(Part(kind, words[kind], getattr(one, kind)) for kind in ("full", "partial", "pointer")),
            f"{one.guides} 份",
        )
        for one in sorted(figures.departments, key=lambda one: (-one.guides, one.name))
    ]
    return rows(bars, "各部门的指南")


def age_chart(figures: Figures) -> Markup:
    """Draw how many guides are of each age, as shares of all."""
    words = figure_words()["ages"]
    total = sum(figures.ages.values()) or 1
    bars = [
        Bar(
            words[age],
            (Part(f"age-{age}", words[age], figures.ages.get(age, 0)),),
            f"{figures.ages.get(age, 0)} 份（{figures.ages.get(age, 0) / total:.0%}）",
        )
        for age in map(str, Age)
    ]
    return rows(bars, "指南的新旧程度")


def _parts(group: Group) -> tuple[Part, ...]:
    words = figure_words()["decisions"]
    return tuple(Part(str(one), words[str(one)], group.decisions.get(str(one), 0)) for one in QUESTIONS)


def _together(members: Sequence[Group]) -> Group:
    names = {name for member in members for name in member.decisions}
    decisions = {name: sum(member.decisions.get(name, 0) for member in members) for name in names}
    return Group(members[0].name, sum(member.turns for member in members), decisions)
