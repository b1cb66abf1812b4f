"""Real runs in the states that routes and commands need, with large values in every field."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import StepExhausted
from baton.usecases.launch_run import LaunchedRun
from tests.integration.bounds.conftest import ApiFixture
from tests.integration.library.publishing_fixture import DESK
from tests.integration.record.fakes import answer, refusal

LOOK = "look"
# Values of a run, as versions without budgets stored them. Each quote takes four bytes in an answer.
ENLARGE = """
update orchestration_runs set plan = jsonb_set(plan, '{displayName}', to_jsonb(large.text)),
  parameters = parameters || large.changes, parameter_overrides = large.changes,
  error = error || jsonb_build_object('message', large.text)
from large where id = %(run_id)s;
update orchestration_steps set outputs = case when step_id = 'look' and outputs is not null then
    outputs || jsonb_build_object('a', large.text, 'b', large.text) end,
  error = error || jsonb_build_object('message', large.text), metadata = large.metadata
from large where run_id = %(run_id)s;
update orchestration_step_attempts set error = error || jsonb_build_object('message', large.text),
  metadata = large.metadata
from large where run_id = %(run_id)s;
update human_approvals set question = large.text, notes = large.text, modifications = large.changes
from large where run_id = %(run_id)s;
insert into deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format, name, title,
  content, metadata)
select gen_random_uuid(), run_id, organization_id, step_id, 99, agent_slug, large.text, large.text, 'more.txt',
  large.text, large.text, large.changes
from orchestration_steps, large where run_id = %(run_id)s and step_id = 'look';
update orchestration_events set data = data || jsonb_build_object('note', large.text, 'reason', large.text)
from large where run_id = %(run_id)s;
insert into baton.outbox (run_id, kind, sequence, failures, last_error)
select run_id, 'event', sequence, 9, left(large.text, 4000) from orchestration_events, large
where run_id = %(run_id)s"""
LARGE = """
create temp table large as select t.text, jsonb_build_object('regions', jsonb_build_array(t.text)) as changes,
  jsonb_build_object('runtime', jsonb_build_object('response', jsonb_build_object('payload', jsonb_build_object(
    'metadata', jsonb_build_object('review', jsonb_build_object('applied', jsonb_build_array(t.text))))))) as metadata
from (select repeat('"', 300000) as text) as t"""

DEFINITION = """
metadata: {name: NAME, displayName: D, version: 1.0.0, description: "TEXT"}
orchestration:
  parameters: [{name: text, type: string, required: true, description: "TEXT"}]
  steps: [{id: s, name: S, agent: summarizer}]
"""


class Scene:
    def __init__(self, api: ApiFixture) -> None:
        self.api = api
        self.engine = api.engine
        self.engine.owner.execute(LARGE)
        self.engine.owner.execute("update agents set description = large.text from large where slug = 'summarizer'")

    def close(self) -> None:
        self.engine.owner.execute("update agents set description = '' where slug = 'summarizer'; drop table large")

    def waiting(self) -> str:
        """A run that waits for a person."""
        run = self._launch()
        self.engine.agents.script = [answer("x")]
        self.engine.step(run, LOOK)
        self.engine.checkpoint(run, LOOK)
        return self._enlarge(run)

    def failed(self) -> str:
        run = self._launch()
        self.engine.agents.script = [refusal("no", retryable=False)]
        with pytest.raises(StepExhausted):
            self.engine.step(run, LOOK)
        return self._enlarge(run)

    def ended(self) -> str:
        run = self.waiting()
        self.api.client().recovery.abort(run)
        return run

    def approval(self) -> str:
        """A pending approval."""
        return self.one("select id from human_approvals where run_id = %s and status = 'pending'", self.waiting())

    def deliverable(self) -> str:
        return self.one("select id from deliverables where run_id = %s and attempt_number = 99", self.waiting())

    def effect(self) -> str:
        return self.one(
            "select outbox.id from baton.outbox join orchestration_events e using (run_id, sequence)"
            " where run_id = %s and failures = 9 limit 1", self.waiting()
        )  # fmt: skip

    def webhook(self) -> str:
        return str(self.api.client().webhooks.create(self.new_url(), description="d" * 500)["id"])

    def new_url(self) -> str:
        """An organisation has one webhook for each URL, and 20 in all."""
        self.engine.owner.execute("delete from baton.webhooks")
        return f"https://hooks.example.com/{self.one('select gen_random_uuid() as id')}"

    def delivery(self) -> tuple[str, str]:
        """A webhook, and one of its deliveries, which has ended."""
        webhook = self.webhook()
        return webhook, str(self.api.client().webhooks.test(webhook)["id"])

    def token(self) -> str:
        body = {"name": '"' * 100, "roles": ["viewer"], "expiresAt": self.one("select now() + '1 day' as id")}
        return str(self.post("/organizations/demo/service-tokens", body)["id"])

    def publish(self, name: str) -> dict[str, str]:
        """The request that publishes a large definition, whose orchestrator is there."""
        desk = DESK.replace("hello-desk", f"{name}-desk").replace("[hello]", f"[{name}]")
        self.post("/agents", {"organization": "demo", "source": desk})
        return {"organization": "demo", "source": DEFINITION.replace("NAME", name).replace("TEXT", "é" * 60_000)}

    def post(self, url: str, body: Any) -> Any:
        return self.api.decoded(self.api.ask("POST", url, body))

    def one(self, statement: str, *params: Any) -> str:
        value = self.engine.one(statement, *params)["id"]
        return value.isoformat() if hasattr(value, "isoformat") else str(value)

    def member(self) -> str:
        return self.one("insert into organization_members (organization_id, user_id, roles) select id,"
                        " gen_random_uuid(), '{viewer}' from organizations where slug = 'demo'"
                        " returning user_id as id")  # fmt: skip

    def _launch(self) -> LaunchedRun:
        return self.engine.launch(orchestration="reviewed", parameters={"regions": ["north"]})

    def _enlarge(self, run: LaunchedRun) -> str:
        for statement in ENLARGE.split(";\n"):
            self.engine.owner.execute(statement.encode(), {"run_id": run.run_id})
        return run.run_id
