"""Checks which definitions run which: never in a circle, and at most ``MAX_LEVELS`` deep, with the launched one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from baton.definition.problems import Path
from baton.plan import Plan

MAX_LEVELS = 5

ChildVersion = tuple[str, str | None]
"""A definition by name and version; without one, the newest."""

Versions = Mapping[tuple[str, str], tuple[ChildVersion, ...]]
"""(name, version) of a definition → the children that it runs."""


def problems(plan: Plan, known: Mapping[str, Plan], versions: Versions | None = None) -> Iterator[tuple[Path, str]]:
    """Place and message of every orchestration step of ``plan`` that leads into a circle or too deep.

    ``known`` is name → newest plan, and need not contain ``plan``. The search ends at an unknown definition. A step
    with a version that is not in ``versions`` counts as a step with the newest.
    """
    library = _Library({**known, plan.name: plan}, versions or {})
    for step in plan.steps:
        if step.child is None:
            continue
        path: Path = ("orchestration", "steps", step.index, "orchestration", "name")
        names = library.longest_path((step.child.name, step.child.version), (plan.name,))
        if names[-1] in names[:-1]:
            yield path, "the orchestrations run each other in a circle: " + " → ".join(names)
        elif len(names) > MAX_LEVELS:
            yield path, f"orchestrations nest at most {MAX_LEVELS} deep, and this is too deep: " + " → ".join(names)


class _Library:
    def __init__(self, known: Mapping[str, Plan], versions: Versions) -> None:
        self._known = known
        self._versions = versions

    def longest_path(self, start: ChildVersion, above: tuple[str, ...]) -> tuple[str, ...]:
        """The names on the longest path down, after those ``above``. If a path comes back to one of its names, the
        first such path."""
        names = (*above, start[0])
        if start[0] in above or len(names) > MAX_LEVELS:
            return names
        longest = names
        for child in self._children(start):
            path = self.longest_path(child, names)
            if path[-1] in path[:-1]:
                return path
            longest = max(longest, path, key=len)
        return longest

    def _children(self, parent: ChildVersion) -> tuple[ChildVersion, ...]:
        name, version = parent
        if version is not None and (name, version) in self._versions:
            return self._versions[name, version]
        if name not in self._known:
            return ()
        children = [step.child for step in self._known[name].steps if step.child is not None]
        return tuple(dict.fromkeys((child.name, child.version) for child in children))
