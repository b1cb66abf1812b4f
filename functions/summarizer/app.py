"""The summarizer agent's Lambda function: one task in, one Markdown summary out."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from baton.agents.contract import AgentTask, failure, success
from baton.errors import Malformed
from summarizer.request import Request
from summarizer.summary import summarize

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call of the agent contract. What cannot be read will not be readable later: never retryable."""
    try:
        task = AgentTask.parse(event)
        logger.append_keys(run_id=task.run.get("id"), step_id=task.run.get("stepId"))
        request = Request.parse(task.context)
        deliverable = summarize(request)
    except Malformed as error:
        logger.warning("cannot summarize", reason=str(error))
        return failure(str(error), retryable=False)
    logger.info("summarized", rows=len(request.rows))
    return success(deliverable)
