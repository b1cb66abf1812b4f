"""The lists of values that statements join: the series with numbers, and the parts of each shown series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from supabase_agent import literals
from supabase_agent.series import Series


@dataclass(frozen=True)
class Listed:
    """The series of a question. ``shown`` and ``recorded`` are by position.

    ``recorded`` are the series with numbers: first those of the question at their positions, then those that only
    ratios need.
    """

    shown: Mapping[int, Series]
    recorded: Mapping[int, Series]

    @classmethod
    def of(cls, series: Sequence[Series]) -> Listed:
        shown = dict(enumerate(series, 1))
        recorded = {position: one for position, one in shown.items() if one.formula is None}
        known = {_numbers_of(one) for one in recorded.values()}
        for one in series:
            for part in one.parts():
                if _numbers_of(part) not in known:
                    known.add(_numbers_of(part))
                    recorded[len(series) + len(known)] = part
        return cls(shown, recorded)

    @property
    def has_ratios(self) -> bool:
        return any(one.formula for one in self.shown.values())

    def position_of(self, part: Series) -> int:
        return next(at for at, one in self.recorded.items() if _numbers_of(one) == _numbers_of(part))

    def parts(self, shown: int) -> Iterator[tuple[int, str, str]]:
        """The parts of a shown series: the position, side and factor (SQL) of each. Others than ratios are one part."""
        formula = self.shown[shown].formula
        if formula is None:
            yield shown, "numerator", "1"
            return
        for side, parts in (("numerator", formula.numerator), ("denominator", formula.denominator)):
            for part, factor in parts:
                yield self.position_of(part), side, literals.number(factor)


def _numbers_of(series: Series) -> tuple[tuple[str, ...], str]:
    """What the figures of a series are computed from: series with the same are computed once."""
    return series.metric_ids, series.length


def rows(lines: Iterable[str]) -> str:
    """The lines of VALUES, as they stand in a statement."""
    return ",\n    ".join(lines)
