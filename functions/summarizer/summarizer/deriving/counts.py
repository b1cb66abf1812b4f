"""Facts about all KPIs together: how many rose and fell, how many figures were looked at, what was asked in vain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from summarizer.anomalies import Looked
from summarizer.facts import Derivation, Fact, Kind, Quantity
from summarizer.judging import Judgement
from summarizer.predicates import is_slight


def count_facts(
    judgements: Sequence[Judgement], changes: Sequence[Fact], looked: Sequence[Looked], absent: Sequence[str]
) -> Iterator[Fact]:
    """The numbers of KPIs by movement and by verdict. Plans are not counted, because they do not happen, nor parts of a
    breakdown beside their whole.
    """
    actual = [one for one in judgements if not one.series.is_plan and not _is_bare_total(one, judgements)]
    wholes = [one for one in actual if not one.series.part]
    counted = wholes if any(one.main for one in wholes) else actual
    names_counted = {one.series.name for one in counted}
    main = {fact.kpi: fact for fact in changes if fact.main and fact.kpi in names_counted}
    groups: dict[str, list[str]] = {"up": [], "down": [], "same": [], "notCompared": []}
    verdicts: dict[str, list[str]] = {"better": [], "worse": []}
    for judgement in counted:
        fact = main.get(judgement.series.name)
        groups[_movement(fact, judgement)].append(judgement.series.name)
        if fact and fact.verdict and not is_slight(fact, judgement.series.style):
            verdicts["better" if fact.verdict > 0 else "worse"].append(judgement.series.name)
    found = {name: tuple(names) for name, names in (groups | verdicts).items() if names}
    values = {"kpis": _number(len(counted), "kpis")} | {
        name: _number(len(names), "kpis") for name, names in found.items()
    }
    yield Fact(
        Kind.COUNT, _basis(list(main.values())), values=values, names=found,
        derivation=Derivation("number of KPIs by the direction and by the verdict of their main change"),
    )  # fmt: skip
    yield Fact(
        Kind.COUNT, "looked",
        values={
            "figures": _number(sum(one.figures for one in looked), "figures"),
            "found": _number(sum(len(one.anomalies) for one in looked), "figures"),
        },
        derivation=Derivation("number of figures that were examined for anomalies"),
    )  # fmt: skip
    if absent:
        yield Fact(
            Kind.QUALITY, "absent", values={"kpis": _number(len(absent), "kpis")}, names={"kpis": tuple(absent)},
            derivation=Derivation("KPIs of the question without a figure"),
        )  # fmt: skip
    currencies = tuple(dict.fromkeys(one.series.unit.text for one in counted if one.series.unit.is_money))
    if len(currencies) > 1:
        yield Fact(
            Kind.QUALITY, "currencies", names={"currencies": currencies},
            derivation=Derivation("currencies of the KPIs; their amounts are never added"),
        )  # fmt: skip


def _is_bare_total(judgement: Judgement, others: Sequence[Judgement]) -> bool:
    """Whether this is the total of a breakdown, of which only the parts can be compared."""
    kpi = judgement.series.kpi
    has_parts = any(other.series.part and other.series.kpi == kpi for other in others)
    return judgement.main is None and not judgement.series.part and has_parts


def _number(number: int, unit: str) -> Quantity:
    return Quantity(Decimal(number), unit)


def _movement(fact: Fact | None, judgement: Judgement) -> str:
    if fact is None:
        return "notCompared"
    if is_slight(fact, judgement.series.style):
        return "same"
    return "up" if fact.direction == 1 else "down"


def _basis(facts: Sequence[Fact]) -> str:
    """What all main changes compare with, if it is one thing."""
    codes = {fact.code for fact in facts}
    return f"movement:{codes.pop()}" if len(codes) == 1 else "movement"
