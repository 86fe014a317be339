"""The page of guide statistics, as Markdown."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from knowledge.statistics import Statistics, words


def render_statistics(counted: Statistics, on: date) -> str:
    """Return the page; but for the day it is the same for the same guides."""
    page = _template().render(
        s=counted,
        on=on.isoformat(),
        words=words(),
        kinds={kind["kind"]: kind for kind in words()["source_kinds"]},
        newest=dict(counted.newest_source_years),
    )
    return page.rstrip() + "\n"


def without_day(page: str) -> str:
    """Return the page less the line that tells its day, to compare two pages."""
    return "".join(line for line in page.splitlines(keepends=True) if not line.startswith("*"))


@cache
def _template() -> Template:
    # Markdown: no HTML escaping, but a text may not break out of its cell.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ")
    return environment.get_template("statistics_page.md")
