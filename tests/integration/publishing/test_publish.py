"""Publishing on a real database, with the API function's own login."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from baton.agents.address_guard import AddressGuard
from baton.compiler.machine import Machine
from baton.errors import Conflict, EngineUnavailable, Forbidden, Invalid, NotFound, SourceProblem
from baton.model import Principal
from baton.store.database import Database
from baton.store.launch import Launches
from baton.store.publish import Publications
from baton.store.reads import Reads
from baton.submission import Submissions
from baton.usecases.publish import ArchiveRequest, Publish, Published, PublishRequest
from local.checkout import ROOT

EXAMPLE = ROOT / "examples" / "hello-agent"
AGENT = (EXAMPLE / "hello-agent.yaml").read_text().replace("http://127.0.0.1:8901/", "https://agents.example.com/hello")
DESK = (EXAMPLE / "hello-desk.yaml").read_text()
HELLO = (EXAMPLE / "hello.yaml").read_text()


@dataclass
class MadeMachines:
    """Step Functions, as far as publishing knows it."""

    names: list[str] = field(default_factory=list)
    fails: bool = False

    def make(self, machine: Machine) -> str:
        if self.fails:
            raise EngineUnavailable("Step Functions does not answer")
        self.names.append(f"x-{machine.digest}")
        return self.names[-1]


class House:
    """An organisation with members, and what they publish."""

    def __init__(self, api_url: str, owner_url: str) -> None:
        self.api_url = api_url
        self.database = Database(api_url)
        self.owner = psycopg.connect(owner_url, autocommit=True, row_factory=dict_row)
        self.owner.execute("insert into organizations (slug, name) values ('acme', 'Acme')")
        self.machines = MadeMachines()
        self.publish = self.publishing(self.database)
        self.admin = self.member("admin")

    def publishing(self, database: Database) -> Publish:
        return Publish(Publications(database), Submissions(AddressGuard()), self.machines)

    def member(self, *roles: str, organization: str = "acme") -> Principal:
        user_id = str(uuid.uuid4())
        self.owner.execute(
            "insert into organization_members (organization_id, user_id, roles) select id, %s, %s from organizations"
            " where slug = %s",
            (user_id, [*roles], organization),
        )
        return Principal(user_id)

    def agent(self, source: str = AGENT, *, by: Principal | None = None, organization: str = "acme") -> Published[Any]:
        return self.publish.agent(by or self.admin, PublishRequest(organization, source))

    def definition(
        self, source: str = HELLO, *, by: Principal | None = None, organization: str = "acme"
    ) -> Published[Any]:
        return self.publish.definition(by or self.admin, PublishRequest(organization, source))

    def rows(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        return self.owner.execute(statement, params).fetchall()

    def close(self) -> None:
        self.database.close()
        self.owner.close()


@pytest.fixture
def house(login_url: Callable[[str], str], database_url: str) -> Iterator[House]:
    house = House(login_url("api"), database_url)
    yield house
    house.close()


@pytest.fixture
def furnished(house: House) -> House:
    """With the example's agents."""
    house.agent()
    house.agent(DESK)
    return house


def problems(raised: pytest.ExceptionInfo[Invalid]) -> list[tuple[int, str]]:
    assert all(isinstance(problem, SourceProblem) for problem in raised.value.problems)
    return [(problem.line, problem.message) for problem in raised.value.problems]  # type: ignore[attr-defined]


def test_a_definition_is_published_with_its_machine(furnished: House) -> None:
    published = furnished.definition()

    assert published.created
    assert published.stored.machine == f"x-{published.stored.digest}"
    assert furnished.machines.names == [published.stored.machine]
    (row,) = furnished.rows("select * from orchestration_definitions where name = 'hello'")
    assert (row["version"], row["source"], row["owner_agent_slug"]) == ("1.0.0", HELLO, "hello-desk")
    assert str(row["published_by"]) == furnished.admin.user_id


def test_the_same_version_again_gets_the_same_answer(furnished: House) -> None:
    first = furnished.definition()
    again = furnished.definition()
    assert not again.created
    assert again.stored == first.stored


def test_a_comment_makes_no_other_content(furnished: House) -> None:
    first = furnished.definition()
    assert furnished.definition("# of no weight\n" + HELLO).stored == first.stored


