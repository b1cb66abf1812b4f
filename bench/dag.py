"""``make bench``: compares the makespan of compiled machines with the critical path, and counts their transitions.

Random graphs of 5 to 60 steps are compiled and simulated. For comparison, the same steps run in waves (all steps of one
level before the next level), and nested with barriers where steps do not nest. The work of a step takes 2 to 60
seconds, a state itself 25 ms. ``python -m bench.dag [--graphs 200] [--seed 1]``
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from statistics import mean
from time import perf_counter

from baton.compiler import asl_text, compile_machine
from baton.compiler.machine import Machine, write_machine
from baton.compiler.nesting import Nest, in_sequence, nest, side_by_side
from baton.compiler.order import Order, Steps, members, order_of
from baton.compiler.shape import Shape, shape_of
from baton.plan import Plan
from bench.graphs import Graph, plan_of_graph, random_graph
from bench.simulation import SimulationResult, simulate

OVERHEAD = 0.025  # seconds of a state without its work
STEPS = 150  # of the graphs that are compiled: a reviewed chain of more could exceed the history of an execution

Compiler = Callable[[Plan], Machine]


@dataclass(frozen=True)
class Case:
    graph: Graph
    seconds: Mapping[str, float]

    @property
    def critical_path(self) -> float:
        """Seconds of work on the longest path."""
        ends: dict[str, float] = {}
        for name, before in self.graph.items():  # dependencies of a step stand before it
            ends[name] = self.seconds[name] + max((ends[one] for one in before), default=0.0)
        return max(ends.values())

    def run(self, compiler: Compiler, max_parallel: int | None = None) -> SimulationResult:
        plan = plan_of_graph(self.graph, max_parallel)
        return simulate(compiler(plan).asl, plan, self.seconds, overhead=OVERHEAD)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.dag", description=__doc__)
    parser.add_argument("--graphs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    random = Random(options.seed)
    cases = [_case(random) for _ in range(options.graphs)]
    _unlimited(cases)
    _limited(cases)
    _compile_times(random)
    return 0


def waves(plan: Plan) -> Machine:
    """Level after level, each as a Parallel."""
    order = order_of(plan)
    return write_machine(plan, Shape(_levels(plan, order, order.all), frozenset()))


def barriers(plan: Plan) -> Machine:
    """Nested where that is exact, level after level where it is not."""
    order = order_of(plan)
    return write_machine(plan, Shape(nest(plan, order, lambda steps: _levels(plan, order, steps)), frozenset()))


def _levels(plan: Plan, order: Order, steps: Steps) -> Nest:
    levels: list[Nest] = []
    while steps:
        level = [index for index in members(steps) if not order.before[index] & steps]
        levels.append(side_by_side([plan.steps[index] for index in level]))
        steps &= ~sum(1 << index for index in level)
    return in_sequence(levels)


def _case(random: Random) -> Case:
    graph = random_graph(random, random.randint(5, 60))
    return Case(graph, {name: random.uniform(2, 60) for name in graph})


def _unlimited(cases: list[Case]) -> None:
    gated = sum(bool(shape_of(plan_of_graph(case.graph)).gated) for case in cases)
    print(f"{len(cases)} graphs of 5 to 60 steps, {gated} of them not series-parallel\n")
    print("                        makespan ÷ critical path     billed transitions a step")
    print("                          mean    worst                mean    worst")
    for name, compiler in (
        ("waves", waves),
        ("nested + barriers", barriers),
        ("nested + gates (ours)", compile_machine),
    ):
        runs = [(case, case.run(compiler)) for case in cases]
        stretch = [run.makespan / case.critical_path for case, run in runs]
        cost = [run.transitions / len(case.graph) for case, run in runs]
        print(f"{name:24}{mean(stretch):8.3f} {max(stretch):8.3f} {mean(cost):19.2f} {max(cost):8.2f}")


def _limited(cases: list[Case]) -> None:
    print("\nwith maxParallel        makespan ÷ lower bound*      billed transitions a step      most at once")
    for limit in (1, 2, 4, 8):
        runs = [(case, case.run(compile_machine, limit)) for case in cases]
        bounds = [max(case.critical_path, sum(case.seconds.values()) / limit) for case in cases]
        stretch = [run.makespan / bound for (_, run), bound in zip(runs, bounds, strict=True)]
        cost = mean(run.transitions / len(case.graph) for case, run in runs)
        most = max(run.max_at_once for _, run in runs)
        print(f"{limit:<24}{mean(stretch):8.3f} {max(stretch):8.3f} {cost:19.2f} {most:22}")
    print("* the longer of the critical path and (all work ÷ places); perhaps no schedule reaches it")


def compiled_graphs(random: Random) -> dict[str, Graph]:
    return {
        "chain": {f"s{n}": [f"s{n - 1}"] if n else [] for n in range(STEPS)},
        "side by side": {f"s{n}": [] for n in range(STEPS)},
        "ladder of crossings": {f"s{n}": [f"s{m}" for m in (n - 2, n - 3) if m >= 0] for n in range(STEPS)},
        "any": {f"s{n}": [f"s{m}" for m in range(n) if random.random() < 0.02] for n in range(STEPS)},
        "dense": {f"s{n}": [f"s{m}" for m in range(n) if random.random() < 0.3] for n in range(STEPS)},
    }


def _compile_times(random: Random) -> None:
    print(f"\n{STEPS} steps               compile, ms     with checkpoints and maxParallel 3, ms      bytes")
    for name, graph in compiled_graphs(random).items():
        plain, _ = _compile_time(plan_of_graph(graph))
        full, size = _compile_time(plan_of_graph(graph, max_parallel=3, reviewed=True))
        print(f"{name:24}{plain:11.0f} {full:43.0f} {size:10,}")


def _compile_time(plan: Plan) -> tuple[float, int]:
    """Milliseconds, the best of three, and the size of the text."""
    times = []
    for _ in range(3):
        began = perf_counter()
        machine = compile_machine(plan)
        times.append(perf_counter() - began)
    return min(times) * 1000, len(asl_text(machine).encode())


if __name__ == "__main__":
    raise SystemExit(main())
