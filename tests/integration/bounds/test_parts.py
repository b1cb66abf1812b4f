"""A run has more parts than one answer takes: what the answer leaves out is counted, and pages have it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from psycopg.types.json import Jsonb

from tests.integration.bounds.conftest import ApiFixture
from tests.integration.bounds.stored import Sizes, store
from tests.integration.bounds.test_answers import check_content

MANY = 1_200
STEPS = """
insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, status, started_at,
  completed_at, error)
select run_id, organization_id, 'more-' || n, 10 + n, agent_slug, mode, 'failed', now(), now(), %(error)s
from orchestration_steps, generate_series(1, %(many)s) as n where run_id = %(run_id)s and step_id = 'look';
insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, item_of, item_index,
  item_attempt, item, status, started_at, completed_at, error)
select run_id, organization_id, 'each[' || n || ']', step_index, agent_slug, mode, step_id, n, 1, '{}', 'failed', now(),
  now(), %(error)s
from orchestration_steps, generate_series(0, %(many)s - 1) as n where run_id = %(run_id)s and step_id = 'each';
insert into orchestration_step_attempts (run_id, step_id, attempt_number, organization_id, status, attempt_key,
  delivery_id, generation, lease_until, error, started_at, ended_at)
select run_id, step_id, n, organization_id, 'failed', 'k', gen_random_uuid(), 1, now(), %(error)s,
  now() + n * interval '1 s', now() + n * interval '1 s'
from orchestration_steps, generate_series(1, %(many)s) as n where run_id = %(run_id)s and step_id = 'look'"""
OTHERS = """
insert into human_approvals (run_id, organization_id, step_id, attempt_number, status, question, options, created_at)
select run_id, organization_id, step_id, 1, 'pending', %(text)s, '[]', now() + step_index * interval '1 s'
from orchestration_steps where run_id = %(run_id)s and step_id like 'more-%%';
insert into deliverables (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format, title,
  content, created_at)
select gen_random_uuid(), run_id, organization_id, step_id, n, agent_slug, %(text)s, 'f', %(text)s, 'c',
  now() + n * interval '1 s'
from orchestration_steps, generate_series(1, %(many)s) as n where run_id = %(run_id)s and step_id = 'look';
insert into orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
  owner_agent_slug, status, parameters, plan, digest, machine, engine_id, execution_prefix, launched_by, root_run_id,
  parent_run_id, parent_step_id, parent_attempt, depth, created_at)
select new.id, organization_id, definition_id, definition_name, definition_version, owner_agent_slug, 'pending', '{}',
  plan, digest, machine, engine_id, execution_prefix, launched_by, r.id, r.id, 'look', new.n, 2,
  now() + n * interval '1 s'
from orchestration_runs r,
  lateral (select gen_random_uuid() as id, n from generate_series(1, %(many)s) as n) as new
