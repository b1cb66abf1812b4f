"""A definition's policies for a step: conditions, the cache, optional and expiring checkpoints, tolerated failures."""

from __future__ import annotations

import pytest

from baton.errors import CheckpointNotExpired, Conflict, RunEnded, StaleGeneration, StepExhausted
from baton.usecases.launch_run import LaunchedRun

from .engine import EngineFixture
from .fakes import answer, refusal
from .preparations import begin_step
from .test_recovery import Operator, operator

__all__ = ["operator"]

HEAD = """
    metadata: {name: policies, displayName: Policies, version: 1.0.0, description: two steps}
    orchestration:
      parameters:
        - {name: size, type: integer, default: 1}
"""
ASKING = """          checkpoint_after:
            question: Right?
            options: [{action: continue, label: Go on}, {action: retry, label: Again, allows_modification: true}]
"""


def two_steps(first: str = "", second: str = "", execution: str = "") -> str:
    """A definition of `first`, then `second`, with these lines added to each."""
    return f"""{HEAD}{execution}
      steps:
        - id: first
          name: First
          agent: summarizer
          input: {{context: {{size: "{{{{ size }}}}"}}}}
          output_mapping: {{text: $.content.deliverable.content, id: $.content.deliverable.id}}
{first}
        - id: second
          name: Second
          agent: summarizer
          depends_on: [first]
          input: {{context: {{text: "{{{{ steps.first.text }}}}"}}}}
{second}
"""


# --- conditions -----------------------------------------------------------------------------------------------------


def test_a_step_whose_condition_is_false_is_skipped_and_its_dependents_go_on(engine: EngineFixture) -> None:
    run = engine.start(two_steps('          when: "{{ size }} > 10"'), size=3)
    assert engine.step(run, "first") == {"step_id": "first", "status": "skipped"}
    engine.agents.script = [answer()]
    engine.step(run, "second")
    assert engine.agents.asked[0]["payload"]["context"] == {"text": None}
    assert engine.run(run)["status"] == "completed"
    assert "step.skipped" in engine.event_types(run)


def test_the_condition_of_a_step_in_an_aborted_run_does_not_skip_it(engine: EngineFixture, operator: Operator) -> None:
    run = engine.start(two_steps("          when: size > 10"), size=3)
    delivery, attempt = begin_step(engine, run, "first")
    operator.abort(run)
    assert not engine.settle_step.record.skip(delivery, attempt).recorded
    assert engine.run(run)["results"] == {"steps": {}}


def test_a_step_whose_condition_is_true_runs(engine: EngineFixture) -> None:
    run = engine.start(two_steps("          when: size > 10"), size=11)
    engine.agents.script = [answer()]
    assert engine.step(run, "first")["status"] == "completed"


# --- cache ----------------------------------------------------------------------------------------------------------

CACHING = "      execution: {caching: {enabled: true, ttlSeconds: 60}}"


def run_first(engine: EngineFixture, run: LaunchedRun, *answers: dict[str, object]) -> object:
    engine.agents.script = list(answers)
    return engine.step(run, "first")


def test_the_same_input_is_answered_from_the_cache_with_a_deliverable_of_its_own(engine: EngineFixture) -> None:
    earlier = engine.start(two_steps(execution=CACHING))
    run_first(engine, earlier, answer("made once"))
    run = engine.launch(orchestration="policies", parameters={})
    assert run_first(engine, run) == {"step_id": "first", "status": "completed"}
    outputs = engine.step_row(run, "first")["outputs"]
    assert outputs["text"] == "made once"
    assert outputs["id"] != engine.step_row(earlier, "first")["outputs"]["id"]
    saved = engine.one("select * from deliverables where id = %s", outputs["id"])
    assert (str(saved["run_id"]), saved["content"]) == (run.run_id, "made once")
    assert engine.step_row(run, "first")["metadata"]["cached"] is True


@pytest.mark.parametrize("parameters", [{"size": 2}])
def test_another_input_is_not_answered_from_the_cache(engine: EngineFixture, parameters: dict[str, object]) -> None:
    run_first(engine, engine.start(two_steps(execution=CACHING)), answer())
    run_first(engine, engine.launch(orchestration="policies", parameters=parameters), answer())
    assert len(engine.agents.asked) == 2


