"""`baton runs` and `baton approvals`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import APPROVAL, RUN, Shell, a_run, an_approval

RUNS, APPROVALS = "/orchestrations/runs", "/orchestrations/approvals"


def test_runs_are_a_table_with_their_errors_and_the_cursor_of_the_next_page(shell: Shell) -> None:
    failed = a_run("failed", error={"message": "no such KPI"}, createdAt="2026-11-23T09:00:00Z")
    shell.api.answers = {f"GET {RUNS}": [{"runs": [failed], "nextCursor": "abc"}]}

    assert shell.baton("runs", "--status", "failed", "--open", "--definition", "kpi-tracking", "--cursor", "aa") == 0

    lines = [line.split("\t") for line in shell.out.splitlines()]
    assert lines[1] == [RUN, "failed", "kpi-tracking", "1.0.0", "2026-11-23T09:00:00Z", "no such KPI"]
    assert lines[2] == ["More: --cursor abc"]
    query = "lifecycle=open&status=failed&definition=kpi-tracking&limit=20&cursor=aa"
    assert shell.api.requests == [(f"GET {RUNS}?{query}", None)]


def test_approvals_are_a_table(shell: Shell) -> None:
    waiting = an_approval(attemptNumber=2)
    shell.api.answers = {f"GET {APPROVALS}": [{"approvals": [waiting], "nextCursor": None}]}

    assert shell.baton("approvals", "--mine", "--org", "demo", "--limit", "5") == 0

    assert shell.out.splitlines()[1].split("\t") == [APPROVAL, RUN, "fetch", "2", "Right?"]
    assert shell.api.requests == [(f"GET {APPROVALS}?organization=demo&mine=true&limit=5", None)]


def test_programs_get_the_whole_page(shell: Shell) -> None:
    page = {"runs": [], "nextCursor": None, "omitted": []}
    shell.api.answers = {f"GET {RUNS}": [page]}

    assert shell.baton("runs", "--json") == 0
    assert json.loads(shell.out) == page


def test_an_empty_list_says_so(shell: Shell) -> None:
    shell.api.answers = {f"GET {APPROVALS}": [{"approvals": [], "nextCursor": None}]}

    assert shell.baton("approvals") == 0
    assert shell.out == "There are no such approvals.\n"
