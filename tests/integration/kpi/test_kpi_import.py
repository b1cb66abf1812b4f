"""`baton kpi import` on a real database: all or nothing, exact, repeatable."""

from __future__ import annotations

import csv
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.kpi import ImportRefused, import_csv
from cli.kpi_weights import declaring_file, weight_hints

Owner = psycopg.Connection[dict[str, Any]]
HEADER = "company,department,metric,unit,aggregation,date,value"
LINES = (
    "Acme,Sales,Net revenue,EUR,sum,2024-07-30,-1234.500",
    "Acme,Sales,Net revenue,EUR,sum,2024-07-31,0.001",
    "Acme,Support,Open tickets,tickets,last,2024-07-31,7",
)
STORED = """
select company.name as company, department.name as department, metric.name as metric, metric.unit, metric.aggregation,
       data.date_recorded::text as date, data.value::text as value
  from company.kpi_data data
  join company.kpi_metrics metric on metric.id = data.metric_id
  join company.departments department on department.id = data.department_id
  join company.companies company on company.id = department.company_id
 where company.name = any (%s)
"""


def write(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "numbers.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def stored_numbers(owner: Owner, *companies: str) -> set[str]:
    return {",".join(row.values()) for row in owner.execute(STORED, [list(companies)])}


def counts_of_all(owner: Owner) -> dict[str, Any]:
    (counts,) = owner.execute(
        """
        select (select count(*) from company.companies) as companies,
               (select count(*) from company.departments) as departments,
               (select count(*) from company.kpi_metrics) as metrics,
               (select count(*) from company.kpi_data) as numbers,
               (select sum(value) from company.kpi_data) as total
        """
    ).fetchall()
    return counts


def test_a_file_is_imported_exactly(database_url: str, owner: Owner, tmp_path: Path) -> None:
    report = import_csv(database_url, write(tmp_path, *LINES), "demo")
    assert stored_numbers(owner, "Acme") == set(LINES)
    assert (report.rows, report.inserted, report.updated, report.unchanged) == (3, 3, 0, 0)
    assert (report.companies, report.departments) == (("Acme",), ("Sales", "Support"))
    assert report.metrics == ("Net revenue", "Open tickets")
    assert (report.start.isoformat(), report.end.isoformat()) == ("2024-07-30", "2024-07-31")


def test_importing_a_file_again_changes_nothing(database_url: str, owner: Owner, tmp_path: Path) -> None:
    path = write(tmp_path, *LINES)
    import_csv(database_url, path, "demo")
    before = counts_of_all(owner)
    report = import_csv(database_url, path, "demo")
    assert (report.inserted, report.updated, report.unchanged) == (0, 0, 3)
    assert counts_of_all(owner) == before


def test_a_corrected_number_replaces_the_old_one(database_url: str, owner: Owner, tmp_path: Path) -> None:
    import_csv(database_url, write(tmp_path, *LINES), "demo")
    corrected = LINES[0].replace("-1234.500", "-1234.50")
    report = import_csv(database_url, write(tmp_path, corrected, *LINES[1:]), "demo")
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 2)
    assert stored_numbers(owner, "Acme") == {corrected, *LINES[1:]}


def test_one_wrong_line_stops_the_whole_import(database_url: str, owner: Owner, tmp_path: Path) -> None:
    before = counts_of_all(owner)
    with pytest.raises(ImportRefused, match=r"numbers\.csv:5: value must be a plain decimal"):
        import_csv(database_url, write(tmp_path, *LINES, LINES[0].replace("-1234.500", "a lot")), "demo")
    assert counts_of_all(owner) == before


def test_many_problems_are_listed_up_to_a_limit(database_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, *[f"Acme,Sales,Revenue,EUR,sum,2024-07-{day % 30},x" for day in range(1, 31)])
    with pytest.raises(ImportRefused, match="… and 11 more") as caught:
        import_csv(database_url, path, "demo")
    assert str(caught.value).count("\n") == 21
    assert len(caught.value.problems) == 31  # one of the dates is wrong, too


def test_a_metric_that_contradicts_the_database_names_both(database_url: str, owner: Owner, tmp_path: Path) -> None:
    import_csv(database_url, write(tmp_path, *LINES), "demo")
    before = counts_of_all(owner)
    other = "New company,Sales,Anything,EUR,sum,2024-08-01,1"
    with pytest.raises(ImportRefused) as caught:
        import_csv(database_url, write(tmp_path, other, LINES[0].replace("EUR,sum", "USD,last")), "demo")
    assert str(caught.value).endswith(
        "numbers.csv:3: Net revenue of Acme is USD, last here, but Net revenue is EUR, sum in the database; "
        "use the same, or another metric name"
    )
    assert counts_of_all(owner) == before


def test_a_metric_that_the_organisation_shares_is_used(database_url: str, owner: Owner, tmp_path: Path) -> None:
    before = counts_of_all(owner)
    report = import_csv(database_url, write(tmp_path, "Acme,Sales,Revenue,USD,sum,2024-07-31,1"), "demo")
    assert report.metrics == ("revenue",)
    assert counts_of_all(owner)["metrics"] == before["metrics"]


