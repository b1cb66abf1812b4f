"""Publishing definitions with child runs, on a real database."""

from __future__ import annotations

import pytest

from baton.errors import Invalid

from .publishing_fixture import DESK, HELLO, PublishingFixture, problems


def parent_of(name: str, *children: str, version: str = "1.0.0") -> str:
    steps = [
        f"    - id: run-{child}\n      type: orchestration\n"
        f"      orchestration: {{name: {child}, parameters: {{who: Ada}}}}\n"
        for child in children
    ]
    parameter = "orchestration:\n  parameters: [{name: who, type: string}]\n  steps:\n"
    return f"metadata: {{name: {name}, displayName: {name}, version: {version}}}\n{parameter}{''.join(steps)}"


@pytest.fixture
def acme_with_parents(acme_with_agents: PublishingFixture) -> PublishingFixture:
    """``a`` runs ``b`` runs ``c`` runs ``hello``."""
    acme_with_agents.agent(DESK.replace("[hello]", "[hello, a, b, c, d, e, f]"))
    acme_with_agents.definition()
    for name, child in (("c", "hello"), ("b", "c"), ("a", "b")):
        acme_with_agents.definition(parent_of(name, child))
    return acme_with_agents


def test_an_unknown_child_is_refused(acme_with_parents: PublishingFixture) -> None:
    with pytest.raises(Invalid) as raised:
        acme_with_parents.definition(parent_of("d", "helo"))
    assert [message for _, message in problems(raised)] == ["there is no orchestration `helo` that acme can run"]


def test_a_circle_of_definitions_is_refused(acme_with_parents: PublishingFixture) -> None:
    with pytest.raises(Invalid, match="circle"):
        acme_with_parents.definition(parent_of("c", "a", version="2.0.0"))


def test_a_circle_through_an_older_version_is_refused(acme_with_parents: PublishingFixture) -> None:
    acme_with_parents.definition(HELLO.replace("name: hello", "name: a").replace("version: 1.0.0", "version: 2.0.0"))
    acme_with_parents.definition(parent_of("c", "a", version="2.0.0"))  # the newest a runs nothing
    with pytest.raises(Invalid, match="circle: c → a → b → c"):
        acme_with_parents.definition(
            parent_of("c", "a", version="3.0.0").replace("{name: a,", "{name: a, version: 1.0.0,")
        )


def test_an_unknown_version_of_a_child_is_refused(acme_with_parents: PublishingFixture) -> None:
    with pytest.raises(Invalid) as raised:
        acme_with_parents.definition(parent_of("d", "hello").replace("{name: hello,", "{name: hello, version: 9.0.0,"))
    assert [message for _, message in problems(raised)] == ["there is no version 9.0.0 of `hello`; there is 1.0.0"]


def test_the_number_of_levels_of_child_runs_is_limited(acme_with_parents: PublishingFixture) -> None:
    from baton.definition.lineage import MAX_LEVELS

    names = "defghijk"
    acme_with_parents.agent(DESK.replace("[hello]", f"[hello, a, b, c, {', '.join(names)}]"))
    below = "a"
    for name in names[: MAX_LEVELS - 4]:
        acme_with_parents.definition(parent_of(name, below))
        below = name
    with pytest.raises(Invalid, match="deep"):
        acme_with_parents.definition(parent_of("k", below))


def test_a_new_version_of_a_child_that_makes_its_parents_too_deep_is_refused(
    acme_with_parents: PublishingFixture,
) -> None:
    from baton.definition.lineage import MAX_LEVELS

    acme_with_parents.agent(DESK.replace("[hello]", "[hello, a, b, c, x0, x1, x2, x3, x4, x5, x6]"))
    below = "hello"
    for level in range(MAX_LEVELS - 2):
        acme_with_parents.definition(parent_of(f"x{level}", below))
        below = f"x{level}"
    with pytest.raises(Invalid, match=r"could no longer run"):
        acme_with_parents.definition(parent_of("c", below, version="1.1.0"))
