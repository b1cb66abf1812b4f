"""Payload templates: ``Parameters``, ``ResultSelector`` and ``ItemSelector``, where ``"name.$"`` takes its value from a
path or an intrinsic function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cli.authoring.checker import paths
from cli.authoring.checker.faults import At, Fault

_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector")


def faults(state: Mapping[str, Any], at: At) -> Iterator[Fault]:
    for name in _TEMPLATES:
        if name in state and not isinstance(state[name], Mapping):
            yield Fault((*at, name), "must be an object")
        elif name in state:
            in_map = state.get("Type") == "Map" and name in ("ItemSelector", "Parameters")
            yield from _template(state[name], (*at, name), in_map=in_map)


def _template(template: Any, at: At, *, in_map: bool) -> Iterator[Fault]:
    if isinstance(template, list):
        for index, item in enumerate(template):
            yield from _template(item, (*at, index), in_map=in_map)
    elif isinstance(template, Mapping):
        for name, value in template.items():
            place = (*at, name)
            if not name.endswith(".$"):
                yield from _template(value, place, in_map=in_map)
                continue
            if name.removesuffix(".$") in template:
                yield Fault(place, f"`{name.removesuffix('.$')}` is there with and without `.$`")
            yield from paths.value_faults(value, place)
            if isinstance(value, str) and "$$.Map.Item" in value and not in_map:
                yield Fault(place, "`$$.Map.Item` exists only in the `ItemSelector` of a Map")
