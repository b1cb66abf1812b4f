"""Retry and Catch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baton.suggestions import did_you_mean
from cli.authoring.checker import paths
from cli.authoring.checker.faults import At, Fault, missing_fields, unknown_fields, whole_number

ALL = "States.ALL"
# The error names of Step Functions itself. Every other name comes from the called service or function.
RESERVED = frozenset(
    f"States.{name}"
    for name in (
        "ALL BranchFailed DataLimitExceeded ExceedToleratedFailureThreshold HeartbeatTimeout Http.Socket "
        "IntrinsicFailure ItemReaderFailed NoChoiceMatched ParameterPathFailure Permissions ResultPathMatchFailure "
        "ResultWriterFailed Runtime TaskFailed Timeout"
    ).split()
)
_RETRIER = (
    "ErrorEquals",
    "IntervalSeconds",
    "MaxAttempts",
    "BackoffRate",
    "MaxDelaySeconds",
    "JitterStrategy",
    "Comment",
)
_CATCHER = ("ErrorEquals", "Next", "ResultPath", "Comment")
MAX_DELAY_SECONDS = 31_622_400  # seconds


def faults(state: Mapping[str, Any], at: At) -> Iterator[Fault]:
    for name, check in (("Retry", _retrier), ("Catch", _catcher)):
        if name not in state:
            continue
        rules = state[name]
        if not isinstance(rules, list):
            yield Fault((*at, name), "must be a list")
            continue
        for index, rule in enumerate(rules):
            if isinstance(rule, Mapping):
                yield from check(rule, (*at, name, index))
            else:
                yield Fault((*at, name, index), "must be an object")
        yield from _error_names(rules, (*at, name))


def _error_names(rules: list[Any], at: At) -> Iterator[Fault]:
    """The first rule with a name handles the error, so a name may stand once, and ``States.ALL`` stands last."""
    first_rules: dict[str, int] = {}
    for index, rule in enumerate(rules):
        errors = rule.get("ErrorEquals") if isinstance(rule, Mapping) else None
        place = (*at, index, "ErrorEquals")
        if not isinstance(errors, list) or not errors or not all(isinstance(error, str) for error in errors):
            yield Fault(place, "must be a list of at least one error name")
            continue
        if ALL in errors and len(errors) > 1:
            yield Fault(place, f"`{ALL}` must stand alone")
        if ALL in errors and index + 1 < len(rules):
            yield Fault(place, f"`{ALL}` must be in the last rule: those after it never apply")
        for error in errors:
            if error in first_rules:
                yield Fault(place, f"`{error}` is already in {at[-1]}[{first_rules[error]}]")
            first_rules.setdefault(error, index)
            if error.startswith("States.") and error not in RESERVED:
                yield Fault(place, f"Step Functions raises no `{error}`" + did_you_mean(error, RESERVED))


def _retrier(rule: Mapping[str, Any], at: At) -> Iterator[Fault]:
    yield from unknown_fields(rule, _RETRIER, "a retrier", at)
    yield from whole_number(rule, "IntervalSeconds", 1, 99_999_999, at)
    yield from whole_number(rule, "MaxAttempts", 0, 99_999_999, at)
    yield from whole_number(rule, "MaxDelaySeconds", 1, MAX_DELAY_SECONDS, at)
    rate = rule.get("BackoffRate", 2.0)
    if not isinstance(rate, int | float) or isinstance(rate, bool) or not rate >= 1:
        yield Fault((*at, "BackoffRate"), f"must be a number from 1 on, not {rate!r}")
    interval, longest = rule.get("IntervalSeconds", 1), rule.get("MaxDelaySeconds")
    if isinstance(interval, int) and isinstance(longest, int) and longest <= interval:
        yield Fault((*at, "MaxDelaySeconds"), f"must be above `IntervalSeconds` ({interval})")
    if rule.get("JitterStrategy", "NONE") not in ("FULL", "NONE"):
        yield Fault((*at, "JitterStrategy"), "must be FULL or NONE")


def _catcher(rule: Mapping[str, Any], at: At) -> Iterator[Fault]:
    yield from unknown_fields(rule, _CATCHER, "a catcher", at)
    yield from missing_fields(rule, ("Next",), "a catcher", at)
    if rule.get("ResultPath") is not None:
        yield from paths.reference_faults(rule["ResultPath"], (*at, "ResultPath"))
