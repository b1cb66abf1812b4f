"""What a person sees at a checkpoint, and `baton show`."""

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


def test_a_figure_however_small_or_large_is_shown_as_people_write_it() -> None:
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
def test_data_of_any_other_shape_are_shown_as_they_are(content: str, kind: str, text: str) -> None:
    assert f"\n{text}\n" in output_of(an_approval(a_deliverable(content, kind)), io.StringIO())


def test_a_step_without_a_deliverable_shows_its_outputs() -> None:
    assert "\nrows: 3\n" in output_of(an_approval(), io.StringIO())


def test_many_rows_are_cut_short_unless_all_of_them_are_asked_for() -> None:
    approval = an_approval(a_deliverable(json.dumps([{"n": number} for number in range(60)])))

    assert "… and 20 more lines\n60 rows" in output_of(approval, io.StringIO())
    assert "\n59\n60 rows" in output_of(approval, io.StringIO(), whole=True)


def test_what_an_agent_wrote_cannot_command_the_terminal() -> None:
    rows = '[{"kpi":"\\u001b[2J[b]x","unit":"USD","period":"2024-08-01","value":1}]'
    for deliverable in (a_deliverable("\x1b[2J", "text"), a_deliverable("\x1b[2J", "markdown"), a_deliverable(rows)):
        deliverable |= {"title": "\x1b]0;title\x07", "metadata": {"sql": "\x1b[2J", "notice": "\x1b[2J"}}
        text = output_of(an_approval(deliverable, question="\x1b[2J?"), FakeTerminal())
        assert ("[2J[b]x (USD)" in text) == (deliverable["content"] == rows)
        assert "\x1b[2J" not in text
        assert "\x1b]0" not in text


def test_a_deliverable_is_printed_as_it_is_to_a_pipe(shell: Shell) -> None:
    shell.api.answers = {DELIVERABLE_PATH: [a_deliverable()]}

    assert shell.baton("show", DELIVERABLE) == 0
    assert shell.out == ROWS + "\n"


def test_an_approval_is_shown_with_its_data_and_how_to_decide(shell: Shell) -> None:
    shell.api.answers = {
        f"GET /deliverables/{APPROVAL}": [NOT_FOUND],
        APPROVAL_PATH: [an_approval(a_deliverable())],
    }

    assert shell.baton("show", APPROVAL) == 0
    assert "2024-08-01\t1,234,567.10\t–" in shell.out
    assert f"baton approve {APPROVAL} continue|retry|abort" in shell.out


def test_an_approval_that_was_decided_says_how(shell: Shell) -> None:
    decided = an_approval(a_deliverable(), status="decided", decision="continue", notes="looks right")
    shell.api.answers = {f"GET /deliverables/{APPROVAL}": [NOT_FOUND], APPROVAL_PATH: [decided]}

    shell.baton("show", APPROVAL)

    assert shell.out.endswith("Decided: continue: looks right\n")


def test_with_json_either_is_the_deployments_document(shell: Shell) -> None:
    shell.api.answers = {DELIVERABLE_PATH: [a_deliverable()]}

    shell.baton("show", DELIVERABLE, "--json")

    assert json.loads(shell.out) == a_deliverable()


def test_what_is_neither_is_said_to_be_neither(shell: Shell) -> None:
    shell.api.answers = {"GET /deliverables/x%2Fy": [NOT_FOUND], "GET /orchestrations/approvals/x%2Fy": [NOT_FOUND]}

    assert shell.baton("show", "x/y") == 1
    assert "no deliverable and no approval x/y" in shell.err


def test_a_refusal_for_any_other_reason_is_not_hidden(shell: Shell) -> None:
    shell.api.answers = {DELIVERABLE_PATH: [{"status": 401, "title": "A valid bearer token is needed"}]}

    assert shell.baton("show", DELIVERABLE) == 1
    assert "bearer token" in shell.err


def test_a_terminal_without_the_right_letters_gets_others() -> None:
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
def test_a_reader_that_has_gone_is_no_reason_for_a_traceback(command: list[str]) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    complaint = program.stderr.read()
    program.stderr.close()

    assert program.wait(timeout=30) in (141, 0)  # argparse itself takes no notice
    assert complaint == ""


def lines_of_review(notes: str | None, applied: Any, refused: Any) -> list[str]:
    review = {"notes": notes, "modifications": {}, "applied": applied, "notApplied": refused}
    return output_of(an_approval(a_deliverable(), review=review), io.StringIO()).splitlines()


def test_what_became_of_the_notes_stands_before_the_data() -> None:
    lines = lines_of_review(
        "by week\nonly Mars",
        [{"note": "by week", "message": "Grouped by week."}],
        [{"note": "only Mars", "message": "There is no\n  Mars."}, {"message": "Something else."}],
    )
    first, *told = lines[1:5]
    assert first == "Notes of the retry: by week only Mars"
    assert told == [
        "  applied: “by week” – Grouped by week.",
        "  not applied: “only Mars” – There is no Mars.",
        "  not applied: Something else.",
    ]
    assert lines.index("KPI data") > 4


def test_an_agent_that_does_not_say_what_it_made_of_the_notes_is_named_for_it() -> None:
    assert "  The agent does not say what it made of them." in lines_of_review("shorter", None, None)


def test_notes_in_force_are_told_at_a_retry_without_a_word() -> None:
    lines = lines_of_review(None, [{"note": "by week", "message": "Grouped by week."}], [])
    assert lines[1:3] == [
        "Notes of the retry: none; what follows is about earlier ones",
        "  applied: “by week” – Grouped by week.",
    ]


def test_nothing_is_told_of_a_retry_that_nobody_said_anything_about() -> None:
    assert not [line for line in lines_of_review(None, None, None) if "Notes" in line]