def test_a_shared_name_in_another_unit_becomes_the_company_s_own(
    database_url: str, owner: Owner, tmp_path: Path
) -> None:
    line = "Acme,Sales,Revenue,GBP,sum,2024-07-31,1"
    import_csv(database_url, write(tmp_path, line), "demo")
    assert stored_numbers(owner, "Acme") == {line}


def test_a_company_that_uses_the_shared_metric_cannot_change_its_unit(database_url: str, tmp_path: Path) -> None:
    path = write(tmp_path, "Aurora Software,Platform,Revenue,GBP,sum,2026-01-01,1")
    with pytest.raises(ImportRefused, match="but revenue is USD, sum in the database"):
        import_csv(database_url, path, "demo")


METRIC = """
select name, unit, aggregation, direction, grain, plan_of, weight, formula from company.kpi_metrics
 where company_id is not null and name = %s
"""


def described(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "described.csv"
    header = f"{HEADER},direction,grain,plan_of,weight,numerator,denominator"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_file_describes_its_metrics(database_url: str, owner: Owner, tmp_path: Path) -> None:
    path = described(
        tmp_path,
        "Acme,Sales,Income,EUR,sum,2024-07-31,5,up,month,,,,",
        "Acme,Sales,Goal for income,EUR,sum,2024-07-31,6,none,,income,,,",
        "Acme,Sales,Price,EUR,avg,2024-07-31,5,,,,Income,,",
        "Acme,,Return,ratio,ratio,,,up,,,,Income,Goal for income",
    )
    report = import_csv(database_url, path, "demo")
    assert (report.rows, report.metrics) == (3, ("Income", "Goal for income", "Price", "Return"))
    found = {name: owner.execute(METRIC, [name]).fetchone() or {} for name in report.metrics}
    assert (found["Income"]["direction"], found["Income"]["grain"]) == ("up", "month")
    assert (found["Goal for income"]["direction"], found["Goal for income"]["plan_of"]) == (None, "income")
    assert found["Price"]["weight"] == "Income"
    assert found["Return"]["formula"] == {"numerator": {"Income": 1}, "denominator": {"Goal for income": 1}}


def test_a_second_file_may_describe_a_metric_that_is_there(database_url: str, owner: Owner, tmp_path: Path) -> None:
    import_csv(database_url, write(tmp_path, *LINES), "demo")
    report = import_csv(database_url, described(tmp_path, "Acme,,Open tickets,tickets,last,,,down,,,,,"), "demo")
    assert (report.rows, report.start, report.metrics) == (0, None, ("Open tickets",))
    tickets = owner.execute(METRIC, ["Open tickets"]).fetchone()
    assert tickets
    assert tickets["direction"] == "down"
    import_csv(database_url, write(tmp_path, *LINES), "demo")  # a file that says nothing of it leaves it
    assert owner.execute(METRIC, ["Open tickets"]).fetchone() == tickets


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Acme,S,Price,EUR,avg,2024-07-31,1,,,,Orders,,", "weight of Price names Orders, but Acme has no such metric"),
        ("Acme,,Share,ratio,ratio,,,,,,,profit_margin,revenue",
         "numerator of Share names profit_margin, which is a ratio itself"),
        ("Acme,S,Goal,orders,sum,2024-07-31,1,,,revenue,,,",
         "Goal is orders, but revenue, of which it is the plan, is USD; record both in one unit"),
    ],
)  # fmt: skip
def test_a_name_that_leads_nowhere_is_refused(database_url: str, tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(ImportRefused, match=problem):
        import_csv(database_url, described(tmp_path, line), "demo")


@pytest.mark.parametrize("spelling", ["$", "usd"])
def test_a_ratio_of_two_currencies_is_refused_and_both_are_named(
    database_url: str, tmp_path: Path, spelling: str
) -> None:
    profit, sales, margin = (
        "Acme,All,Profit,EUR,sum,2025-01-31,1,,,,,,",
        f"Acme,All,Sales,{spelling},sum,2025-01-31,10,,,,,,",
        "Acme,,Margin,ratio,ratio,,,,,,,Profit,Sales",
    )
    expected = "Margin of Acme divides Profit in EUR by Sales in USD; record both in one currency"
    with pytest.raises(ImportRefused, match=f"4: {expected}"):
        import_csv(database_url, described(tmp_path, profit, sales, margin), "demo")
    import_csv(database_url, described(tmp_path, profit, sales), "demo")
    with pytest.raises(ImportRefused, match=f"2: {expected}"):
        import_csv(database_url, described(tmp_path, margin), "demo")


def test_a_ratio_of_money_and_pieces_is_imported(database_url: str, tmp_path: Path) -> None:
    lines = [
        "Acme,All,Takings,EUR,sum,2025-01-31,1,,,,,,",
        "Acme,All,Pieces,pcs,sum,2025-01-31,10,,,,,,",
        "Acme,,Price,EUR,ratio,,,,,,,Takings,Pieces",
    ]
    assert "Price" in import_csv(database_url, described(tmp_path, *lines), "demo").metrics


def test_an_average_is_reported_with_the_metrics_that_can_weigh_it(database_url: str, tmp_path: Path) -> None:
    lines = [
        f"Acme,{department},{metric},{unit},2025-0{month}-01,{value}"
        for month in (1, 2)
        for department, size in (("Big", 9), ("Small", 1))
        for metric, unit, value in (
            ("Margin", "percent,avg", 10), ("Revenue, net", "EUR,sum", size), ("Returns", "EUR,sum", size - 1),
            ("Staff", "people,last", size),
        )
    ]  # fmt: skip
    lines = [line.replace("Revenue, net", '"Revenue, net"') for line in lines]
    report = import_csv(database_url, write(tmp_path, *lines), "demo")
    (average,) = report.unweighted
    assert (average.company, average.metric, average.weights) == ("Acme", "Margin", ["Revenue, net"])
    assert list(weight_hints(report.unweighted)) == [
        "Margin of Acme is an unweighted average: all its numbers count alike. "
        "A column weight can declare that Revenue, net weighs it."
    ]
    path = tmp_path / "weights.csv"
    path.write_text("\n".join(declaring_file(report.unweighted)), encoding="utf-8")
    assert import_csv(database_url, path, "demo").unweighted == ()


def test_a_shared_metric_gets_no_other_direction_from_a_company_that_uses_it(database_url: str, tmp_path: Path) -> None:
    line = "Aurora Software,Platform,Revenue,USD,sum,2026-01-01,1,down,,,,,"
    with pytest.raises(ImportRefused, match="Revenue is a metric that companies share, with another direction"):
        import_csv(database_url, described(tmp_path, line), "demo")


def test_a_budget_is_taken_as_the_plan_of_its_namesake_and_reported(
    database_url: str, owner: Owner, tmp_path: Path
) -> None:
    rows = [
        f"Acme,All,{name},{unit},sum,2025-01-01,1"
        for name, unit in [("Revenue", "USD"), ("Budget revenue", "$"), ("Wages", "USD"), ("Wages (plan)", "USD"),
                           ("Orders", "orders"), ("Orders target", "USD"), ("Planet", "USD")]
    ]  # fmt: skip
    report = import_csv(database_url, write(tmp_path, *rows), "demo")
    assert report.plans == (("Budget revenue", "Revenue"), ("Wages (plan)", "Wages"))
    budget = owner.execute(METRIC, ["Budget revenue"]).fetchone()
    assert budget
    assert budget["plan_of"] == "Revenue"


def test_spellings_of_one_currency_are_one_unit(database_url: str, owner: Owner, tmp_path: Path) -> None:
    rows = [f"Acme,D{at},Fees,{unit},sum,2025-01-01,1" for at, unit in enumerate(["usd", "$", "US dollars", "USD"])]
    import_csv(database_url, write(tmp_path, *rows), "demo")
    assert {row["unit"] for row in owner.execute(METRIC, ["Fees"])} == {"USD"}


def test_two_currencies_of_one_metric_name_both_lines(database_url: str, tmp_path: Path) -> None:
    rows = [f"Acme,D{at},Fees,{unit},sum,2025-01-01,1" for at, unit in enumerate(["€", "EUR", "£"])]
    with pytest.raises(ImportRefused, match="4: Fees of Acme is GBP here, but EUR in line 2"):
        import_csv(database_url, write(tmp_path, *rows), "demo")


def test_companies_of_other_organisations_are_not_touched(database_url: str, owner: Owner, tmp_path: Path) -> None:
    owner.execute("insert into public.organizations (slug, name) values ('other', 'Other')")
    before = stored_numbers(owner, "Aurora Software")
    import_csv(database_url, write(tmp_path, "Aurora Software,Platform,revenue,GBP,avg,2024-07-31,1"), "other")
    after = stored_numbers(owner, "Aurora Software")
    assert after - before == {"Aurora Software,Platform,revenue,GBP,avg,2024-07-31,1"}
    assert before <= after


def test_an_organisation_that_does_not_exist_is_named(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="there is no organisation 'nobody'"):
        import_csv(database_url, write(tmp_path, *LINES), "nobody")


def test_a_file_that_does_not_exist_is_named(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"nothing\.csv: cannot be read: No such file"):
        import_csv(database_url, tmp_path / "nothing.csv", "demo")


REAL_FILES = sorted(Path(os.environ.get("BATON_TEST_DATA", "/nonexistent")).glob("*.csv"))


@pytest.mark.parametrize("path", REAL_FILES, ids=lambda path: path.stem)
def test_a_real_file_is_imported_exactly(database_url: str, owner: Owner, path: Path) -> None:
    """Runs only if BATON_TEST_DATA names a folder of KPI files."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    import_csv(database_url, path, "demo")
    rows = owner.execute(STORED, [list({line["company"] for line in lines})]).fetchall()
    assert sorted(tuple(row.values()) for row in rows) == sorted(tuple(line.values()) for line in lines)
    assert sum(Decimal(row["value"]) for row in rows) == sum(Decimal(line["value"]) for line in lines)