where r.id = %(run_id)s"""
# List of the answer → its field in the pages, and what names an element.
LISTS = {
    "/steps": ("steps", "id"),
    "/steps/1/items": ("items", "index"),
    "/steps/0/attempts": ("attempts", "attemptNumber"),
    "/pendingApprovals": ("approvals", "id"),
    "/approvals": ("approvals", "id"),
    "/deliverables": ("deliverables", "id"),
    "/children": ("runs", "id"),
}


@pytest.fixture(scope="module")
def run(api: ApiFixture) -> str:
    """A run with many of each, with texts that nearly are too long to stay (500 bytes)."""
    run = api.engine.launch(orchestration="reviewed", parameters={"regions": ["north"]}).run_id
    values = {"run_id": run, "many": MANY, "text": '"' * 100, "error": Jsonb({"type": "T", "message": '"' * 100})}
    for statement in [*STEPS.split(";\n"), *OTHERS.split(";\n")]:
        api.engine.owner.execute(statement.encode(), values)
    return str(run)


@pytest.mark.parametrize("short_form", ["", "/status"])
def test_what_a_run_does_not_show_is_counted_and_has_pages(api: ApiFixture, run: str, short_form: str) -> None:
    answer = api.get(f"/orchestrations/runs/{run}{short_form}")
    counted = {entry["pointer"]: entry for entry in answer["omitted"] if entry["count"] is not None}
    expected = {
        pointer for pointer in LISTS if not short_form or pointer in ("/steps", "/steps/1/items", "/pendingApprovals")
    }
    assert counted.keys() == expected
    for pointer, entry in counted.items():
        field, name = LISTS[pointer]
        shown = [one[name] for one in at(answer, pointer)]
        listed = [one[name] for one in pages(api, entry["url"], field)]
        assert entry["count"] > 0, pointer
        assert len(shown) > 100, pointer
        assert len(shown) + entry["count"] == len({*shown, *listed}), pointer
        if "after=0" in entry["url"]:
            assert listed == [*listed[: entry["count"]], *shown], pointer
        elif "after=" in entry["url"]:
            assert not {*shown} & {*listed}, pointer


def at(answer: Any, pointer: str) -> Any:
    for name in pointer[1:].split("/"):
        answer = answer[int(name)] if isinstance(answer, list) else answer[name]
    return answer


def pages(api: ApiFixture, url: str, field: str) -> list[Any]:
    """The elements of the page at the URL, and of all pages after it."""
    found: list[Any] = []
    following = url
    while following:
        page = api.get(f"{following}&limit=100" if field == "runs" else f"{following}&limit=500")
        found += page[field]
        path = urlsplit(url).path
        if field == "runs":
            following = page["nextCursor"] and f"{url}&cursor={page['nextCursor']}"
        else:
            following = page["nextAfter"] and f"{path}?after={page['nextAfter']}"
    return found


def test_the_command_names_the_lists_that_go_on(api: ApiFixture, run: str) -> None:
    content = api.client().contents.fetch(f"/orchestrations/runs/{run}/attempts?after=0")
    assert b'"stepId":"look"' in content
    client = api.client()
    first = client.run_parts.items(run, "each", limit=2)
    assert [item["index"] for item in first["items"]] == [0, 1]
    assert client.run_parts.steps(run, after=first["nextAfter"], limit=1)["steps"][0]["id"] == "last"


def test_many_small_values_are_left_out_together(api: ApiFixture) -> None:
    """No single one is worth a URL. A name may be long, too."""
    run = api.engine.launch(orchestration="reviewed", parameters={"regions": ["north"]}).run_id
    outputs = {f"o{n}": "x" * 130 for n in range(8_000)}
    api.engine.owner.execute(
        "update orchestration_steps set status = 'checkpoint', started_at = now(), outputs = %s"
        " where run_id = %s and step_id = 'look'",
        [Jsonb(outputs), run],
    )
    api.engine.owner.execute(
        "insert into human_approvals (run_id, organization_id, step_id, attempt_number, status, question, options)"
        " select run_id, organization_id, step_id, attempt_number, 'pending', 'q', '[]' from orchestration_steps"
        " where run_id = %s and step_id = 'look'",
        [run],
    )
    api.engine.owner.execute(
        "update orchestration_runs set parameters = %s where id = %s", [Jsonb({'"' * 400_000: "x"}), run]
    )
    answer = api.get(f"/orchestrations/runs/{run}")
    assert {entry["pointer"] for entry in answer["omitted"]} == {
        "/parameters", "/results", "/pendingApprovals/0/data/outputs",
    }  # fmt: skip
    for entry in answer["omitted"]:
        check_content(api, entry)
    (approval,) = answer["pendingApprovals"]
    alone = api.get(f"/orchestrations/approvals/{approval['id']}")
    for entry in alone["omitted"]:
        check_content(api, entry)


@pytest.mark.parametrize(
    ("part", "left_out", "size"),
    [
        ("approvals", "modifications", 60_000),
        ("pending-approvals", "modifications", 60_000),
        ("approvals", "notes", 20_000),
        ("attempts", "error/message", 60_000),
        ("steps", "error/message", 60_000),
    ],
)
def test_a_page_leaves_out_the_largest_values_of_a_row(api: ApiFixture, part: str, left_out: str, size: int) -> None:
    """As every list does, although the answer about the whole run shows the values."""
    status = "failed" if part == "steps" else "checkpoint"
    run = store(api.engine, Sizes("x", 10, size, (10,), attempts=1, items=0, item_text=0, events=1, status=status))
    note, changes = ("x" * size, {}) if left_out == "notes" else ("short", {"text": "x" * size})
    api.engine.owner.execute(
        "update human_approvals set notes = %s, modifications = %s where run_id = %s",
        [note, Jsonb(changes), run.run_id],
    )
    page = api.get(f"/orchestrations/runs/{run.run_id}/{part}")
    field = "approvals" if "approvals" in part else part
    large = [entry for entry in page["omitted"] if entry["pointer"].endswith(f"/{left_out}")]
    assert large
    assert page["omitted"] == large  # small values stay
    for entry in large:
        assert entry["pointer"].startswith(f"/{field}/")
        assert entry["bytes"] > size
        assert at(page, entry["pointer"]) is None
        check_content(api, entry)
    whole = api.get(f"/orchestrations/runs/{run.run_id}")
    assert whole["omitted"] == []
