"""Running Rasa's graph of components in plain order.

Stock hands the few nodes of a prediction to Dask, which plans and schedules them anew three times a turn:
14 % of a turn in Rasa. The nodes run one after the other either way, so here their order is worked out once.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner

# One node to run: its name, the node itself, and the names of what it is given.
Step = tuple[str, Any, tuple[str, ...]]


def _run(
    self: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """Return the output of every target. An input stands for the node of its name, as in stock."""
    wanted = tuple(targets or self._graph_schema.target_names)
    results = {name: (name, value) for name, value in (inputs or {}).items()}
    try:
        for name, node, needs in _steps(self, wanted):
            if name not in results:
                # A need that nothing provides is passed by name: the node then uses its default.
                results[name] = node(*(results.get(need, need) for need in needs))
    except RuntimeError as problem:
        raise GraphRunError("Error running runner.") from problem
    return dict(results[name] for name in wanted)


def _steps(runner: DaskGraphRunner, targets: tuple[str, ...]) -> list[Step]:
    known: dict[tuple[str, ...], list[Step]] = runner.__dict__.setdefault("_linli_steps", {})
    if targets not in known:
        nodes = runner._graph_schema.minimal_graph_schema(list(targets)).nodes
        steps: dict[str, Step] = {}

        def add(name: str) -> None:
            if name in nodes and name not in steps:
                needs = tuple(nodes[name].needs.values())
                for need in needs:
                    add(need)
                steps[name] = (name, runner._instantiated_nodes[name], needs)

        for name in nodes:
            add(name)
        known[targets] = list(steps.values())
    return known[targets]


def install() -> None:
    """Put the plain run in place. Call once, before the server starts."""
    DaskGraphRunner.run = _run
