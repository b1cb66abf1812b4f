"""Lists of things without large values: their pages fit, and all pages together have everything in order."""

from __future__ import annotations

from typing import Any

import pytest

from baton.api.paging import MAX_ROWS
from tests.integration.bounds.conftest import ApiFixture
from tests.integration.bounds.stored import Sizes, store

MANY = 1_010
DEFINITION = """
    metadata: {name: many, displayName: Many, version: 1.0.0, description: d}
    orchestration: {steps: [{id: s, name: S, agent: summarizer}]}
"""
STORE = """
insert into orchestration_definitions (organization_id, name, version, display_name, description, owner_agent_slug,
  plan, digest, machine, source)
select organization_id, name, '1.0.' || n, repeat('"', 1000), repeat('"', 1000), owner_agent_slug, plan, digest,
  machine, source
from orchestration_definitions, generate_series(1, %(many)s) as n where name = 'many' and version = '1.0.0';
insert into orchestration_definitions (organization_id, name, version, display_name, description, owner_agent_slug,
  plan, digest, machine, source)
select organization_id, 'many-' || n, version, repeat('"', 1000), repeat('"', 1000), owner_agent_slug, plan, digest,
  'x-many-' || n, source
from orchestration_definitions, generate_series(1, %(many)s) as n where name = 'many' and version = '1.0.0';
insert into agents (organization_id, slug, display_name, description, kind, transport)
select organization_id, 'many-' || n, repeat('"', 1000), repeat('"', 1000), kind, transport
from agents, generate_series(1, %(many)s) as n where slug = 'summarizer';
insert into organization_members (organization_id, user_id, roles)
select id, gen_random_uuid(), '{viewer,operator,approver,admin}' from organizations, generate_series(1, %(many)s)
where slug = 'demo';
insert into baton.service_tokens (id, organization_id, name, roles, secret_hash, created_by, expires_at)
select gen_random_uuid(), id, repeat('😀', 100), '{viewer,operator}', md5(n::text) || md5(n::text),
  gen_random_uuid(), now() + '1 day'
from organizations, generate_series(1, %(many)s) as n where slug = 'demo'"""


@pytest.fixture(scope="module", autouse=True)
def many(api: ApiFixture) -> None:
    """Many of each. Texts have a thousand quotes, of which each takes four bytes in an answer."""
    api.engine.define(DEFINITION)
    for statement in STORE.split(";\n"):
        api.engine.owner.execute(statement.encode(), {"many": MANY})


@pytest.mark.parametrize(
    ("url", "field", "names"),
    [
        ("/orchestrations/definitions", "definitions", ("name", "organization")),
        ("/orchestrations/definitions/many/versions", "definitions", ("version",)),
        ("/agents", "agents", ("slug", "organization")),
        ("/organizations/demo/members", "members", ("userId",)),
        ("/organizations/demo/service-tokens", "serviceTokens", ("id",)),
    ],
)
def test_the_pages_of_a_list_have_each_row_once(api: ApiFixture, url: str, field: str, names: tuple[str, ...]) -> None:
    rows: list[dict[str, Any]] = []
    sizes, cursor = [], ""
    while cursor is not None:
        page = api.get(f"{url}?cursor={cursor}" if cursor else url)
        rows += page[field]
        sizes.append(len(page[field]))
        cursor = page["nextCursor"]
    assert sizes[:2] == [MAX_ROWS, MAX_ROWS]
    assert len({tuple(row[name] for name in names) for row in rows}) == len(rows) >= MANY
    if url.endswith("versions"):
        assert [row["version"] for row in rows] == [f"1.0.{n}" for n in range(MANY, -1, -1)]
    if url == "/agents":
        assert [row["slug"] for row in rows] == sorted(row["slug"] for row in rows)


def test_the_client_reads_all_pages(api: ApiFixture) -> None:
    client = api.client()
    assert len(client.library.definitions.versions("many")) == MANY + 1
    assert len(client.library.agents.list()) > MANY
    assert len(client.library.definitions.list()) > MANY
    assert len(client.members.list()) > MANY
    assert len(client.service_tokens.list()) == MANY


def test_the_outbox_fits_whatever_its_errors_are(api: ApiFixture) -> None:
    """Every field has a limit, so that the answer needs no ``omitted``: it has at most 500 characters of each error."""
    store(api.engine, Sizes("😀", 4_000, 10, (10,), attempts=1, items=0, item_text=0, events=500, status="checkpoint"))
    effects = api.get("/orchestrations/outbox?limit=500")["effects"]
    assert [len(one["lastError"]) for one in effects] == [500] * 500
