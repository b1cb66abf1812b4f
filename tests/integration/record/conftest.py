from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from baton.store.database import Database
from baton.store.webhook_deliveries import WebhookDeliveries
from baton.usecases.deliver_webhooks import AT_ONCE, PLACES

from .engine import EngineFixture
from .webhooks import WebhookFixture


@pytest.fixture
def engine(login_url: Callable[[str], str], database_url: str) -> Iterator[EngineFixture]:
    engine = EngineFixture(login_url, database_url)
    yield engine
    engine.close()


@pytest.fixture
def hooks(engine: EngineFixture, login_url: Callable[[str], str]) -> Iterator[WebhookFixture]:
    with ExitStack() as opened:
        webhook, relay = (opened.enter_context(closing(Database(login_url(name)))) for name in ("webhook", "relay"))
        yield WebhookFixture(
            engine, WebhookDeliveries(webhook, AT_ONCE, PLACES), WebhookDeliveries(relay, AT_ONCE, PLACES)
        )
