"""Foreign records (somebody else's list of service items) as guides, by a mapping file: mappings/*.yml.

A mapping moves texts from their fields to ours and adds nothing: what a record does not say stays blank, and
every fact is borne by the one source that the record is. docs/guides.md tells what a mapping file means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.guide import FACT_FIELDS, Guide, Theme
from knowledge.guide_file import parse_guide, read_utf8
from knowledge.problems import GuideError, GuideErrors, refuse
from knowledge.reading import is_web_address
from knowledge.records import BadRule, Rule, read_rule, shortened
from knowledge.yaml_text import load_yaml
from language.normalise import normalise

MAPPINGS = Path(__file__).with_name("mappings")
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_MAX_TITLE = 100
_MAX_NAME = 60


@dataclass(frozen=True)
class RecordMapping:
    """A mapping file, read."""

    blank: frozenset[str]
    id: Rule
    told_apart_by: tuple[str, ...]
    texts: Mapping[str, Rule]
    lists: Mapping[str, Rule]
    materials: Rule
    time_limit: Mapping[str, Any]
    phones: tuple[Rule, ...]
    theme: Rule
    theme_table: Mapping[str, str]
    theme_otherwise: str
    source_title: str
    source_url: Rule
    source_date_note: str | None
    popularity: int
    full: tuple[str, ...]
    partial: tuple[str, ...]


@dataclass
class Mapped:
    """What became of the records."""

    guides: list[Guide] = field(default_factory=list)
    errors: list[GuideError] = field(default_factory=list)  # of the records that make no valid guide
    refused: int = 0
    renamed: list[tuple[str, str]] = field(default_factory=list)  # a shared title, and what it became
    wordings_left_out: int = 0  # names that two records share: they would lead to either by chance


def mapping_names() -> list[str]:
    """Return the names of the mappings that come with Linli."""
    return sorted(file.stem for file in MAPPINGS.glob("*.yml"))


def read_mapping(name: str) -> RecordMapping:
    """Return a mapping by its name, or by the path of a YAML file. Raises GuideErrors."""
    file = Path(name) if name.endswith((".yml", ".yaml")) else MAPPINGS / f"{name}.yml"
    if not file.exists():
        refuse(file.name, "unknown_mapping", known="、".join(mapping_names()))
    plain = load_yaml(read_utf8(file), file.name)
    try:
        return _read(plain if isinstance(plain, dict) else {})
    except (BadRule, KeyError, TypeError, ValueError, AttributeError) as problem:
        refuse(file.name, "bad_mapping", detail=str(problem)[:200])


def map_records(
    records: Sequence[object], mapping: RecordMapping, file: str, beside: Iterable[Guide] = ()
) -> Mapped:
    """Return the guides that the records make, and why others make none.

    A title that several records share is told apart by other fields; a lesser name that several share is left
    out of all of them. So are the wordings of the guides `beside`, except those that came by this mapping.
    """
    kept = [record if isinstance(record, Mapping) else {} for record in records]
    done = Mapped()
    taken = {normalise(text) for guide in beside if not _is_ours(guide, mapping) for text in _wordings(guide)}
    titles = _titles(kept, mapping, taken, done)
    plains = [_plain(record, title, mapping) for record, title in zip(kept, titles, strict=True)]
    done.wordings_left_out = _leave_out_shared(plains, taken)
    ids: set[str] = set()
    for number, plain in enumerate(plains, start=1):
        place = f"{file} #{number}"
        try:
            guide = parse_guide(plain, place)
            if guide.id in ids:
                raise GuideErrors([GuideError(place, "id", "id_taken", {"id": guide.id})])
        except GuideErrors as wrong:
            done.errors += wrong.errors
            done.refused += 1
            continue
        ids.add(guide.id)
        done.guides.append(guide)
    return done


def _read(plain: Mapping[str, Any]) -> RecordMapping:
    return RecordMapping(
        blank=frozenset(map(str, plain.get("blank", ()))),
        id=read_rule(plain["id"], "id"),
        told_apart_by=tuple(plain.get("told_apart_by", ())),
        texts={name: read_rule(rule, f"texts.{name}") for name, rule in plain["texts"].items()},
        lists={name: read_rule(rule, f"lists.{name}") for name, rule in plain.get("lists", {}).items()},
        materials=read_rule(plain["materials"], "materials"),
        time_limit={
            name: read_rule(rule, f"time_limit.{name}") if name in ("promised", "statutory") else rule
            for name, rule in plain.get("time_limit", {}).items()
        },
        phones=tuple(read_rule(rule, "phones") for rule in plain.get("phones", ())),
        theme=read_rule(plain["theme"], "theme"),
        theme_table={str(word): Theme(theme) for word, theme in plain["theme"]["table"].items()},
        theme_otherwise=Theme(plain["theme"]["otherwise"]),
        source_title=str(plain["source"]["title"]),
        source_url=read_rule(plain["source"]["url"], "source.url"),
        source_date_note=plain["source"].get("date_note"),
        popularity=int(plain.get("popularity", 50)),
        full=tuple(plain["completeness"]["full"]),
        partial=tuple(plain["completeness"]["partial"]),
    )


def _is_ours(guide: Guide, mapping: RecordMapping) -> bool:
    return bool(mapping.id.prefix) and guide.id.startswith(mapping.id.prefix)


def _wordings(guide: Guide) -> tuple[str, ...]:
    return (guide.title, guide.plain_name, *guide.aliases, *guide.phrasings)


def _titles(
    records: Iterable[Mapping[str, Any]], mapping: RecordMapping, taken: set[str], done: Mapped
) -> list[str]:
    """Return the records' titles, each made the only one of its kind."""
    rule = mapping.texts["title"]
    listed = list(records)
    titles = [rule.text(record, mapping.blank, _MAX_TITLE) or "" for record in listed]
    for name in mapping.told_apart_by:
        sharing: dict[str, list[int]] = {}
        for place, title in enumerate(titles):
            sharing.setdefault(normalise(title), []).append(place)
        for title, places in sharing.items():
            told = {place: _told(listed[place].get(name), mapping) for place in places}
            if len(set(told.values())) > 1 or title in taken:
                _tell_apart(titles, told, done)
    return titles


