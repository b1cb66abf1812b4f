"""Decisions on one approval at the same moment, by many people, or by a person and a timeout: one is taken."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from baton.errors import Conflict, RunEnded, StepExhausted
from baton.model import Decision
from baton.store.approvals import ApprovalReads, Approvals
from baton.store.checkpoints import Checkpoints
from baton.store.database import Database
from baton.usecases.approvals import DecisionRequest, RequestDecision, TakeDecision
from baton.usecases.checkpoints import ExpireCheckpoint, OpenCheckpoint
from baton.usecases.launch_run import LaunchedRun
from tests.integration.record.engine import EngineFixture
from tests.integration.record.fakes import FakeApprovalFunction, answer
from tests.integration.recording import RecordingEffects

from .conftest import at_once, errors_of

EXPIRING = """
    metadata: {{name: expiring-{on_timeout}, displayName: Expiring, version: 1.0.0, description: asks for an hour}}
    orchestration:
      steps:
        - id: work
          name: Work
          agent: summarizer
          checkpoint_after:
            question: Right?
            timeout_seconds: 3600
            on_timeout: {on_timeout}
            options:
              - {{action: continue, label: Go on}}
              - {{action: retry, label: Again, allows_modification: true}}
              - {{action: abort, label: Stop}}
        - {{id: after, name: After, agent: summarizer, depends_on: [work]}}
"""
DECISIONS: tuple[dict[str, Any], ...] = (
    {"decision": "continue"},
    {"decision": "retry"},
    {"decision": "retry", "modifications": {"context": {"n": 2}}},
    {"decision": "abort"},
    {"decision": "retry", "modifications": {"context": {"n": 3}}},
)


class DecisionClient:
    """One person's path to a decision: an API function and an approval function, each with its own connection."""

    def __init__(self, connect: Callable[[str], Database], effects: RecordingEffects) -> None:
        self.approval = FakeApprovalFunction(TakeDecision(Approvals(connect("approval")), effects))
        self._request = RequestDecision(ApprovalReads(connect("api")), self.approval)

    def decide(self, engine: EngineFixture, approval_id: str, decision: str, **more: Any) -> dict[str, Any]:
        taken = self._request(engine.caller, DecisionRequest(approval_id, Decision(decision), **more))
        del taken["runStatus"]  # it may differ between the answers
        return taken


def waiting_run(engine: EngineFixture, name: str) -> tuple[LaunchedRun, str]:
    """A run whose first step waits for a person: run, approval id."""
    run = engine.launch(orchestration=name, parameters={})
    engine.agents.script = [answer()]
    engine.step(run, "work")
    return run, engine.checkpoint(run, "work")


def test_one_of_fifty_concurrent_decisions_is_taken_and_equal_ones_get_its_answer(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    effects = RecordingEffects()
    clients = [DecisionClient(connect, effects) for _ in range(50)]
    name = engine.define(EXPIRING.format(on_timeout="fail"))
    for _ in range(4):
        run, approval_id = waiting_run(engine, name)
        sent = list(itertools.islice(itertools.cycle(DECISIONS), len(clients)))
        answers = at_once(
            *(
                partial(client.decide, engine, approval_id, **decision)
                for client, decision in zip(clients, sent, strict=True)
            )
        )
        approval = engine.one("select * from human_approvals where run_id = %s", run.run_id)
        taken = {"decision": approval["decision"], "modifications": approval["modifications"]}
        same = [
            found for found, decision in zip(answers, sent, strict=True) if {"modifications": {}} | decision == taken
        ]
        assert len(same) == 10
        assert same == [same[0]] * 10
        assert same[0]["decision"] == approval["decision"]
        assert [type(error) for error in errors_of(answers)] == [Conflict] * 40
        assert engine.event_types(run).count("checkpoint.resolved") == 1
        assert engine.step_row(run, "work")["attempt_number"] == 1 + (approval["decision"] == "retry")
        (order,) = (effect for effect in effects.effects if effect.kind != "event")
        assert order.kind == ("stop" if approval["decision"] == "abort" else "complete")
        effects.effects.clear()


@pytest.mark.parametrize("on_timeout", ["continue", "abort", "fail"])
def test_a_person_and_the_timeout_at_once_make_one_decision_and_both_get_it(
    engine: EngineFixture, connect: Callable[[str], Database], on_timeout: str
) -> None:
    name, effects = engine.define(EXPIRING.format(on_timeout=on_timeout)), RecordingEffects()
    person, clock = DecisionClient(connect, effects), DecisionClient(connect, effects)
    expire = ExpireCheckpoint(Checkpoints(connect("checkpoint"), "https://reviews.example.com"), clock.approval)
    for number in range(12):
        run, approval_id = waiting_run(engine, name)
        engine.owner.execute("update human_approvals set expires_at = now() where id = %s", (approval_id,))
        decision = ("continue", "retry", "abort")[number % 3]
        answers = at_once(
            partial(person.decide, engine, approval_id, decision=decision),
            partial(expire, run.run_id, "work", engine.execution(run.run_id, 1)),
        )
        approval = engine.one("select * from human_approvals where id = %s", approval_id)
        if approval["status"] == "decided":
            assert answers[0]["decision"] == approval["decision"] == decision
            assert decision_heard(answers[1]) == decision
        else:
            assert isinstance(answers[0], Conflict)
            assert approval["status"] == "expired"
            assert decision_heard(answers[1]) == on_timeout
        resolved = "select data from orchestration_events where run_id = %s and type like '%%.resolved'"
        assert engine.one(resolved, run.run_id)["data"]["status"] == approval["status"]


def decision_heard(answer: Any) -> str:
    """The state machine's next move after the answer to the expired Task."""
    if isinstance(answer, RunEnded):
        return "abort"
    return "fail" if isinstance(answer, StepExhausted) else str(answer["decision"])


def test_a_token_that_is_replaced_during_the_decision_is_completed(
    engine: EngineFixture, connect: Callable[[str], Database]
) -> None:
    """Step Functions has retried the waiting Task: only the newer token can be completed."""
    name, decided, reopened = engine.define(EXPIRING.format(on_timeout="fail")), RecordingEffects(), RecordingEffects()
    client = DecisionClient(connect, decided)
    again = OpenCheckpoint(Checkpoints(connect("checkpoint"), "https://reviews.example.com"), reopened)
    for _ in range(30):
        run, approval_id = waiting_run(engine, name)
        newer = engine.waiting_task(run, "work", "newer")
        answers = at_once(partial(client.decide, engine, approval_id, decision="continue"), partial(again, newer))
        assert errors_of(answers) == []
        (completed,) = (effect.token for effect in decided.effects if effect.kind == "complete")
        orders = [effect.payload["approvalId"] for effect in reopened.effects if effect.kind == "complete"]
        assert (completed, orders) in [("newer", []), ("token", [approval_id])]
        decided.effects.clear()
        reopened.effects.clear()
