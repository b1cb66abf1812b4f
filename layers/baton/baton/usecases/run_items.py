"""A for_each step: expand its list into items, and collect their outputs. ``run_step`` runs each item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from baton import exact_json, templating
from baton.expressions import ExpressionInvalid
from baton.model import StepStatus
from baton.ports.steps import Delivery, StepResult
from baton.templating import TemplateInvalid
from baton.usecases.attempt import Attempt, Attempts, Outcome, template_error


@dataclass(frozen=True)
class ExpandItems:
    attempts: Attempts

    def __call__(self, delivery: Delivery, remaining_seconds: Callable[[], float]) -> Outcome:
        """``{"step_id", "status", "items": [0, 1, …]}``: the indexes of the items that are not done. There are none if
        the step is done or its condition does not hold.

        Raises:
            StepExhausted: the template cannot be rendered, or its value is not a list or too long a list.
        """
        attempt = self.attempts.begin(delivery, remaining_seconds)
        if not isinstance(attempt, Attempt):
            return {**attempt, "items": []}
        try:
            if not attempt.condition_holds():
                return {**self.attempts.skip(attempt), "items": []}
            items = self._items(attempt)
        except (TemplateInvalid, ExpressionInvalid) as error:
            self.attempts.fail(attempt, template_error(error))
        undone = self.attempts.record.expand(delivery, attempt.number, items)
        return {"step_id": delivery.step_id, "status": StepStatus.RUNNING, "items": undone}

    @staticmethod
    def _items(attempt: Attempt) -> list[Any]:
        for_each = attempt.step.for_each
        assert for_each is not None  # the compiler gives these states to for_each steps alone
        items = templating.render(for_each.items, attempt.scope)
        if not isinstance(items, list):
            raise TemplateInvalid(f"for_each needs a list, not {exact_json.dumps(items)[:100]}")
        if len(items) > for_each.max_items:
            message = f"the list of for_each has {len(items)} items, and `max_items` allows {for_each.max_items}"
            raise TemplateInvalid(message)
        return items


@dataclass(frozen=True)
class CollectItems:
    attempts: Attempts

    def __call__(self, delivery: Delivery, remaining_seconds: Callable[[], float]) -> Outcome:
        """The outcome of the whole step. Every output is a list of the items' values, in their order."""
        attempt = self.attempts.begin(delivery, remaining_seconds)
        if not isinstance(attempt, Attempt):
            return attempt
        items = attempt.context.item_outputs or ()
        outputs = {name: [(item or {}).get(name) for item in items] for name in attempt.step.output_mapping}
        outcome = self.attempts.complete(attempt, StepResult(outputs, has_checkpoint=attempt.asks_a_person()))
        assert outcome is not None  # nothing of this comes from the cache
        return outcome
