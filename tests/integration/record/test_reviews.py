"""What a person says when they have a step tried again reaches its agent, and stands before the next review."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from baton.api.views.approvals import approval
from baton.store.database import Database
from baton.store.reads import Reads
from baton.usecases.launch import LaunchedRun
from baton.usecases.run_child import child_id

from .conftest import FETCH, Engine, answer, kpi_answer, refusal
from .test_children import CHILD, RANGE, REVIEW, finish_child
from .test_decisions import WEEKLY, run
from .test_forks import ForkOf, fork, source
from .test_items import CHECKPOINT, REGIONS
from .test_recovery import Operator, fail, operator

__all__ = ["fork", "operator", "run", "source"]  # fixtures


def again(engine: Engine, run: LaunchedRun, told: Any = None, **decision: Any) -> dict[str, Any]:
    """A person's retry of the first step, its next attempt, and the review that the agent was given."""
    engine.decide(engine.checkpoint(run, FETCH), "retry", **decision)
    engine.agents.script = [told or kpi_answer()]
    engine.step(run, FETCH)
    return review(engine)


def review(engine: Engine) -> dict[str, Any]:
    given: dict[str, Any] = engine.agents.asked[-1]["review"]
    return given


def test_nobody_has_reviewed_a_first_attempt(engine: Engine, run: LaunchedRun) -> None:
    assert "review" not in engine.agents.asked[-1]


def test_notes_and_modifications_of_a_retry_reach_the_agent(engine: Engine, run: LaunchedRun) -> None:
    first = engine.agents.asked[-1]["payload"]
    given = again(engine, run, notes="Filter to ARR only", modifications=WEEKLY)
    assert (given["notes"], given["modifications"], given["earlier"]) == ("Filter to ARR only", WEEKLY, [])
    previous = given["previousAttempt"]
    assert (previous["attemptNumber"], previous["input"]) == (1, first)
    assert previous["outputs"]["query_results"] == '[{"kpi":"revenue"}]'


def test_a_retry_without_a_word_says_so(engine: Engine, run: LaunchedRun) -> None:
    given = again(engine, run)
    assert (given["notes"], given["modifications"]) == (None, {})
    assert given["previousAttempt"]["attemptNumber"] == 1


def test_earlier_reviews_come_along_oldest_first(engine: Engine, run: LaunchedRun) -> None:
    again(engine, run, notes="only EMEA")
    again(engine, run, modifications={"grouping": "week"})
    given = again(engine, run, notes="without churn")
    assert given["notes"] == "without churn"
    assert [(one["notes"], one["modifications"]) for one in given["earlier"]] == [
        ("only EMEA", {}),
        (None, {"grouping": "week"}),
    ]
    assert given["previousAttempt"]["attemptNumber"] == 3


def test_what_is_told_of_earlier_reviews_has_an_end(engine: Engine, run: LaunchedRun) -> None:
    for number in range(1, 13):
        again(engine, run, notes=f"note {number}")
    given = review(engine)
    assert [given["notes"], len(given["earlier"]), given["earlier"][0]["notes"]] == ["note 12", 9, "note 3"]


def test_an_automatic_retry_is_told_the_same(engine: Engine, run: LaunchedRun) -> None:
    engine.decide(engine.checkpoint(run, FETCH), "retry", notes="only EMEA")
    engine.agents.script = [refusal("busy", retryable=True), kpi_answer()]
    with pytest.raises(Exception, match="busy"):
        engine.step(run, FETCH)
    engine.step(run, FETCH)
    task = engine.agents.asked[-1]
    assert (task["run"]["attemptNumber"], task["review"]["notes"]) == (3, "only EMEA")
    assert task["review"]["previousAttempt"]["attemptNumber"] == 1


def test_a_large_attempt_does_not_travel(engine: Engine, run: LaunchedRun) -> None:
    large = {"context": {"remark": "x" * 70_000}}
    again(engine, run, answer("x" * 70_000, **{"sql": "", "rowCount": 0}), modifications=large)
    given = again(engine, run, notes="shorter")
    assert given["previousAttempt"] == {"attemptNumber": 2, "input": None, "outputs": None}


def test_the_items_of_a_list_are_told_what_was_said_of_their_step(engine: Engine) -> None:
    run = engine.start(REGIONS.replace("        - id: merge", CHECKPOINT + "        - id: merge"), regions=["north"])
    for attempt in (1, 2):
        engine.step(run, "report", "expand")
        engine.agents.script = [answer(f"Draft {attempt}")]
        engine.step(run, "report[0]")
        engine.step(run, "report", "gather")
        if attempt == 1:
            engine.decide(engine.checkpoint(run, "report"), "retry", notes="shorter")
    assert review(engine)["notes"] == "shorter"
    assert review(engine)["previousAttempt"]["outputs"] == {"text": "Draft 1"}


