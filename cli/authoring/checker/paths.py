"""Paths into a state's data and into the context object, and intrinsic functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from baton.suggestions import did_you_mean
from cli.authoring.checker.faults import At, Fault

_NAME = r"\.[A-Za-z_\u0080-\uffff][\w-]*"
_QUOTED = r"\[(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\]"
_REFERENCE = re.compile(rf"\$(?:{_NAME}|{_QUOTED}|\[\d+\])*")
_SELECTOR = r"\.\.?\*|\.\.[\w-]+|\[\*\]|\[-?\d*:-?\d*(?::-?\d+)?\]|\[-?\d+(?:,-?\d+)*\]|\[\?\([^\[\]]*\)\]"
_PATH = re.compile(rf"\$(?:{_NAME}|{_QUOTED}|{_SELECTOR})*")

# The names in the context object; below None, every name is possible.
_CONTEXT: Mapping[str, Any] = {
    "Execution": {
        **{name: {} for name in ("Id", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime")},
        "Input": None,
    },
    "State": {"EnteredTime": {}, "Name": {}, "RetryCount": {}},
    "StateMachine": {"Id": {}, "Name": {}},
    "Task": {"Token": {}},
    "Map": {"Item": {"Index": {}, "Key": {}, "Value": None, "Source": {}}},
}
# Intrinsic function → minimum and maximum of arguments.
_FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "Format": (1, 10_000), "StringToJson": (1, 1), "JsonToString": (1, 1), "Array": (0, 10_000),
    "ArrayPartition": (2, 2), "ArrayContains": (2, 2), "ArrayRange": (3, 3), "ArrayGetItem": (2, 2),
    "ArrayLength": (1, 1), "ArrayUnique": (1, 1), "Base64Encode": (1, 1), "Base64Decode": (1, 1), "Hash": (2, 2),
    "JsonMerge": (3, 3), "MathRandom": (2, 3), "MathAdd": (2, 2), "StringSplit": (2, 2), "UUID": (0, 0),
}  # fmt: skip
_MAX_DEPTH = 10
_CALL = re.compile(r"States\.([A-Za-z0-9]*)\(")
_CONSTANT = re.compile(r"'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?|true|false|null")


def value_faults(value: Any, at: At) -> Iterator[Fault]:
    """Faults of the value of a ``"name.$"``, which is a path or an intrinsic function."""
    if not isinstance(value, str):
        yield Fault(at, f"must be a path or an intrinsic function, not {value!r}")
    elif value.startswith("States."):
        yield from _Intrinsic(value).faults(at)
    else:
        yield from path_faults(value, at)


def path_faults(value: Any, at: At) -> Iterator[Fault]:
    """Faults of a JSONPath into the data (``$``) or the context object (``$$``)."""
    yield from _path(value, _PATH, at, "a path like $.name")


def reference_faults(value: Any, at: At, *, context: bool = False) -> Iterator[Fault]:
    """Faults of a path to exactly one place. It may lead into the context object only with ``context``."""
    if isinstance(value, str) and value.startswith("$$") and not context:
        yield Fault(at, "must lead into the state's data, not into the context object")
    else:
        yield from _path(value, _REFERENCE, at, "a path to one place, like $.name[0]")


def _path(value: Any, form: re.Pattern[str], at: At, wanted: str) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault(at, f"must be {wanted}, not {value!r}")
    elif value.startswith("$$"):
        if not _PATH.fullmatch(value[1:]):
            yield Fault(at, f"must be {wanted}, not `{value}`")
        else:
            yield from _context(value, at)
    elif not form.fullmatch(value):
        yield Fault(at, f"must be {wanted}, not `{value}`")


def _context(value: str, at: At) -> Iterator[Fault]:
    known: Any = _CONTEXT
    for name in re.findall(r"\.([\w-]+)", value):
        if known is None:
            return
        if name not in known:
            yield Fault(at, f"the context object has no `{value}`" + did_you_mean(name, known))
            return
        known = known[name]


class _Intrinsic:
    """A call like ``States.Format('{}-{}', $.run_id, $.generation)``, read from the left."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def faults(self, at: At) -> Iterator[Fault]:
        try:
            self._call(1)
            if self._rest:
                raise ValueError(f"something follows the call: `{self._rest}`")
        except ValueError as error:
            yield Fault(at, f"`{self._text}`: {error}")

    @property
    def _rest(self) -> str:
        return self._text[self._position :].strip()

    def _call(self, depth: int) -> None:
        match = _CALL.match(self._rest)
        if match is None:
            raise ValueError("a call looks like States.Format('…', $.name)")
        if match[1] not in _FUNCTIONS:
            raise ValueError(f"there is no intrinsic function States.{match[1]}" + did_you_mean(match[1], _FUNCTIONS))
        if depth > _MAX_DEPTH:
            raise ValueError(f"calls nest deeper than {_MAX_DEPTH}")
        self._advance(match[0])
        count = 0
        while not self._take(")"):
            if count and not self._take(","):
                raise ValueError("arguments are separated by commas and end with `)`")
            self._argument(depth)
            count += 1
        minimum, maximum = _FUNCTIONS[match[1]]
        if not minimum <= count <= maximum:
            expected = str(minimum) if minimum == maximum else f"{minimum} or more"
            raise ValueError(f"States.{match[1]} takes {expected} arguments, not {count}")

    def _argument(self, depth: int) -> None:
        rest = self._rest
        if rest.startswith("States."):
            self._call(depth + 1)
            return
        constant = _CONSTANT.match(rest)
        if constant is not None:
            self._advance(constant[0])
            return
        if rest.startswith("$"):
            doubled = rest.startswith("$$")
            path = _PATH.match(rest[doubled:])
            if path is not None:
                for fault in path_faults("$" * doubled + path[0], ()):
                    raise ValueError(fault.message)
                self._advance("$" * doubled + path[0])
                return
        raise ValueError(f"an argument is a path, a number, a 'string' or a call, not `{rest[:20]}`")

    def _take(self, mark: str) -> bool:
        if not self._rest.startswith(mark):
            return False
        self._advance(mark)
        return True

    def _advance(self, text: str) -> None:
        self._position = self._text.index(text, self._position) + len(text)
