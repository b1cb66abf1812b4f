"""Lists, conditions, failures and the cache of steps on the whole stack."""

from __future__ import annotations

import threading
from typing import Any

from tests.integration.executions import execution_status
from tests.integration.waiting import PATIENCE, wait_until
from tests.integration.workshop import (
    Agent,
    Task,
    Workshop,
    answer,
    checkpoint,
    refusal,
    statuses,
    step,
)


def test_every_item_is_worked_on_and_all_answers_are_gathered_in_order(workshop: Workshop, agent: Agent) -> None:
    at_once = Peak()
    agent.behave("each", at_once)
    workshop.publish(
        step(
            "each",
            for_each="{{ names }}",
            **{"as": "name"},
            max_parallel=2,
            input={"context": {"name": "{{ name }}"}},
            checkpoint_after=checkpoint(),
        ),
        step("after", "each", input={"context": {"all": "{{ steps.each.context }}"}}),
        parameters=[{"name": "names", "type": "string[]", "required": True}],
    )
    names = ["ann", "bo", "cy", "di", "ed"]
    run_id = workshop.launch(parameters={"names": names})
    workshop.decide(workshop.asked(run_id, "each")["each"])
    run = workshop.run_at_end(run_id)
    assert run["status"] == "completed"
    assert run["results"]["steps"]["each"]["context"] == [{"name": name} for name in names]
    assert run["results"]["steps"]["after"]["context"] == {"all": [{"name": name} for name in names]}
    assert (len(agent.tasks("each")), at_once.most) == (5, 2)


class Peak:
    """An agent's behaviour that counts how many of its calls overlap; the first waits until there is a second."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now = 0
        self.most = 0

    def __call__(self, task: Task) -> dict[str, Any]:
        with self._changed:
            self._now += 1
            self.most = max(self.most, self._now)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.most > 1, timeout=PATIENCE)
        try:
            return answer(task)
        finally:
            with self._changed:
                self._now -= 1


def test_a_list_without_items_is_done_at_once(workshop: Workshop, agent: Agent) -> None:
    workshop.publish(
        step("each", for_each="{{ names }}"),
        parameters=[{"name": "names", "type": "string[]", "default": []}],
    )
    run = workshop.run_at_end(workshop.launch())
    assert (run["status"], run["results"]["steps"]["each"]["note"]) == ("completed", [])
    assert agent.tasks("each") == []


def test_an_item_that_fails_fails_the_step(workshop: Workshop, agent: Agent) -> None:
    agent.behave("each", lambda task: refusal(task) if task["payload"]["context"]["n"] == 2 else answer(task))
    workshop.publish(
        step("each", for_each=[1, 2, 3], input={"context": {"n": "{{ item }}"}}),
    )
    run = workshop.run_at_end(workshop.launch())
    assert (run["status"], run["error"]["stepId"]) == ("failed", "each")
    [each] = run["steps"]
    assert [(item["index"], item["attemptNumber"]) for item in each["items"]] == [(0, 1), (1, 1), (2, 1)]
    assert each["items"][1]["status"] == "failed"
    assert "does not want to" in each["items"][1]["error"]["message"]


def test_a_step_whose_condition_does_not_hold_is_skipped_with_its_checkpoint(workshop: Workshop, agent: Agent) -> None:
    workshop.publish(
        step("a"),
        step("maybe", "a", when="{{ wanted }} == true", checkpoint_after=checkpoint()),
        step("after", "maybe", input={"context": {"given": "{{ steps.maybe.note }}"}}),
        parameters=[{"name": "wanted", "type": "boolean", "required": True}],
    )
    run = workshop.run_at_end(workshop.launch(parameters={"wanted": False}))
    assert (run["status"], statuses(run)["maybe"]) == ("completed", "skipped")
    assert run["results"]["steps"]["after"]["context"] == {"given": None}
    assert agent.tasks("maybe") == []

    wanted = workshop.launch(parameters={"wanted": True})
    workshop.decide(workshop.asked(wanted, "maybe")["maybe"])
    run = workshop.run_at_end(wanted)
    assert run["results"]["steps"]["after"]["context"] == {"given": "This is maybe."}


def test_a_step_may_fail_without_its_run(workshop: Workshop, agent: Agent) -> None:
    agent.behave("optional", refusal)
    workshop.publish(
        step("optional", continue_on_failure=True, checkpoint_after=checkpoint()),
        step("other"),
        step("after", "optional", "other", input={"context": {"given": "{{ steps.optional.note }}"}}),
    )
    run_id = workshop.launch()
    run = workshop.run_at_end(run_id)
    assert (run["status"], statuses(run)["optional"]) == ("completed", "failed")
    assert run["results"]["steps"]["after"]["context"] == {"given": None}
    wait_until(lambda: execution_status(workshop, run_id) == "SUCCEEDED")


def test_what_comes_from_the_cache_is_looked_at_too(workshop: Workshop, agent: Agent) -> None:
    workshop.publish(
        step("a", checkpoint_after=checkpoint()),
        execution={"caching": {"ttlSeconds": 600}},
    )
    first = workshop.launch()
    workshop.decide(workshop.asked(first, "a")["a"])
    assert workshop.run_at_end(first)["status"] == "completed"

    second = workshop.launch()
    asked = workshop.asked(second, "a")
    assert len(agent.tasks("a")) == 1
    workshop.decide(asked["a"], "retry")  # who sends it back does not want the same again
    agent.is_called_for("a", 2)
    workshop.decide(workshop.asked(second, "a")["a"])
    run = workshop.run_at_end(second)
    assert (run["status"], run["results"]["steps"]["a"]["note"]) == ("completed", "This is a.")
