"""Tells in milliseconds whether the database holds what this version of Linli ships."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hall.database import newest_revision, open_engine
from hall.settings import ROOT, Settings
from hall.setup import stamps


def shipped_digest(root: Path = ROOT) -> str:
    """Return what changes with the shipped guides, with how they are read and learned from, or the tables."""
    return stamps.digest([*matching_sources(root), *(root / "knowledge/guides").glob("*.yml")], root)


def matching_sources(root: Path = ROOT) -> list[Path]:
    """Return the code and data that say how guides are read, indexed and learned from."""
    files = [file for kind in ("py", "yml", "json") for file in (root / "knowledge").glob(f"*.{kind}")]
    return [*files, *(root / "language").glob("*.py"), *(root / "hall/migrations/versions").glob("*.py")]


def is_up_to_date(settings: Settings, digest: str) -> bool:
    """True when the tables are the newest and the files with this digest are imported and learned from."""
    engine = open_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if revision != newest_revision():
                return False
            noted = connection.execute(text("SELECT shipped_digest FROM guide_release")).scalar()
        return bool(noted == digest)
    except SQLAlchemyError:
        return False  # a new database, or one in trouble: the long way says which
    finally:
        engine.dispose()
