"""Writes the tables: to the terminal, and as docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from hall.bench.case_tables import WANTED_MS, filing_rows, page_head, page_rows, slowest
from hall.bench.understanding import LEAST_MACRO_F1, LEAST_RECALL, MOST_FALSE_ALARMS, Understanding

if TYPE_CHECKING:
    from hall.bench.case_room import StoreFigures
    from hall.bench.figures import Figures
    from hall.bench.run import Results

PAGE = Path(__file__).with_name("page.md")
OURS, STOCK = "Linli", "stock Rasa"
# Memory that is the same in the tenth thousand of turns as in the first, but for what a heap breathes.
FLAT = 1.05

Row = Sequence[str]


def table(head: Row, rows: Sequence[Row]) -> str:
    """Return a Markdown table with even columns, the first to the left and the others to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    shown = [
        _row(lines[0], widths),
        "| " + " | ".join(rule) + " |",
        *(_row(line, widths) for line in lines[1:]),
    ]
    return "\n".join(shown)


def _row(cells: Row, widths: Sequence[int]) -> str:
    padded = [
        cells[0].ljust(widths[0]),
        *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)),
    ]
    return "| " + " | ".join(padded) + " |"


def render(results: Results) -> str:
    """Return all tables as they are printed."""
    return "\n\n".join(f"{title}\n\n{text}" for title, text in tables(results).items())


