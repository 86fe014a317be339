"""A start: the long way once, the short way after it, and the built index kept in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from hall import built_index, prepare, startup
from hall.built_index import BuiltIndex
from hall.database import alembic_config, migrate, newest_revision
from hall.settings import Settings, read_settings
from hall.shipped import is_up_to_date, shipped_digest
from hall.wiring import Wiring
from knowledge.guide import Guide
from knowledge.guide_file import parse_guide
from knowledge.learned import digest_of, shipped_learning
from knowledge.library import SHIPPED_AUTHOR
from knowledge.matching import Matcher, entries_of


def guide(guide_id: str, title: str) -> Guide:
    return parse_guide(
        {
            "id": guide_id,
            "title": title,
            "plain_name": f"办{title}",
            "department": "民政",
            "theme": "便民服务",
            "completeness": "pointer",
        },
        guide_id,
    )


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return read_settings({"LINLI_FOLDER": str(tmp_path), "LINLI_DATABASE_URL": database_url})


@pytest.fixture
def few_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two shipped guides: learning from all of them takes seconds, and is tested with the matcher."""
    monkeypatch.setattr(startup, "load_shipped", lambda: [guide("one", "老年卡"), guide("two", "居住证")])


@pytest.mark.usefixtures("few_shipped")
def test_the_second_start_finds_tables_and_guides_in_place(settings: Settings) -> None:
    digest = shipped_digest()
    assert not is_up_to_date(settings, digest)
    migrate(settings)
    assert not is_up_to_date(settings, digest)
    assert not startup.import_shipped(settings)
    assert not is_up_to_date(settings, digest), "nobody has learned from the guides yet"
    startup.learn_shipped(settings)
    assert is_up_to_date(settings, digest)
    assert startup.import_shipped(settings)


@pytest.mark.usefixtures("few_shipped")
def test_other_shipped_files_or_older_tables_are_the_long_way_again(settings: Settings) -> None:
    migrate(settings)
    startup.import_shipped(settings)
    startup.learn_shipped(settings)
    assert not is_up_to_date(settings, "another version's digest")
    migrate(settings, "0001")
    assert not is_up_to_date(settings, shipped_digest())


def test_the_digest_changes_with_a_guide_and_with_the_code_that_reads_it(tmp_path: Path) -> None:
    for name in ("knowledge/guides/one.yml", "knowledge/matching.py", "language/pinyin.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
        before = shipped_digest(tmp_path)
        (tmp_path / name).write_text("after")
        assert shipped_digest(tmp_path) != before


def test_the_newest_revision_is_the_one_that_alembic_finds() -> None:
    assert newest_revision() == ScriptDirectory.from_config(alembic_config()).get_current_head()


def test_a_database_that_cannot_be_reached_is_a_line_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("LINLI_FOLDER", str(tmp_path))
    monkeypatch.setenv("LINLI_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert prepare.main() == prepare.FAILED
    said = capsys.readouterr().err
    assert "OperationalError" in said
    assert "Traceback" not in said


# The built index


GUIDES = [guide("one", "老年综合津贴"), guide("two", "居住证补办")]
DIGEST = digest_of(entries_of(GUIDES))


def test_an_index_that_was_kept_ranks_as_the_one_that_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = BuiltIndex(tmp_path).matcher(DIGEST, GUIDES, shipped_learning())
    monkeypatch.setattr(Matcher, "build", None)
    kept = BuiltIndex(tmp_path).matcher(DIGEST, GUIDES, shipped_learning())
    for question in ("居住证补办", "老年津帖", "居住正", "今天天气怎么样"):
        assert kept.judge(question) == built.judge(question)


@pytest.mark.parametrize("damage", ["cut", "writable", "another thing"])
def test_an_index_that_cannot_be_trusted_is_built_anew(tmp_path: Path, damage: str) -> None:
    index = BuiltIndex(tmp_path)
    index.matcher(DIGEST, GUIDES, shipped_learning())
    (file,) = tmp_path.glob("*.pickle")
    whole = file.read_bytes()
    if damage == "writable":
        file.chmod(0o666)
    else:
        file.write_bytes(whole[:100] if damage == "cut" else b"N.")
    assert index.matcher(DIGEST, GUIDES, shipped_learning()).rank("居住证补办")
    assert file.read_bytes() == whole
    assert file.stat().st_mode & 0o077 == 0


def test_an_index_of_other_texts_is_another_file_and_old_ones_go(tmp_path: Path) -> None:
    index = BuiltIndex(tmp_path)
    for number in range(built_index.KEPT + 2):
        index.matcher(f"texts {number}", GUIDES, shipped_learning())
    assert len(list(tmp_path.iterdir())) == built_index.KEPT


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    index = BuiltIndex(tmp_path / "file" / "index")
    assert index.matcher(DIGEST, GUIDES, shipped_learning()).rank("居住证补办")


def test_a_matcher_that_cannot_be_kept_only_costs_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(matcher: Matcher) -> bytes:
        raise TypeError("cannot pickle this")

    monkeypatch.setattr(built_index, "_pickled", refuse)
    assert BuiltIndex(tmp_path).matcher(DIGEST, GUIDES, shipped_learning()).rank("居住证补办")
    assert list(tmp_path.iterdir()) == []


def test_a_learned_release_is_what_the_next_process_answers_from(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(settings)
    first = Wiring(settings)
    first.library.import_guides(GUIDES, SHIPPED_AUTHOR)
    release = first.release
    assert not release.refresh()
    startup.learn_shipped(settings)
    assert release.refresh()
    assert [guide.id for guide in Wiring(settings).release.guides] == ["one", "two"]
    first.engine.dispose()
