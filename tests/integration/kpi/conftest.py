"""The MCP function with a test's own database, and supabase-agent as its client."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import jwt
import psycopg
import pytest
from psycopg.rows import dict_row

from baton.connection import Login
from baton.secrets import Key
from cli.checkout import ROOT
from cli.kpi import import_csv
from kpi_mcp.http import KpiFunction
from kpi_mcp.settings import Settings as McpSettings
from supabase_agent.agent import SupabaseAgent
from supabase_agent.settings import Settings as AgentSettings
from tests.integration.http_server import QuietHandler, serving
from tests.integration.kpi.pages import page_of

KEY = "a key of at least thirty-two bytes"
AUDIENCE = "baton-mcp"

CASES = Path(__file__).parent / "cases"
HEADER = "company,department,metric,unit,aggregation,date,value"
DESCRIBED = f"{HEADER},direction,grain,plan_of,weight,numerator,denominator"

Ask = Callable[..., dict[str, Any]]
AskOwn = Callable[..., dict[str, Any]]
PageOfOwn = Callable[..., str]


class McpFixture:
    """Calls the MCP function as the HTTP API does."""

    def __init__(self, database_url: str) -> None:
        self.function = KpiFunction(McpSettings(Login(database_url), Key(lambda: KEY), AUDIENCE))

    def post(self, body: Any, headers: dict[str, str], method: str = "POST") -> dict[str, Any]:
        event = json.loads((ROOT / "functions" / "mcp" / "event.json").read_text(encoding="utf-8"))
        defaults = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        event["headers"] = {**defaults, **headers}
        event["requestContext"]["http"]["method"] = method
        event["body"] = body if isinstance(body, str) else json.dumps(body)
        return self.function(event, None)

    def bearer(self, organization: str = "demo") -> dict[str, str]:
        now = int(time.time())
        claims = {"aud": AUDIENCE, "iat": now, "exp": now + 60, "organization": organization}
        return {"authorization": f"Bearer {jwt.encode(claims, KEY, algorithm='HS256')}"}

    def rpc(self, method: str, params: dict[str, Any], organization: str = "demo") -> dict[str, Any]:
        answer = self.post({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}, self.bearer(organization))
        assert answer["statusCode"] == 200, answer
        return json.loads(answer["body"])  # type: ignore[no-any-return]

    def tool(self, name: str, organization: str = "demo", **arguments: Any) -> dict[str, Any]:
        answer = self.rpc("tools/call", {"name": name, "arguments": arguments}, organization)
        return answer["result"]  # type: ignore[no-any-return]

    def text(self, name: str, organization: str = "demo", **arguments: Any) -> str:
        result = self.tool(name, organization, **arguments)
        assert not result["isError"], result
        return result["content"][0]["text"]  # type: ignore[no-any-return]


@pytest.fixture
def mcp(login_url: Callable[[str], str]) -> Iterator[McpFixture]:
    mcp = McpFixture(login_url("mcp"))
    yield mcp
    mcp.function.database.close()


@pytest.fixture
def mcp_url(mcp: McpFixture) -> Iterator[str]:
    """The MCP function at a real HTTP address."""

    class Gateway(QuietHandler):
        protocol_version = "HTTP/1.1"
        function: ClassVar[McpFixture] = mcp

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            answer = self.function.post(body, {name.lower(): value for name, value in self.headers.items()})
            self.send_answer(
                int(answer["statusCode"]), answer["body"].encode(), content_type=answer["headers"]["content-type"]
            )

    with serving(Gateway) as url:
        yield f"{url}/mcp"


@pytest.fixture
def ask(mcp_url: str) -> Ask:
    """Call supabase-agent. Keywords replace parts of the context. Return the whole answer."""
    agent = SupabaseAgent(AgentSettings(mcp_url, Key(lambda: KEY), AUDIENCE, "", ""))

    def ask(organization: str = "demo", review: dict[str, Any] | None = None, **context: Any) -> dict[str, Any]:
        event = json.loads((ROOT / "functions" / "supabase_agent" / "event.json").read_text(encoding="utf-8"))
        event["organization"] = organization
        event["payload"]["context"].update(context)
        if review is not None:
            event["review"] = review
        return agent(event)

    return ask


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
def own(ask: Any, owner: psycopg.Connection[dict[str, Any]], database_url: str, tmp_path: Path) -> AskOwn:
    """Import a file or lines into an organisation without other data, and ask about them. Returns the deliverable."""
    owner.execute("insert into public.organizations (slug, name) values ('own', 'Own')")

    def ask_own(source: str | Iterable[str], kpis: list[str], start: str, end: str, grouping: str, **more: Any) -> Any:
        path = CASES / f"{source}.csv"
        if not isinstance(source, str):
            lines = list(source)
            path = tmp_path / "own.csv"
            header = DESCRIBED if any(line.count(",") == DESCRIBED.count(",") for line in lines) else HEADER
            path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        import_csv(database_url, path, "own")
        answer = ask("own", kpiNames=kpis, startDate=start, endDate=end, grouping=grouping, **more)
        assert answer["success"], answer
        return answer["payload"]["content"]["deliverable"]

    return ask_own


@pytest.fixture
def own_page(own: AskOwn) -> PageOfOwn:
    """The same, as the page that the summarizer writes."""
    return lambda *question, **more: page_of(own(*question, **more))