def write_page(file: Path, results: Results, machine: Mapping[str, str]) -> None:
    """Write the page."""
    text = Template(PAGE.read_text("utf-8")).substitute(
        machine=table(("", ""), [(name, value) for name, value in machine.items()]),
        seconds=f"{results.seconds:.0f}",
        tables="\n\n".join(f"## {title}\n\n{text}" for title, text in tables(results).items()),
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def tables(results: Results) -> dict[str, str]:
    """Return title and table of each subject."""
    found = {
        "Targets": table(("Target", "measured", "wanted", "met"), targets(results)),
        "A question, by clients at once": table(
            ("System", "clients", "p50 ms", "p99 ms", "p99 / p50", "turns/s", "turns"),
            [
                (name, str(clients), *_row_of(f), str(f.turns))
                for (name, clients), f in sorted(results.load.items(), key=lambda item: item[0][1])
            ],
        ),
        "A turn of the request form, one client": table(
            ("System", "p50 ms", "p99 ms", "p99 / p50", "turns/s"),
            [(name, *_row_of(f)) for name, f in results.forms.items()],
        ),
        "One long conversation": table(
            ("System", "turn 5, ms", "turn 200, ms", "times as long"),
            [(name, _ms(a.early), _ms(a.late), f"{a.ratio:.2f}") for name, a in results.ageing.items()],
        ),
        "Matching alone (Answering.consider, one thread)": table(
            ("p50 ms", "p99 ms", "questions/s"),
            [(f"{f.p50:.2f}", f"{f.p99:.2f}", f"{f.per_second:.0f}") for f in (results.matcher,) if f],
        ),
        "Rasa's memory over ten thousand turns": table(
            ("Turns handled", "MB"), [(f"{n:,}", f"{mb:.0f}") for n, mb in results.endurance.items()]
        ),
        "A hall of several processes, 8 clients, PostgreSQL": table(
            ("Processes", "p50 ms", "p99 ms", "p99 / p50", "turns/s"),
            [(name, *_row_of(f)) for name, f in results.cluster.items()],
        ),
        "Start-up": table(("What", "seconds"), [(name, f"{s:.1f}") for name, s in results.starts.items()]),
        "Memory after the load": table(
            ("Process", "MB"), [(name, f"{megabytes:.0f}") for name, megabytes in results.memory.items()]
        ),
    }
    if results.case_room:
        found |= case_tables(results.case_room)
    if results.understanding is not None:
        found |= _understanding_tables(results.understanding)
    return found


def case_tables(stores: Mapping[str, StoreFigures]) -> dict[str, str]:
    """Return the tables of the case room."""
    return {
        "Cases: filing": table(("Database", "writers", "p50 ms", "p99 ms", "filings/s"), filing_rows(stores)),
        "Cases: what staff read (p95)": table(page_head(stores), page_rows(stores)),
    }


def _understanding_tables(found: Understanding) -> dict[str, str]:
    kinds = [(name, f"{score:.3f}", str(count)) for name, (score, count) in found.intents.items()]
    heard = f"{found.unseen} texts, {found.learned} learned from, {found.too_alike} left out as too alike"
    return {
        "Kinds of turn, on texts that were not learned from": table(
            ("What", "F1", "unseen texts"),
            [
                (f"all kinds alike ({heard})", f"{found.macro_f1:.3f}", str(found.unseen)),
                (
                    "the same, 15 % of characters misheard",
                    f"{found.misheard_macro_f1:.3f}",
                    str(found.unseen),
                ),
                *kinds,
            ],
        ),
        "Emergencies": table(
            ("What", "texts", "seen as one"),
            [
                ("emergencies", str(found.emergencies), f"{found.recall:.3f}"),
                ("look-alikes", str(found.look_alikes), str(found.false_alarms)),
            ],
        ),
    }


def targets(results: Results) -> list[Row]:
    """Return a row for each figure that was promised."""
    ours, stock = results.load[OURS, 1], results.load[STOCK, 1]
    ours_at_8, stock_at_8 = results.load[OURS, 8], results.load[STOCK, 8]
    start = results.starts["hall, second start: a question answered"]
    forms = results.forms
    spread = max(results.load[OURS, clients].p99_to_p50 for clients in (1, 8, 32))
    rows = [
        _at_least("question (an action turn), p50: times as fast as stock", stock.p50 / ours.p50, 4.0),
        _at_least(
            "turn of the form (2 or 3 actions), p50: times as fast", forms[STOCK].p50 / forms[OURS].p50, 4.0
        ),
        _at_least("turns/s at 8 clients: times stock", ours_at_8.per_second / stock_at_8.per_second, 5.0),
        _at_most("p99 of a question: times its p50, at most over 1, 8, 32 clients", spread, 4.0),
        _at_most("turn 200 of a conversation: times turn 5", results.ageing[OURS].ratio, 1.5),
        _at_most("Rasa's memory at 10,000 turns: times that at 1,000", _growth(results.endurance), FLAT),
        _at_most("second start: seconds until a question is answered", start, 3.0),
    ]
    if len(results.cluster) == 2:
        one, several = (figures.per_second for figures in results.cluster.values())
        rows.append(("cluster, turns/s at 8 clients: times one Rasa", f"{several / one:.2f}", "-", "-"))
    for name, store in results.case_room.items():
        page, p95 = slowest(store)
        rows.append(_at_most(f"cases, {name}: p95 of the slowest page, ms ({page})", p95, WANTED_MS))
    if results.understanding is not None:
        heard = results.understanding
        rows += [
            _at_least("kinds of turn: macro-F1 on texts not learned from", heard.macro_f1, LEAST_MACRO_F1),
            _at_least("emergencies: share that is seen", heard.recall, LEAST_RECALL),
            _at_most("emergencies: false alarms", heard.false_alarms, MOST_FALSE_ALARMS),
        ]
    return rows


def _growth(weights: Mapping[int, float]) -> float:
    return weights[max(weights)] / weights[min(weights)]


def _row_of(figures: Figures) -> tuple[str, str, str, str]:
    spread = f"{figures.p99_to_p50:.1f}"
    return _ms(figures.p50), _ms(figures.p99), spread, f"{figures.per_second:.1f}"


def _at_least(name: str, measured: float, wanted: float) -> Row:
    return name, f"{measured:.2f}", f"at least {wanted}", "yes" if measured >= wanted else "NO"


def _at_most(name: str, measured: float, wanted: float) -> Row:
    return name, f"{measured:.2f}", f"at most {wanted}", "yes" if measured <= wanted else "NO"


def _ms(value: float) -> str:
    return f"{value:.1f}"
