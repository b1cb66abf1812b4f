"""What a test of the engine needs on the stack: an agent that does as it is told, and definitions of its own."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import yaml

from local.stack import Stack
from tests.integration.waiting import PATIENCE, wait_until

Task = Mapping[str, Any]
Behaviour = Callable[[Task], dict[str, Any]]
Run = dict[str, Any]
Headers = Mapping[str, str]


class Refused(Exception):
    """The API's answer was a problem; ``status`` and ``problem`` say which."""

    def __init__(self, status: int, problem: Any) -> None:
        super().__init__(f"{status}: {problem}")
        self.status, self.problem = status, problem


class Agent:
    """Listens on this machine. By default it answers at once with a note and with the context that it was given."""

    def __init__(self) -> None:
        self._behaviours: dict[str, Behaviour] = {}
        self._tasks: dict[str, list[Task]] = defaultdict(list)
        self._changed = threading.Condition()
        self._held: list[threading.Event] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def behave(self, step_id: str, behaviour: Behaviour) -> None:
        self._behaviours[step_id] = behaviour

    def hold(self, step_id: str) -> threading.Event:
        """The step's calls are answered only once the event is set."""
        released = threading.Event()
        self._held.append(released)

        def wait(task: Task) -> dict[str, Any]:
            released.wait(PATIENCE)
            return answer(task)

        self.behave(step_id, wait)
        return released

    def tasks(self, step_id: str) -> list[Task]:
        """The calls for a step so far."""
        with self._changed:
            return list(self._tasks[step_id])

    def is_called_for(self, step_id: str, times: int = 1) -> None:
        """Wait until the step was called for so often."""
        with self._changed:
            called = self._changed.wait_for(lambda: len(self._tasks[step_id]) >= times, timeout=PATIENCE)
        assert called, f"no call number {times} for {step_id}; there were {dict(self._tasks)}"

    def close(self) -> None:
        for released in self._held:
            released.set()
        self._server.shutdown()
        self._server.server_close()

    def _take(self, task: Task) -> dict[str, Any]:
        step_id = task["run"]["stepId"].partition("[")[0]
        with self._changed:
            self._tasks[step_id].append(task)
            self._changed.notify_all()
        return self._behaviours.get(step_id, answer)(task)

    def _handler(agent) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                given = agent._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                body = json.dumps(given).encode()
                with suppress(ConnectionError):  # who asked has gone meanwhile
                    self.send_response(200 if given["success"] else 422)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def answer(task: Task) -> dict[str, Any]:
    note = {"type": "note", "format": "text", "title": "Note", "content": task["payload"]["userMessage"]}
    content = {"deliverable": note, "context": task["payload"].get("context", {})}
    return {"success": True, "mode": "build", "payload": {"content": content, "metadata": {}}}


def refusal(task: Task) -> dict[str, Any]:
    metadata = {"reason": "the agent does not want to", "retryable": False}
    return {"success": False, "mode": "build", "payload": {"content": {}, "metadata": metadata}}


