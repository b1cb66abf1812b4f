"""The review of a person who has a step tried again: its agent gets it, and the next approval shows it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from baton.api.views.approvals import approval
from baton.errors import Conflict
from baton.store.database import Database
from baton.store.reads import Reads
from baton.usecases.launch_run import LaunchedRun
from baton.usecases.run_child import child_id

from .engine import FETCH, SUMMARIZE, EngineFixture
from .fakes import answer, kpi_answer, refusal
from .test_children import CHILD, RANGE, REVIEW, finish_child
from .test_decisions import WEEKLY, run
from .test_forks import ForkOf, fork, source
from .test_items import CHECKPOINT, REGIONS
from .test_recovery import Operator, fail, operator

__all__ = ["fork", "operator", "run", "source"]  # fixtures


def again(engine: EngineFixture, run: LaunchedRun, agent_answer: Any = None, **decision: Any) -> dict[str, Any]:
    """Makes a person's retry of the first step and its next attempt. Returns the agent's review."""
    engine.decide(engine.checkpoint(run, FETCH), "retry", **decision)
    engine.agents.script = [agent_answer or kpi_answer()]
    engine.step(run, FETCH)
    return review(engine)


def review(engine: EngineFixture) -> dict[str, Any]:
    received: dict[str, Any] = engine.agents.asked[-1]["review"]
    return received


def test_a_first_attempt_has_no_reviews(engine: EngineFixture, run: LaunchedRun) -> None:
    assert "review" not in engine.agents.asked[-1]


def test_notes_and_modifications_of_a_retry_reach_the_agent(engine: EngineFixture, run: LaunchedRun) -> None:
    first = engine.agents.asked[-1]["payload"]
    received = again(engine, run, notes="Filter to ARR only", modifications=WEEKLY)
    assert (received["notes"], received["modifications"], received["earlier"]) == ("Filter to ARR only", WEEKLY, [])
    previous = received["previousAttempt"]
    assert (previous["attemptNumber"], previous["input"]) == (1, first)
    assert previous["outputs"]["query_results"] == '[{"kpi":"revenue"}]'


def test_a_retry_without_notes_says_so(engine: EngineFixture, run: LaunchedRun) -> None:
    received = again(engine, run)
    assert (received["notes"], received["modifications"]) == (None, {})
    assert received["previousAttempt"]["attemptNumber"] == 1


def test_an_agent_gets_earlier_reviews_oldest_first(engine: EngineFixture, run: LaunchedRun) -> None:
    again(engine, run, notes="only EMEA")
    again(engine, run, modifications={"grouping": "week"})
    received = again(engine, run, notes="without churn")
    assert received["notes"] == "without churn"
    assert received["earlier"] == [
        {"notes": "only EMEA", "modifiedPaths": []},
        {"notes": None, "modifiedPaths": ["context.grouping", "userMessage"]},
    ]
    assert received["previousAttempt"]["attemptNumber"] == 3


def test_retries_without_notes_do_not_replace_earlier_notes(engine: EngineFixture, run: LaunchedRun) -> None:
    again(engine, run, notes="only EMEA")
    for _ in range(12):
        received = again(engine, run)
    assert (received["earlier"], received["earlierLeftOut"]) == ([{"notes": "only EMEA", "modifiedPaths": []}], 0)


def test_a_change_of_the_input_stays_in_force_in_later_retries(engine: EngineFixture, run: LaunchedRun) -> None:
    again(engine, run, modifications=WEEKLY)
    again(engine, run, notes="from August", modifications={"context": {"endDate": "2024-08-31"}})
    context = engine.agents.asked[-1]["payload"]["context"]
    assert (context["grouping"], context["kpiNames"], context["endDate"]) == ("week", ["arr", "churn"], "2024-08-31")
    again(engine, run, modifications={"context": {"kpiNames": ["nps"]}})
    assert engine.agents.asked[-1]["payload"]["context"]["kpiNames"] == ["nps"]


def test_another_note_at_the_same_retry_is_another_decision(engine: EngineFixture, run: LaunchedRun) -> None:
    approval_id = engine.checkpoint(run, FETCH)
    engine.decide(approval_id, "retry", notes="only revenue")
    assert engine.decide(approval_id, "retry", notes="only revenue")["decision"] == "retry"
    with pytest.raises(Conflict):
        engine.decide(approval_id, "retry", notes="only arr")


def test_an_automatic_retry_gets_the_same_reviews(engine: EngineFixture, run: LaunchedRun) -> None:
    engine.decide(engine.checkpoint(run, FETCH), "retry", notes="only EMEA")
    engine.agents.script = [refusal("busy", retryable=True), kpi_answer()]
    with pytest.raises(Exception, match="busy"):
        engine.step(run, FETCH)
    engine.step(run, FETCH)
    task = engine.agents.asked[-1]
    assert (task["run"]["attemptNumber"], task["review"]["notes"]) == (3, "only EMEA")
    assert task["review"]["previousAttempt"]["attemptNumber"] == 1


def test_a_large_attempt_is_left_out(engine: EngineFixture, run: LaunchedRun) -> None:
    large = {"context": {"remark": "x" * 70_000}}
    again(engine, run, answer("x" * 70_000, **{"sql": "", "rowCount": 0}), modifications=large)
    received = again(engine, run, notes="shorter")
    assert received["previousAttempt"] == {"attemptNumber": 2, "input": None, "outputs": None}


def test_items_get_the_reviews_of_their_step(engine: EngineFixture) -> None:
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


def test_the_first_steps_of_a_child_get_the_reviews_of_its_parents_step(engine: EngineFixture) -> None:
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
    assert (fetched["review"]["modifications"], fetched["review"]["modifiedPaths"]) == (
        {"grouping": "week"},
        ["context.grouping", "userMessage"],
    )
    assert "review" not in summarized
    assert not engine.step_row(engine.of(second), FETCH)["reads_cache"]


def test_an_operators_note_reaches_the_step_that_is_tried_again(engine: EngineFixture, operator: Operator) -> None:
    run = engine.launch()
    fail(engine, run)
    operator.retry(run, note="the KPI is called revenue", modifications={"grouping": "week"})
    engine.agents.script = [kpi_answer()]
    engine.step(run, FETCH, generation=2)
    received = review(engine)
    assert (received["notes"], received["modifications"]) == ("the KPI is called revenue", {"grouping": "week"})
    assert (received["previousAttempt"]["attemptNumber"], received["previousAttempt"]["outputs"]) == (1, None)


def test_a_forks_note_reaches_the_step_that_it_begins_with(
    engine: EngineFixture, source: LaunchedRun, fork: ForkOf
) -> None:
    forked = engine.of(fork(source, FETCH, note="only EMEA").run_id)
    plain = engine.of(fork(source, FETCH).run_id)
    for new in (forked, plain):
        engine.agents.script = [kpi_answer()]
        engine.step(new, FETCH)
    first, second = engine.agents.asked[-2:]
    assert (first["review"]["notes"], first["review"]["previousAttempt"]) == ("only EMEA", None)
    assert "review" not in second


def test_an_answer_shaped_by_notes_is_not_cached(engine: EngineFixture) -> None:
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


def test_an_approval_shows_the_review_and_the_agents_report_on_it(
    engine: EngineFixture, run: LaunchedRun, login_url: Callable[[str], str]
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


def report_of(*messages: str) -> dict[str, Any]:
    return {"applied": [{"message": message} for message in messages], "notApplied": []}


def messages(review: Any) -> list[str]:
    return [entry["message"] for entry in review["applied"]]


def review_of(engine: EngineFixture, login_url: Callable[[str], str], approval_id: str) -> Any:
    with closing(Database(login_url("api"))) as database:
        return approval(Reads(database).approval(engine.caller, approval_id))["review"]


def test_an_approval_shows_the_reports_of_the_agents_of_all_items(
    engine: EngineFixture, login_url: Callable[[str], str]
) -> None:
    text = REGIONS.replace("        - id: merge", CHECKPOINT + "        - id: merge")
    run = engine.start(text, regions=["north", "south"])
    for attempt in (1, 2):
        engine.step(run, "report", "expand")
        engine.agents.script = [answer(review=report_of("By week.", word)) for word in ("North.", "South.")]
        for item in ("report[0]", "report[1]"):
            engine.step(run, item)
        engine.step(run, "report", "gather")
        asked = engine.checkpoint(run, "report")
        if attempt == 1:
            engine.decide(asked, "retry", notes="by week")
    assert messages(review_of(engine, login_url, asked)) == ["By week.", "North.", "South."]


def test_an_approval_shows_the_report_of_the_childs_agent(
    engine: EngineFixture, login_url: Callable[[str], str]
) -> None:
    parent = engine.start(REVIEW.replace("        - id: brief", CHECKPOINT + "        - id: brief"), **RANGE)
    engine.step(parent, CHILD, "prepare")
    finish_child(engine, str(child_id(parent.run_id, CHILD, 1)))
    engine.step(parent, CHILD, "collect")
    engine.decide(engine.checkpoint(parent, CHILD), "retry", notes="only EMEA")
    engine.step(parent, CHILD, "prepare")
    child = str(child_id(parent.run_id, CHILD, 2))
    engine.agents.script = [answer("[]", sql="", review=report_of("Only EMEA.")), answer("# Summary")]
    engine.step(child, FETCH)
    engine.decide(engine.checkpoint(engine.of(child), FETCH), "continue")
    engine.step(child, SUMMARIZE)
    engine.step(parent, CHILD, "collect")
    assert messages(review_of(engine, login_url, engine.checkpoint(parent, CHILD))) == ["Only EMEA."]


def test_a_parameter_of_another_name_is_described_by_the_input_that_it_feeds(engine: EngineFixture) -> None:
    text = """
        metadata: {name: named, displayName: Named, version: 1.0.0, description: a parameter of another name}
        orchestration:
          parameters: [{name: period, type: string, default: month}, {name: title, type: string, default: T}]
          steps:
            - id: draft
              agent: summarizer
              input:
                userMessage: "By {{ period }}"
                context: {grouping: "{{ parameters.period }}", title: "{{ title }}"}
              checkpoint_after:
                question: Good?
                options: [{action: continue}, {action: retry, allows_modification: true}]
    """
    run = engine.start(text)
    engine.agents.script = [answer(), answer()]
    engine.step(run, "draft")
    changes = {"period": "week", "context": {"departments": ["Sales"], "empty": {}}}
    engine.decide(engine.checkpoint(run, "draft"), "retry", modifications=changes)
    engine.step(run, "draft")
    assert review(engine)["modifiedPaths"] == [
        "context.departments",
        "context.empty",
        "context.grouping",
        "userMessage",
    ]


def test_a_parameter_in_the_list_of_items_is_described_by_the_inputs_of_the_items(engine: EngineFixture) -> None:
    text = """
        metadata: {name: listed, displayName: Listed, version: 1.0.0, description: items that hold a parameter}
        orchestration:
          parameters: [{name: period, type: string, default: month}]
          steps:
            - id: draft
              agent: summarizer
              for_each: [{kpi: arr, by: "{{ period }}"}]
              as: one
              input: {context: {kpiNames: "{{ one.kpi }}", grouping: "{{ one.by }}", fixed: 1}}
              output_mapping: {text: $.content.deliverable.content}
              checkpoint_after:
                question: Good?
                options: [{action: continue}, {action: retry, allows_modification: true}]
    """
    run = engine.start(text)
    for attempt in (1, 2):
        engine.step(run, "draft", "expand")
        engine.agents.script = [answer()]
        engine.step(run, "draft[0]")
        engine.step(run, "draft", "gather")
        if attempt == 1:
            engine.decide(engine.checkpoint(run, "draft"), "retry", modifications={"period": "week"})
    assert engine.agents.asked[-1]["payload"]["context"]["grouping"] == "week"
    assert review(engine)["modifiedPaths"] == ["context.grouping", "context.kpiNames"]


def test_the_reviews_of_the_source_run_stay_in_force_in_its_fork(
    engine: EngineFixture, run: LaunchedRun, fork: ForkOf
) -> None:
    again(engine, run, notes="only EMEA", modifications={"context": {"kpiNames": ["arr"]}})
    engine.decide(engine.checkpoint(run, FETCH), "continue")
    forked = engine.of(fork(run, FETCH, note="by week").run_id)
    engine.agents.script = [kpi_answer()]
    engine.step(forked, FETCH)
    received = review(engine)
    assert (received["notes"], [one["notes"] for one in received["earlier"]]) == ("by week", ["only EMEA"])
    assert engine.agents.asked[-1]["payload"]["context"]["kpiNames"] == ["arr"]
    assert not engine.step_row(forked, FETCH)["reads_cache"]


def test_no_note_and_an_empty_one_are_the_same(engine: EngineFixture, run: LaunchedRun) -> None:
    approval_id = engine.checkpoint(run, FETCH)
    engine.decide(approval_id, "retry")
    assert engine.decide(approval_id, "retry", notes="")["decision"] == "retry"
