"""YAML text → data with positions.

The data is JSON: of YAML's scalars it knows only strings, numbers, ``true``/``false`` and null, so ``no`` and
``2024-07-01`` stay strings. It refuses what makes a file ambiguous or expensive to read, with the position: duplicate
keys, merge keys, keys that are not strings, aliases, tags.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import yaml

from baton.budgets import MAX_SOURCE_CHARACTERS
from baton.definition.problems import DefinitionInvalid, Path, Problem
from baton.definition.source import SourceDocument, Span
from baton.errors import MAX_PROBLEMS

MAX_DEPTH = 50
MAX_NUMBER_CHARACTERS = 300
UNQUOTED = 'YAML reads `{{` as the start of a mapping; put the value in quotes: "{{ … }}"'

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_UNQUOTED = re.compile(r"\s*(?:-\s+)*(?:[^\s\"'#:]+\s*:\s+)?\{\{")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


def read_yaml(text: str, file: str) -> SourceDocument:
    """The document in ``text``. DefinitionInvalid names the place if it is not YAML or is ambiguous."""
    if len(text) > MAX_SOURCE_CHARACTERS:
        raise DefinitionInvalid(
            [Problem(file, 1, 1, (), f"the file is longer than {MAX_SOURCE_CHARACTERS} characters")]
        )
    reader = _Reader(file)
    try:
        root = yaml.compose(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        raise DefinitionInvalid([_syntax_problem(error, text, file)]) from error
    except yaml.reader.ReaderError as error:
        raise DefinitionInvalid([_character_problem(error, text, file)]) from error
    data = None if root is None else reader.value(root, ())
    if reader.problems:
        raise DefinitionInvalid(reader.problems)
    return SourceDocument(file=file, text=text, data=data, values=reader.values, keys=reader.keys)


def _character_problem(error: yaml.reader.ReaderError, text: str, file: str) -> Problem:
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    message = f"not readable as YAML: the character U+{ord(text[error.position]):04X} is not allowed"
    return Problem(file, line, column, (), message)


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
    if reference := _UNQUOTED.match([*text.splitlines(), ""][line - 1]):
        return Problem(file, line, reference.end() - 1, (), UNQUOTED)
    reason = " ".join(filter(None, [error.problem, error.context]))
    if error.problem == "but found another document":
        reason = "a second document begins here"
    return Problem(file, line, column, (), f"not readable as YAML: {reason}")


class _StrictLoader(yaml.SafeLoader):
    """Refuses aliases, which can stand for millions of values, tags, which change the type, and deep nesting."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            self._refuse(f"the alias `*{event.anchor}` is not supported; write the value out", event)
        if getattr(event, "tag", None) is not None:
            self._refuse("tags (`!…`) are not supported; write the plain value", event)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._refuse(f"nested deeper than {MAX_DEPTH} levels", event)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refuse(self, message: str, event: Any) -> NoReturn:
        raise yaml.composer.ComposerError(None, None, message, event.start_mark)


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[Path, Span] = {}
        self.keys: dict[Path, Span] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.values[path] = Span(node.start_mark.index, node.end_mark.index)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        plain = getattr(node, "style", None) is None
        if plain and len(node.value) > MAX_NUMBER_CHARACTERS and _NUMBER.fullmatch(node.value):
            self._refuse(node, path, f"a number has at most {MAX_NUMBER_CHARACTERS} characters; quote it if it is text")
            return None
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if isinstance(key_node, yaml.MappingNode) and key_node.flow_style:
                self._refuse(node, path, UNQUOTED)
            elif not isinstance(key, str):
                self._refuse(key_node, path, "a key must be a string")
            elif key == "<<" and key_node.style is None:
                self._refuse(key_node, path, "merge keys (`<<`) are not supported; write the fields out")
            elif key in data:
                first = self.values[(*path, key)]
                self._refuse(key_node, (*path, key), f"`{key}` is there twice{self._line_of(first, node)}")
            else:
                self.keys[(*path, key)] = Span(key_node.start_mark.index, key_node.end_mark.index)
                data[key] = self.value(value_node, (*path, key))
        return data

    def _line_of(self, span: Span, node: yaml.MappingNode) -> str:
        for _, value_node in node.value:
            if value_node.start_mark.index == span.start:
                return f"; the first is in line {value_node.start_mark.line + 1}"
        return ""

    def _refuse(self, node: yaml.Node, path: Path, message: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, path, message))
        if len(self.problems) == MAX_PROBLEMS:
            raise DefinitionInvalid(self.problems)


def _scalar(node: yaml.Node) -> Any:
    """The value of a scalar in YAML 1.2's core schema. A quoted scalar is always a string."""
    text: str = node.value
    if getattr(node, "style", None) is not None:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
