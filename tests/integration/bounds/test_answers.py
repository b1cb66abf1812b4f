"""Every route answers within 4 MB as Lambda encodes it, whatever is stored. What it leaves out can be read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from baton.api.views.omitted import path_of
from baton.model import ApprovalStatus
from tests.integration.bounds.conftest import ApiFixture
from tests.integration.bounds.stored import Sizes, forget, store
from tests.profile import PROFILE, examples

LETTERS = ["x", '"', "\\", "\n", "\u0001", "\x7f", "é", "漢", "😀"]
SMALL = Sizes("x", 10, 10, (10,), attempts=1, items=1, item_text=10, events=1, status="checkpoint")
# Kinds of runs that once made answers too large; each is a little larger than an answer. A quote takes four bytes.
LONG_REASON = Sizes('"', 10, 1_050_000, (10,), attempts=1, items=0, item_text=0, events=1, status="failed")
TWO_OUTPUTS = Sizes('"', 10, 10, (550_000, 550_000), attempts=1, items=0, item_text=0, events=1, status="checkpoint")
TEN_OUTPUTS = Sizes("x", 10, 10, (420_000,) * 10, attempts=1, items=0, item_text=0, events=1, status="checkpoint")
MANY_ITEMS = Sizes("x", 10, 10, (10,), attempts=1, items=220, item_text=20_000, events=220, status="failed")
MANY_RETRIES = Sizes("x", 250_000, 10, (10,), attempts=9, items=0, item_text=0, events=9, status="checkpoint")
TOO_LARGE = (LONG_REASON, TWO_OUTPUTS, TEN_OUTPUTS, MANY_ITEMS, MANY_RETRIES)
# Of an example, so many values are read by their URLs; most answers leave out the same ones.
MAX_FETCHED = PROFILE.choose(small=4, thorough=12)

texts = st.sampled_from(PROFILE.choose(small=[10, 90_000, 700_000], thorough=[10, 4_000, 90_000, 700_000, 5_000_000]))
sizes = st.builds(
    Sizes,
    letter=st.sampled_from(LETTERS),
    text=texts.filter(lambda size: size <= 1_000_000),
    reason=texts,
    outputs=st.lists(texts, min_size=1, max_size=5).map(tuple),
    attempts=st.integers(1, 4),
    items=st.sampled_from([0, 1, 30]),
    item_text=st.sampled_from([10, 5_000, 60_000]),
    events=st.integers(1, 40),
    status=st.sampled_from(["failed", "checkpoint"]),
)


@settings(max_examples=examples(8), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(sizes)
@example(LONG_REASON)
@example(TWO_OUTPUTS)
@example(TEN_OUTPUTS)
@example(MANY_ITEMS)
@example(MANY_RETRIES)
def test_every_answer_fits_and_says_what_it_leaves_out(api: ApiFixture, sizes: Sizes) -> None:
    run = store(api.engine, sizes)
    left_out: dict[str, Any] = {}  # by URL
    for url in urls_of(api, run.run_id):
        answer = api.get(url)
        for entry in answer["omitted"]:
            check(answer, entry)
            if entry["count"] is None:
                left_out[entry["url"]] = entry
    streamed = api.ask("GET", f"/orchestrations/runs/{run.run_id}/status/stream")["body"]
    for event in events_of(streamed):
        for entry in event["omitted"]:
            check(event, entry)
    assert left_out or sizes not in TOO_LARGE
    for entry in list(left_out.values())[:MAX_FETCHED]:
        check_content(api, entry)
    forget(api.engine, run)


def urls_of(api: ApiFixture, run: str) -> Iterator[str]:
    """Every route that reads."""
    path = f"/orchestrations/runs/{run}"
    yield from (path, f"{path}/status", f"{path}/events", f"{path}/events?limit=500")
    yield from ("/orchestrations/runs?limit=100", f"/orchestrations/runs?version=1.0.0&parent={run}")
    yield from (f"/orchestrations/approvals?limit=100&status={status}" for status in ApprovalStatus)
    for row in api.engine.all("select id from human_approvals where run_id = %s", run)[:2]:
        yield f"/orchestrations/approvals/{row['id']}"
    for row in api.engine.all("select id from deliverables where run_id = %s", run)[:1]:
        yield f"/deliverables/{row['id']}"
    yield from ("/orchestrations/definitions", "/orchestrations/definitions/reviewed", "/agents", "/agents/summarizer")
    yield "/orchestrations/definitions/reviewed/versions"


def check(answer: Any, entry: dict[str, Any]) -> None:
    """The value is null in the answer, or the list is there."""
    value = answer
    for name in path_of(entry["pointer"]):
        value = value[int(name)] if isinstance(value, list) else value[name]
    assert value is None if entry["count"] is None else isinstance(value, list), entry


def check_content(api: ApiFixture, entry: dict[str, Any]) -> None:
    """The URL answers the promised bytes. A busy machine may have had no time for the promise."""
    content = api.client().contents.get(entry["url"])
    if entry["sha256"] is not None:
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["bytes"], entry["sha256"])


def events_of(text: str) -> list[Any]:
    lines = text.split("\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def test_a_small_run_leaves_nothing_out(api: ApiFixture) -> None:
    run = store(api.engine, SMALL).run_id
    path = f"/orchestrations/runs/{run}"
    for url in (path, f"{path}/status", f"{path}/events"):
        assert api.get(url)["omitted"] == []
    assert api.get(path)["results"]["steps"]["look"] == {"o0": "x" * 10}


def test_small_values_stay_beside_a_large_one(api: ApiFixture) -> None:
    """The reviewer sees everything except the value that is too large."""
    run = store(api.engine, Sizes("x", 10, 10, (4_000_000, 20, 700_000), 1, 0, 0, 1, "checkpoint")).run_id
    approval = api.get(f"/orchestrations/runs/{run}")["pendingApprovals"][0]
    assert {name: value and len(value) for name, value in approval["data"]["outputs"].items()} == {
        "o0": None,
        "o1": 20,
        "o2": 700_000,
    }


def test_a_value_that_there_is_no_time_to_read_is_left_out_without_its_digest(api: ApiFixture) -> None:
    """There are two seconds after the transaction began, which the test lets pass in the database."""
    left_out = "select baton.leave_out(%s, '[[\"notes\"]]') as row"
    row = Jsonb({"id": 1, "notes": "é"})
    digest = {"bytes": 4, "sha256": hashlib.sha256('"é"'.encode()).hexdigest()}
    assert api.engine.one(left_out, row)["row"] == {
        "id": 1, "notes": None, "omitted": [{"path": ["notes"], **digest}],
    }  # fmt: skip
    with api.engine.owner.transaction():
        while not api.engine.one("select clock_timestamp() > now() + interval '2 s' as over")["over"]:
            continue
        assert api.engine.one(left_out, row)["row"]["omitted"] == [{"path": ["notes"], "bytes": None, "sha256": None}]


def test_events_that_do_not_fit_come_with_the_next_page(api: ApiFixture) -> None:
    run = store(api.engine, Sizes('"', 4_000, 10, (10,), 1, 0, 0, 200, "checkpoint")).run_id
    url, sequences, after = f"/orchestrations/runs/{run}/events?limit=500", [], 0
    pages = 0
    while after is not None:
        page = api.get(f"{url}&after={after}")
        sequences += [event["sequence"] for event in page["events"]]
        after, pages = page["nextAfter"], pages + 1
    assert pages > 1
    assert sequences == list(range(1, len(sequences) + 1))
    assert [event["sequence"] for event in api.client().runs.events(run, limit=500)] == sequences
