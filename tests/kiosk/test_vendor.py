"""The front-end files: pinned, named, and none fetched from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.rendering import THEME_ICONS
from kiosk.vendor import ICONS, PROJECT, SCRIPTS, NotInstalled, copy_vendored


def test_a_missing_package_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="npm ci --ignore-scripts"):
        copy_vendored(tmp_path, tmp_path / "vendor")


def test_named_files_are_copied_and_nothing_else(tmp_path: Path) -> None:
    for name in (*SCRIPTS.values(), *(f"lucide-static/icons/{icon}.svg" for icon in ICONS), "other/file.js"):
        (tmp_path / "modules" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "modules" / name).write_text("x")
    assert copy_vendored(tmp_path / "modules", tmp_path / "vendor") == len(SCRIPTS) + len(ICONS)
    copied = [path for path in (tmp_path / "vendor").rglob("*") if path.is_file()]
    assert len(copied) == len(SCRIPTS) + len(ICONS)


def test_every_icon_that_a_screen_shows_is_named() -> None:
    import re

    shown = set(THEME_ICONS.values())
    for template in (PROJECT / "kiosk" / "templates").glob("*.html"):
        shown |= set(re.findall(r"icon\('([a-z0-9-]+)'\)", template.read_text("utf-8")))
    assert shown <= set(ICONS)


def test_versions_are_exact_and_the_lock_names_no_host() -> None:
    package = json.loads((PROJECT / "package.json").read_text("utf-8"))
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert all(version[0].isdigit() for version in versions.values())
    lock = (PROJECT / "package-lock.json").read_text("utf-8")
    assert "http" not in lock
    assert lock.count('"integrity"') == len(versions)
