"""Guards for the whole: who may import whom, which names must agree, what a file may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from hall.settings import TABLE

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("language", "knowledge", "cases", "actions", "bot", "kiosk", "staff", "hall")
# From DESIGN: a door may open onto a room, a room never looks at a door, no door opens onto another door.
MAY_IMPORT = {
    "language": set(),
    "knowledge": {"language"},
    "cases": {"language"},
    "actions": {"language", "knowledge", "cases"},
    "bot": {"language", "knowledge", "cases"},
    "kiosk": {"language", "knowledge", "cases"},
    "staff": {"language", "knowledge", "cases"},
    "hall": set(PACKAGES),
}
# The one module of bot/ that the other doors may use: the hallway, and the turn that it takes.
HALLWAY = {"bot.conversation", "bot.turn"}
ENGINE = Path("bot/engine")
LONGEST_FILE = 300


def modules() -> list[Path]:
    return sorted(file.relative_to(ROOT) for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively: name the package"
            yield node.module or ""


@pytest.mark.parametrize("file", modules(), ids=str)
def test_a_module_imports_only_what_the_floor_plan_allows(file: Path) -> None:
    package = file.parts[0]
    in_engine = file.is_relative_to(ENGINE)
    for name in imported(file):
        top = name.split(".")[0]
        if in_engine:
            assert top not in PACKAGES or name.startswith("bot.engine") or name == "bot", f"{file}: {name}"
            continue
        assert top != "rasa", f"{file} imports {name}: Rasa lives in its own process, under bot/engine"
        assert top != "rasa_sdk" or package in ("actions", "hall"), f"{file} imports {name}"
        assert top != "sanic" or package in ("kiosk", "staff", "hall") or "channels" in file.parts, (
            f"{file}: {name}"
        )
        if top in PACKAGES and top != package:
            is_hallway = package in ("kiosk", "staff") and name in HALLWAY
            assert is_hallway or top in MAY_IMPORT[package], f"{file} imports {name}"


@pytest.mark.parametrize("file", modules(), ids=str)
def test_a_module_says_what_it_is_for_and_stays_short(file: Path) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE, f"{file}: look for two subjects"
    if file.name != "__init__.py" or text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{file} has no docstring"


def test_every_action_of_the_domain_exists_and_the_reverse() -> None:
    from actions.registry import make_actions
    from actions.rooms import Rooms

    domain = yaml.safe_load((ROOT / "bot/domain.yml").read_text("utf-8"))
    rooms = Rooms(None, None, None, None)  # type: ignore[arg-type]  # names are all that is asked
    assert sorted(action.name() for action in make_actions(rooms)) == sorted(domain["actions"])


def test_every_intent_of_the_rules_is_in_the_domain_and_the_reverse() -> None:
    domain = yaml.safe_load((ROOT / "bot/domain.yml").read_text("utf-8"))
    used = set()
    for file in (ROOT / "bot/data/rules").glob("*.yml"):
        for rule in yaml.safe_load(file.read_text("utf-8"))["rules"]:
            used |= {step["intent"] for step in rule["steps"] if "intent" in step}
    assert used == set(domain["intents"])


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_setting_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    missing = [name for name, _, _ in TABLE if f"`{name}`" not in text]
    assert not missing, f"{readme} does not tell of {missing}"


def test_importing_the_hall_does_no_work() -> None:
    """No connection, file or thread at import."""
    code = "import threading, hall.public_app, hall.worker; assert threading.active_count() == 1"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
