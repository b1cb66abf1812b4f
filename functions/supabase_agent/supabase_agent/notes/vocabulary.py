"""The names that a note can use: KPIs, departments and companies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supabase_agent.catalog import Department, Metric
from supabase_agent.names import key, nearest
from supabase_agent.problems import CannotAnswer
from supabase_agent.series import matching, spellings

KPI, DEPARTMENT, COMPANY = "KPI", "department", "company"
MAX_SUGGESTED = 10


@dataclass(frozen=True)
class Meaning:
    """One thing that a name stands for. ``name`` is how a question asks for it."""

    kind: str
    name: str


class Vocabulary:
    """Names are compared as questions compare them: case, spaces, underscores and hyphens do not count."""

    def __init__(self, metrics: Sequence[Metric], departments: Sequence[Department]) -> None:
        self.departments = tuple(departments)
        self._metrics = metrics
        self._meanings: dict[str, list[Meaning]] = {}
        for spelling, meaning in self._spellings():
            known = self._meanings.setdefault(key(spelling), [])
            if (meaning.kind, key(meaning.name)) not in [(one.kind, key(one.name)) for one in known]:
                known.append(meaning)
        self.longest = max(map(len, self._meanings), default=0)

    def meanings(self, name: str) -> tuple[Meaning, ...]:
        return tuple(self._meanings.get(key(name), ()))

    def metric_ids(self, kpi: str) -> frozenset[str]:
        """The metrics that a question for ``kpi`` is about; none if it is unknown or means several things."""
        try:
            return frozenset(metric.id for metric in matching(kpi, self._metrics))
        except CannotAnswer:
            return frozenset()

    def nearest(self, name: str, kind: str = "") -> list[str]:
        """Known names of that kind (of any kind if it is empty) that look like ``name``; some, if none does."""
        known = [
            meaning.name for meanings in self._meanings.values() for meaning in meanings if kind in ("", meaning.kind)
        ]
        return nearest(name, known) or list(dict.fromkeys(known))[:MAX_SUGGESTED] or ["none"]

    def _spellings(self) -> Iterator[tuple[str, Meaning]]:
        for metric in self._metrics:
            for spelling in spellings(metric):
                yield from ((spelling, meaning) for meaning in self._kpis(spelling))
        for department in self.departments:
            yield department.name, Meaning(DEPARTMENT, department.name)
            yield department.company, Meaning(COMPANY, department.company)

    def _kpis(self, spelling: str) -> Iterator[Meaning]:
        try:
            metric = matching(spelling, self._metrics)[0]
        except CannotAnswer:
            named = [one for one in self._metrics if key(spelling) in map(key, spellings(one))]
            yield from (Meaning(KPI, one.name) for one in named)
            return
        with_unit = "(" in spelling and key(spelling) not in (key(metric.name), *map(key, metric.synonyms))
        yield Meaning(KPI, spelling if with_unit else metric.name)