def test_the_first_steps_of_a_child_are_told_what_was_said_of_their_parents_step(engine: Engine) -> None:
    parent = engine.start(REVIEW.replace("        - id: brief", CHECKPOINT + "        - id: brief"), **RANGE)
    engine.step(parent, CHILD, "prepare")
    finish_child(engine, str(child_id(parent.run_id, CHILD, 1)))
    engine.step(parent, CHILD, "collect")
    changes = {"parameters": {"grouping": "week"}}
    engine.decide(engine.checkpoint(parent, CHILD), "retry", notes="only EMEA", modifications=changes)
    engine.step(parent, CHILD, "prepare")
    second = str(child_id(parent.run_id, CHILD, 2))
    finish_child(engine, second)
    fetched, summarized = engine.agents.asked[-2:]
    assert (fetched["run"]["id"], fetched["review"]["notes"]) == (second, "only EMEA")
    assert fetched["review"]["modifications"] == changes
    assert "review" not in summarized


def test_an_operators_note_reaches_the_step_that_is_tried_again(engine: Engine, operator: Operator) -> None:
    run = engine.launch()
    fail(engine, run)
    operator.retry(run, note="the KPI is called revenue", modifications={"grouping": "week"})
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH, generation=2)
    given = review(engine)
    assert (given["notes"], given["modifications"]) == ("the KPI is called revenue", {"grouping": "week"})
    assert (given["previousAttempt"]["attemptNumber"], given["previousAttempt"]["outputs"]) == (1, None)


def test_a_forks_note_reaches_the_step_that_it_begins_with(engine: Engine, source: LaunchedRun, fork: ForkOf) -> None:
    forked = engine.of(fork(source, FETCH, note="only EMEA").run_id)
    plain = engine.of(fork(source, FETCH).run_id)
    for new in (forked, plain):
        engine.agents.script = [kpi_answer()]
        engine.step(new, FETCH)
    told, untold = engine.agents.asked[-2:]
    assert (told["review"]["notes"], told["review"]["previousAttempt"]) == ("only EMEA", None)
    assert "review" not in untold


def test_what_notes_have_shaped_answers_nobody_elses_question(engine: Engine) -> None:
    text = """
        metadata: {name: cached, displayName: Cached, version: 1.0.0, description: one cached step}
        orchestration:
          execution: {caching: {ttlSeconds: 600}}
          steps:
            - id: draft
              agent: summarizer
              output_mapping: {text: $.content.deliverable.content}
              checkpoint_after:
                question: Good?
                options: [{action: continue, label: Yes!}, {action: retry, label: Again}]
    """
    run = engine.start(text)
    engine.agents.script = [answer("For everybody"), answer("For one run")]
    engine.step(run, "draft")
    engine.decide(engine.checkpoint(run, "draft"), "retry", notes="shorter")
    engine.step(run, "draft")
    other = engine.launch(orchestration="cached", parameters={})
    engine.step(other, "draft")
    assert engine.step_row(other, "draft")["outputs"] == {"text": "For everybody"}


def test_an_approval_tells_what_was_asked_for_and_what_the_agent_made_of_it(
    engine: Engine, run: LaunchedRun, login_url: Callable[[str], str]
) -> None:
    report = {"applied": [{"note": "by week", "message": "Grouped by week."}], "notApplied": ["No such region."]}
    first = engine.checkpoint(run, FETCH)
    again(engine, run, answer("[]", review=report), notes="by week, only Mars")
    second = engine.checkpoint(run, FETCH)
    again(engine, run, kpi_answer(), notes="shorter")
    third = engine.checkpoint(run, FETCH)
    with closing(Database(login_url("api"))) as database:
        reads = Reads(database)
        shown = [approval(reads.approval(engine.caller, one))["review"] for one in (first, second, third)]
        pending = reads.run(engine.caller, run.run_id)["approvals"]
    assert shown == [
        None,
        {
            "notes": "by week, only Mars",
            "modifications": {},
            "applied": report["applied"],
            "notApplied": [{"message": "No such region."}],
        },
        {"notes": "shorter", "modifications": {}, "applied": None, "notApplied": None},
    ]
    assert [approval(row)["review"] for row in pending] == [shown[2]]
