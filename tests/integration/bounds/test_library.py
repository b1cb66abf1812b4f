"""Large definitions and agents: a list may leave their values out, and a URL always has them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from psycopg.types.json import Jsonb

from tests.integration.bounds.conftest import ApiFixture
from tests.integration.bounds.test_answers import check, check_content

DEFINITION, AGENT = "/orchestrations/definitions/large", "/agents/large"
SOURCE = """
    metadata: {name: large, displayName: Large, version: 1.0.0, description: d}
    orchestration:
      parameters: [{name: text, type: string, required: true}]
      steps: [{id: s, name: S, agent: summarizer}]
"""


@pytest.fixture(params=["é" * 200_000, '"' * 900_000], ids=["a large file", "older than the limits"])
def texts(api: ApiFixture, request: pytest.FixtureRequest) -> Iterator[str]:
    """A definition and an agent with such texts: the first one is as large as a file can be."""
    if not api.engine.all("select id from orchestration_definitions where name = 'large'"):
        api.engine.define(SOURCE)
        api.engine.owner.execute(
            "insert into agents (organization_id, slug, display_name, description, kind, transport)"
            " select organization_id, 'large', 'L', 'd', kind, transport from agents where slug = 'summarizer' limit 1"
        )
    api.engine.owner.execute(
        "update orchestration_definitions set description = %s,"
        " plan = jsonb_set(plan, '{parameters,0,description}', %s) where name = 'large'",
        [request.param, Jsonb(request.param)],
    )
    api.engine.owner.execute("update agents set description = %s where slug = 'large'", [request.param])
    yield request.param
    api.engine.owner.execute("update orchestration_definitions set description = 'd' where name = 'large'")
    api.engine.owner.execute("update agents set description = 'd' where slug = 'large'")


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("/orchestrations/definitions", {"description", "parameters"}),
        (f"{DEFINITION}/versions", {"description", "parameters"}),
        ("/agents", {"description"}),
    ],
)
def test_a_list_names_the_urls_of_large_values(api: ApiFixture, texts: str, url: str, fields: set[str]) -> None:
    answer = api.get(url)
    assert {entry["pointer"].rpartition("/")[2] for entry in answer["omitted"]} == fields
    for entry in answer["omitted"]:
        check(answer, entry)
        check_content(api, entry)


@pytest.mark.parametrize("url", [DEFINITION, AGENT])
def test_a_definition_or_agent_alone_is_whole_if_it_fits(api: ApiFixture, texts: str, url: str) -> None:
    answer = api.get(url)
    for entry in answer["omitted"]:
        check(answer, entry)
        check_content(api, entry)
    if len(texts) < 500_000:
        assert (answer["description"], answer["omitted"]) == (texts, [])
    else:
        assert "/description" in {entry["pointer"] for entry in answer["omitted"]}


@pytest.mark.parametrize(
    "url",
    [
        f"{DEFINITION}/values?organization=demo&version=1.0.0&pointer=/unknown",
        f"{DEFINITION}/values?organization=demo&version=9.0.0&pointer=/description",
        f"{DEFINITION}/values?organization=other&version=1.0.0&pointer=/description",
        f"{AGENT}/values?organization=demo&pointer=/source",
        f"{AGENT}/values?organization=other&pointer=/description",
    ],
)
def test_another_value_is_not_found(api: ApiFixture, texts: str, url: str) -> None:
    assert api.ask("GET", url)["statusCode"] == 404


def test_the_answer_of_an_archiving_fits(api: ApiFixture) -> None:
    """It is made of the whole plan."""
    api.engine.define(SOURCE.replace("large", "archived"))
    api.engine.owner.execute(
        "update orchestration_definitions set description = %s, display_name = %s, plan = plan || %s"
        " where name = 'archived'",
        ['"' * 900_000, "x" * 100, Jsonb({"description": '"' * 900_000, "displayName": '"' * 400_000})],
    )
    body = {"organization": "demo", "version": "1.0.0"}
    archived = api.ask("POST", "/orchestrations/definitions/archived/archive", body)
    assert archived["statusCode"] == 200
    answer = json.loads(archived["body"])
    assert [entry["pointer"] for entry in answer["omitted"]] == ["/description"]
    check_content(api, answer["omitted"][0])