def test_a_version_never_changes(furnished: House) -> None:
    furnished.definition()
    with pytest.raises(Conflict, match=r"^the version 1\.0\.0 of hello .* raise metadata\.version"):
        furnished.definition(HELLO.replace("Shall this", "May this"))
    assert furnished.definition(HELLO.replace("1.0.0", "1.0.1").replace("Shall this", "May this")).created


def test_an_archived_version_takes_no_launches_and_gives_way_to_the_one_before(furnished: House) -> None:
    furnished.definition()
    newer = HELLO.replace("version: 1.0.0", "version: 1.1.0")
    assert furnished.definition(newer).stored.plan.version == "1.1.0"
    launches, operator = Launches(furnished.database), furnished.member("operator")

    archived = furnished.publish.archive(furnished.admin, ArchiveRequest("acme", "hello", "1.1.0"))

    def launchable(version: str | None) -> str | None:
        found = launches.context(
            user_id=operator.user_id,
            organization="acme",
            agent=None,
            orchestration="hello",
            version=version,
            shared_only=False,
            idempotency_key=None,
        )
        return found.plan.version if found and found.plan else None

    assert archived.archived_at is not None
    assert (launchable("1.1.0"), launchable(None), launchable("1.0.0")) == (None, "1.0.0", "1.0.0")
    again = furnished.publish.archive(furnished.admin, ArchiveRequest("acme", "hello", "1.1.0"))
    assert again == archived, "archived once, whatever is asked again"
    assert not furnished.definition(newer).created, "its number is taken for good"


def test_archiving_needs_an_admin_and_a_version_of_ones_own(furnished: House) -> None:
    furnished.definition()

    with pytest.raises(Forbidden):
        furnished.publish.archive(furnished.member("operator"), ArchiveRequest("acme", "hello", "1.0.0"))
    for name, version in (("hello", "3.0.0"), ("kpi-tracking", "1.0.0")):
        with pytest.raises(NotFound, match=f"^there is no orchestration {name} {version} of acme itself"):
            furnished.publish.archive(furnished.admin, ArchiveRequest("acme", name, version))
    assert not furnished.rows("select from orchestration_definitions where archived_at is not null")


def test_published_by_many_at_once_it_is_there_once(furnished: House) -> None:
    def publish(_: int) -> Published[Any]:
        with closing(Database(furnished.api_url)) as own:
            return furnished.publishing(own).definition(furnished.admin, PublishRequest("acme", HELLO))

    with ThreadPoolExecutor(8) as pool:
        published = list(pool.map(publish, range(16)))
    assert sum(one.created for one in published) == 1
    assert len({one.stored.id for one in published}) == 1


def test_without_its_machine_a_definition_is_not_published(furnished: House) -> None:
    furnished.machines.fails = True
    with pytest.raises(EngineUnavailable):
        furnished.definition()
    assert furnished.rows("select from orchestration_definitions where name = 'hello'") == []


def test_a_bundled_definition_runs_on_the_machine_of_its_name(house: House) -> None:
    (row,) = house.rows(
        "select machine from orchestration_definitions where name = 'kpi-tracking' and version = '1.0.0'"
    )
    assert row["machine"] == "kpi-tracking"


@pytest.mark.parametrize("roles", [("viewer",), ("operator", "approver")])
def test_publishing_needs_an_admin(furnished: House, roles: tuple[str, ...]) -> None:
    member = furnished.member(*roles)
    for publish in (furnished.definition, furnished.agent):
        with pytest.raises(Forbidden):
            publish(by=member)


def test_another_organisation_does_not_exist(furnished: House) -> None:
    for organization in ("demo", "global", "nowhere"):
        with pytest.raises(NotFound):
            furnished.definition(organization=organization)
        with pytest.raises(NotFound):
            furnished.agent(organization=organization)


def test_what_one_organisation_published_another_cannot_use(furnished: House) -> None:
    neighbour = furnished.member("admin", organization="demo")
    with pytest.raises(Invalid) as raised:
        furnished.definition(by=neighbour, organization="demo")
    assert [message for _, message in problems(raised)] == [
        "no orchestrator that demo can use lists `hello` in its `orchestrations`; publish one first",
        "the agent `hello-agent` is neither in demo nor in global",
    ]


