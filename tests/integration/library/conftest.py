from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .publishing_fixture import DESK, PublishingFixture


@pytest.fixture
def acme(login_url: Callable[[str], str], database_url: str) -> Iterator[PublishingFixture]:
    acme = PublishingFixture(login_url("api"), database_url)
    yield acme
    acme.close()


@pytest.fixture
def acme_with_agents(acme: PublishingFixture) -> PublishingFixture:
    """The organisation with the example's agents."""
    acme.agent()
    acme.agent(DESK)
    return acme
