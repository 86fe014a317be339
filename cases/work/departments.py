"""Departments: who works cases. Data that a hall loads; closed ones stay known to old cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.case import CaseError
from cases.store import Store
from cases.work.tables import DepartmentRow


@dataclass(frozen=True)
class Department:
    """Who works cases; an escalation goes to `supervisor`, by login."""

    id: str
    name: str
    phone: str | None = None
    supervisor: str | None = None
    is_active: bool = True


class UnknownDepartment(CaseError):
    """No open department has this id."""

    def __init__(self, department: str) -> None:
        super().__init__(f"there is no open department '{department[:64]}': choose one of the list")


class Departments:
    """The list of departments."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def replace(self, departments: Sequence[Department]) -> None:
        """Make these the open departments; others are closed and take no new case."""
        with self._store.writing() as writing:
            known = {row.id: row for row in writing.session.scalars(select(DepartmentRow))}
            for row in known.values():
                row.is_active = False
            for department in departments:
                row = known.get(department.id) or DepartmentRow(id=department.id)
                row.name, row.phone = department.name, department.phone
                row.supervisor, row.is_active = department.supervisor, department.is_active
                writing.session.add(row)

    def all(self) -> tuple[Department, ...]:
        """Return every department, closed ones too, by name."""
        with self._store.sessions() as session:
            rows = session.scalars(select(DepartmentRow).order_by(DepartmentRow.name)).all()
        return tuple(Department(r.id, r.name, r.phone, r.supervisor, r.is_active) for r in rows)


def active_department(session: Session, department: str) -> DepartmentRow:
    """Return the row of an open department. Raises UnknownDepartment."""
    row = session.get(DepartmentRow, department)
    if row is None or not row.is_active:
        raise UnknownDepartment(department)
    return row