def test_a_cached_answer_expires(engine: EngineFixture) -> None:
    run_first(engine, engine.start(two_steps(execution=CACHING)), answer())
    engine.owner.execute("update baton.step_cache set expires_at = now()")
    run_first(engine, engine.launch(orchestration="policies", parameters={}), answer())
    assert len(engine.agents.asked) == 2


def test_without_caching_no_answer_is_saved(engine: EngineFixture) -> None:
    run_first(engine, engine.start(two_steps()), answer())
    assert engine.all("select 1 from baton.step_cache") == []


def test_an_answer_from_the_cache_still_opens_the_checkpoint_and_a_persons_retry_never_reads_it(
    engine: EngineFixture,
) -> None:
    run_first(engine, engine.start(two_steps(ASKING, execution=CACHING)), answer("kept"))
    run = engine.launch(orchestration="policies", parameters={})
    assert run_first(engine, run) == {"step_id": "first", "status": "checkpoint"}
    engine.decide(engine.checkpoint(run, "first"), "retry")
    run_first(engine, run, answer("made anew"))
    assert engine.step_row(run, "first")["outputs"]["text"] == "made anew"


# --- checkpoints ----------------------------------------------------------------------------------------------------


def test_a_launcher_may_skip_optional_checkpoints(engine: EngineFixture) -> None:
    optional = two_steps(ASKING.replace("            question", "            required: false\n            question"))
    asked = engine.start(optional)
    assert run_first(engine, asked, answer()) == {"step_id": "first", "status": "checkpoint"}
    run = engine.launch(orchestration="policies", parameters={}, skip_optional_checkpoints=True)
    assert run_first(engine, run, answer()) == {"step_id": "first", "status": "completed"}


def test_a_required_checkpoint_cannot_be_skipped(engine: EngineFixture) -> None:
    engine.define(two_steps(ASKING))
    run = engine.launch(orchestration="policies", parameters={}, skip_optional_checkpoints=True)
    assert run_first(engine, run, answer()) == {"step_id": "first", "status": "checkpoint"}


def expire_approval(engine: EngineFixture, on_timeout: str, more: str = "") -> tuple[LaunchedRun, str]:
    """A run whose approval has just expired, and the approval."""
    timed = ASKING.replace(
        "            question",
        f"            timeout_seconds: 60\n            on_timeout: {on_timeout}\n            question",
    )
    run = engine.start(two_steps(timed + more))
    run_first(engine, run, answer())
    approval = engine.checkpoint(run, "first")
    engine.owner.execute("update human_approvals set expires_at = now()")
    return run, approval


def decide_before_the_timeout(engine: EngineFixture, approval: str, decision: str) -> None:
    engine.owner.execute("update human_approvals set expires_at = now() + interval '1 minute'")
    engine.decide(approval, decision)
    engine.owner.execute("update human_approvals set expires_at = now()")


def test_an_expired_checkpoint_continues_if_the_definition_says_so(engine: EngineFixture) -> None:
    run, approval = expire_approval(engine, "continue")
    assert engine.expire(run, "first") == {"decision": "continue"}
    assert engine.status(run, "first") == "completed"
    assert engine.one("select status from human_approvals where id = %s", approval)["status"] == "expired"
    assert engine.event_types(run)[-3:] == ["checkpoint.resolved", "step.completed", "run.updated"]
    with pytest.raises(Conflict, match="expired"):
        engine.decide(approval, "retry")


def test_an_expired_checkpoint_aborts_the_run_if_the_definition_says_so(engine: EngineFixture) -> None:
    run, _ = expire_approval(engine, "abort")
    with pytest.raises(RunEnded):
        engine.expire(run, "first")
    assert engine.run(run)["status"] == "aborted"
    assert engine.effects.kinds().count("stop") == 1


