"""The summarizer agent: takes one task and returns one Markdown page, its facts and its charts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from baton import invocation, logs
from baton.agents.contract import failure, success
from baton.errors import Malformed
from summarizer.brief import write_brief
from summarizer.review import answered
from summarizer.task import read_task


@logs.logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call of the agent contract. A failure is never retryable: the same context fails again."""
    try:
        task = read_task(event)
        written = write_brief(task.context)
    except Malformed as error:
        invocation.tell(success=False)
        return failure(str(error), retryable=False)
    page = written.page
    invocation.tell(success=True, characters=len(page.content))
    return success(replace(page, metadata={**page.metadata, **answered(task.review)}), written.attachments)
