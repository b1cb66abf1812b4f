"""Facts: everything that a page may say, as exact figures with their derivation.

The page is written from the sheet alone: it has no number and no direction that is not in a fact.
docs/facts.schema.json has the form of the sheet as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from summarizer.numbers import written
from summarizer.periods import Grouping
from summarizer.scope import Scope
from summarizer.units import Style

VERSION = 1


class Kind(StrEnum):
    """What a fact is about, in the order of facts without money."""

    ANOMALY = "anomaly"
    GOAL = "goal"
    PLAN = "plan"
    CHANGE = "change"
    TO_DATE = "toDate"
    DRIVER = "driver"
    FIGURE = "figure"
    COUNT = "count"
    QUALITY = "quality"


DIRECTIONS = {1: "up", -1: "down", 0: "none"}
VERDICTS = {1: "better", -1: "worse", 0: "none"}


@dataclass(frozen=True)
class Quantity:
    """An exact figure and its unit: that of the KPI, or percent, percentage points, times, days, departments …"""

    value: Decimal
    unit: str

    def to_json(self) -> dict[str, str]:
        return {"value": written(self.value), "unit": self.unit}


@dataclass(frozen=True)
class Derivation:
    """Where a fact comes from: the formula, its inputs by their names in the formula, and the basis of comparison."""

    formula: str
    inputs: Mapping[str, Quantity] = field(default_factory=dict)
    basis: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        inputs = [{"name": name, **one.to_json()} for name, one in self.inputs.items()]
        return {"formula": self.formula, "inputs": inputs, "basis": list(self.basis)}


@dataclass(frozen=True)
class Fact:
    """One statement about one KPI, or about all if ``kpi`` is empty.

    ``code`` says which of its kind it is. ``verdict`` is None if the data have no direction. ``money`` is what the fact
    is about in the KPI's currency, ``surprise`` how unusual it is. ``main`` marks the one change of a KPI that the page
    judges by.
    """

    kind: Kind
    code: str
    kpi: str = ""
    values: Mapping[str, Quantity] = field(default_factory=dict)
    dates: Mapping[str, date] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    derivation: Derivation = field(default_factory=lambda: Derivation(""))
    direction: int | None = None
    verdict: int | None = None
    main: bool = False
    money: Decimal | None = None
    surprise: Decimal = Decimal(0)
    position: int = 0

    @property
    def id(self) -> str:
        return f"f{self.position}"

    @property
    def per_day(self) -> bool:
        return any(basis.startswith("per day") for basis in self.derivation.basis)

    def __getitem__(self, name: str) -> Decimal:
        return self.values[name].value

    def get(self, name: str) -> Decimal | None:
        return self.values[name].value if name in self.values else None

    def number(self, name: str) -> int | None:
        """A count among the values."""
        return int(self.values[name].value) if name in self.values else None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind.value,
            "code": self.code,
            "kpi": self.kpi or None,
            "values": {name: value.to_json() for name, value in self.values.items()},
            "dates": {name: day.isoformat() for name, day in self.dates.items()},
            "names": {name: list(names) for name, names in self.names.items()},
            "direction": None if self.direction is None else DIRECTIONS[self.direction],
            "verdict": None if self.verdict is None else VERDICTS[self.verdict],
            "main": self.main,
            "derivation": self.derivation.to_json(),
            "rank": {
                "position": self.position,
                "money": None if self.money is None else written(self.money),
                "surprise": written(self.surprise),
            },
        }


@dataclass(frozen=True)
class Kpi:
    """A KPI of the sheet: what the data say about it, and the form of its figures."""

    name: str
    spoken: str
    style: Style
    step: Grouping
    aggregation: str | None
    additive: bool
    direction: int | None
    plan_of: str | None
    grain: Grouping | None
    grain_inferred: bool
    weighted: bool | None
    sparse: bool
    part: tuple[str, ...] = ()  # the company or the department of a breakdown

    def to_json(self) -> dict[str, Any]:
        return {
            "kpi": self.name,
            "unit": self.style.unit.text,
            "decimals": self.style.places,
            "aggregation": self.aggregation,
            "additive": self.additive,
            "direction": {1: "up", -1: "down"}.get(self.direction or 0),
            "planOf": self.plan_of,
            "period": self.step.value,
            "grain": self.grain and self.grain.value,
            "grainInferred": self.grain_inferred,
            "weighted": self.weighted,
            "sparse": self.sparse,
        }


@dataclass(frozen=True)
class Sheet:
    """All facts about a request, the most important first."""

    title: str
    scope: Scope
    grouping: Grouping
    start: date
    end: date
    kpis: Mapping[str, Kpi]
    facts: tuple[Fact, ...]
    order: str = ""  # how the facts are ranked, in words
    left_out: int = 0

    def of(self, kind: Kind, kpi: str | None = None, code: str | None = None) -> list[Fact]:
        """The facts of a kind, in their order; only of one KPI or code if it is given."""
        return [one for one in self._by_kpi.get((kind, kpi), ()) if code is None or one.code == code]

    @cached_property
    def _by_kpi(self) -> dict[tuple[Kind, str | None], list[Fact]]:
        index: dict[tuple[Kind, str | None], list[Fact]] = {}
        for fact in self.facts:
            index.setdefault((fact.kind, fact.kpi), []).append(fact)
            index.setdefault((fact.kind, None), []).append(fact)
        return index

    @cached_property
    def judged(self) -> list[Kpi]:
        """The KPIs that the headline is about: no plans; of a breakdown the wholes, if they can be compared."""
        actual = [kpi for kpi in self.kpis.values() if kpi.plan_of is None] or list(self.kpis.values())
        wholes = [kpi for kpi in actual if not kpi.part]
        return wholes if any(self.main(kpi.name) for kpi in wholes) else actual

    def main(self, kpi: str) -> Fact | None:
        """The change by which the page judges a KPI."""
        return next((one for one in self.of(Kind.CHANGE, kpi) if one.main), None)

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "title": self.title,
            "scope": {"companies": list(self.scope.companies), "departments": list(self.scope.departments)},
            "grouping": self.grouping.value,
            "startDate": self.start.isoformat(),
            "endDate": self.end.isoformat(),
            "order": self.order,
            "kpis": [kpi.to_json() for kpi in self.kpis.values()],
            "facts": [fact.to_json() for fact in self.facts],
            "leftOut": self.left_out,
        }