def test_every_problem_is_told_with_its_place(furnished: House) -> None:
    wrong = HELLO.replace("hello-agent", "hallo-agent").replace("name: hello\n", "name: helo\n")
    with pytest.raises(Invalid) as raised:
        furnished.definition(wrong)
    lines = wrong.splitlines()
    assert [lines[line - 1].strip() for line, _ in problems(raised)] == ["name: helo", "agent: hallo-agent"]
    assert raised.value.problems[1].suggestion == "hello-agent"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("1.0.0", '"1.0"', "version:"),
        ("type: string", "type: strin", "type: strin"),
        ("{{ who }}.", "{{ whom }}.", "userMessage"),
        ("Greet {{", '"\\0 {{', "userMessage"),
        ("retry_count: 2", "retry_count: 2e400", "retry_count"),
        ("retry_count: 2", "retry_count: " + "9" * 5000, "retry_count"),
    ],
)
def test_a_faulty_source_is_refused_where_it_is_wrong(furnished: House, old: str, new: str, line: str) -> None:
    wrong = HELLO.replace(old, new)
    if "\\0" in new:
        wrong = wrong.replace("who }}.", 'who }}."')
    with pytest.raises(Invalid) as raised:
        furnished.definition(wrong)
    ((at, _),) = problems(raised)
    assert line in wrong.splitlines()[at - 1]


def test_an_unreadable_source_is_refused(furnished: House) -> None:
    for source in ("", "[", "- a", "metadata: &a {}\nagent: *a", "\x00"):
        with pytest.raises(Invalid):
            furnished.definition(source)
        with pytest.raises(Invalid):
            furnished.agent(source)


# --- agents ----------------------------------------------------------------------------------------------------------


def test_an_agent_is_published_and_replaced(house: House) -> None:
    assert house.agent().created
    assert not house.agent().created

    moved = house.agent(AGENT.replace("agents.example.com", "elsewhere.example.com"))

    assert not moved.created
    assert moved.stored.transport == {
        "type": "http",
        "url": "https://elsewhere.example.com/hello",
        "timeout_seconds": 10,
    }
    (row,) = house.rows("select transport from agents where slug = 'hello-agent'")
    assert row["transport"] == moved.stored.transport


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
def test_an_agent_is_somewhere_public(house: House, url: str, message: str) -> None:
    source = AGENT.replace("https://agents.example.com/hello", url)
    with pytest.raises(Invalid) as raised:
        house.agent(source)
    ((line, told),) = problems(raised)
    assert message in told
    assert url in source.splitlines()[line - 1]


def test_a_published_agent_is_no_function(house: House) -> None:
    source = AGENT[: AGENT.index("transport:")] + "transport: {type: lambda, function: supabase-agent}\n"
    with pytest.raises(Invalid, match="reached by `type: http`"):
        house.agent(source)


def test_nobody_stands_in_for_an_agent_of_the_deployment(house: House) -> None:
    for slug in ("supabase-agent", "finance-manager"):
        with pytest.raises(Invalid, match="nobody may stand in for"):
            house.agent(AGENT.replace("hello-agent", slug))


def test_not_even_in_the_organisation_that_it_belongs_to(house: House) -> None:
    keeper = house.member("admin", organization="global")
    with pytest.raises(Invalid, match="nobody may stand in for"):
        house.agent(AGENT.replace("hello-agent", "supabase-agent"), by=keeper, organization="global")


def test_an_organisations_own_agent_comes_before_a_shared_one(furnished: House) -> None:
    keeper = furnished.member("admin", organization="global")
    furnished.agent(AGENT.replace("agents.example", "shared.example"), by=keeper, organization="global")
    found = furnished.publish.library.library(furnished.admin.user_id, "acme")
    assert found is not None
    assert found[1].agents["hello-agent"].organization == "acme"


def test_an_agent_is_seen_by_its_own_organisation_alone(furnished: House, login_url: Callable[[str], str]) -> None:
    neighbour = furnished.member("viewer", organization="demo")
    with closing(Database(login_url("api"))) as database:
        reads = Reads(database)
        shared = {agent["slug"] for agent in reads.agents(neighbour)}
        assert {"supabase-agent", "summarizer"} <= shared
        assert {agent["slug"] for agent in reads.agents(furnished.admin)} == shared | {"hello-agent", "hello-desk"}
        with pytest.raises(NotFound):
            reads.agent(neighbour, "hello-agent")
        with pytest.raises(NotFound):
            reads.agents(neighbour, organization="acme")
        assert reads.agent(furnished.admin, "hello-agent", organization="acme")["transport"]["type"] == "http"


