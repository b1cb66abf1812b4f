"""The names that a note can use: KPIs, departments and companies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from supabase_agent.catalog import Department, Metric
from supabase_agent.names import key
from supabase_agent.problems import CannotAnswer
from supabase_agent.series import matching, spellings

KPI, DEPARTMENT, COMPANY = "KPI", "department", "company"
PLURALS = {KPI: "KPIs", DEPARTMENT: "departments", COMPANY: "companies"}
MAX_SUGGESTED = 3
MAX_LISTED = 10
MIN_LIKENESS = 0.75
# "The EMEA region" has the same suggestions as "EMEA".
KINDS_OF_PART = frozenset("region area zone team business division unit branch office group market segment".split())


@dataclass(frozen=True)
class Meaning:
    """One meaning of a name. ``name`` is its form in a question."""

    kind: str
    name: str


class Vocabulary:
    """The known names. As in questions, case, spaces, underscores and hyphens do not count."""

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
        """The metrics that ``kpi`` means in a question; none if it is unknown or ambiguous."""
        try:
            return frozenset(metric.id for metric in matching(kpi, self._metrics))
        except CannotAnswer:
            return frozenset()

    def hint(self, name: str, kind: str = "") -> str:
        """A sentence that suggests known names for an unknown ``name``. ``kind`` is empty if it can be any kind.

        If no known name is similar, the sentence lists the names of the kind. Without a kind it lists departments and
        companies, because the reviewer sees only the KPIs.
        """
        near = [one for one in self._nearest(_without_kind(name)) if kind in ("", one.kind)]
        if near:
            return f"Did you mean {_listed([f'the {one.kind} {one.name}' for one in near[:MAX_SUGGESTED]], 'or')}?"
        kinds = (kind,) if kind else (DEPARTMENT, COMPANY)
        return " ".join(self._all(one) for one in kinds)

    def _all(self, kind: str) -> str:
        names = list(dict.fromkeys(meaning.name for _, meaning in self._known if meaning.kind == kind))
        if not names:
            return f"There are no {PLURALS[kind]}."
        more = len(names) - MAX_LISTED
        shown = [*names[:MAX_LISTED], f"{more} more"] if more > 0 else names
        return f"The {PLURALS[kind]} are {_listed(shown, 'and')}." if len(names) > 1 else f"The {kind} is {names[0]}."

    def _nearest(self, name: str) -> list[Meaning]:
        """The most similar names first. The suggestion of a KPI is its own name, also if a synonym is similar."""
        likeness: dict[Meaning, float] = {}
        for spelling, meaning in self._known:
            likeness[meaning] = max(likeness.get(meaning, 0), _likeness(name, spelling))
        return sorted((one for one in likeness if likeness[one]), key=lambda one: -likeness[one])

    @property
    def _known(self) -> Iterator[tuple[str, Meaning]]:
        """All known names and synonyms, each with its meaning; KPIs without their units."""
        for metric in self._metrics:
            for spelling in (metric.name, *metric.synonyms):
                yield spelling, Meaning(KPI, metric.name)
        for department in self.departments:
            yield department.name, Meaning(DEPARTMENT, department.name)
        for department in self.departments:
            yield department.company, Meaning(COMPANY, department.company)

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


def _without_kind(name: str) -> str:
    """The name without a noun at its end, such as "region"."""
    words = name.split()
    while len(words) > 1 and words[-1].casefold().removesuffix("s") in KINDS_OF_PART:
        words.pop()
    return " ".join(words)


def _likeness(name: str, spelling: str) -> float:
    """The similarity, from 0 to 1. It is 1 for a whole word of the spelling, and 0 if the lengths differ much."""
    mine, other = key(name), key(spelling)
    if mine in map(key, spelling.replace("_", " ").split()):
        return 1
    if 2 * max(len(mine), len(other)) > 3 * min(len(mine), len(other)):
        return 0
    ratio = SequenceMatcher(None, mine, other).ratio()
    return ratio if ratio >= MIN_LIKENESS else 0


def _listed(names: Sequence[str], conjunction: str) -> str:
    return " ".join(filter(None, [", ".join(names[:-1]), conjunction if len(names) > 1 else "", names[-1]]))
