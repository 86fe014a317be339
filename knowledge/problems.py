"""What is wrong with a knowledge file, and what to do about it.

ContentErrors          a file, or a set of guides, cannot be taken; `.errors` names all that is wrong
  GuideErrors          ... a guide or a set of guides
  ProfileErrors        ... the hall's profile
GuideError             one problem: file, field, problem, remedy
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

from language.texts import Texts


@cache
def _texts() -> Texts:
    return Texts(Path(__file__).with_name("problems.yml"))


@dataclasses.dataclass(frozen=True)
class GuideError:
    """One problem. `field` is like `materials[2].form`, or a cell; `code` is a key of problems.yml."""

    file: str
    field: str
    code: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def problem(self) -> str:
        """What is wrong, in Chinese."""
        return _texts().say(self.code, "zh", **self.values)

    @property
    def remedy(self) -> str:
        """What to write instead, in Chinese."""
        return _texts().say(f"{self.code}.remedy", "zh", **self.values)

    def line(self, locale: str = "zh") -> str:
        """Return place, problem and remedy as one line."""
        problem = _texts().say(self.code, locale, **self.values)
        remedy = _texts().say(f"{self.code}.remedy", locale, **self.values)
        place = f"{self.file} [{self.field}]" if self.field else self.file
        return f"{place}: {problem} {remedy}" if locale == "en" else f"{place}：{problem}{remedy}"


class ContentErrors(Exception):
    """A knowledge file cannot be taken; `errors` holds everything that is wrong with it, in file order."""

    def __init__(self, errors: Sequence[GuideError]) -> None:
        super().__init__("\n".join(error.line() for error in errors))
        self.errors = tuple(errors)

    def lines(self, locale: str = "zh") -> list[str]:
        """Return one line a problem."""
        return [error.line(locale) for error in self.errors]


class GuideErrors(ContentErrors):
    """A guide, or a set of guides, cannot be taken."""


class ProfileErrors(ContentErrors):
    """The hall's profile cannot be taken."""


class Findings:
    """The problems found so far in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.errors: list[GuideError] = []

    def add(self, field: str, code: str, /, **values: object) -> None:
        """Note one problem and go on reading."""
        self.errors.append(GuideError(self.file, field, code, values))


def refuse(file: str, code: str, field: str = "", **values: object) -> NoReturn:
    """Raise GuideErrors with a single problem: nothing more can be read."""
    raise GuideErrors([GuideError(file, field, code, values)])
