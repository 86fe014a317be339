"""Kill switches: a guide, a door or the whole assistant gives way to a text of the staff for a while."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from knowledge.curation_tables import SwitchRow
from knowledge.transactions import writing
from language.moments import Clock

MAX_CHARS = 500
# Tags, comments and entities; a lone < is left to the pages, which escape it: 周一<周五 is no HTML.
_HTML = re.compile(r"<\s*[/!?A-Za-z][^>]*>?|&#?\w{1,10};")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


class Scope(StrEnum):
    """What is switched off."""

    ASSISTANT = "assistant"
    DOOR = "door"
    GUIDE = "guide"


class SwitchError(ValueError):
    """A switch that cannot be set; `code` names the sentence that tells staff what to write instead."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Switch:
    """What residents read in place of `name`, which is empty for the whole assistant; `until` may be open."""

    scope: Scope
    name: str
    text_zh: str
    text_en: str
    until: datetime | None
    set_by: str
    set_at: datetime

    def text(self, locale: str) -> str:
        """Return the text in a language, in Chinese where there is no other."""
        return self.text_en if locale == "en" and self.text_en else self.text_zh

    def stands(self, at: datetime) -> bool:
        """Return whether it holds at that instant."""
        return self.until is None or at < self.until


@dataclass(frozen=True)
class Standing:
    """The switches that hold at one instant. Looking one up asks nobody."""

    switches: tuple[Switch, ...] = ()

    def at_door(self, door: str) -> Switch | None:
        """Return what replaces every answer at a door; that of the whole assistant goes first."""
        return self._find(Scope.ASSISTANT, "") or self._find(Scope.DOOR, door)

    def of_guide(self, guide_id: str) -> Switch | None:
        """Return what replaces a guide."""
        return self._find(Scope.GUIDE, guide_id)

    def _find(self, scope: Scope, name: str) -> Switch | None:
        return next((one for one in self.switches if one.scope is scope and one.name == name), None)


class Switches:
    """The switches in the database, and those that this process holds to.

    Every process reads them by itself again and again (`refresh`); while the database is away the last
    that were read stand, and each ends at its time all the same.
    """

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._read: tuple[Switch, ...] | None = None

    def standing(self) -> Standing:
        """Return the switches that hold now, as last read; asks the database only the first time."""
        read = self._read if self._read is not None else self.refresh()
        if not read:
            return _NONE
        now = self._clock()
        return Standing(tuple(switch for switch in read if switch.stands(now)))

    def refresh(self) -> tuple[Switch, ...]:
        """Read the switches that others may have set."""
        with self._sessions() as session:
            read = tuple(map(_switch, session.scalars(select(SwitchRow))))
        self._read = read
        return read

    def all(self) -> list[Switch]:
        """Return all switches as they are in the database, also those whose time has passed, newest first."""
        return sorted(self.refresh(), key=lambda switch: switch.set_at, reverse=True)

    def set(
        self,
        scope: Scope | str,
        name: str,
        text_zh: str,
        text_en: str,
        until: datetime | None,
        set_by: str,
    ) -> Switch:
        """Switch something off, or change its text and time. Raises SwitchError."""
        now = self._clock()
        switch = _checked(Switch(Scope(scope), name.strip(), text_zh, text_en, until, set_by, now))
        if not switch.stands(now):
            raise SwitchError("past", "the end lies in the past: give a later one, or none")
        with writing(self._sessions) as session:
            session.merge(SwitchRow(**{**vars(switch), "scope": str(switch.scope)}))
        self.refresh()
        return switch

    def clear(self, scope: Scope | str, name: str) -> bool:
        """Switch something on again; return whether it was off."""
        key = (SwitchRow.scope == str(Scope(scope)), SwitchRow.name == name.strip())
        with writing(self._sessions) as session:
            was_set = session.scalar(select(SwitchRow.scope).where(*key)) is not None
            session.execute(delete(SwitchRow).where(*key))
        self.refresh()
        return was_set


_NONE = Standing()


def _switch(row: SwitchRow) -> Switch:
    return Switch(Scope(row.scope), row.name, row.text_zh, row.text_en, row.until, row.set_by, row.set_at)


def _checked(switch: Switch) -> Switch:
    if switch.scope is Scope.ASSISTANT and switch.name:
        raise SwitchError("name", "the whole assistant has no name: leave it empty")
    if switch.scope is not Scope.ASSISTANT and not _NAME.fullmatch(switch.name):
        raise SwitchError("name", "name the door or the guide that is switched off, by its id")
    if switch.until is not None and switch.until.tzinfo is None:
        raise SwitchError("zone", "the end needs a time zone")
    texts = _clean(switch.text_zh), _clean(switch.text_en)
    if not texts[0]:
        raise SwitchError("empty", "write what residents shall read instead, in Chinese")
    return replace(switch, text_zh=texts[0], text_en=texts[1])


def _clean(text: str) -> str:
    """Return a text on one line each, without what nobody sees. Raises SwitchError."""
    lines = (" ".join(_visible(line).split()) for line in unicodedata.normalize("NFC", text).splitlines())
    cleaned = "\n".join(line for line in lines if line)
    if _HTML.search(cleaned):
        raise SwitchError("html", "HTML is shown to residents as it stands: write plain text")
    if len(cleaned) > MAX_CHARS:
        raise SwitchError("long", f"the text has {len(cleaned)} characters: keep it under {MAX_CHARS}")
    return cleaned


def _visible(line: Iterable[str]) -> str:
    return "".join(" " if unicodedata.category(character)[0] == "C" else character for character in line)