class Workshop:
    """Publishes, launches and decides over HTTP, as a member of one organisation who may do everything."""

    def __init__(self, stack: Stack, agent: Agent, organization: str = "demo") -> None:
        self._stack = stack
        self.organization = organization
        self.token = stack.token("viewer", "operator", "approver", "admin", organization=organization)
        self.agent = agent
        self.name = f"w-{uuid.uuid4().hex[:12]}"

    def publish(self, *steps: dict[str, Any], version: str = "1.0.0", **orchestration: Any) -> str:
        """A definition of these steps, with its agent and an orchestrator; answers its name."""
        desk = {"kind": "orchestrator", "orchestrations": [self.name]}
        worker = {"kind": "agent", "transport": {"type": "http", "url": self.agent.url, "timeout_seconds": 60}}
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
        """The id of a new run. ``fields`` are the launch's beside organisation and orchestration."""
        body = {"organization": self.organization, "orchestration": {"name": orchestration or self.name}, **fields}
        return str(self._post("/orchestrations/runs", body)["id"])

    def run(self, run_id: str) -> Run:
        run: Run = self._ask("GET", f"/orchestrations/runs/{run_id}")
        return run

    def run_once(self, run_id: str, reached: Callable[[Run], object]) -> Run:
        """The run, once it is as it should be."""
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

    def run_at_end(self, run_id: str) -> Run:
        return self.run_once(run_id, lambda run: run["status"] in ("completed", "failed", "aborted"))

    def asked(self, run_id: str, *step_ids: str) -> dict[str, str]:
        """Step id → approval id, once exactly these steps wait for a person."""

        def pending(run: Run) -> dict[str, str]:
            return {approval["stepId"]: approval["id"] for approval in run["pendingApprovals"]}

        return pending(self.run_once(run_id, lambda run: sorted(pending(run)) == sorted(step_ids)))

    def decide(self, approval_id: str, decision: str = "continue", **more: Any) -> Any:
        return self._post(f"/orchestrations/approvals/{approval_id}/decision", {"decision": decision, **more})

    def act(self, run_id: str, action: str, **body: Any) -> Any:
        """What an operator does with a run: retry, skip, abort, fork."""
        return self._post(f"/orchestrations/runs/{run_id}/actions/{action}", body)

    def ask(self, agent: str, mode: str, *, path: str = "", headers: Headers | None = None, **payload: Any) -> Any:
        """One call of the agent-to-agent dialect; ``path`` is the organisation in it, if not this one."""
        where = f"/agent-to-agent/{path or self.organization}/{agent}/tasks"
        return self._post(where, {"mode": mode, "payload": payload}, headers)

    def issue_service_token(self, *roles: str) -> str:
        """A machine's token, good for an hour."""
        ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        path = f"/organizations/{self.organization}/service-tokens"
        return str(self._post(path, {"name": "Machine", "roles": list(roles), "expiresAt": ends})["token"])

    def events(self, run_id: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self._ask("GET", f"/orchestrations/runs/{run_id}/events")["events"]
        return events

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Of the record, as its owner sees it."""
        with psycopg.connect(self._stack.database_url) as connection:
            return connection.execute(statement, parameters).fetchall()

    def children(self, run_id: str) -> list[str]:
        statement = "select id::text from orchestration_runs where parent_run_id = %s order by created_at"
        return [child for (child,) in self.rows(statement, run_id)]

    def waits_at_gate(self, run_id: str, step_id: str) -> None:
        statement = "select from baton.gate_tokens where run_id = %s and step_id = %s and released_at is null"
        wait_until(lambda: self.rows(statement, run_id, step_id))

    def _publish(self, path: str, document: Any) -> Any:
        source = yaml.safe_dump(document, sort_keys=False).encode()
        return self._ask("POST", f"{path}?organization={self.organization}", source, "application/yaml")

    def _post(self, path: str, body: Any, headers: Headers | None = None) -> Any:
        return self._ask("POST", path, json.dumps(body).encode(), "application/json", headers)

    def _ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", headers: Headers | None = None
    ) -> Any:
        sent = {"Authorization": f"Bearer {self.token}", **({"Content-Type": kind} if kind else {}), **(headers or {})}
        request = urllib.request.Request(self._stack.url + path, body, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, json.load(error)) from None


def step(step_id: str, *depends_on: str, **more: Any) -> dict[str, Any]:
    """A step as a definition has it; its output ``note`` is its message, ``context`` what the agent was given."""
    given = {"userMessage": f"This is {step_id}."} | more.pop("input", {})
    return {
        "id": step_id,
        "depends_on": list(depends_on),
        "input": given,
        "output_mapping": {"note": "$.content.deliverable.content", "context": "$.content.context"},
        **more,
    }


def checkpoint(**more: Any) -> dict[str, Any]:
    options = [
        {"action": action, "allows_modification": action == "retry"} for action in ("continue", "retry", "abort")
    ]
    return {"question": "Good?", "options": options, **more}


def statuses(run: Run) -> dict[str, str]:
    return {found["id"]: found["status"] for found in run["steps"]}


def attempts(run: Run) -> dict[str, int]:
    return {found["id"]: found["attemptNumber"] for found in run["steps"]}
