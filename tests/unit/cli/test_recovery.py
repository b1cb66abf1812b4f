"""`baton retry`, `skip`, `abort` and `fork`, and the hints to them in `baton status`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli.conftest import DEFINITION, END_OF_STREAM, RUN, Shell, a_run

FORKED = "5d1e0000-0000-4000-8000-000000000002"
RUN_PATH = f"/orchestrations/runs/{RUN}"
DEFINITION_PATH = "GET /orchestrations/definitions/kpi-tracking"


def path(action: str) -> str:
    return f"POST {RUN_PATH}/actions/{action}"


def outcome(action: str, status: str = "running") -> dict[str, Any]:
    return {"runId": RUN, "action": action, "status": status, "generation": 2, "stepId": "fetch"}


@pytest.fixture(autouse=True)
def a_failed_run(shell: Shell) -> None:
    shell.api.answers = {
        f"GET {RUN_PATH}": [a_run("failed")],
        f"GET {RUN_PATH}/status": [a_run("completed")],
        f"GET {RUN_PATH}/status/stream": [END_OF_STREAM],
        f"GET /orchestrations/runs/{FORKED}": [a_run("completed", id=FORKED)],
        f"GET /orchestrations/runs/{FORKED}/status": [a_run("completed", id=FORKED)],
        f"GET /orchestrations/runs/{FORKED}/status/stream": [END_OF_STREAM],
        DEFINITION_PATH: [DEFINITION],
        path("retry"): [outcome("retry")],
        path("skip"): [outcome("skip")],
        path("abort"): [outcome("abort", "aborted")],
        path("fork"): [a_run("pending", id=FORKED)],
    }


@pytest.mark.parametrize("action", ["retry", "skip", "abort"])
def test_an_action_without_options_is_one_request(shell: Shell, action: str) -> None:
    assert shell.baton(action, RUN) == 0

    assert shell.api.requests == [(path(action), {})]
    assert RUN in shell.out


def test_a_retry_changes_parameters_by_their_type_and_parts_of_the_input(shell: Shell) -> None:
    words = ["--set", "grouping=week", "--set", "kpi_names=arr", "--set", "context.depth=2", "--note", "by week"]

    assert shell.baton("retry", RUN, "--step", "fetch", *words) == 0

    assert shell.api.body_of(path("retry")) == {
        "stepId": "fetch",
        "modifications": {"grouping": "week", "kpi_names": ["arr"], "context": {"depth": 2}},
        "note": "by week",
    }
    assert shell.api.requests[1][0] == f"{DEFINITION_PATH}?organization=demo&version=1.0.0"
    assert "fetch is tried again" in shell.out


def test_outputs_of_a_skip_are_json_lists_or_text(shell: Shell) -> None:
    words = ["--output", "rows=[]", "--output", "count=0", "--output", "names=arr,churn", "--output", "text=no data"]

    assert shell.baton("skip", RUN, *words) == 0

    assert shell.api.body_of(path("skip")) == {
        "replacementOutput": {"rows": [], "count": 0, "names": ["arr", "churn"], "text": "no data"}
    }


def test_an_abort_shows_the_status_of_the_run(shell: Shell) -> None:
    assert shell.baton("abort", RUN, "--note", "not needed") == 0

    assert shell.api.body_of(path("abort")) == {"note": "not needed"}
    assert shell.out == f"Run {RUN} is aborted.\n"


def test_a_fork_reads_parameters_by_the_types_of_its_version(shell: Shell) -> None:
    assert shell.baton("fork", RUN, "--from", "fetch", "--version", "1.1.0", "--set", "kpi_names=arr") == 0

    assert shell.api.requests[1][0] == f"{DEFINITION_PATH}?organization=demo&version=1.1.0"
    assert shell.api.body_of(path("fork")) == {
        "stepId": "fetch",
        "version": "1.1.0",
        "modifications": {"kpi_names": ["arr"]},
    }
    assert f"baton status {FORKED} --follow" in shell.out


def test_a_fork_needs_the_option_from(shell: Shell) -> None:
    assert shell.baton("fork", RUN) == 2
    assert "--from" in shell.err


@pytest.mark.parametrize(
    ("words", "shown"), [(["retry", RUN], RUN), (["skip", RUN], RUN), (["fork", RUN, "--from", "fetch"], FORKED)]
)
def test_a_run_can_be_followed_to_its_end_after_an_action(shell: Shell, words: list[str], shown: str) -> None:
    shell.api.answers[f"GET {RUN_PATH}"] = [a_run("completed")]

    assert shell.baton(*words, "--follow", "--json") == 0

    assert (json.loads(shell.out)["id"], json.loads(shell.out)["status"]) == (shown, "completed")


@pytest.mark.parametrize("words", [["retry", RUN], ["skip", RUN], ["abort", RUN], ["fork", RUN, "--from", "fetch"]])
def test_json_is_the_deployments_answer(shell: Shell, words: list[str]) -> None:
    assert shell.baton(*words, "--json") == 0

    assert json.loads(shell.out).items() >= shell.api.answers[path(words[0])][0].items()


def test_the_refusal_for_a_child_run_shows_its_root(shell: Shell) -> None:
    detail = f"This is a child run; recover its root run {FORKED}, and this run with it."
    shell.api.answers[path("retry")] = [{"status": 409, "title": "No", "detail": detail}]

    assert shell.baton("retry", RUN) == 1
    assert FORKED in shell.err


def test_a_failed_run_shows_the_commands_for_it(shell: Shell) -> None:
    assert shell.baton("status", RUN) == 1
    assert f"baton retry {RUN}" in shell.out
    assert f"baton skip {RUN}" in shell.out


def test_a_failed_child_run_shows_the_command_for_its_root(shell: Shell) -> None:
    shell.api.answers[f"GET {RUN_PATH}"] = [a_run("failed", parentRunId=FORKED, rootRunId=FORKED)]

    shell.baton("status", RUN)

    assert f"baton retry {FORKED}" in shell.out
    assert f"baton retry {RUN}" not in shell.out


def test_an_aborted_run_shows_only_the_command_fork(shell: Shell) -> None:
    shell.api.answers[f"GET {RUN_PATH}"] = [a_run("aborted")]

    shell.baton("status", RUN)

    assert f"baton fork {RUN} --from STEP" in shell.out
    assert "retry" not in shell.out


def test_a_completed_run_shows_no_commands(shell: Shell) -> None:
    shell.api.answers[f"GET {RUN_PATH}"] = [a_run("completed")]

    assert shell.baton("status", RUN) == 0
    assert "baton " not in shell.out
