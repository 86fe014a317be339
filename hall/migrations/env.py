"""Alembic's environment: joins the tables of every room and door that owns some."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import MetaData

import bot.tables
import cases.arrivals.tables
import cases.figures.tables
import cases.places.tables
import cases.tables
import cases.work.tables
import kiosk.tables
import knowledge.curation_tables
import knowledge.editorial_tables
import knowledge.release_tables
import knowledge.tables
import staff.tables
from language.moments import Instant

TABLES: list[MetaData] = [
    knowledge.tables.Base.metadata,
    cases.tables.Base.metadata,
    bot.tables.Base.metadata,
    kiosk.tables.Base.metadata,
    staff.tables.Base.metadata,
]


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write an Instant as the plain column that it is, so that a migration never imports what may change."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def run() -> None:
    """Run the migrations on the connection that hall.database hands over."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=TABLES,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
