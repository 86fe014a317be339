"""`linli cases departments|places|calendar|hotline`: the lists that the case store works with."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from cases.arrivals.hotline import import_sheet, write_back
from cases.case import Actor, ActorRole
from cases.desk import Desk
from cases.places.registry import Places
from cases.places.registry_file import RegistryError, read_registry
from cases.sealing import SealError
from cases.sheets import SheetError
from cases.work.calendar import load_announcement
from cases.work.department_file import DepartmentsError, read_departments
from cases.work.departments import Departments
from cases.workbook import WorkbookError
from language.workdays import AnnouncementError, read_announcement

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(actions: Subparsers, open_desk: Callable[[], Desk]) -> None:
    """Add the commands; `run` of the parsed arguments returns the exit code."""
    for name, run, words in (
        ("departments", run_departments, "load the departments from FILE (.yml, .xlsx); others are closed"),
        ("places", run_places, "load grids, buildings, groups and staff from FILE (.yml, .xlsx)"),
        ("calendar", run_calendar, "load a year's announced holidays from FILE (.yml)"),
    ):
        command = actions.add_parser(name, help=words)
        command.add_argument("file", type=Path, metavar="FILE")
        command.add_argument("--dry-run", action="store_true", help="only say what is wrong with it")
        command.set_defaults(run=lambda arguments, run=run: run(arguments, open_desk))
    hotline = actions.add_parser("hotline", help="cases of the 12345 hotline, in from a sheet and back")
    ways = hotline.add_subparsers(dest="way", required=True)
    into = ways.add_parser(
        "import", help="file the rows of FILE (.xlsx); importing again files nothing twice"
    )
    into.add_argument("file", type=Path, metavar="FILE")
    into.add_argument("--dry-run", action="store_true", help="only say what is wrong with it")
    into.set_defaults(run=lambda arguments: run_hotline_import(arguments, open_desk))
    back = ways.add_parser("export", help="write what became of the hotline's cases to FILE")
    back.add_argument("file", type=Path, metavar="FILE", help="a name that ends in .xlsx or .jsonl")
    back.set_defaults(run=lambda arguments: run_hotline_export(arguments, open_desk))


def operator() -> Actor:
    """Return who runs the command, as the history names them."""
    return Actor(f"cli:{getpass.getuser()}"[:64], ActorRole.SUPERVISOR)


def run_departments(arguments: argparse.Namespace, open_desk: Callable[[], Desk]) -> int:
    """Load the departments; return 0, or 1 when the file has faults."""
    try:
        departments = read_departments(arguments.file)
    except DepartmentsError as problem:
        return _refuse(problem.faults)
    if not arguments.dry_run:
        Departments(open_desk().store).replace(departments)
    print(f"{len(departments)} departments {_done(arguments)}.")
    return 0


def run_places(arguments: argparse.Namespace, open_desk: Callable[[], Desk]) -> int:
    """Load the registry and show its gaps; return 0, or 1 when the file has faults."""
    try:
        registry = read_registry(arguments.file)
    except RegistryError as problem:
        return _refuse(problem.faults)
    print(f"{len(registry.grids)} grids, {len(registry.buildings)} buildings {_done(arguments)}.")
    if arguments.dry_run:
        return 0
    places = Places(open_desk().store)
    places.replace(registry)
    for gap in places.vacancies():
        print(f"  {gap.grid}: {gap.kind.value.replace('_', ' ')}")
    return 0


def run_calendar(arguments: argparse.Namespace, open_desk: Callable[[], Desk]) -> int:
    """Load a year's holidays and move the deadlines they touch; return 0, or 1 when the file has faults."""
    try:
        content = yaml.safe_load(arguments.file.read_text("utf-8"))
        announcement = read_announcement(content if isinstance(content, dict) else {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AnnouncementError) as problem:
        return _refuse([str(problem)])
    if arguments.dry_run:
        print(f"{announcement.year}: {len(announcement.off)} days off, {len(announcement.worked)} worked.")
        return 0
    moved = load_announcement(open_desk().store, announcement, operator())
    print(f"The holidays of {announcement.year} are loaded; {moved} deadlines moved.")
    return 0


def run_hotline_import(arguments: argparse.Namespace, open_desk: Callable[[], Desk]) -> int:
    """File the rows; return 0, or 1 when some were left out or the file cannot be read."""
    try:
        done = import_sheet(open_desk(), arguments.file, operator().login, arguments.dry_run)
    except WorkbookError as problem:
        return _refuse([str(problem)])
    print(f"{len(done.filed)} cases {_done(arguments)}, {len(done.known)} known already.")
    for reference, number in done.filed.items():
        print(f"  {reference} {number}".rstrip())
    return _refuse([str(fault) for fault in done.faults]) if done.faults else 0


def run_hotline_export(arguments: argparse.Namespace, open_desk: Callable[[], Desk]) -> int:
    """Write the outcome; return 0, or 1 when the file cannot be written."""
    try:
        count = write_back(open_desk(), arguments.file)
    except (SheetError, SealError) as problem:
        return _refuse([str(problem)])
    print(f"{count} cases of the hotline written to {arguments.file}.")
    return 0


def _done(arguments: argparse.Namespace) -> str:
    return "would be loaded" if arguments.dry_run else "loaded"


def _refuse(faults: list[str]) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1
