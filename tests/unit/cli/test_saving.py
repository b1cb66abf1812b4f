"""`baton save`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import RUN, Shell, a_deliverable, a_run, an_answer

PAGE, CHART, OLD = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2, 3))


def of_attempt(number: int, deliverable_id: str, kind: str, name: str | None) -> dict[str, Any]:
    line = a_deliverable(kind=kind, id=deliverable_id, name=name, attemptNumber=number)
    return {key: value for key, value in line.items() if key != "content"}


@pytest.fixture
def saved_run(shell: Shell) -> Shell:
    lines = [
        of_attempt(1, OLD, "text", None),
        of_attempt(2, PAGE, "markdown", None),
        of_attempt(2, CHART, "svg", "revenue.svg"),
    ]
    shell.api.answers[f"GET /orchestrations/runs/{RUN}"] = [a_run("completed", deliverables=lines)]
    for deliverable_id, content in ((OLD, "old"), (PAGE, "![](revenue.svg)"), (CHART, "<svg>é</svg>")):
        shell.api.answers[f"GET /deliverables/{deliverable_id}/content"] = [an_answer(200, "text/plain", content)]
    return shell


def test_the_files_of_an_attempt_are_in_one_folder_so_that_links_work(saved_run: Shell, tmp_path: Path) -> None:
    assert saved_run.baton("save", RUN, str(tmp_path / "new")) == 0
    files = {str(file.relative_to(tmp_path)): file.read_text("utf-8") for file in tmp_path.rglob("*.*")}
    assert files == {
        "new/fetch-1/fetch.txt": "old",
        "new/fetch-2/fetch.md": "![](revenue.svg)",
        "new/fetch-2/revenue.svg": "<svg>é</svg>",
    }
    assert sorted(saved_run.out.splitlines()) == sorted(str(tmp_path / name) for name in files)


def test_json_names_each_deliverables_file(saved_run: Shell, tmp_path: Path) -> None:
    saved_run.baton("save", RUN, str(tmp_path), "--json")
    assert [line["id"] for line in json.loads(saved_run.out)] == [OLD, PAGE, CHART]


def test_a_run_with_more_deliverables_than_one_answer_has_is_saved_page_by_page(
    saved_run: Shell, tmp_path: Path
) -> None:
    left_out = {"pointer": "/deliverables", "count": 2, "bytes": None, "sha256": None, "url": "/…?after=0"}
    run, lines = f"GET /orchestrations/runs/{RUN}", saved_run.api.answers[f"GET /orchestrations/runs/{RUN}"][0]
    pages = [(lines["deliverables"][:2], 2), (lines["deliverables"][2:], None)]
    saved_run.api.answers[run] = [{**lines, "deliverables": [], "omitted": [left_out]}]
    saved_run.api.answers[f"{run}/deliverables"] = [
        {"deliverables": page, "nextAfter": after, "omitted": []} for page, after in pages
    ]
    assert saved_run.baton("save", RUN, str(tmp_path)) == 0
    assert len(saved_run.out.splitlines()) == 3
