"""The evaluation as one HTML file that stands by itself: figures, reliability, shares, what is mixed up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from knowledge.charts import OUTCOMES, confusion_chart, outcome_chart, reliability_chart
from knowledge.diagnosis import calibration_error, confusions, outcome, reliability
from knowledge.evaluation import Figures, Run, report
from knowledge.held_aside import by_kind, by_style
from knowledge.styles import rules

_KINDS = {
    "in": "in scope 有此指南",
    "oos_sibling": "sibling 邻近有、此项无",
    "oos_near": "near 相近但没有",
    "oos_far": "far 无关闲话",
}


@dataclass(frozen=True)
class Page:
    """What the page shows besides the run itself."""

    title: str
    made_on: str  # a date, as text
    peers: Mapping[str, Run] = field(default_factory=dict)
    styles_held_aside: Mapping[str, Run] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)  # what to call an entry instead of its id
    notes: tuple[str, ...] = ()


def render_page(done: Run, page: Page) -> str:
    """Return the page as HTML. Everything that people wrote is escaped; nothing is fetched from anywhere."""
    words = {rule.style: f"{rule.style} {rule.zh}" for rule in rules()}
    bins = reliability(done.predictions)
    pairs = confusions(done.predictions)
    kinds = {_KINDS.get(name, name): run for name, run in by_kind(done).items()}
    styles = {words.get(name, name): run for name, run in by_style(done).items()}
    held = {words.get(name, name): run for name, run in page.styles_held_aside.items()}
    return _template().render(
        page=page,
        columns={"linli": report(done), **{name: report(run) for name, run in page.peers.items()}},
        reliability=reliability_chart(bins),
        calibration_error=calibration_error(bins),
        kinds_chart=outcome_chart({name: outcome(run.predictions) for name, run in kinds.items()}),
        styles_chart=outcome_chart({name: outcome(_inside(run).predictions) for name, run in styles.items()}),
        outcomes=OUTCOMES,
        groups={"by kind 按类别": _reports(kinds), "by style 按问法": _reports(styles)}
        | ({"whole style held aside 整类问法留作考题": _reports(held)} if held else {}),
        confusions=pairs,
        confusion_chart=confusion_chart(pairs, page.names),
    )


def _inside(done: Run) -> Run:
    kept = tuple(one for one in done.predictions if one.question.gold is not None)
    return Run(kept, done.seconds, done.build_seconds)


def _reports(groups: Mapping[str, Run]) -> dict[str, Figures]:
    return {name: report(run) for name, run in groups.items()}


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["figure"] = _figure
    return environment.get_template("evaluation_page.html")


def _figure(value: float | int | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(value)
    return f"{value:,.1f}" if value > 10 else f"{value:.3f}"
