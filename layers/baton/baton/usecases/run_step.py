"""Run a step, or an item of a for_each step: render its input, call the agent, record what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from baton import exact_json, ids
from baton.errors import AgentCallFailed
from baton.expressions import ExpressionInvalid
from baton.output_mapping import MappingInvalid, map_outputs
from baton.ports.outside import Agents
from baton.ports.steps import Delivery, StepResult
from baton.templating import TemplateInvalid
from baton.usecases import reviews
from baton.usecases.attempt import MARGIN_SECONDS, Attempt, Attempts, Outcome, template_error


@dataclass(frozen=True)
class RunStep:
    attempts: Attempts
    agents: Agents

    def __call__(self, delivery: Delivery, remaining_seconds: Callable[[], float]) -> Outcome:
        """The step's outcome, once it is in the record, by this call or an earlier one.

        Raises:
            StepFailed: this attempt failed and the record allows another.
            StepExhausted: it failed for good; the run has failed with it.
            AttemptInProgress, RunEnded, StaleGeneration, WrongMachine, StepNotReady: see ``Attempts.begin``.
        """
        attempt = self.attempts.begin(delivery, remaining_seconds)
        if not isinstance(attempt, Attempt):
            return attempt
        try:
            # A for_each step's condition was looked at before there were items.
            if not attempt.is_item and not attempt.condition_holds():
                return self.attempts.skip(attempt)
            resolved = attempt.input()
        except (TemplateInvalid, ExpressionInvalid) as error:
            self.attempts.fail(attempt, template_error(error))
        return self._from_cache(attempt, resolved) or self._call(attempt, resolved, remaining_seconds)

    def _from_cache(self, attempt: Attempt, resolved: Mapping[str, Any]) -> Outcome | None:
        key = exact_json.fingerprint(resolved)
        if key not in (attempt.begun.cached_inputs or ()):
            return None
        kept = StepResult(outputs={}, has_checkpoint=attempt.asks_a_person(), input_hash=key, from_cache=True)
        return self.attempts.complete(attempt, kept)

    def _call(self, attempt: Attempt, resolved: dict[str, Any], remaining_seconds: Callable[[], float]) -> Outcome:
        deadline = min(attempt.step.timeout_seconds, remaining_seconds() - MARGIN_SECONDS)
        try:
            answer = self.agents.call(attempt.begun.transport or {}, _request(attempt, resolved), deadline)
        except AgentCallFailed as error:
            told = {"type": error.kind, "message": str(error), "retryable": error.retryable}
            self.attempts.fail(attempt, told, input=resolved, answer=error.answer)
        try:
            result = _result(attempt, resolved, answer)
        except MappingInvalid as error:
            self.attempts.fail(attempt, template_error(error), input=resolved, answer=answer)
        outcome = self.attempts.complete(attempt, result)
        assert outcome is not None  # only the cache can lose what it was to be completed from
        return outcome


def _request(attempt: Attempt, resolved: Mapping[str, Any]) -> dict[str, Any]:
    """The call of the agent contract."""
    begun, delivery = attempt.begun, attempt.delivery
    told = (
        reviews.for_agent(attempt.parameter_names, attempt.step, begun.reviews, begun.reviewed_attempt)
        if begun.reviews
        else None
    )
    return {
        "mode": begun.mode.lower(),
        "agent": begun.agent_slug,
        "organization": begun.organization,
        "idempotencyKey": f"{delivery.run_id}:{delivery.step_id}:{begun.key_number}",
        "run": {
            "id": delivery.run_id,
            "definition": begun.definition_name,
            "version": begun.definition_version,
            "stepId": attempt.step.id,
            "attemptNumber": attempt.number,
        },
        "payload": resolved,
        **({"review": told} if told else {}),
    }


def _cache_seconds(attempt: Attempt) -> float | None:
    """How long the answer may be used again. One that a person's words have shaped is of this run alone: they are no
    part of the input that the cache goes by."""
    if attempt.step.cache is None or any(one.get("notes") for one in attempt.begun.reviews):
        return None
    return float(attempt.step.cache.ttl_seconds)


def _result(attempt: Attempt, resolved: Mapping[str, Any], answer: Mapping[str, Any]) -> StepResult:
    payload = dict(answer["payload"])
    deliverable = payload["content"].get("deliverable")
    if deliverable is not None:
        deliverable = {"metadata": {}, **deliverable, "id": str(ids.new_id())}
        payload["content"] = {**payload["content"], "deliverable": deliverable}
    return StepResult(
        outputs=map_outputs(attempt.step.output_mapping, payload),
        has_checkpoint=attempt.asks_a_person(),
        input=resolved,
        response={**answer, "payload": payload},
        deliverable=deliverable,
        input_hash=exact_json.fingerprint(resolved),
        cache_seconds=_cache_seconds(attempt),
    )
