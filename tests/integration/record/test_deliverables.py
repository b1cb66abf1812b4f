"""An answer with several deliverables: what is saved, shown and kept in the cache."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from baton.errors import NotFound
from baton.model import Role
from baton.store.contents import Contents
from baton.store.database import Database

from .engine import EngineFixture

PAGE = {"type": "summary", "format": "markdown", "title": "Page", "content": "![a](a.svg)"}
CHARTS = [
    {"type": "chart", "format": "svg", "title": name, "name": name, "content": f"<svg>{name}</svg>"}
    for name in ("b.svg", "a.svg")
]
ONE_STEP = """
metadata: {name: charts, displayName: Charts, version: 1.0.0}
orchestration:
  execution: {caching: {enabled: true, ttlSeconds: 60}}
  steps:
    - id: draw
      agent: summarizer
      output_mapping: {page: $.content.deliverable.id, charts: "$.content.deliverables[*].id"}
"""


def answer(**content: Any) -> dict[str, Any]:
    return {"success": True, "payload": {"content": content, "metadata": {}}}


def saved(engine: EngineFixture, run_id: str) -> list[tuple[str, int, str | None, str]]:
    rows = engine.all("select * from deliverables where run_id = %s order by position", run_id)
    return [(str(row["id"]), row["position"], row["name"], row["content"]) for row in rows]


def test_every_deliverable_is_saved_in_its_place_and_has_an_id_in_the_outputs(engine: EngineFixture) -> None:
    run = engine.start(ONE_STEP)
    engine.agents.script = [answer(deliverable=PAGE, deliverables=CHARTS)]
    engine.step(run, "draw")
    outputs = engine.step_row(run, "draw")["outputs"]
    ids = [outputs["page"], *outputs["charts"]]
    contents = [PAGE["content"], *(chart["content"] for chart in CHARTS)]
    assert saved(engine, run.run_id) == list(zip(ids, range(3), (None, "b.svg", "a.svg"), contents, strict=True))


def test_the_event_names_the_main_deliverable_alone(engine: EngineFixture) -> None:
    run = engine.start(ONE_STEP)
    engine.agents.script = [answer(deliverables=CHARTS)]
    engine.step(run, "draw")
    event = "select data from orchestration_events where run_id = %s and type = 'orchestration.step.completed'"
    assert "deliverableId" not in engine.one(event, run.run_id)["data"]
    assert [place for _, place, _, _ in saved(engine, run.run_id)] == [1, 2]


def test_a_cached_answer_has_new_ids_for_all_its_deliverables(engine: EngineFixture) -> None:
    first = engine.start(ONE_STEP)
    engine.agents.script = [answer(deliverable=PAGE, deliverables=CHARTS)]
    engine.step(first, "draw")
    second = engine.launch(orchestration="charts", parameters={})
    engine.step(second, "draw")
    kept, made = saved(engine, first.run_id), saved(engine, second.run_id)
    assert [row[1:] for row in made] == [row[1:] for row in kept]
    assert {row[0] for row in made}.isdisjoint(row[0] for row in kept)
    outputs = engine.step_row(second, "draw")["outputs"]
    assert [outputs["page"], *outputs["charts"]] == [row[0] for row in made]


def test_a_document_finds_the_others_of_its_answer_by_name(
    engine: EngineFixture, login_url: Callable[[str], str]
) -> None:
    earlier, run = engine.start(ONE_STEP), engine.launch(orchestration="charts", parameters={})
    other = [{**chart, "content": "<svg>earlier</svg>"} for chart in CHARTS]
    engine.agents.script = [answer(deliverable=PAGE, deliverables=other)]
    engine.step(earlier, "draw")
    engine.owner.execute("delete from baton.step_cache")
    engine.agents.script = [answer(deliverable=PAGE, deliverables=CHARTS)]
    engine.step(run, "draw")
    viewer = engine.member(Role.VIEWER)
    with closing(Database(login_url("api"))) as database:
        contents = Contents(database)
        for known, *_ in saved(engine, run.run_id):
            source = contents.deliverable_by_name(viewer, known, "a.svg")
            assert source.read(0, source.size) == b"<svg>a.svg</svg>"
        with pytest.raises(NotFound, match="There is no deliverable c.svg beside"):
            contents.deliverable_by_name(viewer, known, "c.svg")
