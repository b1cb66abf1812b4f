"""Random graphs of steps: step id → the steps that it depends on."""

from __future__ import annotations

from hypothesis import strategies as st

Graph = dict[str, list[str]]


@st.composite
def series_parallel(draw: st.DrawFn, most: int = 12) -> Graph:
    """A random series-parallel graph, with some dependencies that others imply, in a random order of steps."""
    size = draw(st.integers(1, most))
    graph: Graph = {}

    def build(count: int, before: list[str]) -> list[str]:
        """Adds ``count`` steps that all come after ``before``; returns the last ones."""
        if count == 1:
            name = f"s{len(graph)}"
            graph[name] = list(before)
            return [name]
        left = draw(st.integers(1, count - 1))
        if draw(st.booleans()):
            return build(count - left, build(left, before) + draw(st.sampled_from([[], before])))
        return build(left, before) + build(count - left, before)

    build(size, [])
    return {name: list(dict.fromkeys(graph[name])) for name in draw(st.permutations(list(graph)))}


@st.composite
def acyclic(draw: st.DrawFn, most: int = 10) -> Graph:
    """Any graph without a cycle, in a random order of steps."""
    names = [f"s{number}" for number in range(draw(st.integers(1, most)))]
    density = draw(st.sampled_from([1, 2, 4]))
    graph = {
        name: [before for before in names[:position] if draw(st.integers(1, density)) == 1]
        for position, name in enumerate(names)
    }
    return {name: graph[name] for name in draw(st.permutations(names))}


def transitive(graph: Graph) -> set[tuple[str, str]]:
    """Every pair (earlier, later) that follows from the dependencies."""

    def before(name: str) -> set[str]:
        return {earlier for direct in graph[name] for earlier in {direct, *before(direct)}}

    return {(earlier, name) for name in graph for earlier in before(name)}
