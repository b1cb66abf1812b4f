"""`baton run` and `baton status`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from baton.model import EventType
from tests.unit.cli.conftest import (
    APPROVAL,
    DEFINITION,
    DELIVERABLE,
    END_OF_STREAM,
    EXECUTION,
    RUN,
    Shell,
    a_deliverable,
    a_run,
    a_step,
    a_stream_answer,
    an_approval,
    an_event,
)

DEFINITION_PATH = "GET /orchestrations/definitions/kpi-tracking"
APPROVAL_PATH = f"GET /orchestrations/approvals/{APPROVAL}"
RUN_PATH = f"GET /orchestrations/runs/{RUN}"


def a_run_through_a_checkpoint(shell: Shell, end: str = "completed", **changes: Any) -> None:
    shell.api.answers = {
        DEFINITION_PATH: [DEFINITION],
        "POST /orchestrations/runs": [a_run("pending")],
        f"{RUN_PATH}/status": [
            a_run("pending"),
            a_run("checkpoint"),  # before its event was read
            a_run("checkpoint"),
            a_run("checkpoint"),
            a_run(end, **changes),
        ],
        f"{RUN_PATH}/status/stream": [
            a_stream_answer(an_event(1, "run.created"), an_event(2, "step.running", stepId="fetch", attemptNumber=1)),
            a_stream_answer(an_event(3, "checkpoint.requested", stepId="fetch", attemptNumber=1, approvalId=APPROVAL)),
            a_stream_answer(),
            a_stream_answer(an_event(4, "step.running", stepId="fetch", attemptNumber=2)),
            END_OF_STREAM,
        ],
        RUN_PATH: [a_run(end, **changes)],
        APPROVAL_PATH: [an_approval(a_deliverable())],
    }


CONSOLE = "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/arn"


@pytest.mark.parametrize("words", [("status", RUN), ("run", "kpi-tracking", "--param", "kpi_names=revenue")])
def test_a_run_shows_its_execution_and_where_to_see_it(shell: Shell, words: tuple[str, ...]) -> None:
    shown = a_run("running", execution={**EXECUTION, "consoleUrl": CONSOLE})
    shell.api.answers = {DEFINITION_PATH: [DEFINITION], "POST /orchestrations/runs": [shown], RUN_PATH: [shown]}
    assert shell.baton(*words) == 0
    assert f"Execution: {EXECUTION['arn']}\nConsole:   {CONSOLE}\n" in shell.out


def test_an_execution_of_the_local_stack_has_no_page(shell: Shell) -> None:
    shell.api.answers = {RUN_PATH: [a_run("running")]}
    shell.baton("status", RUN)
    assert f"Execution: {EXECUTION['arn']}\n" in shell.out
    assert "Console:" not in shell.out


def test_parameters_are_sent_with_their_declared_types(shell: Shell) -> None:
    a_run_through_a_checkpoint(shell)

    code = shell.baton(
        "run", "kpi-tracking", "--param", "kpi_names=revenue, expenses", "--param", "start_date=2024-07-01"
    )

    assert code == 0
    assert shell.api.body_of("POST /orchestrations/runs") == {
        "organization": "demo",
        "orchestration": {"name": "kpi-tracking", "version": None},
        "parameters": {"kpi_names": ["revenue", "expenses"], "start_date": "2024-07-01"},
    }
    assert RUN in shell.out


def test_following_shows_each_event_once_the_data_and_the_command_that_decides(shell: Shell) -> None:
    a_run_through_a_checkpoint(shell)

    code = shell.baton("run", "kpi-tracking", "--follow")

    assert code == 0
    lines = shell.out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("09:00:01")] == [
        "run.created",
        "step.running",
        "checkpoint.requested",
        "step.running",
    ]
    assert sum(f"baton approve {APPROVAL} continue|retry|abort" in line for line in lines) == 1
    assert any("fetch (attempt 2)" in line for line in lines)
    shown = ["fetch waits for a decision.", "period\trevenue (USD)\tmargin (ratio)", "select 1", "Right?"]
    places = [lines.index(line) for line in shown]
    assert places == sorted(places)
    assert shell.api.last_event_ids == [None, "2", "3", "3", "4"]
    assert lines.index(next(line for line in lines if "checkpoint.requested" in line)) < places[0]
    assert "\x1b" not in shell.out


@pytest.mark.parametrize("end", ["failed", "aborted"])
def test_the_command_fails_if_the_run_does_not_complete(shell: Shell, end: str) -> None:
    error = {"stepId": "fetch", "type": "ValueError", "message": "no [such] KPI"} if end == "failed" else None
    a_run_through_a_checkpoint(shell, end, error=error)

    code = shell.baton("run", "kpi-tracking", "--follow")

    assert code == 1
    assert ("fetch: ValueError: no [such] KPI" in shell.out) == (end == "failed")


def test_json_is_one_document(shell: Shell) -> None:
    a_run_through_a_checkpoint(shell)

    shell.baton("run", "kpi-tracking", "--follow", "--json")

    assert json.loads(shell.out)["status"] == "completed"


def test_the_status_shows_the_steps_and_the_open_approvals(shell: Shell) -> None:
    shell.api.answers = {
        RUN_PATH: [a_run("checkpoint", steps=[a_step("checkpoint", attempt=2)])],
        APPROVAL_PATH: [an_approval(a_deliverable())],
    }

    code = shell.baton("status", RUN)

    assert code == 0
    assert "2024-08-01\t1,234,567.10\t–" in shell.out
    assert "fetch\tcheckpoint\t2\tsupabase-agent" in shell.out
    assert f"baton approve {APPROVAL}" in shell.out


def test_the_output_of_a_completed_run_ends_with_its_summary(shell: Shell) -> None:
    inner, last = a_step("completed"), {**a_step("completed", attempt=2), "id": "write", "dependsOn": ["fetch"]}
    deliverables = [
        a_deliverable("# Inner", "markdown", id="inner"),
        a_deliverable("# First try", "markdown", id="first", stepId="write"),
        a_deliverable("# The end", "markdown", id=DELIVERABLE, stepId="write", attemptNumber=2),
    ]
    shell.api.answers = {
        RUN_PATH: [a_run("completed", steps=[inner, last], deliverables=deliverables)],
        f"GET /deliverables/{DELIVERABLE}": [deliverables[-1]],
    }

    assert shell.baton("status", RUN) == 0
    assert shell.out.endswith("\n# The end\n")
    assert "# Inner" not in shell.out


def test_a_repeated_reason_of_failure_is_shown_once(shell: Shell) -> None:
    a_run_through_a_checkpoint(shell, "failed")
    error = {"type": "AgentRefused", "message": "no such table", "retryable": False}
    shell.api.answers[f"{RUN_PATH}/status/stream"] = [
        a_stream_answer(
            an_event(1, "step.failed", stepId="fetch", attemptNumber=1, willRetry=True, error=error),
            an_event(2, "step.failed", stepId="fetch", attemptNumber=2, willRetry=False, error=error),
            an_event(3, "step_failed", stepId="fetch", attemptNumber=2, error=error),
            an_event(4, "run.failed", stepId="fetch", attemptNumber=2, error=error),
            an_event(5, "step.failed", stepId="fetch", attemptNumber=3, willRetry=True, error={"message": "else"}),
        ),
        END_OF_STREAM,
    ]
    failed = {**a_step("failed", attempt=2), "error": error}
    shell.api.answers[RUN_PATH] = [a_run("failed", error={**error, "stepId": "fetch"}, steps=[failed])]

    shell.baton("run", "kpi-tracking", "--follow")

    assert [" ".join(line.split()[1:]) for line in shell.out.splitlines() if line.startswith("09:00:01")] == [
        "step.failed fetch (attempt 1, to be tried again): no such table",
        "step.failed fetch (attempt 2): the same reason",
        "step_failed fetch (attempt 2)",
        "run.failed fetch (attempt 2)",
        "step.failed fetch (attempt 3, to be tried again): else",
    ]
    assert shell.out.count("no such table") == 2  # when it happened, and at the end
    assert "fetch\tfailed\t2\tsupabase-agent\tAgentRefused" in shell.out
    assert "Fix the cause first: another try alone will not help." in shell.out


def test_every_field_of_a_problem_is_shown(shell: Shell) -> None:
    shell.api.answers = {
        DEFINITION_PATH: [DEFINITION],
        "POST /orchestrations/runs": [
            {
                "status": 422,
                "title": "The request is not valid",
                "detail": "The parameters do not fit: start_date: is required; grouping: must be one of day",
                "errors": [
                    {"field": "start_date", "message": "is required"},
                    {"field": "grouping", "message": "must be one of day"},
                ],
            }
        ],
    }

    code = shell.baton("run", "kpi-tracking")

    assert code == 1
    assert shell.err.splitlines() == [
        "The request is not valid: The parameters do not fit:",
        "  start_date: is required",
        "  grouping: must be one of day",
    ]


def test_with_json_a_problem_is_the_problem_document(shell: Shell) -> None:
    shell.api.answers = {RUN_PATH: [{"status": 404, "title": "Not found", "detail": "There is no run."}]}

    assert shell.baton("status", RUN, "--json") == 1
    assert json.loads(shell.err)["status"] == 404


def test_with_json_an_error_of_the_command_is_a_problem_document(shell: Shell, tmp_path: Path) -> None:
    shell.api.answers = {RUN_PATH: [httpx.ConnectError("Connection refused")]}
    assert shell.baton("status", RUN, "--json") == 3
    assert json.loads(shell.err)["type"] == "urn:problem-type:baton:unreachable"

    assert shell.baton("compile", str(tmp_path / "none.yaml"), "--json") == 1
    assert "none.yaml" in json.loads(shell.err)["detail"]

    broken = tmp_path / "broken.yaml"
    broken.write_text("metadata: 3\n")
    assert shell.baton("compile", str(broken), "--json") == 1
    assert json.loads(shell.err)["errors"][0]["line"] == 1
    assert shell.out == ""


def test_an_unreadable_file_is_reported_in_one_line(shell: Shell, tmp_path: Path) -> None:
    def refuse(*_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied", "x.json")

    file = tmp_path / "x.json"
    file.touch()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "read_text", refuse)
        assert shell.baton("check-asl", str(file)) == 1
    assert shell.err == "x.json: Permission denied\n"


def test_a_stack_that_does_not_run_is_reported_in_one_line(shell: Shell) -> None:
    shell.api.answers = {RUN_PATH: [httpx.ConnectError("Connection refused")]}

    code = shell.baton("status", RUN)

    assert code == 3
    assert len(shell.err.splitlines()) == 1
    assert "make up" in shell.err


@pytest.mark.parametrize(
    "words", [["run"], ["run", "kpi-tracking", "--param", "no-equals-sign"], ["dance"], [], ["approve", "x", "perhaps"]]
)
def test_wrong_arguments_give_exit_code_2(shell: Shell, words: list[str]) -> None:
    assert shell.baton(*words) == 2


def test_without_an_organisation_the_command_names_the_option(shell: Shell, api: Any) -> None:
    code = shell.baton("run", "kpi-tracking", environ={"BATON_URL": "http://elsewhere.test", "BATON_TOKEN": "t"})

    assert code == 1
    assert "--org" in shell.err


@pytest.mark.parametrize("events", [["orchestration.run.completed", "orchestration.run.failed"], []])
def test_a_launch_names_its_callback(shell: Shell, events: list[str]) -> None:
    a_run_through_a_checkpoint(shell)
    words = [word for event in events for word in ("--callback-event", event)]
    assert shell.baton("run", "kpi-tracking", "--callback", "https://hook.test/", *words) == 0
    callback = shell.api.body_of("POST /orchestrations/runs")["callback"]
    assert callback == {"url": "https://hook.test/", "events": events or [str(event) for event in EventType]}


def test_a_launch_without_a_callback_has_none(shell: Shell) -> None:
    a_run_through_a_checkpoint(shell)
    assert shell.baton("run", "kpi-tracking") == 0
    assert "callback" not in shell.api.body_of("POST /orchestrations/runs")


def test_events_of_a_callback_need_its_url(shell: Shell) -> None:
    assert shell.baton("run", "kpi-tracking", "--callback-event", "orchestration.run.completed") == 1
    assert "--callback URL" in shell.err
    assert shell.api.requests == []


def test_a_misspelt_event_of_a_callback_is_refused_with_the_types(shell: Shell) -> None:
    assert shell.baton("run", "kpi-tracking", "--callback", "https://hook.test/", "--callback-event", "completed") == 2
    assert "orchestration.run.completed" in shell.err


def test_what_a_run_leaves_out_is_named_with_the_command_that_prints_it(shell: Shell) -> None:
    nothing = {"count": None, "bytes": None, "sha256": None}
    omitted = [
        {**nothing, "pointer": "/error/message", "bytes": 5_000_000, "sha256": "ab", "url": "/values?pointer=%2Ferror"},
        {**nothing, "pointer": "/results", "url": "/results"},
        {**nothing, "pointer": "/approvals", "count": 4_000, "url": "/approvals?after=0"},
        {**nothing, "pointer": "/input", "bytes": 7, "sha256": "ab", "url": None},
    ]
    shell.api.answers = {f"GET /orchestrations/runs/{RUN}": [a_run("running", omitted=omitted)]}

    assert shell.baton("status", RUN) == 0
    assert [line for line in shell.out.splitlines() if line.startswith("Left out")] == [
        "Left out /error/message (5,000,000 bytes): baton fetch '/values?pointer=%2Ferror'",
        "Left out /results (large): baton fetch /results",
        "Left out /approvals (4,000 of its elements): baton fetch '/approvals?after=0'",
        "Left out /input (7 bytes)",
    ]