def test_an_expired_checkpoint_fails_the_run_if_the_definition_says_so(engine: EngineFixture) -> None:
    run, _ = expire_approval(engine, "fail")
    with pytest.raises(StepExhausted, match="in time"):
        engine.expire(run, "first")
    record = engine.run(run)
    assert (record["status"], record["error"]["type"]) == ("failed", "CheckpointExpired")
    assert engine.event_types(run)[-2:] == ["step_failed", "run.failed"]


def test_an_expired_checkpoint_fails_only_the_step_if_the_run_may_go_on(engine: EngineFixture) -> None:
    run, _ = expire_approval(engine, "fail", "          continue_on_failure: true\n")
    for _ in range(2):  # the Task may call again
        with pytest.raises(StepExhausted, match="in time"):
            engine.expire(run, "first")
    assert engine.settle(run, "first") == {"step_id": "first", "status": "failed"}
    assert (engine.run(run)["status"], engine.status(run, "first")) == ("running", "failed")
    engine.agents.script = [answer()]
    engine.step(run, "second")
    assert engine.agents.asked[-1]["payload"]["context"] == {"text": None}
    assert engine.run(run)["status"] == "completed"
    assert engine.event_types(run).count("step_failed") == 1
    assert "run.failed" not in engine.event_types(run)


def test_a_decision_before_the_timeout_stands(engine: EngineFixture) -> None:
    run, approval = expire_approval(engine, "abort")
    decide_before_the_timeout(engine, approval, "retry")
    assert engine.expire(run, "first") == {"decision": "retry"}
    assert engine.status(run, "first") == "pending"


def test_a_timeout_after_a_decision_removes_its_completion(engine: EngineFixture) -> None:
    run, approval = expire_approval(engine, "abort")
    decide_before_the_timeout(engine, approval, "continue")
    assert engine.expire(run, "first") == {"decision": "continue"}
    assert engine.all("select 1 from baton.outbox where kind = 'complete'") == []


def test_a_timeout_of_a_replaced_execution_leaves_the_completion_to_the_newer_one(engine: EngineFixture) -> None:
    run, approval = expire_approval(engine, "abort")
    engine.next_execution(run)
    engine.checkpoint(run, "first", "token of the newer execution", generation=2)
    decide_before_the_timeout(engine, approval, "continue")
    with pytest.raises(StaleGeneration, match=f"baton retry {run.run_id}"):
        engine.expire(run, "first", generation=1)
    assert len(engine.all("select 1 from baton.outbox where kind = 'complete'")) == 1


def test_the_record_and_not_the_caller_decides_that_an_approval_has_expired(engine: EngineFixture) -> None:
    run, approval = expire_approval(engine, "fail")
    engine.owner.execute("update human_approvals set expires_at = now() + interval '1 minute'")
    with pytest.raises(CheckpointNotExpired):
        engine.expire(run, "first")
    assert engine.decide(approval, "continue")["status"] == "decided"


def test_a_replaced_execution_expires_no_approval(engine: EngineFixture) -> None:
    run, approval = expire_approval(engine, "abort")
    engine.next_execution(run)
    with pytest.raises(StaleGeneration):
        engine.expire(run, "first", generation=1)
    assert engine.one("select status from human_approvals where id = %s", approval)["status"] == "pending"
    with pytest.raises(RunEnded):
        engine.expire(run, "first", generation=2)


def test_a_timeout_before_the_checkpoint_is_open_waits_again(engine: EngineFixture) -> None:
    """The Task's timeout begins with the call that opens the approval: the call may be slower than the timeout."""
    timed = ASKING.replace(
        "            question", "            timeout_seconds: 1\n            on_timeout: continue\n            question"
    )
    run = engine.start(two_steps(timed))
    for attempt in (1, 2):
        run_first(engine, run, answer())
        with pytest.raises(CheckpointNotExpired, match="is not open yet"):
            engine.expire(run, "first")
        approval = engine.checkpoint(run, "first")
        if attempt == 1:
            engine.decide(approval, "retry")
    engine.owner.execute("update human_approvals set expires_at = now()")
    assert engine.expire(run, "first") == {"decision": "continue"}


