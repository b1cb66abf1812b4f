"""The report as a table and as JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from bench.measuring import Cost
from bench.record.measured import Row

HEADER = f"""\
{"":34}{"CPU, ms a step: least of all rounds / median":^76}{"on the wire, a step":^50}
{"":34}{"Postgres":>15}{"its client":>14}{"the record":>15}{"all":>15}{"server":>14}   \
{"awaited":>8}{"unawaited":>10}{"statements":>11}{"kB up":>8}{"kB down":>9}{"kB WAL":>16}"""
FOOTER = """
its client: the store's calls (psycopg, JSON). the record: Postgres and its client. all: Postgres and all of the
handlers, with stubs of agents and AWS. server: WAL writer, background writer and the like. 1 kB is 1,000 bytes."""

_FIGURES: dict[str, Callable[[Cost], float]] = {
    "postgres": lambda cost: cost.postgres,
    "client_of_record": lambda cost: cost.record,
    "record": lambda cost: cost.postgres + cost.record,
    "all": lambda cost: cost.postgres + cost.client,
    "server": lambda cost: cost.server,
    "wal": lambda cost: cost.wal / 1000,
}
_WIDTHS = {"postgres": 15, "client_of_record": 14, "record": 15, "all": 15, "server": 14, "wal": 16}


def figures(row: Row) -> dict[str, tuple[float, float]]:
    """Name → (minimum, median) over the rounds, per step."""
    result = {}
    for name, figure in _FIGURES.items():
        each = [figure(cost) / row.size for cost in row.costs]
        result[name] = (min(each), median(each))
    return result


def line(row: Row) -> str:
    texts = {name: f"{_shown(least)} / {_shown(middle)}" for name, (least, middle) in figures(row).items()}
    cells = [f"{texts[name]:>{width}}" for name, width in _WIDTHS.items()]
    return f"{row.name:9}{row.title:25}{''.join(cells[:5])}   {_wire(row)}{cells[5]}"


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "title": row.title,
            **{
                name: {"min": _known(least), "median": _known(middle)} for name, (least, middle) in figures(row).items()
            },
            **({} if row.wire_counts is None else {name: n / row.size for name, n in vars(row.wire_counts).items()}),
        }
        for row in rows
    ]


def _wire(row: Row) -> str:
    if row.wire_counts is None:
        return " " * 46
    of = {name: count / row.size for name, count in vars(row.wire_counts).items()}
    trips = f"{of['awaited']:8.2f}{of['unawaited']:10.2f}{of['statements']:11.1f}"
    return f"{trips}{of['bytes_up'] / 1000:8.1f}{of['bytes_down'] / 1000:9.1f}"


def _shown(figure: float) -> str:
    if math.isnan(figure):
        return "?"
    return f"{figure:.2f}" if figure < 100 else f"{figure:,.0f}"


def _known(figure: float) -> float | None:
    return None if math.isnan(figure) else round(figure, 4)
