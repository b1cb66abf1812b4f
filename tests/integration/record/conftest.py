"""The use cases on a real database, each with its own login as in a deployment, and agents that a test scripts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from baton.compiler import make_plan
from baton.definition import parse_definition
from baton.errors import AgentCallFailed
from baton.model import Principal, Role
from baton.outbox import Effect
from baton.plan import Plan
from baton.ports.checkpoints import WaitingTask
from baton.ports.steps import Delivery
from baton.store.approval import ApprovalReads
from baton.store.checkpoints import Approvals, Checkpoints
from baton.store.children import Children
from baton.store.database import Database
from baton.store.gates import Gates
from baton.store.launch import Launches
from baton.store.steps import Steps
from baton.usecases.attempt import Attempts
from baton.usecases.checkpoint import ExpireCheckpoint, OpenCheckpoint
from baton.usecases.decide import DecisionRequest, RequestDecision, TakeDecision
from baton.usecases.gate import OpenGate
from baton.usecases.launch import LaunchedRun, LaunchRequest, LaunchRun
from baton.usecases.run_child import CollectChild, PrepareChild
from baton.usecases.run_items import CollectItems, ExpandItems
from baton.usecases.run_step import RunStep
from baton.usecases.settle_step import SettleStep
from baton.yaml_source import read_yaml

PARAMETERS = {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30", "grouping": "month"}
ENGINE = "engine-of-the-tests"
MACHINES = "arn:aws:states:us-east-1:123456789012:stateMachine:test-"
EXECUTION = "arn:execution"  # that waits at a checkpoint
LOGINS = ("api", "step", "gate", "checkpoint", "approval")
REVIEWS = "https://finance.example.com/reviews"
FETCH, SUMMARIZE = "fetch-kpi-data", "summarize-results"


@dataclass
class Kept:
    """Effects that a boundary handed over for delivery, kept instead of delivered."""

    effects: list[Effect] = field(default_factory=list)

    def deliver(self, effects: Sequence[Effect]) -> None:
        self.effects.extend(effects)

    def kinds(self) -> list[str]:
        return [effect.payload["type"] if effect.kind == "event" else effect.kind for effect in self.effects]


@dataclass
class ScriptedAgents:
    """Answers with the next of ``script``: an answer, an error to raise, or what happens while the agent is at work and
    tells which. Keeps what it was asked."""

    script: list[Mapping[str, Any] | BaseException | Callable[[], Any]] = field(default_factory=list)
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def call(self, transport: Mapping[str, Any], task: Mapping[str, Any], deadline_seconds: float) -> Mapping[str, Any]:
        self.asked.append(task)
        answer = self.script.pop(0)
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Engine:
    """What Step Functions would call, and a client's view of the record."""

    def __init__(
        self,
        login_url: Callable[[str], str],
        owner_url: str,
        agents: Any = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._databases = {name: Database(login_url(name)) for name in LOGINS}
        self.effects = Kept()
        self.agents = agents or ScriptedAgents()
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
        self.expire_checkpoint = ExpireCheckpoint(checkpoints, Direct(self.take_decision))
        self.decide_as = RequestDecision(ApprovalReads(self._databases["api"]), Direct(self.take_decision))

    def define(self, text: str) -> str:
        """Makes a definition known in the organisation `demo`, as publishing would. Its name."""
        plan = make_plan(parse_definition(read_yaml(dedent(text), "test.yaml")), owner="finance-manager")
        self.owner.execute(
            "insert into orchestration_definitions (organization_id, name, version, display_name, owner_agent_slug,"
            " source, plan, digest) select id, %s, %s, %s, 'finance-manager', '', %s, 'digest-of-the-test'"
            " from organizations where slug = 'demo'",
            (plan.name, plan.version, plan.display_name, Jsonb(plan.to_json())),
        )
        return plan.name

    def start(self, text: str, **parameters: Any) -> LaunchedRun:
        """Defines and launches at once."""
        return self.launch(orchestration=self.define(text), parameters=parameters)

    def status(self, run: LaunchedRun, step_id: str) -> str:
        return str(self.step_row(run, step_id)["status"])

    def member(self, *roles: Role, organization: str = "demo") -> Principal:
        user_id = str(uuid.uuid4())
        self.owner.execute(
            "insert into organization_members (organization_id, user_id, roles)"
            " select id, %s, %s from organizations where slug = %s",
            (user_id, [*roles], organization),
        )
        return Principal(user_id)

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
        """What a Task state of the step asks for; ``delivery`` says how this call differs from an ordinary one."""
        return self.actions[action](self.delivery(run, step_id, action, **delivery), lambda: 120.0)

    def settle(self, run: LaunchedRun, step_id: str) -> Any:
        return self.settle_step(self.delivery(run, step_id, "settle"))

    def delivery(
        self, run: LaunchedRun | str, step_id: str, action: str, *, key: str = "", generation: int = 1, digest: str = ""
    ) -> Delivery:
        run_id = run if isinstance(run, str) else run.run_id
        return Delivery(
            run_id=run_id,
            step_id=step_id,
            generation=generation,
            digest=digest or self.digest(run_id),
            attempt_key=key or str(uuid.uuid4()),
            delivery_id=str(uuid.uuid4() if action == "run" else uuid.uuid5(uuid.UUID(run_id), step_id)),
        )

    def gate(self, run: LaunchedRun, step_id: str, token: str = "", generation: int = 1) -> None:
        task = WaitingTask(
            run.run_id, step_id, generation, self.digest(run.run_id), token or f"gate of {step_id}", "arn"
        )
        self.open_gate(task)

    def released(self) -> list[str | None]:
        """The tokens of the gates released so far, in order."""
        return [effect.token for effect in self.effects.effects if effect.kind == "release"]

    def checkpoint(self, run: LaunchedRun, step_id: str, token: str = "token", generation: int = 1) -> str:
        task = WaitingTask(run.run_id, step_id, generation, self.digest(run.run_id), token, EXECUTION)
        return self.open_checkpoint(task)["approval_id"]

    def decide(
        self, approval_id: str, decision: str, *, caller: Principal | None = None, **request: Any
    ) -> dict[str, Any]:
        return self.decide_as(caller or self.caller, DecisionRequest(approval_id, decision, **request))

    def digest(self, run_id: str) -> str:
        return str(self.one("select digest from orchestration_runs where id = %s", run_id)["digest"])

    def of(self, run_id: str) -> LaunchedRun:
        """A run that was not launched here: a child."""
        row = self.one("select * from orchestration_runs where id = %s", run_id)
        plan = Plan.from_json(row["plan"])
        return LaunchedRun(
            run_id, str(row["definition_id"]), row["owner_agent_slug"], row["status"], plan, created=True
        )

    def run(self, run: LaunchedRun) -> dict[str, Any]:
        return self.one("select * from orchestration_runs where id = %s", run.run_id)

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


@dataclass
class Direct:
    """The approval function without Lambda between."""

    take: TakeDecision

    def decide(self, command: Any) -> Any:
        return self.take(command)


class Forgetful(Database):
    """Loses its connection each time that the named statement has been committed, before it hears of it."""

    def __init__(self, url: str, statement: str) -> None:
        super().__init__(url)
        self._statement = statement
        self._lose = False

    def pipeline(self, statements: Any) -> Any:
        self._lose = any(sql.startswith(f"-- {self._statement}\n") for sql, _ in statements)
        return super().pipeline(statements)

    def _run(self, work: Any) -> Any:
        def losing(connection: Any) -> Any:
            result = work(connection)
            if self._lose:
                self._lose = False
                raise psycopg.OperationalError("the connection was lost")
            return result

        return super()._run(losing)


@pytest.fixture
def engine(login_url: Callable[[str], str], database_url: str) -> Iterator[Engine]:
    engine = Engine(login_url, database_url)
    yield engine
    engine.close()


def answer(content: str = "[]", **metadata: Any) -> dict[str, Any]:
    """An agent's successful answer with a deliverable."""
    deliverable = {"type": "analysis", "format": "json", "title": "KPIs", "content": content, "metadata": metadata}
    return {"success": True, "mode": "build", "payload": {"content": {"deliverable": deliverable}, "metadata": {}}}


def kpi_answer() -> dict[str, Any]:
    used = {"kpiNames": ["revenue"], "grouping": "month", "startDate": "2024-07-01", "endDate": "2024-09-30",
            "companies": [], "departments": []}  # fmt: skip
    return answer('[{"kpi":"revenue"}]', sql="select 1", rowCount=1, **used)


def refusal(reason: str, *, retryable: bool) -> AgentCallFailed:
    return AgentCallFailed("AgentRefused", reason, retryable=retryable)
