"""Absurd: a task of steps. A pause is ``await_event``, which ends the task's run, its answer ``emit_event``."""

# mypy: disable-error-code="import-not-found"
# (The peer is in an environment of its own.)

from __future__ import annotations

from typing import Any

import psycopg
from absurd_sdk import Absurd as Client
from absurdctl import BUNDLED_SCHEMA_SQL

from bench.peers.engine import work
from bench.workloads import ALL


class Absurd:
    def __init__(self, url: str, *, prepares: bool) -> None:
        threshold = 5 if prepares else None  # 5 is psycopg's own
        self._connection = psycopg.connect(url, autocommit=True, prepare_threshold=threshold)
        self._connection.execute(BUNDLED_SCHEMA_SQL.encode())
        self._client = Client(self._connection, queue_name="bench")
        self._client.create_queue()
        self._ended = 0
        self._client.register_task("run")(self._task)

    def publish(self, workload: Any) -> None:
        pass  # its task reads the workload

    def run(self, workload: Any) -> None:
        before = self._ended
        task_id = self._client.spawn("run", {"workload": workload.name})["task_id"]
        self._client.work_batch()
        for step_id in workload.pauses:
            self._client.emit_event(f"{step_id} of {task_id}", "continue")
            self._client.work_batch()
        assert self._ended == before + 1

    def close(self) -> None:
        self._connection.close()

    def _task(self, parameters: Any, context: Any) -> int:
        workload, outputs = ALL[parameters["workload"]], dict[str, str]()
        for step_id, before in workload.steps.items():
            seen = [outputs[name] for name in before]
            outputs[step_id] = context.step(step_id, lambda step_id=step_id, seen=seen: work(workload, step_id, seen))
            if step_id in workload.pauses:
                assert context.await_event(f"{step_id} of {context.task_id}") == "continue"
        self._ended += 1
        return len(outputs)
