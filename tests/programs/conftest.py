"""The local stack in its own process and with its own state, as a person starts it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import database_server, empty_database_url, open_directory
from tests.programs.own_process import StartStack, start_stacks

__all__ = ["database_server", "empty_database_url", "open_directory"]


@pytest.fixture
def state(open_directory: Path, request: pytest.FixtureRequest) -> Path:
    return open_directory / str(request.node.name)


@pytest.fixture
def up(state: Path) -> Iterator[StartStack]:
    with start_stacks(state) as up:
        yield up


@pytest.fixture
def with_a_terminal() -> Iterator[None]:
    """Restore SIGHUP's default: the tests may run under nohup, and their processes would inherit that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)
