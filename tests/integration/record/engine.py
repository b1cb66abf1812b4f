"""The use cases on a real database, each with its own login as in a deployment."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import psycopg
from psycopg.rows import dict_row

from baton.compiler import make_plan
from baton.definition import parse_definition
from baton.model import Decision, Principal, Role
from baton.plan import Plan
from baton.ports.checkpoints import WaitingTask
from baton.ports.runs import EngineIdentity
from baton.ports.steps import Delivery
from baton.store.approvals import ApprovalReads, Approvals
from baton.store.checkpoints import Checkpoints
from baton.store.children import Children
from baton.store.database import Database
from baton.store.gates import Gates
from baton.store.runs import Launches
from baton.store.steps import Steps
from baton.usecases.approvals import DecisionRequest, RequestDecision, TakeDecision
from baton.usecases.attempt import Attempts
from baton.usecases.checkpoints import ExpireCheckpoint, OpenCheckpoint
from baton.usecases.gates import OpenGate
from baton.usecases.launch_run import LaunchedRun, LaunchRequest, LaunchRun
from baton.usecases.run_child import CollectChild, PrepareChild
from baton.usecases.run_items import CollectItems, ExpandItems
from baton.usecases.run_step import RunStep
from baton.usecases.settle_step import SettleStep
from baton.yaml_source import read_yaml
from tests.integration.inserts import insert_definition, insert_member
from tests.integration.recording import RecordingEffects

from .fakes import FakeAgents, FakeApprovalFunction

PARAMETERS = {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30", "grouping": "month"}
MACHINES = "arn:aws:states:us-east-1:123456789012:stateMachine:test-"
ENGINE = EngineIdentity("engine-of-the-tests", MACHINES.replace(":stateMachine:", ":execution:"))
LOGINS = ("api", "step", "gate", "checkpoint", "approval")
REVIEWS = "https://finance.example.com/reviews"
FETCH, SUMMARIZE = "fetch-kpi-data", "summarize-results"


class EngineFixture:
    """The use cases that Step Functions and the API call, each with its own login, and reads of the record."""

    def __init__(
        self,
        login_url: Callable[[str], str],
        owner_url: str,
        agents: Any = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._databases = {name: Database(login_url(name)) for name in LOGINS}
        self.effects = RecordingEffects()
        self.agents = agents or FakeAgents()
        self.owner = psycopg.connect(owner_url, autocommit=True, row_factory=dict_row)
        self.caller = self.member(Role.OPERATOR, Role.APPROVER)
        self.launch_run = LaunchRun(Launches(self._databases["api"]), self.effects, ENGINE)
        steps = Steps(self._databases["step"])
        attempts = Attempts(steps, self.effects, pause=pause or self._never_wait)
        children = Children(self._databases["step"])
        self.actions: dict[str, Callable[..., dict[str, Any]]] = {
            "run": RunStep(attempts, self.agents),
            "expand": ExpandItems(attempts),
            "gather": CollectItems(attempts),
            "prepare": PrepareChild(attempts, children, MACHINES),
            "collect": CollectChild(attempts, children),
        }
        self.settle_step = SettleStep(steps, self.effects)
        self.open_gate = OpenGate(Gates(self._databases["gate"]), self.effects)
        checkpoints = Checkpoints(self._databases["checkpoint"], REVIEWS)
        self.open_checkpoint = OpenCheckpoint(checkpoints, self.effects)
        self.take_decision = TakeDecision(Approvals(self._databases["approval"]), self.effects)
        self.expire_checkpoint = ExpireCheckpoint(checkpoints, FakeApprovalFunction(self.take_decision))
        self.decide_as = RequestDecision(
            ApprovalReads(self._databases["api"]), FakeApprovalFunction(self.take_decision)
        )

    def define(self, text: str) -> str:
        """Publishes a definition in the organisation `demo`. Returns its name."""
        plan = make_plan(parse_definition(read_yaml(dedent(text), "test.yaml")), owner="finance-manager")
        insert_definition(self.owner, plan, "digest-of-the-test")
        return plan.name

    def start(self, text: str, **parameters: Any) -> LaunchedRun:
        """Publishes a definition and launches it."""
        return self.launch(orchestration=self.define(text), parameters=parameters)

    def status(self, run: LaunchedRun, step_id: str) -> str:
        return str(self.step_row(run, step_id)["status"])

    def member(self, *roles: Role, organization: str = "demo") -> Principal:
        return insert_member(self.owner, *roles, organization=organization)

    def launch(self, **request: Any) -> LaunchedRun:
        wanted = {
            "organization": "demo",
            "agent": "finance-manager",
            "orchestration": "kpi-tracking",
            "version": None,
            "parameters": PARAMETERS,
            **request,
        }
        return self.launch_run(wanted.pop("caller", self.caller), LaunchRequest(**wanted))

    def step(self, run: LaunchedRun | str, step_id: str, action: str = "run", **delivery: Any) -> Any:
        """The request of a Task state of the step; ``delivery`` has the values that differ from an ordinary call."""
        return self.actions[action](self.delivery(run, step_id, action, **delivery), lambda: 120.0)

    def settle(self, run: LaunchedRun, step_id: str) -> Any:
        return self.settle_step(self.delivery(run, step_id, "settle"))

    def delivery(
        self, run: LaunchedRun | str, step_id: str, action: str, *, key: str = "", generation: int = 1, digest: str = ""
    ) -> Delivery:
        run_id = run if isinstance(run, str) else run.run_id
        execution = self.execution(run_id, generation)
        return Delivery(
            run_id=run_id,
            step_id=step_id,
            generation=generation,
            execution=execution,
            digest=digest or self.digest(run_id),
            attempt_key=key or f"{execution}|{step_id}|entered|{uuid.uuid4().int}",
            delivery_id=str(
                uuid.uuid4() if action == "run" else uuid.uuid5(uuid.UUID(run_id), f"{execution} {step_id}")
            ),
            calls_agent=action == "run",
        )

    def execution(self, run_id: str, generation: int) -> str:
        """The ARN of that generation's execution, which may not exist."""
        machine = self.one("select machine from orchestration_runs where id = %s", run_id)["machine"]
        return f"{ENGINE.execution_prefix}{machine}:{run_id}-{generation}"

    def waiting_task(self, run: LaunchedRun, step_id: str, token: str, generation: int = 1) -> WaitingTask:
        return WaitingTask(
            run_id=run.run_id,
            step_id=step_id,
            generation=generation,
            digest=self.digest(run.run_id),
            token=token,
            execution=self.execution(run.run_id, generation),
        )

    def gate(self, run: LaunchedRun, step_id: str, token: str = "", generation: int = 1) -> None:
        self.open_gate(self.waiting_task(run, step_id, token or f"gate of {step_id}", generation))

    def released(self) -> list[str | None]:
        """The tokens of the gates released so far, in order."""
        return [effect.token for effect in self.effects.effects if effect.kind == "release"]

    def checkpoint(self, run: LaunchedRun, step_id: str, token: str = "token", generation: int = 1) -> str:
        return self.open_checkpoint(self.waiting_task(run, step_id, token, generation))["approval_id"]

    def expire(self, run: LaunchedRun, step_id: str, generation: int = 1) -> dict[str, str]:
        """The request of a Task that waited for a person and timed out."""
        return self.expire_checkpoint(run.run_id, step_id, self.execution(run.run_id, generation))

    def next_execution(self, run: LaunchedRun) -> None:
        """Gives the run its next generation, without an order to start it."""
        self.owner.execute("update orchestration_runs set generation = generation + 1 where id = %s", (run.run_id,))
        self.owner.execute("select baton.order_execution(%s, null)", (run.run_id,))

    def decide(
        self, approval_id: str, decision: str, *, caller: Principal | None = None, **request: Any
    ) -> dict[str, Any]:
        return self.decide_as(caller or self.caller, DecisionRequest(approval_id, Decision(decision), **request))

    def digest(self, run_id: str) -> str:
        return str(self.one("select digest from orchestration_runs where id = %s", run_id)["digest"])

    def of(self, run_id: str) -> LaunchedRun:
        """A run that the fixture did not launch, such as a child run."""
        row = self.one("select * from orchestration_runs where id = %s", run_id)
        plan = Plan.from_json(row["plan"])
        execution = self.execution(run_id, row["generation"])
        return LaunchedRun(
            run_id, str(row["definition_id"]), row["owner_agent_slug"], row["status"], plan, execution, created=True
        )

    def run(self, run: LaunchedRun) -> dict[str, Any]:
        query = (
            "select *, case when is_open then baton.results_of(id) else results end as results"
            " from orchestration_runs where id = %s"
        )
        return self.one(query, run.run_id)

    def step_row(self, run: LaunchedRun, step_id: str) -> dict[str, Any]:
        return self.one("select * from orchestration_steps where run_id = %s and step_id = %s", run.run_id, step_id)

    def event_types(self, run: LaunchedRun) -> list[str]:
        query = "select type, sequence from orchestration_events where run_id = %s order by sequence"
        rows = self.all(query, run.run_id)
        assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
        return [row["type"].removeprefix("orchestration.") for row in rows]

    def one(self, sql: str, *params: Any) -> dict[str, Any]:
        (row,) = self.all(sql, *params)
        return row

    def all(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        return self.owner.execute(sql, params).fetchall()

    def close(self) -> None:
        for database in self._databases.values():
            database.close()
        self.owner.close()

    @staticmethod
    def _never_wait(seconds: float) -> None:
        raise AssertionError("a step waited for another delivery that does not exist")
