"""The display of a checkpoint, and `baton show`."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import Any

import pytest

from cli import checkpoint
from cli.checkout import ROOT
from cli.screen import Screen
from tests.unit.cli.conftest import APPROVAL, DELIVERABLE, ROWS, Shell, a_deliverable, an_approval
from tests.unit.fake_terminal import FakeTerminal

NOT_FOUND = {"status": 404, "title": "Not found", "detail": "There is none."}
DELIVERABLE_PATH, APPROVAL_PATH = f"GET /deliverables/{DELIVERABLE}", f"GET /orchestrations/approvals/{APPROVAL}"


def output_of(approval: dict[str, Any], out: io.StringIO, **options: bool) -> str:
    checkpoint.show(Screen(out=out), approval, **options)
    return out.getvalue()


def test_rows_are_shown_by_period_with_every_digit() -> None:
    lines = output_of(an_approval(a_deliverable()), io.StringIO()).splitlines()

    assert "period\trevenue (USD)\tmargin (ratio)" in lines
    assert lines.index("2024-07-01\t-0.005\t–") < lines.index("2024-08-01\t1,234,567.10\t–")
    assert lines.index("2024-08-01\t1,234,567.10\t–") < lines.index("select 1") < lines.index("Right?")


def test_very_small_and_very_large_figures_are_written_as_people_write_them() -> None:
    rows = '[{"n":0.00000012},{"n":1.5e-9},{"n":12e6},{"n":-7},{"n":1e999999999}]'
    assert "n\n0.00000012\n0.0000000015\n12,000,000\n-7\n1E+999999999\n5 rows" in output_of(
        an_approval(a_deliverable(rows)), io.StringIO()
    )


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ("[]", "json", "0 rows"),
        ('[{"a":1},{"b":2}]', "json", "a\tb\n1\t–\n–\t2\n2 rows"),
        ('{"a": 1}', "json", '{"a": 1}'),
        ("# A report", "markdown", "# A report"),
        ("Just words.", "text", "Just words."),
    ],
)
def test_data_of_other_shapes_are_shown_unchanged(content: str, kind: str, text: str) -> None:
    assert f"\n{text}\n" in output_of(an_approval(a_deliverable(content, kind)), io.StringIO())


def test_a_step_without_a_deliverable_shows_its_outputs() -> None:
    assert "\nrows: 3\n" in output_of(an_approval(), io.StringIO())


def test_many_rows_are_shortened_unless_whole_is_set() -> None:
    approval = an_approval(a_deliverable(json.dumps([{"n": number} for number in range(60)])))

    assert "… and 20 more lines\n60 rows" in output_of(approval, io.StringIO())
    assert "\n59\n60 rows" in output_of(approval, io.StringIO(), whole=True)


def test_text_of_an_agent_cannot_control_the_terminal() -> None:
    rows = '[{"kpi":"\\u001b[2J[b]x","unit":"USD","period":"2024-08-01","value":1}]'
    for deliverable in (a_deliverable("\x1b[2J", "text"), a_deliverable("\x1b[2J", "markdown"), a_deliverable(rows)):
        deliverable |= {"title": "\x1b]0;title\x07", "metadata": {"sql": "\x1b[2J", "notice": "\x1b[2J"}}
        text = output_of(an_approval(deliverable, question="\x1b[2J?"), FakeTerminal())
        assert ("[2J[b]x (USD)" in text) == (deliverable["content"] == rows)
        assert "\x1b[2J" not in text
        assert "\x1b]0" not in text


def test_a_deliverable_is_printed_unchanged_to_a_pipe(shell: Shell) -> None:
    shell.api.answers = {DELIVERABLE_PATH: [a_deliverable()]}

    assert shell.baton("show", DELIVERABLE) == 0
    assert shell.out == ROWS + "\n"


def test_an_approval_is_shown_with_its_data_and_the_command_that_decides_it(shell: Shell) -> None:
    shell.api.answers = {
        f"GET /deliverables/{APPROVAL}": [NOT_FOUND],
        APPROVAL_PATH: [an_approval(a_deliverable())],
    }

    assert shell.baton("show", APPROVAL) == 0
    assert "2024-08-01\t1,234,567.10\t–" in shell.out
    assert f"baton approve {APPROVAL} continue|retry|abort" in shell.out


def test_a_decided_approval_shows_the_decision(shell: Shell) -> None:
    decided = an_approval(a_deliverable(), status="decided", decision="continue", notes="looks right")
    shell.api.answers = {f"GET /deliverables/{APPROVAL}": [NOT_FOUND], APPROVAL_PATH: [decided]}

    shell.baton("show", APPROVAL)

    assert shell.out.endswith("Decided: continue: looks right\n")


def test_json_is_the_deployments_document(shell: Shell) -> None:
    shell.api.answers = {DELIVERABLE_PATH: [a_deliverable()]}

    shell.baton("show", DELIVERABLE, "--json")

    assert json.loads(shell.out) == a_deliverable()


def test_an_unknown_id_is_reported_as_no_deliverable_and_no_approval(shell: Shell) -> None:
    shell.api.answers = {"GET /deliverables/x%2Fy": [NOT_FOUND], "GET /orchestrations/approvals/x%2Fy": [NOT_FOUND]}

    assert shell.baton("show", "x/y") == 1
    assert "no deliverable and no approval x/y" in shell.err


def test_another_refusal_than_not_found_is_shown(shell: Shell) -> None:
    shell.api.answers = {DELIVERABLE_PATH: [{"status": 401, "title": "A valid bearer token is needed"}]}

    assert shell.baton("show", DELIVERABLE) == 1
    assert "bearer token" in shell.err


def test_letters_that_the_terminal_lacks_are_replaced() -> None:
    latin = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    checkpoint.show(Screen(out=latin), an_approval(a_deliverable("¼ – ✔", "text")))
    latin.seek(0)

    assert "¼ ? ?" in latin.read()


@pytest.mark.parametrize(
    "command",
    [
        ["cli.main", "--help"],
        ["cli.main", "graph", "definitions/orchestrations/kpi-tracking.yaml"],
        ["cli.main", "compile", "definitions/orchestrations/kpi-tracking.yaml", "--json"],
        ["cli.main", "validate", "definitions/orchestrations/kpi-tracking.yaml"],
        ["local", "up", "--help"],
    ],
    ids=" ".join,
)
def test_there_is_no_traceback_when_the_reader_has_gone(command: list[str]) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    complaint = program.stderr.read()
    program.stderr.close()

    assert program.wait(timeout=30) in (141, 0)  # argparse itself ignores it
    assert complaint == ""


def lines_of_review(notes: str | None, applied: Any, not_applied: Any) -> list[str]:
    review = {"notes": notes, "modifications": {}, "applied": applied, "notApplied": not_applied}
    return output_of(an_approval(a_deliverable(), review=review), io.StringIO()).splitlines()


def test_the_agents_answers_to_the_notes_stand_before_the_data() -> None:
    lines = lines_of_review(
        "by week\nonly Mars",
        [{"note": "by week", "message": "Grouped by week."}],
        [{"note": "only Mars", "message": "There is no\n  Mars."}, {"message": "Something else."}],
    )
    first, *answers = lines[1:5]
    assert first == "Notes of the retry: by week only Mars"
    assert answers == [
        "  applied: “by week” – Grouped by week.",
        "  not applied: “only Mars” – There is no Mars.",
        "  not applied: Something else.",
    ]
    assert lines.index("KPI data") > 4


def test_a_line_says_that_the_agent_does_not_answer_the_notes() -> None:
    assert "  The agent does not say whether it applied them." in lines_of_review("shorter", None, None)


def test_a_retry_without_notes_shows_the_answers_to_earlier_notes() -> None:
    lines = lines_of_review(None, [{"note": "by week", "message": "Grouped by week."}], [])
    assert lines[1:3] == [
        "Notes of the retry: none; the lines below are about earlier notes",
        "  applied: “by week” – Grouped by week.",
    ]


def test_a_retry_without_notes_and_answers_shows_nothing_about_notes() -> None:
    assert not [line for line in lines_of_review(None, None, None) if "Notes" in line]
