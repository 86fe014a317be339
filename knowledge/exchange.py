"""Guides in files: Excel workbook, YAML or JSON lines, told apart by the file's ending."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from knowledge.guide import Guide
from knowledge.guide_file import guide_to_mapping, parse_guide
from knowledge.guide_set import check_set
from knowledge.problems import GuideError, GuideErrors, refuse
from knowledge.sheet_reading import read_workbook
from knowledge.sheets import write_workbook
from knowledge.workbook_safety import MAX_FILE_BYTES
from knowledge.yaml_text import load_yaml

SUFFIXES = (".xlsx", ".yml", ".yaml", ".jsonl")


class _RepeatedKey(ValueError):
    """A JSON object has the same key twice."""


class _Dumper(yaml.SafeDumper):
    """YAML without anchors: what we write we also read."""

    def ignore_aliases(self, data: object) -> bool:
        """Say that nothing is to be anchored."""
        return True


def read_file(path: Path) -> list[Guide]:
    """Return the guides of a file. Raises GuideErrors with all that is wrong."""
    return read_content(_bytes(path), path.name)


def read_content(content: bytes, name: str) -> list[Guide]:
    """Return the guides of a file's bytes; `name` tells the kind. Raises GuideErrors."""
    if len(content) > MAX_FILE_BYTES:
        _refuse_size(name)
    suffix = Path(name).suffix.lower()
    if suffix == ".xlsx":
        return read_workbook(content, name)
    if suffix in (".xlsm", ".xlsb"):
        refuse(name, "macros")
    if suffix not in SUFFIXES:
        refuse(name, "unknown_kind", suffix=suffix or "-")
    text = _decoded(content, name)
    return _parse_all(_json_lines(text, name) if suffix == ".jsonl" else _yaml(text, name), name)


def read_records(path: Path) -> list[object]:
    """Return foreign records: JSON lines or one JSON list, whatever the ending. Raises GuideErrors."""
    text = _decoded(_bytes(path), path.name)
    if not text.lstrip().startswith("["):
        return _json_lines(text, path.name)
    try:
        records = json.loads(text)
    except (ValueError, RecursionError):
        refuse(path.name, "bad_json", line=1)
    return records if isinstance(records, list) else [records]


def write_file(guides: Sequence[Guide], path: Path) -> None:
    """Write the guides in the form that the file's ending names. Raises GuideErrors for another ending."""
    content = write_content(guides, path.name)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)


def write_content(guides: Sequence[Guide], name: str) -> bytes:
    """Return the guides as a file's bytes; read_content makes the same guides of them."""
    suffix = Path(name).suffix.lower()
    if suffix == ".xlsx":
        return write_workbook(guides)
    mappings = [guide_to_mapping(guide) for guide in guides]
    if suffix == ".jsonl":
        return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in mappings).encode()
    if suffix not in SUFFIXES:
        refuse(name, "unknown_kind", suffix=suffix or "-")
    dumped: str = yaml.dump(mappings, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return dumped.encode()


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            _refuse_size(path.name)
        return path.read_bytes()
    except OSError:
        refuse(path.name, "unreadable")


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(name, "not_utf8")


def _refuse_size(name: str) -> None:
    refuse(name, "too_big", limit_mb=MAX_FILE_BYTES // 1024 // 1024)


def _yaml(text: str, name: str) -> list[object]:
    """Return the mappings of a YAML file: one guide, or a list."""
    content = load_yaml(text, name)
    return content if isinstance(content, list) else [content]


def _json_lines(text: str, name: str) -> list[object]:
    mappings: list[object] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            mappings.append(json.loads(line, object_pairs_hook=_each_once))
        except _RepeatedKey as error:
            refuse(name, "repeated_key", line=number, key=str(error)[:40])
        except (ValueError, RecursionError):
            refuse(name, "bad_json", line=number)
    return mappings


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        if key in mapping:
            raise _RepeatedKey(key)
        mapping[key] = value
    return mapping


def _parse_all(mappings: Iterable[object], name: str) -> list[Guide]:
    guides: list[Guide] = []
    errors: list[GuideError] = []
    listed = [mapping for mapping in mappings if mapping is not None]
    places = [name if len(listed) == 1 else f"{name} #{position}" for position in range(1, len(listed) + 1)]
    for mapping, place in zip(listed, places, strict=True):
        try:
            guides.append(parse_guide(mapping, place))
        except GuideErrors as wrong:
            errors.extend(wrong.errors)
    if errors:
        raise GuideErrors(errors)
    if not guides:
        refuse(name, "no_guides")
    check_set(guides, places)
    return guides
