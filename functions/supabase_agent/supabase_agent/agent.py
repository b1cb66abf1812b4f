"""One task: from the question, with the notes of a review, to the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from baton.agents.contract import AgentTask, Deliverable, Review, failure, success
from baton.errors import Malformed
from supabase_agent.answer import answer
from supabase_agent.catalog import EVERYBODY, check_schema, find_departments, find_metrics
from supabase_agent.mcp_client import McpClient
from supabase_agent.notes.decision import Decision, decide, has_notes
from supabase_agent.notes.vocabulary import Vocabulary
from supabase_agent.problems import CannotAnswer, TokenRefused
from supabase_agent.question import Question
from supabase_agent.settings import Settings


class SupabaseAgent:
    """Answers tasks of the agent contract."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, event: Any) -> dict[str, Any]:
        try:
            task = AgentTask.parse(event)
            question = Question.parse(task.context)
            try:
                return self._ask(task, question)
            except TokenRefused:
                if not self._settings.key_has_changed():
                    raise
                return self._ask(task, question)
        except Malformed as error:
            return failure(str(error), retryable=False)
        except CannotAnswer as error:
            return failure(str(error), retryable=error.retryable)

    def _ask(self, task: AgentTask, question: Question) -> dict[str, Any]:
        with McpClient(self._settings.url, self._settings.bearer(task.organization)) as client:
            check_schema(client)
            if task.review is None or not has_notes(task.review):
                return success(answer(client, question))
            return success(_answer_reviewed(client, _decide(client, task.review, question)))


def _decide(client: McpClient, review: Review, question: Question) -> Decision:
    vocabulary = Vocabulary(find_metrics(client, question, EVERYBODY), find_departments(client))
    return decide(review, question, vocabulary)


def _answer_reviewed(client: McpClient, decision: Decision) -> Deliverable:
    """The answer with as many of the notes as possible, and a report on all of them."""
    reason = ""
    *variants, (base, all_dropped) = decision.variants()
    for question, dropped in variants:
        try:
            deliverable = answer(client, question)
        except CannotAnswer as error:
            if error.retryable:
                raise
            reason = reason or str(error)
        else:
            return _with_review(deliverable, decision.report(question, dropped, reason))
    return _with_review(answer(client, base), decision.report(base, all_dropped, reason))


def _with_review(deliverable: Deliverable, report: dict[str, Any]) -> Deliverable:
    return replace(deliverable, metadata={**deliverable.metadata, "review": report})