def test_a_checkpoint_with_a_timeout_and_no_action_goes_on_waiting(engine: EngineFixture) -> None:
    run = engine.start(
        two_steps(ASKING.replace("            question", "            timeout_seconds: 60\n            question"))
    )
    run_first(engine, run, answer())
    approval = engine.one("select * from human_approvals where id = %s", engine.checkpoint(run, "first"))
    assert (approval["status"], approval["expires_at"]) == ("pending", None)


def test_a_step_that_was_done_without_its_checkpoint_opens_no_approval(engine: EngineFixture) -> None:
    run = engine.start(two_steps(ASKING))
    skipped = "status = 'skipped', skip_reason = 'skipped', completed_at = now()"
    engine.owner.execute(f"update orchestration_steps set {skipped} where step_id = 'first'")
    approval = engine.checkpoint(run, "first")
    assert engine.one("select status from human_approvals where id = %s", approval)["status"] == "closed"
    (answered,) = [effect for effect in engine.effects.effects if effect.kind == "complete"]
    assert answered.payload == {"approvalId": approval, "decision": "continue"}
    assert "checkpoint.requested" not in engine.event_types(run)
    with pytest.raises(Conflict, match="closed: the run went on without it"):
        engine.decide(approval, "continue")


NOTIFYING = "          error_handling: {on_step_failure: {notifyHuman: true}}\n"


def notify_human_flags(engine: EngineFixture) -> list[object]:
    failures = engine.all("select data from orchestration_events where type = 'orchestration.step_failed'")
    return [failure["data"]["notifyHuman"] for failure in failures]


def test_a_person_is_notified_of_a_step_whose_checkpoint_expired(engine: EngineFixture) -> None:
    run, _ = expire_approval(engine, "fail", NOTIFYING)
    with pytest.raises(StepExhausted):
        engine.expire(run, "first")
    assert notify_human_flags(engine) == [True]


@pytest.mark.parametrize(("policy", "expected"), [(NOTIFYING, True), ("", False)])
def test_a_person_is_notified_of_a_step_whose_function_crashed(
    engine: EngineFixture, policy: str, expected: bool
) -> None:
    run = engine.start(two_steps("          continue_on_failure: true\n" + policy))
    with pytest.raises(IndexError):
        engine.step(run, "first")
    engine.settle(run, "first")
    assert notify_human_flags(engine) == [expected]


# --- failures that the run tolerates ----------------------------------------------------------------------------------


def test_a_step_may_fail_without_its_run(engine: EngineFixture) -> None:
    run = engine.start(two_steps("          continue_on_failure: true"))
    engine.agents.script = [refusal("no", retryable=False)]
    with pytest.raises(StepExhausted):
        engine.step(run, "first")
    assert engine.settle(run, "first") == {"step_id": "first", "status": "failed"}
    engine.agents.script = [answer()]
    engine.step(run, "second")
    record = engine.run(run)
    assert (record["status"], record["error"]) == ("completed", None)
    assert engine.event_types(run).count("step_failed") == 1
    assert "run.failed" not in engine.event_types(run)


def test_an_unrecorded_crash_is_settled_as_a_failure(engine: EngineFixture) -> None:
    run = engine.start(two_steps("          continue_on_failure: true"))
    engine.agents.script = []
    with pytest.raises(IndexError):
        engine.step(run, "first")
    assert engine.status(run, "first") == "running"
    engine.settle(run, "first")
    assert engine.status(run, "first") == "failed"
    assert engine.event_types(run)[-2:] == ["step.failed", "step_failed"]


def test_dependents_see_the_outputs_of_a_step_that_a_person_continues_after_a_failure(engine: EngineFixture) -> None:
    """A child run's step failed on a timeout, and dependents saw the failure; a retry opens its approval again."""
    run = engine.start(two_steps(ASKING))
    run_first(engine, run, answer("what was made"))
    approval = engine.checkpoint(run, "first")
    engine.owner.execute("update orchestration_steps set seen = '{}' where step_id = 'first'")
    engine.decide(approval, "continue")
    engine.agents.script = [answer()]
    engine.step(run, "second")
    assert engine.agents.asked[-1]["payload"]["context"] == {"text": "what was made"}
