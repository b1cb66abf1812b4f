from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import localcontext
from typing import Any

import pytest

from baton.agents.contract import Deliverable
from summarizer.numbers import EXACT
from summarizer.request import Request
from summarizer.summary import summarize

Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _exact() -> Iterator[None]:
    """The arithmetic of summarize()."""
    with localcontext(EXACT):
        yield


@pytest.fixture
def rows() -> Callable[..., Rows]:
    """Rows of one KPI: ``rows("revenue", "USD", "sum", {"2024-07-01": "1.50"}, company="Acme")``."""

    def of(kpi: str, unit: str, aggregation: str | None, figures: Mapping[str, Any], **dimensions: str) -> Rows:
        shared = {"kpi": kpi, "unit": unit, **({"aggregation": aggregation} if aggregation else {}), **dimensions}
        return [{**shared, "period": period, "value": value} for period, value in figures.items()]

    return of


@pytest.fixture
def summary() -> Callable[..., Deliverable]:
    """The deliverable for rows: ``summary(rows, grouping="month", startDate="2024-07-01", …)``."""

    def of(rows: Rows, **context: Any) -> Deliverable:
        return summarize(Request.parse({"queryResults": json.dumps(rows), "grouping": "month", **context}))

    return of
