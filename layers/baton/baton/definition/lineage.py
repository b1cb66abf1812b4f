"""How definitions run one another: never in a circle, and at most ``MAX_LEVELS`` deep, the launched one included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from baton.definition.problems import Path
from baton.plan import Plan

MAX_LEVELS = 5

ChildVersion = tuple[str, str | None]
"""A definition by name and version; without one, the newest."""

Versions = Mapping[tuple[str, str], tuple[ChildVersion, ...]]
"""What each version of each definition runs."""


def problems(plan: Plan, known: Mapping[str, Plan], versions: Versions | None = None) -> Iterator[tuple[Path, str]]:
    """Place and message of every orchestration step of ``plan`` that leads into a circle or too deep down.

    ``known`` has the newest of the other definitions by name, ``plan`` itself need not be among them; those that are
    not known end the search. A step that pins a version which is not among ``versions`` counts as the newest.
    """
    library = _Library({**known, plan.name: plan}, versions or {})
    for step in plan.steps:
        if step.child is None:
            continue
        path: Path = ("orchestration", "steps", step.index, "orchestration", "name")
        way = library.longest_way((step.child.name, step.child.version), (plan.name,))
        if way[-1] in way[:-1]:
            yield path, "the orchestrations run each other in a circle: " + " → ".join(way)
        elif len(way) > MAX_LEVELS:
            yield path, f"orchestrations nest at most {MAX_LEVELS} deep, and this is too deep: " + " → ".join(way)


class _Library:
    def __init__(self, known: Mapping[str, Plan], versions: Versions) -> None:
        self._known = known
        self._versions = versions

    def longest_way(self, wanted: ChildVersion, above: tuple[str, ...]) -> tuple[str, ...]:
        """The names on the longest way down from there, or on the first that comes back to a name on it."""
        way = (*above, wanted[0])
        if wanted[0] in above or len(way) > MAX_LEVELS:
            return way
        longest = way
        for child in self._run_by(wanted):
            further = self.longest_way(child, way)
            if further[-1] in further[:-1]:
                return further
            longest = max(longest, further, key=len)
        return longest

    def _run_by(self, wanted: ChildVersion) -> tuple[ChildVersion, ...]:
        name, version = wanted
        if version is not None and (name, version) in self._versions:
            return self._versions[name, version]
        if name not in self._known:
            return ()
        children = [step.child for step in self._known[name].steps if step.child is not None]
        return tuple(dict.fromkeys((child.name, child.version) for child in children))
