"""Run a step, or an item of a for_each step: render its input, call the agent, record the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from baton import exact_json, ids
from baton.errors import AgentCallFailed, AgentThrottled
from baton.expressions import ExpressionInvalid
from baton.output_mapping import MappingInvalid, map_outputs
from baton.ports.outside import AgentCalls
from baton.ports.steps import Delivery, StepResult
from baton.templating import TemplateInvalid
from baton.usecases import reviews
from baton.usecases.attempt import MARGIN_SECONDS, Attempt, Attempts, Outcome, template_error


@dataclass(frozen=True)
class RunStep:
    attempts: Attempts
    agents: AgentCalls

    def __call__(self, delivery: Delivery, remaining_seconds: Callable[[], float]) -> Outcome:
        """The step's outcome, after this call or an earlier one has recorded it.

        Raises:
            StepFailed: this attempt failed, and the record allows another.
            StepExhausted: the step failed for good; the run has failed with it.
            AgentThrottled: Lambda had no room for the agent. The record expects another delivery of this attempt.
            ResultNotRecorded: the database is away. The Task enters its state again, with this attempt.
            AttemptInProgress, RunEnded, StaleGeneration, WrongMachine, StepNotReady: see ``Attempts.begin``.
        """
        attempt = self.attempts.begin(delivery, remaining_seconds)
        if not isinstance(attempt, Attempt):
            return attempt
        try:
            # ``ExpandItems`` has checked the condition of a for_each step.
            if not attempt.is_item and not attempt.condition_holds():
                return self.attempts.skip(attempt)
            resolved = attempt.input()
        except (TemplateInvalid, ExpressionInvalid) as error:
            self.attempts.fail(attempt, template_error(error))
        return self._from_cache(attempt, resolved) or self._call(attempt, resolved, remaining_seconds)

    def _from_cache(self, attempt: Attempt, resolved: Mapping[str, Any]) -> Outcome | None:
        key = exact_json.fingerprint(resolved)
        if key not in (attempt.context.cached_inputs or ()):
            return None
        result = StepResult(outputs={}, has_checkpoint=attempt.asks_a_person(), input_hash=key, from_cache=True)
        return self.attempts.complete(attempt, result)

    def _call(self, attempt: Attempt, resolved: dict[str, Any], remaining_seconds: Callable[[], float]) -> Outcome:
        deadline = min(attempt.step.timeout_seconds, remaining_seconds() - MARGIN_SECONDS)
        try:
            answer = self.agents.call(attempt.context.transport or {}, _request(attempt, resolved), deadline)
        except AgentThrottled:
            self.attempts.give_back(attempt)
            raise
        except AgentCallFailed as error:
            failure = {"type": error.kind, "message": str(error), "retryable": error.retryable}
            self.attempts.fail(attempt, failure, input=resolved, answer=error.answer)
        try:
            result = _result(attempt, resolved, answer)
        except MappingInvalid as error:
            self.attempts.fail(attempt, template_error(error), input=resolved, answer=answer)
        outcome = self.attempts.complete(attempt, result)
        assert outcome is not None  # only a result from the cache can be missing
        return outcome


def _request(attempt: Attempt, resolved: Mapping[str, Any]) -> dict[str, Any]:
    """The call of the agent contract."""
    context, delivery = attempt.context, attempt.delivery
    review = (
        reviews.for_agent(attempt.parameter_names, attempt.step, context.reviews, context.reviewed_attempt)
        if context.reviews
        else None
    )
    return {
        "mode": context.mode.lower(),
        "agent": context.agent_slug,
        "organization": context.organization,
        "idempotencyKey": f"{delivery.run_id}:{delivery.step_id}:{context.key_number}",
        "run": {
            "id": delivery.run_id,
            "definition": context.definition_name,
            "version": context.definition_version,
            "stepId": attempt.step.id,
            "attemptNumber": attempt.number,
        },
        "payload": resolved,
        **({"review": review} if review else {}),
    }


def _cache_seconds(attempt: Attempt) -> float | None:
    """How long the cache keeps the answer; None: not at all. An answer to a person's notes is for this run alone: the
    notes are not part of the input, which is the key of the cache."""
    if attempt.step.cache is None or any(one.get("notes") for one in attempt.context.reviews):
        return None
    return float(attempt.step.cache.ttl_seconds)


def _result(attempt: Attempt, resolved: Mapping[str, Any], answer: Mapping[str, Any]) -> StepResult:
    payload, deliverables = _with_ids(answer["payload"])
    return StepResult(
        outputs=map_outputs(attempt.step.output_mapping, payload),
        has_checkpoint=attempt.asks_a_person(),
        input=resolved,
        response={**answer, "payload": payload},
        deliverables=deliverables,
        input_hash=exact_json.fingerprint(resolved),
        cache_seconds=_cache_seconds(attempt),
    )


def _with_ids(payload: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """An answer's payload, whose deliverables have got ids; and these, with their positions."""
    content, saved = dict(payload["content"]), []
    if content.get("deliverable") is not None:
        content["deliverable"] = {"metadata": {}, **content["deliverable"], "id": str(ids.new_id())}
        saved.append({**content["deliverable"], "position": 0})
    if content.get("deliverables"):
        content["deliverables"] = [{"metadata": {}, **one, "id": str(ids.new_id())} for one in content["deliverables"]]
        saved += [{**one, "position": place} for place, one in enumerate(content["deliverables"], 1)]
    return {**payload, "content": content}, saved
