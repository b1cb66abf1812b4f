"""LangGraph with its checkpointer for Postgres. A pause is ``interrupt``, its answer ``Command(resume=…)``."""

# mypy: disable-error-code="import-not-found"
# (The peer is in an environment of its own.)

from __future__ import annotations

import uuid
from typing import Any

from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from psycopg import Connection
from psycopg.rows import dict_row
from typing_extensions import TypedDict

from bench.peers.engine import work
from bench.workloads import Workload


class LangGraph:
    def __init__(self, url: str, *, prepares: bool) -> None:
        threshold = 0 if prepares else None  # 0 is LangGraph's own
        self._connection = Connection.connect(url, autocommit=True, prepare_threshold=threshold, row_factory=dict_row)
        self._saver = PostgresSaver(self._connection)
        self._saver.setup()
        self._graphs: dict[str, Any] = {}

    def publish(self, workload: Workload) -> None:
        graph = StateGraph(_state(workload))
        for step_id, before in workload.steps.items():
            graph.add_node(step_id, _node(workload, step_id))
            graph.add_edge(list(before) if before else START, step_id)
        for step_id in workload.steps:
            if not any(step_id in before for before in workload.steps.values()):
                graph.add_edge(step_id, END)
        self._graphs[workload.name] = graph.compile(checkpointer=self._saver)

    def run(self, workload: Workload) -> None:
        graph = self._graphs[workload.name]
        config = {"configurable": {"thread_id": str(uuid.uuid4())}, "recursion_limit": 1000}
        state = graph.invoke({}, config, durability="sync")
        while "__interrupt__" in state:
            state = graph.invoke(Command(resume="continue"), config, durability="sync")
        assert set(workload.steps) <= state.keys()

    def close(self) -> None:
        self._connection.close()


def _state(workload: Workload) -> Any:
    """A channel for each step's output."""
    make: Any = TypedDict
    return make("State", dict.fromkeys(workload.steps, str), total=False)


def _node(workload: Workload, step_id: str) -> Any:
    before = workload.steps[step_id]

    def node(state: dict[str, str]) -> dict[str, str]:
        if workload.pauses.intersection(before):
            assert interrupt("Good?") == "continue"
        return {step_id: work(workload, step_id, [state[name] for name in before])}

    return node
