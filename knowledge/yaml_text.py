"""Reading YAML that people wrote: safe types only, no silent loss, no bombs.

Days stay text (the field decides what a date is), a key that stands twice is refused, and so are anchors and
deep nesting: the C parser composes recursively and a file of brackets would crash the process.
"""

from __future__ import annotations

from typing import Any

import yaml

from knowledge.problems import refuse

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml: ten times slower, same result
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

# A guide is four levels deep, a list of guides five.
_MAX_DEPTH = 12


class _RepeatedKey(yaml.MarkedYAMLError):
    """A mapping has the same key twice."""


class _GuideLoader(_SafeLoader):
    """Safe YAML with days as text and every key once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping. Raises _RepeatedKey."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise _RepeatedKey(problem=key.value[:40], problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_GuideLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}


def load_yaml(text: str, file: str) -> object:
    """Return what the YAML text holds as plain data. Raises GuideErrors naming `file` and the line."""
    try:
        _check_shape(text, file)
        return yaml.load(text, Loader=_GuideLoader)
    except _RepeatedKey as error:
        refuse(file, "repeated_key", line=_line(error), key=error.problem)
    except yaml.YAMLError as error:
        refuse(file, "bad_yaml", line=_line(error))
    except ValueError:  # 0x and friends: numbers that YAML promises and Python cannot read
        refuse(file, "bad_yaml", line=1)


def _check_shape(text: str, file: str) -> None:
    """Refuse anchors, aliases and deep nesting before anything is built; events come one by one."""
    depth = 0
    for event in yaml.parse(text, Loader=_SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                refuse(file, "too_deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if getattr(event, "anchor", None) is not None:
            refuse(file, "yaml_alias", line=event.start_mark.line + 1 if event.start_mark else 1)


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark is not None else 1
