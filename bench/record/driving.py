"""Launches runs and drives them like their state machines, one step after the other."""

from __future__ import annotations

import json
import uuid
from itertools import cycle
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from baton.compiler import make_plan
from baton.definition.models import Definition
from baton.model import Decision, Principal
from baton.usecases.approvals import DecisionRequest
from baton.usecases.launch_run import LaunchRequest
from bench.record.functions import Functions
from bench.workloads import Workload, definition, text

ORGANIZATION = "bench"
ANSWERS = 32  # the number of different answers


class Driver:
    """Drives runs in its own organisation, which ``prepare`` creates."""

    def __init__(self, functions: Functions, owner_url: str) -> None:
        self.functions = functions
        self._owner: psycopg.Connection[Any] = psycopg.connect(owner_url, autocommit=True, prepare_threshold=None)
        self._caller = Principal(str(uuid.uuid5(uuid.NAMESPACE_URL, ORGANIZATION)))

    def prepare(self) -> None:
        organization = "select id from organizations where slug = 'bench'"
        self._owner.execute("insert into organizations (slug, name) values (%s, 'Bench')", (ORGANIZATION,))
        self._owner.execute(
            "insert into organization_members (organization_id, user_id, roles)"
            f" values (({organization}), %s, array['operator', 'approver'])",
            (self._caller.user_id,),
        )
        self._owner.execute(
            "insert into agents (organization_id, slug, display_name, kind, transport)"
            f" values (({organization}), 'worker', 'Worker', 'agent', %s)",
            (Jsonb({"type": "lambda", "function": "worker"}),),
        )

    def publish(self, workload: Workload) -> None:
        plan = make_plan(Definition.model_validate(definition(workload)), owner="manager")
        self._owner.execute(
            "insert into orchestration_definitions (organization_id, name, version, display_name, owner_agent_slug,"
            " source, plan, digest) select id, %s, %s, %s, 'manager', '', %s, 'digest' from organizations"
            " where slug = 'bench'",
            (plan.name, plan.version, plan.display_name, Jsonb(plan.to_json())),
        )
        self.answer_with(workload)

    def answer_with(self, workload: Workload) -> None:
        self.functions.aws.answers = cycle([_answer(workload, number) for number in range(ANSWERS)])

    def launch(self, workload: Workload) -> str:
        name = f"bench-{workload.name.lower()}"
        request = LaunchRequest(ORGANIZATION, None, name, None, {})
        return self.functions.call_api(lambda api: api.launch(self._caller, request)).run_id  # type: ignore[no-any-return]

    def drive(self, workload: Workload, run_id: str) -> None:
        for step_id in workload.steps:
            self.step(workload, run_id, step_id)
        self.check(run_id)

    def step(self, workload: Workload, run_id: str, step_id: str) -> None:
        """Make all calls of the states of one step."""
        if workload.items:
            for index in self._task(run_id, step_id, "expand")["items"]:
                self._task(run_id, step_id, "item", item_index=index)
            self._task(run_id, step_id, "gather")
        elif self._task(run_id, step_id, "run")["status"] == "checkpoint":
            self._pause(run_id, step_id)

    def check(self, run_id: str) -> None:
        """Check that the run has completed: otherwise its measurement is wrong."""
        row = self._owner.execute("select status from orchestration_runs where id = %s", (run_id,)).fetchone()
        assert row == ("completed",), f"run {run_id} is {row}"

    def close(self) -> None:
        self._owner.close()
        self.functions.end_sessions()

    def _task(self, run_id: str, step_id: str, action: str, **more: Any) -> Any:
        event = {"entered_at": str(uuid.uuid4()), "retry_count": 0, "action": action}
        return self.functions.invoke("step", self._about(run_id, step_id) | event | more)

    def _pause(self, run_id: str, step_id: str) -> None:
        event = {"token": f"token of {step_id}", "action": "open"}
        approval_id = self.functions.invoke("checkpoint", self._about(run_id, step_id) | event)["approval_id"]
        decision = DecisionRequest(approval_id, Decision.CONTINUE)
        self.functions.call_api(lambda api: api.decide(self._caller, decision))

    def _about(self, run_id: str, step_id: str) -> dict[str, Any]:
        execution = self.functions.aws.executions[run_id]
        return {"run_id": run_id, "step_id": step_id, "generation": 1, "digest": "digest", "execution": execution}


def _answer(workload: Workload, number: int) -> bytes:
    output = text(workload.output, number)
    deliverable = {"type": "analysis", "format": "text", "title": "Data", "content": output}
    content = {"deliverable": deliverable} if workload.deliverable else {"value": output}
    return json.dumps({"success": True, "mode": "build", "payload": {"content": content, "metadata": {}}}).encode()
