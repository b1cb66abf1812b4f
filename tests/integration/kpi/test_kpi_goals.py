"""`baton kpi goals` on a real database: all or nothing, repeatable, and part of an answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.kpi import ImportRefused, import_csv
from cli.kpi_goals import GoalsReport, import_goals

NUMBERS = """company,department,metric,unit,aggregation,date,value
Acme,Sales,Net revenue,EUR,sum,2025-01-31,60
Acme,Sales,Net revenue,EUR,sum,2025-02-28,50
"""
HEADER = "company,metric,start,end,direction,target"


@pytest.fixture
def goals(database_url: str, owner: psycopg.Connection[Any], tmp_path: Path) -> Callable[..., GoalsReport]:
    """Imports goals for an organisation with the numbers of one company."""
    owner.execute("insert into public.organizations (slug, name) values ('goals', 'Goals')")
    (tmp_path / "numbers.csv").write_text(NUMBERS, encoding="utf-8")
    import_csv(database_url, tmp_path / "numbers.csv", "goals")

    def imported(*lines: str, header: str = HEADER) -> GoalsReport:
        path = tmp_path / "goals.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return import_goals(database_url, path, "goals")

    return imported


def test_a_goal_is_in_the_answer(goals: Callable[..., GoalsReport], ask: Any) -> None:
    assert goals("Acme,net_revenue,2025-01,2025-02,at least,€100") == GoalsReport(1, 1, 0)
    answer = ask("goals", kpiNames=["Net revenue"], startDate="2025-01-01", endDate="2025-02-28", grouping="month")
    (goal,) = answer["payload"]["content"]["deliverable"]["metadata"]["goals"]
    assert (goal["from"], goal["to"], goal["target"], goal["value"]) == ("2025-01-01", "2025-02-28", "100", "110")


def test_a_goal_is_replaced_and_repeated(goals: Callable[..., GoalsReport]) -> None:
    line = "Acme,Net revenue,2025-01-01,2025-12-31,at_least"
    assert goals(f"{line},100") == GoalsReport(1, 1, 0)
    assert goals(f"{line},120") == GoalsReport(1, 0, 1)
    assert goals(f"{line},120").unchanged == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Acme,Profit,2025,2025,at_least,1", "2: Acme has no metric Profit; import its numbers first"),
        ("Acme,Net revenue,2025,2025,above,1", "2: direction must be at_least or at_most, not 'above'"),
        ("Acme,Net revenue,2025-12,2025-01,at_most,1", "2: the goal ends on 2025-01-31, before it starts"),
        ("Acme,Net revenue,2025,soon,at_most,1", "2: end must be a day like 2025-01-31 or a month"),
        ("Acme,Net revenue,2025,2025,at_most,$1", "2: target '$1' is in USD, but the unit is EUR"),
        ("Acme,Net revenue,2025,2025,at_most,", "2: target must be a plain decimal"),
    ],
)
def test_a_wrong_goal_is_named(goals: Callable[..., GoalsReport], line: str, problem: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        goals(line)
    assert str(caught.value.problems[0]).startswith(problem)


def test_another_header_is_shown_beside_the_right_one(goals: Callable[..., GoalsReport]) -> None:
    with pytest.raises(ImportRefused, match=f"the header must be {HEADER}"):
        goals("Acme,Net revenue,1", header="company,metric,target")
