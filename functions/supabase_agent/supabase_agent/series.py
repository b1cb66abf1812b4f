"""Resolves the names of a question to series. A series is one line of figures, with one unit and one aggregation.

Metrics of several companies with the same name, unit and aggregation are one series. Metrics with another unit or
aggregation are another series, and the label names the difference: ``Revenue (GBP)`` and ``Revenue (USD)``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from supabase_agent.catalog import Metric
from supabase_agent.currencies import CURRENCIES
from supabase_agent.names import key, nearest
from supabase_agent.problems import CannotAnswer


@dataclass(frozen=True)
class Series:
    """``label`` is unique among the series of one question. ``formula`` is None unless the series is a ratio.

    ``weights`` are pairs of a metric's id and the id of the metric that weighs its numbers; empty if unweighted.
    ``direction`` and ``grain`` are None if nobody declared them. ``names`` are the keys of the metrics' names.
    ``length`` is the length of the periods that have a figure each.
    """

    label: str
    unit: str
    aggregation: str
    metric_ids: tuple[str, ...]
    formula: Formula | None = None
    weights: tuple[tuple[str, str], ...] = ()
    direction: str | None = None
    grain: str | None = None
    plan_of: str | None = None
    names: frozenset[str] = frozenset()
    length: str = "day"

    @property
    def is_additive(self) -> bool:
        """Whether figures of several periods add up to the figure of all of them."""
        return self.aggregation == "sum"

    def by(self, length: str) -> Series:
        """The series with periods of another length, and its parts, too."""
        formula = self.formula and Formula(_by(self.formula.numerator, length), _by(self.formula.denominator, length))
        return replace(self, length=length, formula=formula)

    def parts(self) -> tuple[Series, ...]:
        """The series with numbers that this one is computed from, each once: itself, unless it is a ratio."""
        if self.formula is None:
            return (self,)
        return tuple({one.metric_ids: one for one, _ in (*self.formula.numerator, *self.formula.denominator)}.values())


Parts = tuple[tuple[Series, int | Decimal], ...]
"""Series, each with its factor."""


@dataclass(frozen=True)
class Formula:
    """The figure is the numerator's sum divided by the denominator's."""

    numerator: Parts
    denominator: Parts


def _by(parts: Parts, length: str) -> Parts:
    return tuple((part.by(length), factor) for part, factor in parts)


def resolve(names: Iterable[str], metrics: Sequence[Metric]) -> list[Series]:
    """The series that the names mean, in the order of the names, each once.

    Raises:
        CannotAnswer: names are unknown (the message has all of them and the nearest known names), or a name means
            several metrics.
    """
    if not metrics:
        raise CannotAnswer("there are no KPIs yet; import some first")
    unknown: list[str] = []
    series: dict[str, Series] = {}
    for name in names:
        groups = _groups(matching(name, metrics), metrics)
        if not groups:
            unknown.append(_unknown(name, metrics))
        for one in _labelled(groups, metrics):
            series.setdefault(one.label, one)
    if unknown:
        raise CannotAnswer("; ".join(unknown))
    return list(series.values())


def matching(name: str, metrics: Sequence[Metric]) -> list[Metric]:
    """The metrics of that name; else of that name and unit (``Revenue (GBP)``); else with that synonym.

    Raises:
        CannotAnswer: the name means several metrics.
    """
    wanted = key(name)
    for spellings_of in (_own_name, _name_and_unit, _synonyms):
        matches = [metric for metric in metrics if wanted in map(key, spellings_of(metric))]
        if others := sorted({metric.name for metric in matches if key(metric.name) != key(matches[0].name)}):
            raise CannotAnswer(
                f"{name!r} may mean {', '.join([matches[0].name, *others])}; ask for one of these by name"
            )
        if matches:
            return matches
    return []


def spellings(metric: Metric) -> list[str]:
    """All names by which a question can ask for the metric."""
    return [*_own_name(metric), *_name_and_unit(metric), *_synonyms(metric)]


def _own_name(metric: Metric) -> Sequence[str]:
    return (metric.name,)


def _name_and_unit(metric: Metric) -> Sequence[str]:
    return (f"{metric.name} ({metric.unit})", f"{metric.name} ({metric.unit}, {metric.aggregation})")


def _synonyms(metric: Metric) -> Sequence[str]:
    return metric.synonyms


def _unknown(name: str, metrics: Sequence[Metric]) -> str:
    by_spelling = {spelling: metric.name for metric in metrics for spelling in (metric.name, *metric.synonyms)}
    near = dict.fromkeys(by_spelling[spelling] for spelling in nearest(name, by_spelling))
    names = list(near) or sorted({metric.name for metric in metrics})[:10]
    return f"there is no KPI {name!r}; the nearest are: {', '.join(names)}"


def _groups(candidates: Sequence[Metric], metrics: Sequence[Metric]) -> list[list[Metric]]:
    """The candidates, grouped by series. If some groups have data for the question's dates, only these are returned."""
    groups: dict[tuple[str, str, str], list[Metric]] = {}
    for metric in candidates:
        formula = json.dumps(metric.formula, sort_keys=True, default=str)
        groups.setdefault((metric.unit.casefold(), metric.aggregation, formula), []).append(metric)
    with_data = [group for group in groups.values() if any(_has_data(metric, metrics) for metric in group)]
    return with_data or list(groups.values())


