from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .engine import EngineFixture


@pytest.fixture
def engine(login_url: Callable[[str], str], database_url: str) -> Iterator[EngineFixture]:
    engine = EngineFixture(login_url, database_url)
    yield engine
    engine.close()
