"""How definitions run one another: never in a circle, and at most ``MOST_LEVELS`` deep, the launched one included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from baton.definition.problems import Path
from baton.plan import Plan

MOST_LEVELS = 5


def problems(plan: Plan, known: Mapping[str, Plan]) -> Iterator[tuple[Path, str]]:
    """Place and message of every orchestration step of ``plan`` that leads into a circle or too deep down.

    ``known`` has the other definitions by name, ``plan`` itself need not be among them; those that are not known end
    the search. A step that pins another version of a definition counts as that definition: versions come and go.
    """
    others = {**known, plan.name: plan}
    for step in plan.steps:
        if step.child is None:
            continue
        path: Path = ("orchestration", "steps", step.index, "orchestration", "name")
        way = _longest_way(step.child.name, (plan.name,), others)
        if way[-1] in way[:-1]:
            yield path, "the orchestrations run each other in a circle: " + " → ".join(way)
        elif len(way) > MOST_LEVELS:
            yield path, f"orchestrations nest at most {MOST_LEVELS} deep, and this is too deep: " + " → ".join(way)


def _longest_way(name: str, above: tuple[str, ...], known: Mapping[str, Plan]) -> tuple[str, ...]:
    """The names on the longest way down from ``name``, or on the first that comes back to a name on it."""
    way = (*above, name)
    if name in above or len(way) > MOST_LEVELS or name not in known:
        return way
    longest = way
    for child in dict.fromkeys(step.child.name for step in known[name].steps if step.child is not None):
        further = _longest_way(child, way, known)
        if further[-1] in further[:-1]:
            return further
        longest = max(longest, further, key=len)
    return longest
