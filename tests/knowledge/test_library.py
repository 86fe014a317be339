"""The guides in the database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from hall.database import open_engine, open_sessions
from knowledge.guide import Guide
from knowledge.guide_file import parse_guide
from knowledge.library import SHIPPED_AUTHOR, Library
from knowledge.problems import GuideErrors
from knowledge.tables import Base, GuideRevisionRow, RevisionIsFinal

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def library(sessions: sessionmaker[Session]) -> Library:
    return Library(sessions, lambda: NOON)


@pytest.fixture
def guide(permit: dict[str, Any]) -> Guide:
    return parse_guide(permit, "x")


@pytest.fixture
def other(other_guide: Callable[[str], dict[str, Any]]) -> Guide:
    return parse_guide(other_guide("other"), "x")


def test_an_empty_library_publishes_nothing(library: Library) -> None:
    assert library.published() == []
    assert library.release() == 0


def test_an_imported_guide_is_published_as_it_was(library: Library, guide: Guide, other: Guide) -> None:
    summary = library.import_guides([guide, other], "lin")
    assert summary.new == ("residence-permit-first", "other")
    assert library.published() == [(other, 1), (guide, 1)]
    assert library.release() == 1


def test_an_equal_guide_makes_no_revision_and_no_release(library: Library, guide: Guide) -> None:
    library.import_guides([guide], "lin")
    summary = library.import_guides([guide], "lin")
    assert summary.same == (guide.id,)
    assert library.published() == [(guide, 1)]
    assert library.release() == 1


def test_a_changed_guide_makes_a_revision_and_keeps_the_old_one(
    library: Library, guide: Guide, other: Guide, sessions: sessionmaker[Session]
) -> None:
    library.import_guides([guide, other], "lin")
    changed = replace(guide, fee="免费")
    assert library.import_guides([changed, other], "wang", "费用有变").changed == (guide.id,)
    assert library.published() == [(other, 1), (changed, 2)]
    assert library.release() == 2
    with sessions() as session:
        rows = session.scalars(
            select(GuideRevisionRow)
            .where(GuideRevisionRow.guide_id == guide.id)
            .order_by(GuideRevisionRow.revision)
        ).all()
    assert [(row.author, row.note, row.content["fee"]) for row in rows] == [
        ("lin", "", "首次免工本费"),
        ("wang", "费用有变", "免费"),
    ]
    assert rows[0].created_at == NOON


def test_a_stored_revision_cannot_be_changed(
    library: Library, guide: Guide, sessions: sessionmaker[Session]
) -> None:
    library.import_guides([guide], "lin")
    with sessions() as session:
        row = session.get_one(GuideRevisionRow, (guide.id, 1))
        row.author = "nobody"
        with pytest.raises(RevisionIsFinal):
            session.flush()


def test_a_dry_run_tells_and_changes_nothing(library: Library, guide: Guide) -> None:
    assert library.import_guides([guide], "lin", dry_run=True).new == (guide.id,)
    assert library.published() == []
    assert library.release() == 0


def test_a_wording_of_a_published_guide_cannot_be_given_to_another(
    library: Library, guide: Guide, other: Guide
) -> None:
    library.import_guides([guide], "lin")
    with pytest.raises(GuideErrors):
        library.import_guides([replace(other, aliases=("居住证",))], "lin")
    assert library.published() == [(guide, 1)]


def test_a_wording_may_move_from_one_guide_to_another_in_one_import(
    library: Library, guide: Guide, other: Guide
) -> None:
    library.import_guides([guide, other], "lin")
    library.import_guides([replace(guide, aliases=()), replace(other, aliases=("居住证",))], "lin")
    assert library.release() == 2


def test_shipped_guides_do_not_overwrite_what_staff_wrote(library: Library, guide: Guide) -> None:
    library.import_shipped([guide])
    by_staff = replace(guide, fee="免费")
    library.import_guides([by_staff], "lin")
    summary = library.import_shipped([replace(guide, fee="20元")])
    assert summary.kept == (guide.id,)
    assert library.published() == [(by_staff, 2)]
    assert library.release() == 2


def test_a_newer_shipped_guide_replaces_an_older_shipped_one(library: Library, guide: Guide) -> None:
    library.import_shipped([guide])
    newer = replace(guide, fee="免费")
    assert library.import_shipped([newer]).changed == (guide.id,)
    assert library.published() == [(newer, 2)]


def test_a_guide_no_longer_shipped_is_withdrawn_and_may_come_back(
    library: Library, guide: Guide, other: Guide
) -> None:
    library.import_shipped([guide, other])
    assert library.import_shipped([other]).withdrawn == (guide.id,)
    assert library.published() == [(other, 1)]
    assert library.release() == 2
    assert library.import_shipped([guide, other]).changed == (guide.id,)
    assert library.published() == [(other, 1), (guide, 1)]


def test_what_staff_added_stays_when_the_shipped_guides_come(
    library: Library, guide: Guide, other: Guide
) -> None:
    library.import_guides([other], "lin")
    assert library.import_shipped([guide]).withdrawn == ()
    assert len(library.published()) == 2


def test_a_clash_with_staff_does_not_keep_the_shipped_guides_out(
    library: Library, guide: Guide, other: Guide
) -> None:
    library.import_guides([replace(other, aliases=("居住证",))], "lin")
    library.import_shipped([guide])
    assert len(library.published()) == 2


def test_a_stored_guide_that_is_no_longer_accepted_does_not_take_the_others_down(
    library: Library,
    guide: Guide,
    other: Guide,
    sessions: sessionmaker[Session],
    caplog: pytest.LogCaptureFixture,
) -> None:
    library.import_guides([guide, other], SHIPPED_AUTHOR)
    with sessions() as session:
        table = GuideRevisionRow.__table__
        session.execute(
            table.update().where(table.c.guide_id == guide.id).values(content={"id": guide.id, "gone": 1})  # type: ignore[attr-defined]
        )
        session.commit()
    assert library.published() == [(other, 1)]
    assert "residence-permit-first" in caplog.text
    assert library.import_guides([guide], SHIPPED_AUTHOR).changed == (guide.id,)
    assert library.published() == [(other, 1), (guide, 2)]


def test_two_processes_that_import_at_the_same_time_make_one_revision(tmp_path: Path, guide: Guide) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/hall.db")
    Base.metadata.create_all(engine)
    libraries = [Library(open_sessions(engine), lambda: NOON) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        summaries = list(pool.map(lambda library: library.import_shipped([guide]), libraries))
    assert sorted(summary.new for summary in summaries) == [(), (), (), (guide.id,)]
    assert libraries[0].published() == [(guide, 1)]
    assert libraries[0].release() == 1
    engine.dispose()