def test_an_agent_does_not_become_an_orchestrator(furnished: House) -> None:
    with pytest.raises(Conflict, match="another kind"):
        furnished.agent(DESK.replace("hello-desk", "hello-agent"))


def test_an_orchestrator_does_no_step(furnished: House) -> None:
    with pytest.raises(Invalid, match="is an orchestrator"):
        furnished.definition(HELLO.replace("agent: hello-agent", "agent: hello-desk"))


def test_the_api_login_cannot_reach_what_came_with_the_deployment(
    house: House, login_url: Callable[[str], str]
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
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(
                "update agents set source = 'x', published_by = gen_random_uuid() where slug = 'supabase-agent'"
            )


# --- definitions that run others ----------------------------------------------------------------------------------


def running(name: str, *children: str, version: str = "1.0.0") -> str:
    steps = [
        f"    - id: run-{child}\n      type: orchestration\n"
        f"      orchestration: {{name: {child}, parameters: {{who: Ada}}}}\n"
        for child in children
    ]
    parameter = "orchestration:\n  parameters: [{name: who, type: string}]\n  steps:\n"
    return f"metadata: {{name: {name}, displayName: {name}, version: {version}}}\n{parameter}{''.join(steps)}"


@pytest.fixture
def family(furnished: House) -> House:
    """``a`` runs ``b`` runs ``c`` runs ``hello``."""
    furnished.agent(DESK.replace("[hello]", "[hello, a, b, c, d, e, f]"))
    furnished.definition()
    for name, child in (("c", "hello"), ("b", "c"), ("a", "b")):
        furnished.definition(running(name, child))
    return furnished


def test_a_child_must_be_there(family: House) -> None:
    with pytest.raises(Invalid) as raised:
        family.definition(running("d", "helo"))
    assert [message for _, message in problems(raised)] == ["there is no orchestration `helo` that acme can run"]


def test_definitions_never_run_one_another_in_a_circle(family: House) -> None:
    with pytest.raises(Invalid, match="circle"):
        family.definition(running("c", "a", version="2.0.0"))


def test_not_by_way_of_an_older_version_either(family: House) -> None:
    family.definition(HELLO.replace("name: hello", "name: a").replace("version: 1.0.0", "version: 2.0.0"))
    family.definition(running("c", "a", version="2.0.0"))  # the newest a runs nothing
    with pytest.raises(Invalid, match="circle: c → a → b → c"):
        family.definition(running("c", "a", version="3.0.0").replace("{name: a,", "{name: a, version: 1.0.0,"))


def test_the_version_of_a_child_must_be_there(family: House) -> None:
    with pytest.raises(Invalid) as raised:
        family.definition(running("d", "hello").replace("{name: hello,", "{name: hello, version: 9.0.0,"))
    assert [message for _, message in problems(raised)] == ["there is no version 9.0.0 of `hello`; there is 1.0.0"]


def test_definitions_run_one_another_so_deep_and_no_deeper(family: House) -> None:
    from baton.definition.lineage import MOST_LEVELS

    names = "defghijk"
    family.agent(DESK.replace("[hello]", f"[hello, a, b, c, {', '.join(names)}]"))
    below = "a"
    for name in names[: MOST_LEVELS - 4]:
        family.definition(running(name, below))
        below = name
    with pytest.raises(Invalid, match="deep"):
        family.definition(running("k", below))


def test_a_new_version_below_must_not_make_what_runs_it_too_deep(family: House) -> None:
    from baton.definition.lineage import MOST_LEVELS

    family.agent(DESK.replace("[hello]", "[hello, a, b, c, x0, x1, x2, x3, x4, x5, x6]"))
    below = "hello"
    for level in range(MOST_LEVELS - 2):
        family.definition(running(f"x{level}", below))
        below = f"x{level}"
    with pytest.raises(Invalid, match=r"could not run any more"):
        family.definition(running("c", below, version="1.1.0"))
