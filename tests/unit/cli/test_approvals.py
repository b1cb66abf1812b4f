"""`baton approve`."""

from __future__ import annotations

from tests.unit.cli.conftest import APPROVAL, DEFINITION, RUN, Shell, a_run

PATH = f"/orchestrations/approvals/{APPROVAL}"
OUTCOME = {"approvalId": APPROVAL, "runId": RUN, "stepId": "fetch", "decision": "retry", "runStatus": "running"}


def prepare(shell: Shell) -> None:
    shell.api.answers = {
        f"GET {PATH}": [{"id": APPROVAL, "runId": RUN}],
        f"GET /orchestrations/runs/{RUN}": [a_run("checkpoint")],
        "GET /orchestrations/definitions/kpi-tracking": [DEFINITION],
        f"POST {PATH}/decision": [OUTCOME],
    }


def test_a_decision_is_one_request(shell: Shell) -> None:
    prepare(shell)

    code = shell.baton("approve", APPROVAL, "continue", "--notes", "looks right")

    assert code == 0
    assert shell.api.requests == [(f"POST {PATH}/decision", {"decision": "continue", "notes": "looks right"})]
    assert "running" in shell.out


def test_a_retry_changes_parameters_and_parts_of_the_input(shell: Shell) -> None:
    prepare(shell)

    shell.baton("approve", APPROVAL, "retry", "--set", "grouping=week", "--set", "context.kpiNames=arr,churn")

    assert shell.api.body_of(f"POST {PATH}/decision") == {
        "decision": "retry",
        "modifications": {"grouping": "week", "context": {"kpiNames": ["arr", "churn"]}},
    }


def test_changes_without_retry_are_refused_before_anything_is_sent(shell: Shell) -> None:
    prepare(shell)

    assert shell.baton("approve", APPROVAL, "continue", "--set", "grouping=week") == 1
    assert shell.api.requests == []


def test_a_second_contrary_decision_shows_the_conflict(shell: Shell) -> None:
    prepare(shell)
    shell.api.answers[f"POST {PATH}/decision"] = [
        {"status": 409, "title": "The request contradicts the record", "detail": "It was decided already: continue."}
    ]

    assert shell.baton("approve", APPROVAL, "abort") == 1
    assert shell.err == "The request contradicts the record: It was decided already: continue.\n"
