"""Publishing agents, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest

from baton.errors import Conflict, Forbidden, Invalid, NotFound
from baton.model import AgentKind
from baton.ports.library import SubmittedAgent
from baton.store.database import Database
from baton.store.library import LibraryTable
from baton.store.reads import Reads

from .publishing_fixture import AGENT, DESK, HELLO, PublishingFixture, problems


def test_an_agent_is_published_and_replaced(acme: PublishingFixture) -> None:
    assert acme.agent().created
    assert not acme.agent().created

    moved = acme.agent(AGENT.replace("agents.example.com", "elsewhere.example.com"))

    assert not moved.created
    assert moved.stored.transport == {
        "type": "http",
        "url": "https://elsewhere.example.com/hello",
        "timeout_seconds": 10,
    }
    (row,) = acme.rows("select transport from agents where slug = 'hello-agent'")
    assert row["transport"] == moved.stored.transport


def test_what_an_agent_accepts_is_checked_and_stored(acme: PublishingFixture) -> None:
    accepts = "  accepts: {type: object, properties: {tone: {type: string}}}\n"
    published = acme.agent(AGENT.rstrip("\n") + "\n" + accepts)
    assert published.stored.accepts == {"type": "object", "properties": {"tone": {"type": "string"}}}
    (row,) = acme.rows("select accepts from agents where slug = 'hello-agent'")
    assert row["accepts"] == published.stored.accepts
    with pytest.raises(Invalid) as raised:
        acme.agent(AGENT.rstrip("\n") + "\n" + accepts.replace("type: string", "typ: string"))
    assert problems(raised)[0][1] == "there is no keyword `typ` (did you mean `type`?)"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://agents.example.com/", "https://"),
        ("http://127.0.0.1:8901/", "https://"),
        ("https://169.254.169.254/", "link-local"),
        ("https://[64:ff9b::a9fe:a9fe]/", "link-local"),
        ("https://localhost/", "public host"),
    ],
)
def test_an_agents_url_must_lead_to_a_public_host(acme: PublishingFixture, url: str, message: str) -> None:
    source = AGENT.replace("https://agents.example.com/hello", url)
    with pytest.raises(Invalid) as raised:
        acme.agent(source)
    ((line, text),) = problems(raised)
    assert message in text
    assert url in source.splitlines()[line - 1]


def test_a_published_agent_cannot_be_a_function(acme: PublishingFixture) -> None:
    source = AGENT[: AGENT.index("transport:")] + "transport: {type: lambda, function: supabase-agent}\n"
    with pytest.raises(Invalid, match="reached by `type: http`"):
        acme.agent(source)


def test_an_agent_of_the_deployment_cannot_be_replaced(acme: PublishingFixture) -> None:
    for slug in ("supabase-agent", "finance-manager"):
        with pytest.raises(Invalid, match="which you cannot replace"):
            acme.agent(AGENT.replace("hello-agent", slug))


def test_an_agent_of_the_deployment_cannot_be_replaced_in_its_own_organisation(acme: PublishingFixture) -> None:
    keeper = acme.member("admin", organization="global")
    with pytest.raises(Invalid, match="which you cannot replace"):
        acme.agent(AGENT.replace("hello-agent", "supabase-agent"), by=keeper, organization="global")


def test_an_organisations_own_agent_takes_precedence_over_a_shared_one(acme_with_agents: PublishingFixture) -> None:
    keeper = acme_with_agents.member("admin", organization="global")
    acme_with_agents.agent(AGENT.replace("agents.example", "shared.example"), by=keeper, organization="global")
    library_of_acme = acme_with_agents.library.library.library(acme_with_agents.admin.user_id, "acme")
    assert library_of_acme is not None
    assert library_of_acme[1].agents["hello-agent"].organization == "acme"


def test_only_its_own_organisation_sees_an_agent(
    acme_with_agents: PublishingFixture, login_url: Callable[[str], str]
) -> None:
    neighbour = acme_with_agents.member("viewer", organization="demo")
    with closing(Database(login_url("api"))) as database:
        reads = Reads(database)
        shared = {agent["slug"] for agent in reads.agents(neighbour)}
        assert {"supabase-agent", "summarizer"} <= shared
        assert {agent["slug"] for agent in reads.agents(acme_with_agents.admin)} == shared | {
            "hello-agent",
            "hello-desk",
        }
        with pytest.raises(NotFound):
            reads.agent(neighbour, "hello-agent")
        with pytest.raises(NotFound):
            reads.agents(neighbour, organization="acme")
        assert reads.agent(acme_with_agents.admin, "hello-agent", organization="acme")["transport"]["type"] == "http"


def test_an_agent_cannot_become_an_orchestrator(acme_with_agents: PublishingFixture) -> None:
    with pytest.raises(Conflict, match="another kind"):
        acme_with_agents.agent(DESK.replace("hello-desk", "hello-agent"))


def test_an_orchestrator_cannot_do_a_step(acme_with_agents: PublishingFixture) -> None:
    with pytest.raises(Invalid, match="is an orchestrator"):
        acme_with_agents.definition(HELLO.replace("agent: hello-agent", "agent: hello-desk"))


def test_the_api_login_cannot_change_the_deployments_agents_and_definitions(
    acme: PublishingFixture, login_url: Callable[[str], str]
) -> None:
    with psycopg.connect(login_url("api"), autocommit=True) as connection:
        for statement in (
            "delete from agents",
            "update agents set slug = 'x'",
            "update agents set kind = 'orchestrator'",
            "update orchestration_definitions set source = ''",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    with pytest.raises(psycopg.errors.CheckViolation):  # it cannot become an organisation's own agent
        acme.rows("update agents set source = 'x', published_by = gen_random_uuid() where slug = 'supabase-agent'")


def test_a_user_who_has_just_lost_the_role_admin_replaces_nothing(acme: PublishingFixture) -> None:
    """The user loses the role after the use case has checked it, so the record checks it again."""
    acme.agent()
    submitted = SubmittedAgent(
        "hello-agent", "Other", "", AgentKind.AGENT, {"type": "http", "url": "https://o.test"}, [], "o"
    )
    organization_id = str(acme.rows("select id from organizations where slug = 'acme'")[0]["id"])
    with pytest.raises(Forbidden, match="a moment ago"):
        LibraryTable(acme.database).put_agent(acme.member("operator").user_id, organization_id, submitted)
    assert acme.rows("select from agents where slug = 'hello-agent' and display_name = 'Other'") == []
