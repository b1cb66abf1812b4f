"""The fields of each type of state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baton.suggestions import did_you_mean
from cli.authoring.checker import choices, failures, paths, tasks, templates
from cli.authoring.checker.faults import At, Fault, missing_fields, moment, text, unknown_fields, whole_number

State = Mapping[str, Any]

_EVERY = ("Type", "Comment", "QueryLanguage")
_IN_AND_OUT = ("InputPath", "OutputPath")
_WAY_OUT = ("Next", "End")
_RESULT = ("ResultPath", "ResultSelector", "Parameters", "Retry", "Catch")
_DISTRIBUTED = (
    "ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount", "ToleratedFailurePercentage",
    "ToleratedFailureCountPath", "ToleratedFailurePercentagePath",
)  # fmt: skip
FIELDS: Mapping[str, tuple[str, ...]] = {
    "Pass": (*_EVERY, *_IN_AND_OUT, *_WAY_OUT, "Result", "ResultPath", "Parameters"),
    "Task": (*_EVERY, *_IN_AND_OUT, *_WAY_OUT, *_RESULT, *tasks.FIELDS),
    "Choice": (*_EVERY, *_IN_AND_OUT, "Choices", "Default"),
    "Wait": (*_EVERY, *_IN_AND_OUT, *_WAY_OUT, "Seconds", "Timestamp", "SecondsPath", "TimestampPath"),
    "Succeed": (*_EVERY, *_IN_AND_OUT),
    "Fail": (*_EVERY, "Error", "Cause", "ErrorPath", "CausePath"),
    "Parallel": (*_EVERY, *_IN_AND_OUT, *_WAY_OUT, *_RESULT, "Branches"),
    "Map": (
        *_EVERY, *_IN_AND_OUT, *_WAY_OUT, *_RESULT, "ItemProcessor", "Iterator", "ItemsPath", "ItemSelector",
        "MaxConcurrency", "MaxConcurrencyPath", *_DISTRIBUTED,
    ),
}  # fmt: skip
_REQUIRED: Mapping[str, tuple[str, ...]] = {"Task": ("Resource",), "Choice": ("Choices",), "Parallel": ("Branches",)}
_WAITS = ("Seconds", "Timestamp", "SecondsPath", "TimestampPath")


def faults(state: State, at: At) -> Iterator[Fault]:
    """Faults of one state. ``machine`` checks its transitions."""
    kind = str(state.get("Type"))
    if kind not in FIELDS:
        yield Fault((*at, "Type"), f"there is no type of state `{kind}`" + did_you_mean(kind, FIELDS))
        return
    what = f"a state of type {kind}"
    yield from unknown_fields(state, FIELDS[kind], what, at)
    yield from missing_fields(state, _REQUIRED.get(kind, ()), what, at)
    yield from text(state, "Comment", at)
    if state.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield Fault((*at, "QueryLanguage"), "only JSONPath can be checked here")
    if "Next" in FIELDS[kind]:
        yield from _way_out(state, at)
    for name in ("InputPath", "OutputPath"):
        if state.get(name) is not None:
            yield from paths.path_faults(state[name], (*at, name))
    if state.get("ResultPath") is not None:
        yield from paths.reference_faults(state["ResultPath"], (*at, "ResultPath"))
    yield from templates.faults(state, at)
    yield from failures.faults(state, at)
    yield from _OF_TYPE.get(kind, _nothing)(state, at)


def targets(state: State, at: At) -> Iterator[tuple[Any, At]]:
    """The names that the state leads to, each with its place."""
    for name in ("Next", "Default"):
        if name in state:
            yield state[name], (*at, name)
    for name in ("Choices", "Catch"):
        rules = state.get(name)
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            if isinstance(rule, Mapping) and "Next" in rule:
                yield rule["Next"], (*at, name, index, "Next")


def ends(state: Any) -> bool:
    return isinstance(state, Mapping) and (state.get("End") is True or state.get("Type") in ("Succeed", "Fail"))


def inner_scopes(state: State, at: At) -> Iterator[tuple[Any, At]]:
    """The branches of a Parallel and the processor of a Map."""
    branches = state.get("Branches")
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        yield branch, (*at, "Branches", index)
    for name in ("ItemProcessor", "Iterator"):
        if name in state:
            yield state[name], (*at, name)


def _way_out(state: State, at: At) -> Iterator[Fault]:
    if "Next" in state and "End" in state:
        yield Fault(at, "has both `Next` and `End`; keep one of them")
    elif "Next" not in state and "End" not in state:
        yield Fault(at, "has neither `Next` nor `End`")
    elif "End" in state and state["End"] is not True:
        yield Fault((*at, "End"), "must be true or missing")


def _wait(state: State, at: At) -> Iterator[Fault]:
    names = [name for name in _WAITS if name in state]
    if len(names) != 1:
        yield Fault(at, "must have exactly one of " + ", ".join(f"`{name}`" for name in _WAITS))
    yield from whole_number(state, "Seconds", 0, 99_999_999, at)
    if "Timestamp" in state:
        yield from moment(state["Timestamp"], (*at, "Timestamp"))
    for name in ("SecondsPath", "TimestampPath"):
        if name in state:
            yield from paths.reference_faults(state[name], (*at, name), context=True)


def _fail(state: State, at: At) -> Iterator[Fault]:
    for name in ("Error", "Cause"):
        yield from text(state, name, at)
        yield from _one_of(name, state, at)


def _one_of(name: str, state: State, at: At) -> Iterator[Fault]:
    if name in state and f"{name}Path" in state:
        yield Fault((*at, name), f"`{name}` and `{name}Path` exclude each other")


def _parallel(state: State, at: At) -> Iterator[Fault]:
    if not isinstance(state.get("Branches"), list) or not state["Branches"]:
        yield Fault((*at, "Branches"), "must be a list of at least one branch")


def _map(state: State, at: At) -> Iterator[Fault]:
    if ("ItemProcessor" in state) == ("Iterator" in state):
        yield Fault(at, "a state of type Map needs `ItemProcessor` (or the older `Iterator`)")
    if "ItemSelector" in state and "Parameters" in state:
        yield Fault((*at, "Parameters"), "`ItemSelector` replaces `Parameters`")
    yield from whole_number(state, "MaxConcurrency", 0, 99_999_999, at)
    yield from _one_of("MaxConcurrency", state, at)
    if "ItemsPath" in state:
        yield from paths.reference_faults(state["ItemsPath"], (*at, "ItemsPath"), context=True)
    processor = state.get("ItemProcessor")
    if isinstance(processor, Mapping) and "ProcessorConfig" in processor:
        yield from _processor_config(processor["ProcessorConfig"], (*at, "ItemProcessor", "ProcessorConfig"))
    if not _is_distributed(processor):
        for name in _DISTRIBUTED:
            if name in state:
                yield Fault((*at, name), "is for a Map whose `Mode` is DISTRIBUTED")


def _is_distributed(processor: Any) -> bool:
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    return isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED"


def _processor_config(config: Any, at: At) -> Iterator[Fault]:
    if not isinstance(config, Mapping):
        yield Fault(at, "must be an object")
        return
    yield from unknown_fields(config, ("Mode", "ExecutionType"), "a processor's configuration", at)
    mode = config.get("Mode", "INLINE")
    if mode not in ("INLINE", "DISTRIBUTED"):
        yield Fault(at, "`Mode` must be INLINE or DISTRIBUTED")
    elif mode == "DISTRIBUTED" and config.get("ExecutionType") not in ("STANDARD", "EXPRESS"):
        yield Fault(at, "`ExecutionType` must be STANDARD or EXPRESS when `Mode` is DISTRIBUTED")


def _nothing(state: State, at: At) -> Iterator[Fault]:
    yield from ()


_OF_TYPE = {
    "Task": tasks.faults,
    "Choice": choices.faults,
    "Wait": _wait,
    "Fail": _fail,
    "Parallel": _parallel,
    "Map": _map,
}
