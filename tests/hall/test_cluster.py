"""The servers that `make serve-cluster` brings along: what is made, what is kept, what is named instead."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hall import cluster
from hall.cluster import NoCluster, make_stores

pytestmark = pytest.mark.postgres

THEIRS = {
    "LINLI_DATABASE_URL": "postgresql+psycopg://db.internal/linli",
    "LINLI_TRACKER_URL": "postgresql+psycopg2://db.internal/rasa",
    "LINLI_REDIS_URL": "redis://redis.internal:6379/0",
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the account of the servers can reach; pytest's own lets no other account pass."""
    made = Path(tempfile.mkdtemp(prefix="linli-cluster-"))
    made.chmod(0o711)
    yield made / "cluster"
    shutil.rmtree(made, ignore_errors=True)


def test_both_servers_are_made_once_and_ask_for_a_password_that_is_kept(folder: Path) -> None:
    urls, stores = make_stores(folder, {})
    assert [store.name for store in stores] == ["postgres", "redis"]
    assert set(urls) == set(THEIRS)
    made = (folder / "postgres" / "data" / "PG_VERSION").stat().st_mtime_ns
    again, _ = make_stores(folder, {})
    assert (folder / "postgres" / "data" / "PG_VERSION").stat().st_mtime_ns == made
    for name, url in urls.items():
        assert "@127.0.0.1:" in url
        assert url.split("@")[0] == again[name].split("@")[0]
    for file in folder.rglob("password"):
        password = file.read_text().strip()
        assert len(password) >= 32
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        # Others see the commands of every process.
        assert not any(password in part for store in stores for part in store.command)


def test_servers_that_are_named_are_used_and_only_the_others_started(folder: Path) -> None:
    urls, stores = make_stores(folder, THEIRS)
    assert (urls, stores) == (THEIRS, ())
    named = {name: url for name, url in THEIRS.items() if name != "LINLI_REDIS_URL"}
    urls, stores = make_stores(folder, named)
    assert [store.name for store in stores] == ["redis"]
    assert urls["LINLI_DATABASE_URL"] == THEIRS["LINLI_DATABASE_URL"]


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary account runs the servers itself")
def test_servers_that_cannot_enter_the_folder_have_one_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    named = {"LINLI_DATABASE_URL": "postgresql://there", "LINLI_TRACKER_URL": "postgresql://there"}
    monkeypatch.setattr(cluster, "ELSEWHERE", tmp_path / "nobody may pass here either")
    with pytest.raises(NoCluster, match="set LINLI_FOLDER"):
        make_stores(closed / "cluster", named)
    with tempfile.TemporaryDirectory() as open_to_all:
        Path(open_to_all).chmod(0o711)
        monkeypatch.setattr(cluster, "ELSEWHERE", Path(open_to_all))
        _, (redis,) = make_stores(closed / "cluster", named)
        assert redis.folder.is_relative_to(open_to_all)
        assert make_stores(closed / "cluster", named)[1][0].folder == redis.folder
