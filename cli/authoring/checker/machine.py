"""The machine as a whole: its size, the names of its states, and the transitions between them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from baton.suggestions import did_you_mean
from cli.authoring.checker import states
from cli.authoring.checker.faults import At, Fault, missing_fields, text, unknown_fields, whole_number

MAX_NAME_CHARACTERS = 80
MAX_MACHINE_BYTES = 1_048_576
MAX_SECONDS = 99_999_999

State = Mapping[str, Any]


def check_text(text: str) -> tuple[Fault, ...]:
    """Every fault of a state machine in JSON text."""
    double_keys: list[Fault] = []

    def check_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        doubles = {key for key in keys if keys.count(key) > 1}
        double_keys.extend(Fault((key,), f"the key `{key}` is there twice") for key in doubles)
        return dict(pairs)

    if len(text.encode()) > MAX_MACHINE_BYTES:
        return (Fault((), f"has {len(text.encode()):,} bytes; Step Functions takes {MAX_MACHINE_BYTES:,}"),)
    try:
        machine = json.loads(text, object_pairs_hook=check_keys)
    except (ValueError, RecursionError) as error:
        return (Fault((), f"is not JSON: {error}"),)
    return (*double_keys, *check(machine))


def check(machine: Any) -> tuple[Fault, ...]:
    """Every fault of a state machine, in the order of its fields; empty if Step Functions will accept it."""
    if not isinstance(machine, Mapping):
        return (Fault((), "must be an object"),)
    try:
        return tuple(_machine(machine))
    except RecursionError:
        return (Fault((), "nests too deep to be checked"),)


def _machine(machine: Mapping[str, Any]) -> Iterator[Fault]:
    if machine.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield Fault(("QueryLanguage",), "only JSONPath can be checked here")
        return
    yield from unknown_fields(machine, _OF_MACHINES, "a state machine", ())
    yield from whole_number(machine, "TimeoutSeconds", 1, MAX_SECONDS, ())
    yield from text(machine, "Comment", ())
    if machine.get("Version", "1.0") != "1.0":
        yield Fault(("Version",), f"must be 1.0, not {machine['Version']!r}")
    size = len(json.dumps(machine, separators=(",", ":"), ensure_ascii=False).encode())
    if size > MAX_MACHINE_BYTES:
        yield Fault((), f"has {size:,} bytes; Step Functions takes {MAX_MACHINE_BYTES:,}")
    yield from _names(machine)
    yield from _scope(machine, ())


_OF_MACHINES = ("Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version")
_OF_SCOPES = ("Comment", "ProcessorConfig", "QueryLanguage", "StartAt", "States")


def _names(machine: Mapping[str, Any]) -> Iterator[Fault]:
    """A state's name has 1 to 80 characters and is unique in the whole machine, also over branches."""
    first: dict[str, At] = {}
    for name, at in _all_names(machine, ()):
        if len(name) > MAX_NAME_CHARACTERS:
            yield Fault(at, f"the name has {len(name)} characters; the limit is {MAX_NAME_CHARACTERS}")
        if not name:
            yield Fault(at, "a state needs a name")
        if name in first:
            yield Fault(at, f"the name is already used by {Fault(first[name], '').where}")
        first.setdefault(name, at)


def _all_names(scope: Any, at: At) -> Iterator[tuple[str, At]]:
    for name, state, state_at in _states_of(scope, at):
        yield name, state_at
        for inner, inner_at in states.inner_scopes(state, state_at):
            yield from _all_names(inner, inner_at)


def _states_of(scope: Any, at: At) -> Iterator[tuple[str, State, At]]:
    section = scope.get("States") if isinstance(scope, Mapping) else None
    for name, state in section.items() if isinstance(section, Mapping) else ():
        if isinstance(state, Mapping):
            yield name, state, (*at, "States", name)


def _scope(scope: Mapping[str, Any], at: At) -> Iterator[Fault]:
    """A machine, a branch of a Parallel, or the processor of a Map. Its states lead only to one another."""
    if at:
        yield from unknown_fields(scope, _OF_SCOPES, "a branch", at)
    yield from missing_fields(scope, ("StartAt", "States"), "a branch" if at else "a state machine", at)
    scope_states = scope.get("States", {})
    if not isinstance(scope_states, Mapping) or not scope_states:
        yield Fault((*at, "States"), "must be an object with at least one state")
        return
    for name, state in scope_states.items():
        if not isinstance(state, Mapping):
            yield Fault((*at, "States", name), "must be an object")
            continue
        yield from states.faults(state, (*at, "States", name))
        for inner, inner_at in states.inner_scopes(state, (*at, "States", name)):
            if isinstance(inner, Mapping):
                yield from _scope(inner, inner_at)
            else:
                yield Fault(inner_at, "must be an object")
    yield from _ways(scope, scope_states, at)


def _ways(scope: Mapping[str, Any], scope_states: Mapping[str, Any], at: At) -> Iterator[Fault]:
    """Every target exists; the start leads to every state; every state leads to an end."""
    ways = {
        name: list(states.targets(state, (*at, "States", name)))
        for name, state in scope_states.items()
        if isinstance(state, Mapping)
    }
    start = [(scope["StartAt"], (*at, "StartAt"))] if "StartAt" in scope else []
    for target, target_at in [*start, *(way for targets in ways.values() for way in targets)]:
        if not isinstance(target, str) or target not in scope_states:
            yield Fault(target_at, f"there is no state `{target}` here" + did_you_mean(str(target), scope_states))
    forth = {name: {str(target) for target, _ in targets} for name, targets in ways.items()}
    reached = _closure({str(target) for target, _ in start}, forth)
    for name in scope_states:
        if start and name not in reached:
            yield Fault((*at, "States", name), "is never reached")
    back: dict[str, set[str]] = {}
    for name, targets in forth.items():
        for target in targets:
            back.setdefault(target, set()).add(name)
    ending = _closure({name for name, state in scope_states.items() if states.ends(state)}, back)
    for name in scope_states:
        if name not in ending:
            yield Fault((*at, "States", name), "has no way to an end")


def _closure(start: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(start)
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead.extend(ways.get(name, ()))
    return reached
