"""Templates: ``{{ … }}`` in a step's input.

* ``{{ kpi_names }}`` or ``{{ parameters.kpi_names }}`` is a parameter.
* ``{{ steps.fetch-kpi-data.query_results }}`` is an output of an earlier step. Outputs of an orchestration step have
  fields: ``{{ steps.run-kpi-tracking.results.summarize-results.summary }}``.
* ``{{ region }}`` is the item of a ``for_each`` step with ``as: region``, ``{{ region.code }}`` a field of it.

A string that is one reference and nothing else becomes the value with its type. Inside other text, the value becomes
text for a person. ``definition.references`` checks that references lead to something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from baton import exact_json
from baton.budgets import MAX_INPUT_BYTES
from baton.errors import BatonError

Path = tuple[str | int, ...]
Value = TypeVar("Value")

_WHOLE = re.compile(r"\s*\{\{((?:(?!\}\}).)*)\}\}\s*", re.DOTALL)
_FIELDS = r"((?:\.[A-Za-z0-9_-]+)*)"
_NAME = re.compile(r"(parameters\.)?([A-Za-z_][A-Za-z0-9_]*)" + _FIELDS)
_OUTPUT = re.compile(r"steps\.([A-Za-z0-9_-]+)\.([A-Za-z_][A-Za-z0-9_]*)" + _FIELDS)


class TemplateInvalid(BatonError):
    """A template cannot be read, or refers to something that does not exist."""


class InputTooLarge(TemplateInvalid):
    """The values in a template have more bytes than allowed."""


@dataclass(frozen=True, slots=True)
class NameReference:
    """A parameter or the item of a ``for_each`` step, or a field of it. ``is_parameter``: it begins with
    ``parameters.``, so it cannot be the item."""

    name: str
    fields: tuple[str, ...] = ()
    is_parameter: bool = False


@dataclass(frozen=True, slots=True)
class OutputReference:
    """An output of a step, or a field of it."""

    step_id: str
    output: str
    fields: tuple[str, ...] = ()


Reference = NameReference | OutputReference


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One ``{{ … }}``: its place in the template (keys and indices), and its text with and without braces."""

    path: Path
    raw: str
    text: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What templates may read: parameter name → value, step id → output name → value, and in a ``for_each`` step the
    name of the item → its value."""

    parameters: Mapping[str, Any]
    steps: Mapping[str, Mapping[str, Any]]
    item: Mapping[str, Any] = field(default_factory=dict)


# --- reading --------------------------------------------------------------------------------------------------------


def placeholders(template: Any, path: Path = ()) -> Iterator[Placeholder]:
    """Every placeholder of the template in document order. If one is never closed, its ``raw`` lacks the ``}}``."""
    if isinstance(template, str):
        yield from _in_text(template, path)
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from placeholders(value, (*path, key))
    elif isinstance(template, list | tuple):
        for index, value in enumerate(template):
            yield from placeholders(value, (*path, index))


def _in_text(text: str, path: Path) -> Iterator[Placeholder]:
    """Without a regular expression, which would search to the end of the text for each ``{{`` that is never closed."""
    start = text.find("{{")
    while start >= 0:
        end = text.find("}}", start + 2)
        raw = text[start:] if end < 0 else text[start : end + 2]
        yield Placeholder(path, raw, raw[2:].strip() if end < 0 else raw[2:-2].strip())
        start = -1 if end < 0 else text.find("{{", end + 2)


def keys_with_placeholders(template: Any, path: Path = ()) -> Iterator[Path]:
    """The places of keys with a placeholder, which is a mistake: only values are rendered."""
    if isinstance(template, Mapping):
        for key, value in template.items():
            if "{{" in key:
                yield (*path, key)
            yield from keys_with_placeholders(value, (*path, key))
    elif isinstance(template, list | tuple):
        for index, value in enumerate(template):
            yield from keys_with_placeholders(value, (*path, index))


def parse_reference(placeholder: Placeholder) -> Reference:
    """The reference of a placeholder; TemplateInvalid says what a placeholder may contain."""
    if not placeholder.raw.endswith("}}"):
        raise TemplateInvalid("`{{` is never closed by `}}`")
    output = _OUTPUT.fullmatch(placeholder.text)
    if output:
        return OutputReference(output.group(1), output.group(2), _fields(output.group(3)))
    name = _NAME.fullmatch(placeholder.text)
    if name and name.group(2) != "steps":
        return NameReference(name.group(2), _fields(name.group(3)), is_parameter=name.group(1) is not None)
    raise TemplateInvalid(
        f"`{placeholder.raw}` is not a reference; write a parameter as {{{{ name }}}} "
        "or an earlier step's output as {{ steps.step-id.output }}"
    )


def whole_reference(text: str) -> Placeholder | None:
    """The placeholder, if ``text`` is one placeholder and nothing else."""
    whole = _WHOLE.fullmatch(text)
    return Placeholder((), text.strip(), whole.group(1).strip()) if whole else None


def references(template: Any) -> tuple[Reference, ...]:
    """All references of the template, in document order."""
    return tuple(parse_reference(placeholder) for placeholder in placeholders(template))


# --- rendering ------------------------------------------------------------------------------------------------------


def render(template: Any, scope: Scope, *, leave_unknown: bool = False, max_bytes: int = MAX_INPUT_BYTES) -> Any:
    """The template with every reference replaced by its value. A reference without a value raises TemplateInvalid; with
    ``leave_unknown``, it stays as it is. InputTooLarge: all values together have more than ``max_bytes`` as JSON."""
    return _Rendering(scope, leave_unknown, max_bytes).rendered(template)


class _Rendering:
    """Counts each value before it copies it: eighty references to one large output would fill the memory."""

    def __init__(self, scope: Scope, leave_unknown: bool, max_bytes: int) -> None:
        self._scope, self._leave_unknown = scope, leave_unknown
        self._max_bytes = self._bytes_left = max_bytes
        self._values: dict[str, tuple[Any, int]] = {}
        self._texts: dict[str, tuple[str, int]] = {}

    def rendered(self, template: Any) -> Any:
        if isinstance(template, str):
            whole = whole_reference(template)
            return self._value(whole, template) if whole else self._text(template)
        if isinstance(template, Mapping):
            return {key: self.rendered(value) for key, value in template.items()}
        if isinstance(template, list | tuple):
            return [self.rendered(value) for value in template]
        return template

    def _value(self, placeholder: Placeholder, text: str) -> Any:
        if not self._is_known(placeholder):
            return text
        raw = placeholder.raw
        if raw not in self._values:
            value = look_up(placeholder, self._scope)
            self._values[raw] = value, exact_json.stored_bytes(value)
        return self._counted(raw, *self._values[raw])

    def _text(self, text: str) -> str:
        parts: list[str] = []
        done = 0
        for placeholder in _in_text(text, ()):
            raw = placeholder.raw
            if not raw.endswith("}}"):
                break  # it is never closed, so it stays text
            start = text.index(raw, done)
            parts += [text[done:start], self._part(placeholder)]
            done = start + len(raw)
        return "".join([*parts, text[done:]])

    def _part(self, placeholder: Placeholder) -> str:
        raw = placeholder.raw
        if not self._is_known(placeholder):
            return raw
        if raw not in self._texts:
            part = readable(look_up(placeholder, self._scope))
            self._texts[raw] = part, len(part.encode())
        return self._counted(raw, *self._texts[raw])

    def _counted(self, raw: str, value: Value, size: int) -> Value:
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise InputTooLarge(
                f"with `{raw}` of {size:,} bytes, the values in the template have more than {self._max_bytes:,} bytes"
            )
        return value

    def _is_known(self, placeholder: Placeholder) -> bool:
        if not self._leave_unknown:
            return True  # or look_up says what is missing
        reference = parse_reference(placeholder)
        if isinstance(reference, OutputReference):
            return reference.step_id in self._scope.steps
        of_item = not reference.is_parameter and reference.name in self._scope.item
        return of_item or reference.name in self._scope.parameters


def readable(value: Any) -> str:
    """The text of a value inside a sentence: lists as ``a, b, c``, null as nothing, numbers with all their digits."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple) and not any(isinstance(item, list | tuple | Mapping) for item in value):
        return ", ".join(readable(item) for item in value)
    return exact_json.dumps(value)


def look_up(placeholder: Placeholder, scope: Scope) -> Any:
    """The value of a placeholder; TemplateInvalid if there is none."""
    return value_of(parse_reference(placeholder), placeholder.raw, scope)


def value_of(reference: Reference, raw: str, scope: Scope) -> Any:
    """The value of a reference; TemplateInvalid if there is none. ``raw`` is its text, for the message."""
    if isinstance(reference, OutputReference):
        if reference.step_id not in scope.steps:
            raise TemplateInvalid(f"`{raw}`: the step `{reference.step_id}` has no outputs yet")
        # The definition is checked, so only a skipped or failed step lacks an output here: it is null.
        return _below(scope.steps[reference.step_id].get(reference.output), reference.fields)
    names = scope.parameters if reference.is_parameter else {**scope.parameters, **scope.item}
    if reference.name not in names:
        raise TemplateInvalid(f"`{raw}`: there is no parameter `{reference.name}`")
    return _below(names[reference.name], reference.fields)


def _fields(dotted: str) -> tuple[str, ...]:
    return tuple(dotted.split(".")[1:])


def _below(value: Any, fields: tuple[str, ...]) -> Any:
    for name in fields:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
