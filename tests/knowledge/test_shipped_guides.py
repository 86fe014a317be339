"""Every guide that comes with Linli is valid, and all of them together."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.guide_file import SHIPPED, guide_to_mapping, parse_guide, read_guides
from knowledge.library import load_shipped

FILES = sorted(SHIPPED.glob("*.yml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_guide_is_valid(path: Path) -> None:
    (guide,) = read_guides([path], shipped=True)
    assert parse_guide(guide_to_mapping(guide), path.name) == guide


def test_the_shipped_guides_can_stand_side_by_side() -> None:
    assert len(load_shipped()) == len(FILES)


def test_only_guides_lie_in_the_folder() -> None:
    assert [path.name for path in SHIPPED.iterdir() if path.suffix != ".yml"] == []
