"""The rules of a Choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baton.suggestions import did_you_mean
from cli.authoring.checker import paths
from cli.authoring.checker.faults import At, Fault, moment

_ORDERS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "String": str,
    "Numeric": (int, float),
    "Boolean": bool,
    "Timestamp": str,
}
_IS = ("IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")
# Operator → the type of its value.
OPERATORS: Mapping[str, type | tuple[type, ...]] = {
    **{f"{kind}{order}": value for kind, value in _TYPES.items() for order in _ORDERS if kind != "Boolean"},
    "BooleanEquals": bool,
    "StringMatches": str,
    **dict.fromkeys(_IS, bool),
}
_WITH_PATH = {f"{name}Path" for name in OPERATORS if name not in _IS and name != "StringMatches"}


def faults(state: Mapping[str, Any], at: At) -> Iterator[Fault]:
    rules = state.get("Choices")
    if rules is None:
        return  # reported as missing
    if not isinstance(rules, list) or not rules:
        yield Fault((*at, "Choices"), "must be a list of at least one rule")
        return
    for index, rule in enumerate(rules):
        place = (*at, "Choices", index)
        if not isinstance(rule, Mapping):
            yield Fault(place, "must be an object")
            continue
        if "Next" not in rule:
            yield Fault(place, "a rule needs `Next`")
        yield from _rule({name: value for name, value in rule.items() if name not in ("Next", "Comment")}, place)


def _rule(rule: Any, at: At) -> Iterator[Fault]:
    """A test, or tests joined by And, Or or Not. Only the outermost rule has ``Next``."""
    if not isinstance(rule, Mapping):
        yield Fault(at, "must be an object")
        return
    joined = [name for name in ("And", "Or", "Not") if name in rule]
    if joined:
        yield from _joined(rule, joined[0], at)
        return
    tests = [name for name in rule if name not in ("Variable", "Comment")]
    if len(tests) != 1:
        yield Fault(at, "a rule has exactly one operator, not " + (", ".join(f"`{t}`" for t in tests) or "none"))
    if "Variable" not in rule:
        yield Fault(at, "a rule needs `Variable`")
    else:
        yield from paths.path_faults(rule["Variable"], (*at, "Variable"))
    for test in tests:
        yield from _test(test, rule[test], (*at, test))


def _joined(rule: Mapping[str, Any], joiner: str, at: At) -> Iterator[Fault]:
    for name in rule:
        if name not in (joiner, "Comment"):
            yield Fault((*at, name), f"`{name}` cannot stand beside `{joiner}`")
    inner = rule[joiner]
    if joiner == "Not":
        yield from _rule(inner, (*at, joiner))
    elif not isinstance(inner, list) or not inner:
        yield Fault((*at, joiner), "must be a list of at least one rule")
    else:
        for index, one in enumerate(inner):
            yield from _rule(one, (*at, joiner, index))


def _test(name: str, value: Any, at: At) -> Iterator[Fault]:
    if name in _WITH_PATH:
        yield from paths.path_faults(value, at)
    elif name not in OPERATORS:
        yield Fault(at, f"there is no operator `{name}`" + did_you_mean(name, OPERATORS))
    elif not isinstance(value, OPERATORS[name]) or (isinstance(value, bool) and OPERATORS[name] is not bool):
        yield Fault(at, f"compares with a value of another type, not with {value!r}")
    elif name.startswith("Timestamp"):
        yield from moment(value, at)
