"""A client of the stack: it calls the API like a person or a program, and reads rows of the record."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import yaml

from local.stack import Stack
from tests.integration.http_client import HttpAnswer, send
from tests.integration.waiting import wait_until

Run = dict[str, Any]
Headers = Mapping[str, str]


class ApiProblem(Exception):
    """The API answered with a problem document."""

    def __init__(self, status: int, problem: Any) -> None:
        super().__init__(f"{status}: {problem}")
        self.status, self.problem = status, problem


class StackClient:
    """Publishes, launches and decides over HTTP, as a member with every role in one organisation.

    ``agent_url`` is the agent of its published definitions.
    """

    def __init__(self, stack: Stack, agent_url: str, organization: str = "demo") -> None:
        self.stack = stack
        self.organization = organization
        self.token = stack.token("viewer", "operator", "approver", "admin", organization=organization)
        self.name = f"w-{uuid.uuid4().hex[:12]}"
        self._agent_url = agent_url

    def publish(self, *steps: dict[str, Any], version: str = "1.0.0", **orchestration: Any) -> str:
        """Publish a definition of these steps, its agent and its orchestrator. Returns its name."""
        desk = {"kind": "orchestrator", "orchestrations": [self.name]}
        worker = {"kind": "agent", "transport": {"type": "http", "url": self._agent_url, "timeout_seconds": 60}}
        for slug, kind in ((f"{self.name}-desk", desk), (f"{self.name}-worker", worker)):
            self._publish("/agents", {"metadata": {"name": slug, "displayName": slug}, "agent": kind})
        for step in steps:
            if "orchestration" not in step:
                step.setdefault("agent", f"{self.name}-worker")
        metadata = {"name": self.name, "displayName": self.name, "version": version}
        self._publish(
            "/orchestrations/definitions",
            {"metadata": metadata, "orchestration": {**orchestration, "steps": list(steps)}},
        )
        return self.name

    def launch(self, orchestration: str | None = None, **fields: Any) -> str:
        """Launch a run; returns its id. ``fields`` are further fields of the request."""
        body = {"organization": self.organization, "orchestration": {"name": orchestration or self.name}, **fields}
        return str(self.post("/orchestrations/runs", body)["id"])

    def run(self, run_id: str) -> Run:
        run: Run = self.get(f"/orchestrations/runs/{run_id}")
        return run

    def wait_for_run(self, run_id: str, reached: Callable[[Run], object]) -> Run:
        """Wait until ``reached`` is true of the run; returns the run."""
        seen: list[Run] = []

        def look() -> object:
            seen[:] = [self.run(run_id)]
            return reached(seen[0])

        try:
            wait_until(look)
        except AssertionError as error:
            error.add_note(f"{seen[0]['status']}, error {seen[0]['error']}, steps {statuses(seen[0])}")
            raise
        return seen[0]

    def wait_for_end(self, run_id: str, *, sweep: str = "") -> Run:
        """Wait until the run has ended. ``sweep`` is a function that the schedule calls every minute; here it is called
        all the time."""

        def ended(run: Run) -> bool:
            if sweep:
                assert not self.stack.invoke(sweep, {"detail": {}}).is_error
            return run["status"] in ("completed", "failed", "aborted")

        return self.wait_for_run(run_id, ended)

    def wait_for_approvals(self, run_id: str, *step_ids: str) -> dict[str, str]:
        """Wait until exactly these steps wait for a person; returns step id → approval id."""

        def pending(run: Run) -> dict[str, str]:
            return {approval["stepId"]: approval["id"] for approval in run["pendingApprovals"]}

        return pending(self.wait_for_run(run_id, lambda run: sorted(pending(run)) == sorted(step_ids)))

    def decide(self, approval_id: str, decision: str = "continue", **more: Any) -> Any:
        return self.post(f"/orchestrations/approvals/{approval_id}/decision", {"decision": decision, **more})

    def act(self, run_id: str, action: str, **body: Any) -> Any:
        """An operator's action on a run: retry, skip, abort, fork."""
        return self.post(f"/orchestrations/runs/{run_id}/actions/{action}", body)

    def call_agent(
        self, agent: str, mode: str, *, path: str = "", headers: Headers | None = None, **payload: Any
    ) -> Any:
        """Send a task to an agent. ``path`` is the organisation in the URL (default: the client's)."""
        where = f"/agent-to-agent/{path or self.organization}/{agent}/tasks"
        return self.post(where, {"mode": mode, "payload": payload}, headers)

    def issue_service_token(self, *roles: str) -> str:
        """A service token that is valid for an hour."""
        ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        path = f"/organizations/{self.organization}/service-tokens"
        return str(self.post(path, {"name": "Machine", "roles": list(roles), "expiresAt": ends})["token"])

    def events(self, run_id: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.get(f"/orchestrations/runs/{run_id}/events")["events"]
        return events

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of the record, read as its owner."""
        with psycopg.connect(self.stack.database_url) as connection:
            return connection.execute(statement, parameters).fetchall()

    def children(self, run_id: str) -> list[str]:
        statement = "select id::text from orchestration_runs where parent_run_id = %s order by created_at"
        return [child for (child,) in self.rows(statement, run_id)]

    def wait_for_gate(self, run_id: str, step_id: str) -> None:
        statement = "select from baton.gate_tokens where run_id = %s and step_id = %s and released_at is null"
        wait_until(lambda: self.rows(statement, run_id, step_id))

    def _publish(self, path: str, document: Any) -> None:
        content_of(self.send_source(path, yaml.safe_dump(document, sort_keys=False)))

    def send(
        self, path: str, body: Any = None, *, method: str | None = None, headers: Headers | None = None
    ) -> HttpAnswer:
        """The API's answer, also if it is a problem."""
        return send(self.stack.url + path, self.token, body, method=method, headers=headers)

    def send_source(self, path: str, source: str) -> HttpAnswer:
        """Publish a YAML file; returns the answer."""
        where = f"{path}?organization={self.organization}"
        return self.send(where, source.encode(), headers={"Content-Type": "application/yaml"})

    def post(self, path: str, body: Any, headers: Headers | None = None) -> Any:
        return content_of(self.send(path, body, headers=headers))

    def get(self, path: str) -> Any:
        return content_of(self.send(path))


def content_of(answer: HttpAnswer) -> Any:
    """The document of a successful answer. Raises ApiProblem."""
    if answer.status >= 400:
        raise ApiProblem(answer.status, answer.json())
    return answer.json()


def step(step_id: str, *depends_on: str, **more: Any) -> dict[str, Any]:
    """A step of a definition. Its output ``note`` is its message, its output ``context`` the context of its task."""
    payload = {"userMessage": f"This is {step_id}."} | more.pop("input", {})
    return {
        "id": step_id,
        "depends_on": list(depends_on),
        "input": payload,
        "output_mapping": {"note": "$.content.deliverable.content", "context": "$.content.context"},
        **more,
    }


def checkpoint(**more: Any) -> dict[str, Any]:
    options = [
        {"action": action, "allows_modification": action == "retry"} for action in ("continue", "retry", "abort")
    ]
    return {"question": "Good?", "options": options, **more}


def statuses(run: Run) -> dict[str, str]:
    return {step["id"]: step["status"] for step in run["steps"]}


def attempts(run: Run) -> dict[str, int]:
    return {step["id"]: step["attemptNumber"] for step in run["steps"]}
