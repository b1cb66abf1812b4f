"""Reviews: people ask for a retry of a step with notes and modifications, and the step's agent gets them.

A review is ``{"notes", "modifications"}``, as the record keeps it. A step has one for each retry, the oldest first. A
modification with the name of a parameter overrides it for the whole run. Any other modification changes the step's
input in this retry and in all later ones, until a later review changes the same place. ``declared`` are the names of
the parameters that the definition declares.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from baton import templating
from baton.merge import deep_merge
from baton.plan import Child, Step

MAX_EARLIER_REVIEWS = 49  # that an agent gets beside the newest
MAX_PATHS = 200  # of one review

Review = Mapping[str, Any]


def input_changes(declared: Collection[str], reviews: Sequence[Review]) -> dict[str, Any]:
    """The changes of the input by all reviews. If two change the same place, the later one counts."""
    changes: dict[str, Any] = {}
    for review in reviews:
        changes = deep_merge(changes, _changes(declared, review))
    return changes


def for_agent(
    declared: Collection[str], step: Step, reviews: Sequence[Review], reviewed_attempt: Any
) -> dict[str, Any]:
    """``review`` of the agent contract (see ``agents.contract.Review``). There is at least one review."""
    *before, newest = reviews
    earlier = [
        _notes_and_paths(declared, step, review)
        for review in before
        if review.get("notes") or review.get("modifications")
    ]
    return {
        **_notes_and_paths(declared, step, newest),
        "modifications": newest.get("modifications") or {},
        "previousAttempt": reviewed_attempt,
        "earlier": earlier[-MAX_EARLIER_REVIEWS:],
        "earlierLeftOut": max(0, len(earlier) - MAX_EARLIER_REVIEWS),
    }


def for_child(
    declared: Collection[str], child: Child, reviews: Sequence[Review], parameters: Mapping[str, Any]
) -> list[Review]:
    """The reviews of an orchestration step for the first steps of its child run. Their modifications have the names of
    the child's parameters. ``parameters`` are those of the child's launch."""
    child_reviews: list[Review] = []
    for review in reviews:
        overridden = _overridden(declared, review)
        reached = {name for name, template in child.parameters.items() if _reads(template, overridden)}
        reached |= set(_changes(declared, review).get("parameters") or {})
        modified = {name: value for name, value in parameters.items() if name in reached}
        child_reviews.append({"notes": review.get("notes"), "modifications": modified})
    return child_reviews


def _notes_and_paths(declared: Collection[str], step: Step, review: Review) -> dict[str, Any]:
    paths = sorted({".".join(map(str, path)) for path in _modified(declared, step, review)})
    return {"notes": review.get("notes"), "modifiedPaths": paths[:MAX_PATHS]}


def _modified(declared: Collection[str], step: Step, review: Review) -> Iterator[templating.Path]:
    """The places in the step's input that the review changes: directly, through a parameter, or through the item of a
    list that a parameter changes."""
    yield from _leaves(_changes(declared, review))
    names = _overridden(declared, review)
    if step.for_each and _reads(step.for_each.items, names):
        names |= {step.for_each.name}
    for placeholder in templating.placeholders(step.input):
        if _is_named(placeholder, names):
            yield placeholder.path


def _changes(declared: Collection[str], review: Review) -> dict[str, Any]:
    modifications = review.get("modifications") or {}
    return {name: value for name, value in modifications.items() if name not in declared}


def _overridden(declared: Collection[str], review: Review) -> frozenset[str]:
    return frozenset(name for name in review.get("modifications") or {} if name in declared)


def _reads(template: Any, parameters: frozenset[str]) -> bool:
    return any(_is_named(placeholder, parameters) for placeholder in templating.placeholders(template))


def _is_named(placeholder: templating.Placeholder, names: frozenset[str]) -> bool:
    reference = templating.parse_reference(placeholder)
    return isinstance(reference, templating.NameReference) and reference.name in names


def _leaves(value: Any, path: templating.Path = ()) -> Iterator[templating.Path]:
    """The paths to all values except objects with members."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif path:
        yield path