def _has_data(metric: Metric, metrics: Sequence[Metric]) -> bool:
    if metric.formula is None:
        return metric.has_data
    parts = {key(name) for side in metric.formula.values() for name in side}
    return parts <= {key(one.name) for one in metrics if one.has_data}


def _labelled(groups: list[list[Metric]], metrics: Sequence[Metric]) -> list[Series]:
    units = [group[0].unit for group in groups]
    labelled = []
    for group in groups:
        metric = group[0]
        label = metric.name
        if len(groups) > 1:
            same_unit = units.count(metric.unit) > 1
            label += f" ({metric.unit}, {metric.aggregation})" if same_unit else f" ({metric.unit})"
        labelled.append(_series(label, group, metrics))
    if len({one.label for one in labelled}) < len(labelled):
        raise CannotAnswer(f"{groups[0][0].name} is computed differently by different companies; ask for one company")
    return labelled


def _series(label: str, group: Sequence[Metric], metrics: Sequence[Metric]) -> Series:
    metric = group[0]
    return Series(
        label=label,
        unit=metric.unit,
        aggregation=metric.aggregation,
        metric_ids=tuple(one.id for one in group),
        formula=None if metric.formula is None else _formula(metric, metrics),
        weights=_weights(group, metrics),
        direction=_shared_by_all(one.direction for one in group),
        grain=_shared_by_all(one.grain for one in group),
        plan_of=_shared_by_all(one.plan_of and key(one.plan_of) for one in group),
        names=frozenset(key(one.name) for one in group),
    )


def _shared_by_all(values: Iterable[str | None]) -> str | None:
    """The value that all of them have; None if they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _weights(group: Sequence[Metric], metrics: Sequence[Metric]) -> tuple[tuple[str, str], ...]:
    """Empty unless all metrics of the group declare a weight, because a mean of both kinds means nothing."""
    if not all(metric.weight for metric in group):
        return ()
    pairs: list[tuple[str, str]] = []
    for metric in group:
        assert metric.weight is not None
        own = [one for one in metrics if key(one.name) == key(metric.weight) and _may_weigh(one, metric)]
        if not own:
            raise CannotAnswer(f"{metric.name} is weighted by {metric.weight}, but there is no such KPI")
        pairs.extend((metric.id, one.id) for one in own)
    return tuple(pairs)


def _may_weigh(weight: Metric, metric: Metric) -> bool:
    return weight.formula is None and (weight.company is None or metric.company in (None, weight.company))


def _formula(ratio: Metric, metrics: Sequence[Metric]) -> Formula:
    assert ratio.formula is not None
    numerator = _parts(ratio, ratio.formula["numerator"], metrics)
    denominator = _parts(ratio, ratio.formula["denominator"], metrics)
    for side in (numerator, denominator):
        if len(units := {part.unit for part, _ in side}) > 1:
            raise CannotAnswer(f"{ratio.name} adds up figures of different units: {', '.join(sorted(units))}")
    currencies = {part.unit for part, _ in (*numerator, *denominator)} & CURRENCIES
    if len(currencies) > 1:
        raise CannotAnswer(
            f"{ratio.name} divides amounts of different currencies: {', '.join(sorted(currencies))}; record them in one"
        )
    return Formula(numerator, denominator)


def _parts(ratio: Metric, factors: Mapping[str, Any], metrics: Sequence[Metric]) -> Parts:
    parts = []
    for name, factor in factors.items():
        groups = _groups([m for m in metrics if key(m.name) == key(name) and m.formula is None], metrics)
        if not groups:
            raise CannotAnswer(f"{ratio.name} needs {name}, but there is no such KPI")
        if len(groups) > 1:
            units = ", ".join(sorted(f"{group[0].unit} ({group[0].aggregation})" for group in groups))
            raise CannotAnswer(f"{ratio.name} needs {name}, which is recorded in {units}; ask for one company")
        (part,) = _labelled(groups, metrics)
        parts.append((part, factor))
    return tuple(parts)
