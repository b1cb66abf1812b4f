"""A discrete-event simulation of compiled state machines: computes when each step would run.

It executes the compiler's ASL on a simulated clock, and simulates the record at the gates: a step passes when its
dependencies are done and a place is free; the step with the longest remaining path goes first. No step fails, every
child starts, and every decision is an immediate `continue`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from baton.plan import Plan

State = Mapping[str, Any]
Then = Callable[[], None]

# The states' data when no step fails.
_DATA = {"$.outcome.status": "checkpoint", "$.child.answer.status": "start", "$.review.decision": "continue"}
_WORK = ("run", "item")


@dataclass
class SimulationResult:
    """``began`` and ``ended`` are by step id, in seconds; ``max_at_once`` is the most
    steps that were at work at the same time."""

    makespan: float = 0.0
    transitions: int = 0
    began: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    max_at_once: int = 0
    runs: int = 0


def simulate(
    machine: State, plan: Plan, seconds: Mapping[str, float], *, overhead: float = 0.0, items: int = 3
) -> SimulationResult:
    """Run ``machine``. ``seconds`` is the work of each step.

    Args:
        overhead: seconds of each state without its work.
        items: the number of items of every ``for_each``; each item takes its step's seconds.
    """
    simulation = _Simulation(plan, seconds, overhead, items)
    simulation.start(machine)
    return simulation.result


class _Simulation:
    def __init__(self, plan: Plan, seconds: Mapping[str, float], overhead: float, items: int) -> None:
        self._plan = plan
        self._seconds = seconds
        self._overhead = overhead
        self._items = items
        self._now = 0.0
        self._due: list[tuple[float, int, Then]] = []
        self._order = count()
        self._at_gates: dict[str, Then] = {}
        self._in_place: set[str] = set()
        self._done: set[str] = set()
        self.result = SimulationResult()

    def start(self, machine: State) -> None:
        finished: list[float] = []
        self._enter(machine, machine["StartAt"], lambda: finished.append(self._now))
        while self._due:
            self._now, _, then = heapq.heappop(self._due)
            then()
        if not finished:
            raise RuntimeError(f"the execution is stuck at the gates of {', '.join(self._at_gates)}")
        self.result.makespan = finished[0]

    def _later(self, seconds: float, then: Then) -> None:
        heapq.heappush(self._due, (self._now + seconds, next(self._order), then))

    # --- states -----------------------------------------------------------------------------------------------------

    def _enter(self, scope: State, name: str, finished: Then) -> None:
        self.result.transitions += 1
        state = scope["States"][name]

        def leave() -> None:
            if state.get("End") or state["Type"] == "Succeed":
                finished()
            else:
                self._enter(scope, _next(state), finished)

        self._later(self._overhead, lambda: self._do(name, state, leave))

    def _do(self, name: str, state: State, leave: Then) -> None:
        match state["Type"]:
            case "Task":
                self._task(name, state, leave)
            case "Parallel":
                self._all([(branch, branch["StartAt"]) for branch in state["Branches"]], leave)
            case "Map":
                self._all([(state["ItemProcessor"], state["ItemProcessor"]["StartAt"])] * self._items, leave)
            case _:
                leave()

    def _all(self, entries: list[tuple[State, str]], leave: Then) -> None:
        left = [len(entries)]

        def finished() -> None:
            left[0] -= 1
            if left[0] == 0:
                leave()

        for scope, name in entries:
            self._enter(scope, name, finished)

    # --- what the functions do --------------------------------------------------------------------------------------

    def _task(self, name: str, state: State, leave: Then) -> None:
        if state["Resource"].endswith("startExecution.sync:2"):  # this state is named like its step
            self._later(self._seconds[name], leave)
            return
        payload = state["Parameters"]["Payload"]
        step_id = payload["step_id"]
        if "Gate" in state["Parameters"]["FunctionName"]:
            self._at_gates[step_id] = leave
            self._advance()
        elif "Checkpoint" in state["Parameters"]["FunctionName"]:
            self._finish(step_id)
            leave()
        else:
            self._work(step_id, payload["action"], leave)

    def _work(self, step_id: str, action: str, leave: Then) -> None:
        if action in ("run", "expand", "prepare"):
            self._begin(step_id)

        def ended() -> None:
            if action in ("run", "gather", "collect"):
                self._end(step_id)
            leave()

        self._later(self._seconds[step_id] if action in _WORK else 0.0, ended)

    def _begin(self, step_id: str) -> None:
        self.result.runs += 1
        self.result.began[step_id] = self._now
        self._in_place.add(step_id)
        self.result.max_at_once = max(self.result.max_at_once, len(self._in_place))

    def _end(self, step_id: str) -> None:
        self.result.ended[step_id] = self._now
        self._in_place.discard(step_id)  # a checkpoint holds no place
        if self._plan.step(step_id).checkpoint is None:
            self._finish(step_id)
        self._advance()

    def _finish(self, step_id: str) -> None:
        self._done.add(step_id)
        self._advance()

    def _advance(self) -> None:
        """Release the gates of all steps that may begin, the longest remaining path first."""
        ready = [self._plan.step(step_id) for step_id in self._at_gates]
        for step in sorted(ready, key=lambda step: (-step.priority, step.index)):
            if self._done.issuperset(step.depends_on) and self._has_place():
                self._in_place.add(step.id)
                self._later(0.0, self._at_gates.pop(step.id))

    def _has_place(self) -> bool:
        return self._plan.max_parallel is None or len(self._in_place) < self._plan.max_parallel


def _next(state: State) -> str:
    if state["Type"] != "Choice":
        return str(state["Next"])
    for choice in state["Choices"]:
        if _DATA[choice["Variable"]] == choice["StringEquals"]:
            return str(choice["Next"])
    return str(state["Default"])