def _tell_apart(titles: list[str], told: Mapping[int, str], done: Mapped) -> None:
    for place, more in told.items():
        before = titles[place]
        if before and more and more not in before:
            # The end is what tells it apart: a long title gives way before it.
            titles[place] = f"{shortened(before, _MAX_TITLE - len(more[:60]) - 2)}（{more[:60]}）"
            done.renamed.append((before, titles[place]))


def _told(value: object, mapping: RecordMapping) -> str:
    text = str(value).strip(" （）()") if isinstance(value, str | int) else ""
    return "" if text in mapping.blank else text


def _plain(record: Mapping[str, Any], title: str, mapping: RecordMapping) -> dict[str, Any]:
    """Return the record as the plain data of a guide."""
    blank = mapping.blank
    plain: dict[str, Any] = {name: rule.text(record, blank) for name, rule in mapping.texts.items()}
    plain |= {name: rule.texts(record, blank) for name, rule in mapping.lists.items()}
    code = _NO_SLUG.sub("-", (mapping.id.text(record, blank) or "").lower()).strip("-")
    plain |= {
        "id": f"{mapping.id.prefix}{code}"[:60] if code else "",
        "title": title,
        "plain_name": shortened(plain.get("plain_name") or title, _MAX_NAME),
        "theme": _theme(record, mapping),
        "popularity": mapping.popularity,
        "materials": [{"name": shortened(name, 200)} for name in mapping.materials.texts(record, blank)],
        "time_limit": _time_limit(record, mapping),
        "phones": [
            {"number": number, "label": rule.label}
            for rule in mapping.phones
            for number in rule.texts(record, blank)
        ],
    }
    for name in ("conditions", "where", "online"):
        plain[name] = [shortened(text, 500) for text in plain.get(name) or ()]
    plain["completeness"] = (
        "full"
        if all(plain.get(name) for name in mapping.full)
        else "partial"
        if any(plain.get(name) for name in mapping.partial)
        else "pointer"
    )
    plain["sources"] = [_source(record, title, plain, mapping)]
    return plain


def _theme(record: Mapping[str, Any], mapping: RecordMapping) -> str:
    words = mapping.theme.texts(record, mapping.blank)
    return next(
        (mapping.theme_table[word] for word in words if word in mapping.theme_table), mapping.theme_otherwise
    )


def _time_limit(record: Mapping[str, Any], mapping: RecordMapping) -> dict[str, Any] | None:
    rules = mapping.time_limit
    told: list[str] = []
    limit: dict[str, Any] = {}
    for name in ("promised", "statutory"):
        text = rules[name].text(record, mapping.blank) if name in rules else None
        if text is None:
            continue
        days = re.search(rules["working_days"], text)
        if days and int(days[1]) <= 1000:
            limit[f"{name}_days"] = int(days[1])
        for pattern, words in rules.get("replace", {}).items():
            text = re.sub(pattern, words, text)
        told.append(rules["texts"][name].format(text))
    return {"text": "，".join(told), **limit} if told else None


def _source(
    record: Mapping[str, Any], title: str, plain: Mapping[str, Any], mapping: RecordMapping
) -> dict[str, Any]:
    url = mapping.source_url.text(record, mapping.blank, 2000)
    return {
        "title": mapping.source_title.format(title),
        "url": url if url and is_web_address(url) else None,
        "date_note": mapping.source_date_note,
        "fields": [name for name in FACT_FIELDS if plain.get(name)],
    }


def _leave_out_shared(plains: Sequence[dict[str, Any]], taken: set[str]) -> int:
    """Take names that lead to two records out of both, a title's before anything else's; return how many."""
    titles = {normalise(plain["title"]): place for place, plain in enumerate(plains)}
    claims: dict[str, set[int]] = {}
    for place, plain in enumerate(plains):
        for text in (plain["plain_name"], *plain.get("aliases", ()), *plain.get("phrasings", ())):
            claims.setdefault(normalise(text), set()).add(place)
    left_out = 0
    for place, plain in enumerate(plains):
        used = {normalise(plain["title"])}

        def is_free(text: str, place: int = place, used: set[str] = used) -> bool:
            folded = normalise(text)
            mine = claims[folded] == {place} and titles.get(folded, place) == place and folded not in used
            used.add(folded)
            return mine and bool(folded) and folded not in taken

        if normalise(plain["plain_name"]) not in used and not is_free(plain["plain_name"]):
            plain["plain_name"] = _own_name(plain)
            left_out += 1
        for name, most in (("aliases", _MAX_NAME), ("phrasings", 120)):
            before = plain.get(name, [])
            plain[name] = [text for text in before if len(text) <= most and is_free(text)]
            left_out += len(before) - len(plain[name])
    return left_out


def _own_name(plain: Mapping[str, Any]) -> str:
    """Return an everyday name that is the guide's alone: its title, cut and with its code where too long."""
    title = str(plain["title"])
    return title if len(title) <= _MAX_NAME else f"{title[:40]}…{plain['id'][-16:]}"
