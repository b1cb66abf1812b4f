"""supabase-agent over HTTP and MCP on real data. The tests compute every figure again."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from baton.secrets import Key
from cli.checkout import ROOT
from cli.kpi import import_csv
from supabase_agent.agent import SupabaseAgent
from supabase_agent.settings import Settings

Owner = psycopg.Connection[dict[str, Any]]
NUMBERS = """
select m.name as metric, d.name as department, k.date_recorded as day, k.value
  from company.kpi_data k
  join company.kpi_metrics m on m.id = k.metric_id
  join company.departments d on d.id = k.department_id
 where k.date_recorded between %s and %s
"""
EVENT = json.loads((ROOT / "functions" / "supabase_agent" / "event.json").read_text(encoding="utf-8"))
SIXTEEN, TWENTY = Decimal("1e-16"), Decimal("1e-20")  # the digits that Postgres gives these quotients


def deliverable(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["success"], answer
    return answer["payload"]["content"]["deliverable"]  # type: ignore[no-any-return]


def figures(answer: dict[str, Any]) -> dict[str, dict[str, Decimal]]:
    by_kpi: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in json.loads(deliverable(answer)["content"], parse_float=Decimal, parse_int=Decimal):
        by_kpi[row["kpi"]][row["period"]] = row["value"]
    return by_kpi


def reason(answer: dict[str, Any]) -> tuple[str, bool]:
    assert not answer["success"], answer
    metadata = answer["payload"]["metadata"]
    return metadata["reason"], metadata["retryable"]


def month(day: date) -> str:
    return day.replace(day=1).isoformat()


def week(day: date) -> str:
    return (day - timedelta(days=day.weekday())).isoformat()


def recorded_numbers(owner: Owner, metric: str, start: str, end: str) -> list[dict[str, Any]]:
    return [row for row in owner.execute(NUMBERS, [start, end]) if row["metric"] == metric]


def sums_by(rows: list[dict[str, Any]], period: Any) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[period(row["day"])] += row["value"]
    return sums


def test_sums_and_ratios_by_month_are_exact(ask: Any, owner: Owner) -> None:
    by_kpi = figures(ask())
    revenue, expenses = (
        sums_by(recorded_numbers(owner, name, "2024-07-01", "2024-09-30"), month) for name in ("revenue", "expenses")
    )
    assert by_kpi["revenue"] == revenue
    assert by_kpi["expenses"] == expenses
    assert list(revenue) == ["2024-07-01", "2024-08-01", "2024-09-01"]
    margins = {m: ((revenue[m] - expenses[m]) / revenue[m]).quantize(TWENTY) for m in revenue}
    assert by_kpi["profit_margin"] == margins


def test_last_and_average_by_week(ask: Any, owner: Owner) -> None:
    by_kpi = figures(ask(kpiNames=["arr", "churn"], grouping="week"))
    newest: dict[tuple[str, str], tuple[date, Decimal]] = {}
    for row in recorded_numbers(owner, "arr", "2024-07-01", "2024-09-30"):
        key = week(row["day"]), row["department"]
        newest[key] = max(newest.get(key, (date.min, Decimal(0))), (row["day"], row["value"]))
    arr: dict[str, Decimal] = defaultdict(Decimal)
    for (monday, _), (_, value) in newest.items():
        arr[monday] += value
    assert by_kpi["arr"] == arr
    values: dict[str, list[Decimal]] = defaultdict(list)
    for row in recorded_numbers(owner, "churn", "2024-07-01", "2024-09-30"):
        values[week(row["day"])].append(row["value"])
    means = {monday: (sum(v) / len(v)).quantize(SIXTEEN).normalize() for monday, v in values.items()}
    assert by_kpi["churn"] == means


def test_each_day_has_a_row(ask: Any) -> None:
    by_kpi = figures(ask(kpiNames=["nps"], grouping="day", startDate="2024-02-27", endDate="2024-03-02"))
    assert list(by_kpi["nps"]) == ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02"]


def test_rows_are_in_the_order_of_the_question_and_then_by_period(ask: Any) -> None:
    rows = json.loads(deliverable(ask(kpiNames=["profit_margin", "arr", "revenue"]))["content"])
    months = ["2024-07-01", "2024-08-01", "2024-09-01"]
    assert [(row["kpi"], row["period"]) for row in rows] == [
        (kpi, month) for kpi in ("profit_margin", "arr", "revenue") for month in months
    ]


def test_the_metadata_have_the_question_and_the_sql(ask: Any, owner: Owner) -> None:
    result = deliverable(ask(kpiNames=["Sales", "Profit Margin"], startDate="2024-07-15"))
    assert (result["type"], result["format"]) == ("analysis", "json")
    assert result["title"] == "revenue, profit_margin by month, 2024-07-15 to 2024-09-30"
    metadata = result["metadata"]
    assert metadata["kpiNames"] == ["revenue", "profit_margin"]
    assert metadata["grouping"] == "month"
    assert metadata["rowCount"] == 6 == len(json.loads(result["content"]))
    assert metadata["units"] == {"revenue": "USD", "profit_margin": "ratio"}
    assert metadata["aggregations"] == {"revenue": "sum", "profit_margin": "ratio"}
    assert metadata["partialPeriods"] == ["2024-07-01"]
    assert len(owner.execute(metadata["sql"].encode()).fetchall()) == 6  # the statement runs unchanged


def test_a_range_without_data_gives_no_rows_and_says_so(ask: Any) -> None:
    result = deliverable(ask(startDate="2030-01-01", endDate="2030-12-31"))
    assert result["content"] == "[]"
    assert result["title"].startswith("No data: revenue")
    assert result["metadata"]["rowCount"] == 0
    assert result["metadata"]["kpisWithoutData"] == ["revenue", "expenses", "profit_margin"]
    assert result["metadata"]["notice"].startswith("No data was recorded from 2030-01-01 to 2030-12-31")


def test_a_question_can_be_about_one_department(ask: Any, owner: Owner) -> None:
    by_kpi = figures(ask(kpiNames=["revenue"], company="aurora software", department="PLATFORM"))
    own = [r for r in recorded_numbers(owner, "revenue", "2024-07-01", "2024-09-30") if r["department"] == "Platform"]
    assert by_kpi["revenue"] == sums_by(own, month)


@pytest.mark.parametrize(
    ("scope", "end"),
    [
        ({}, "2024-09-30"),
        ({"department": "platform"}, "2024-09-30, only Platform"),
        ({"company": "aurora software"}, "2024-09-30, only Aurora Software"),
        ({"company": "Aurora Software", "departments": ["Platform", "Analytics"]},
         "2024-09-30, only Platform, Analytics of Aurora Software"),
    ],
)  # fmt: skip
def test_the_title_names_the_scope(ask: Any, scope: dict[str, Any], end: str) -> None:
    assert deliverable(ask(kpiNames=["revenue"], **scope))["title"].endswith(f"revenue by month, 2024-07-01 to {end}")


def test_the_title_names_a_few_departments_only(ask: Any, database_url: str, tmp_path: Any) -> None:
    path = tmp_path / "numbers.csv"
    rows = "".join(f"Acme,D{number},Orders,items,sum,2024-07-01,1\n" for number in range(8))
    path.write_text(f"company,department,metric,unit,aggregation,date,value\n{rows}", encoding="utf-8")
    import_csv(database_url, path, "demo")
    result = deliverable(ask(kpiNames=["orders"], departments=[f"D{number}" for number in range(8)]))
    assert result["title"].endswith(", only D0, D1, D2, D3, D4 and 3 more")
    assert len(result["metadata"]["departments"]) == 8


def test_a_missing_part_gives_no_ratio_and_a_zero_denominator_gives_null(ask: Any, owner: Owner) -> None:
    owner.execute(
        "delete from company.kpi_data using company.kpi_metrics m where m.id = metric_id and m.name = 'expenses' "
        "and date_recorded between '2024-08-01' and '2024-08-31'"
    )
    owner.execute(
        "update company.kpi_data set value = 0 from company.kpi_metrics m where m.id = metric_id "
        "and m.name = 'revenue' and date_recorded between '2024-09-01' and '2024-09-30'"
    )
    by_kpi = figures(ask(kpiNames=["profit_margin"]))
    assert list(by_kpi["profit_margin"]) == ["2024-07-01", "2024-09-01"]
    assert by_kpi["profit_margin"]["2024-09-01"] is None


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"kpiNames": ["revenu"]}, "there is no KPI 'revenu'; the nearest are: revenue"),
        ({"kpiNames": ["x'; drop table company.kpi_data; --"]}, "there is no KPI"),
        ({"company": "Aurora"}, "there is no company 'Aurora'; the nearest are: Aurora Software"),
        ({"department": "Sales"}, "there is no department 'Sales'"),
        ({"grouping": "hour"}, "context.grouping must be one of day, week, month"),
        ({"organization": "nobody"}, "there are no KPIs yet"),
    ],
)
def test_a_question_without_an_answer_is_explained_and_not_retried(
    ask: Any, context: dict[str, Any], expected: str
) -> None:
    text, retryable = reason(ask(**context))
    assert expected in text
    assert not retryable


def test_too_many_rows_are_refused_instead_of_cut(ask: Any, owner: Owner) -> None:
    owner.execute(
        """
        insert into company.kpi_data (metric_id, department_id, date_recorded, value)
        select m.id, d.id, day::date, 1
          from company.kpi_metrics m, company.departments d,
               generate_series(date '1990-01-01', '2023-12-31', '1 day') as day
         where m.name = 'revenue' and d.name = 'Platform'
        """
    )
    text, retryable = reason(ask(kpiNames=["revenue"], grouping="day", startDate="1990-01-01"))
    assert text.startswith("the answer has more than 10000 rows; narrow the range of dates")
    assert not retryable


def test_a_missing_table_is_named(ask: Any, owner: Owner) -> None:
    owner.execute("alter table company.kpi_data rename to figures")
    text, _ = reason(ask())
    assert text.startswith("the KPI database lacks company.kpi_data; tables of schema company there: company.companies")


def test_a_missing_column_is_named(ask: Any, owner: Owner) -> None:
    owner.execute("alter table company.kpi_metrics rename synonyms to aliases")
    assert reason(ask())[0] == "table company.kpi_metrics of the KPI database lacks the columns synonyms"


def test_an_unavailable_database_is_retryable(ask: Any, owner: Owner) -> None:
    owner.execute("alter role baton_mcp nologin")
    try:
        text, retryable = reason(ask())
    finally:
        owner.execute("alter role baton_mcp login")
    assert "the KPI database is not available" in text
    assert retryable


def test_an_unreachable_server_is_retryable() -> None:
    agent = SupabaseAgent(Settings("http://127.0.0.1:1/mcp", Key(lambda: "k" * 40), "baton-mcp", "", ""))
    text, retryable = reason(agent(EVENT))
    assert text.startswith("the KPI server cannot be reached")
    assert retryable


def test_a_token_of_another_deployment_is_refused_for_good(mcp_url: str) -> None:
    agent = SupabaseAgent(Settings(mcp_url, Key(lambda: "o" * 40), "baton-mcp", "", ""))
    text, retryable = reason(agent(EVENT))
    assert text.startswith("the KPI server answered 401")
    assert not retryable


# --- notes of a retry -----------------------------------------------------------------------------------------------


def test_modifications_win_over_the_note_and_both_values_are_reported(ask: Any) -> None:
    modifications = {"kpiNames": ["arr", "churn"], "grouping": "week"}
    review = {
        "notes": "Filter to ARR only",
        "modifications": modifications,
        "modifiedPaths": ["context.kpiNames", "context.grouping"],
    }
    answer = ask(review=review, **modifications)
    assert set(figures(answer)) == {"arr", "churn"}
    result = deliverable(answer)
    assert result["title"] == "arr, churn by week, 2024-07-01 to 2024-09-30"
    assert result["metadata"]["review"] == {
        "applied": [],
        "notApplied": [
            {
                "note": "Filter to ARR only",
                "message": "Kept arr and churn, which the modifications set; the note asks for arr only.",
                "field": "kpiNames",
                "asked": ["arr"],
                "used": ["arr", "churn"],
            }
        ],
    }


def test_a_note_changes_the_question_and_the_metadata(ask: Any, owner: Owner) -> None:
    answer = ask(kpiNames=["arr"], review={"notes": "Only sales please, only Platform. By week."})
    own = [r for r in recorded_numbers(owner, "revenue", "2024-07-01", "2024-09-30") if r["department"] == "Platform"]
    assert figures(answer) == {"revenue": sums_by(own, week)}
    result = deliverable(answer)
    assert result["title"] == "revenue by week, 2024-07-01 to 2024-09-30, only Platform"
    metadata = result["metadata"]
    assert (metadata["kpiNames"], metadata["departments"]) == (["revenue"], ["Platform"])
    assert metadata["grouping"] == "week"
    assert metadata["review"]["notApplied"] == []
    assert [entry["note"] for entry in metadata["review"]["applied"]] == [
        "Only sales please",
        "only Platform",
        "By week",
    ]


def test_a_department_or_company_is_left_out_by_asking_for_the_others(ask: Any) -> None:
    metadata = deliverable(ask(review={"notes": "Without the Support department. Exclude Aurora Software."}))[
        "metadata"
    ]
    assert (metadata["companies"], metadata["departments"]) == (["Borealis Services"], ["Consulting"])


def test_a_note_that_cannot_be_answered_does_not_fail_the_attempt(ask: Any) -> None:
    answer = ask(company="Borealis Services", review={"notes": "only Platform, by week"})
    metadata = deliverable(answer)["metadata"]
    assert (metadata["companies"], metadata["departments"]) == (["Borealis Services"], [])
    (refused,) = metadata["review"]["notApplied"]
    assert (refused["note"], refused["field"]) == ("only Platform", "departments")
    assert "could not be answered with this: there is no department 'Platform'" in refused["message"]
    assert [entry["note"] for entry in metadata["review"]["applied"]] == ["by week"]


def test_of_two_notes_that_cannot_be_answered_together_the_newer_counts(ask: Any) -> None:
    review = {"notes": "only Borealis Services", "earlier": [{"notes": "only Platform"}]}
    metadata = deliverable(ask(review=review))["metadata"]
    assert (metadata["companies"], metadata["departments"]) == (["Borealis Services"], [])
    assert [entry["note"] for entry in metadata["review"]["applied"]] == ["only Borealis Services"]
    assert [entry["note"] for entry in metadata["review"]["notApplied"]] == ["only Platform"]


def test_a_note_that_contradicts_itself_about_the_scope_changes_nothing_of_it(ask: Any) -> None:
    metadata = deliverable(ask(review={"notes": "only Platform, only Borealis Services, by week"}))["metadata"]
    assert (metadata["companies"], metadata["departments"], metadata["grouping"]) == ([], [], "week")


def test_an_unknown_department_is_answered_with_the_known_ones(ask: Any) -> None:
    (entry,) = deliverable(ask(review={"notes": "only EMEA"}))["metadata"]["review"]["notApplied"]
    assert entry["message"] == (
        "There is no KPI, department or company “EMEA”. The departments are Analytics, Platform, Consulting and "
        "Support. The companies are Aurora Software and Borealis Services."
    )


def test_a_review_without_notes_is_not_reported(ask: Any) -> None:
    assert "review" not in deliverable(ask())["metadata"]
    assert "review" not in deliverable(ask(review={"notes": " ", "modifications": {"grouping": "month"}}))["metadata"]


def test_a_wrong_question_fails_with_notes_too(ask: Any) -> None:
    text, retryable = reason(ask(kpiNames=["revenu"], review={"notes": "by week"}))
    assert text.startswith("there is no KPI 'revenu'; the nearest are: revenue")
    assert not retryable


# --- imported numbers beside the seeded ones ------------------------------------------------------------------------


def test_unusual_names_missing_days_and_three_decimals_are_exact(ask: Any, database_url: str, tmp_path: Any) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text(
        "company,department,metric,unit,aggregation,date,value\n"
        "O'Neil \\ Söhne,Grün & Co,Fees and write-offs (net) 100%,GBP,sum,2024-07-01,-1234.505\n"
        "O'Neil \\ Söhne,Grün & Co,Fees and write-offs (net) 100%,GBP,sum,2024-07-09,0.006\n"
        "O'Neil \\ Söhne,Blau,Fees and write-offs (net) 100%,GBP,sum,2024-07-09,12345678901234567890.001\n",
        encoding="utf-8",
    )
    import_csv(database_url, path, "demo")
    by_kpi = figures(ask(kpiNames=["fees AND write_offs (net) 100%"], company="O'Neil \\ Söhne", grouping="week"))
    assert by_kpi == {
        "Fees and write-offs (net) 100%": {
            "2024-07-01": Decimal("-1234.505"),
            "2024-07-08": Decimal("12345678901234567890.007"),
        }
    }


def test_units_of_imported_numbers_stay_apart(ask: Any, database_url: str, tmp_path: Any) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text(
        "company,department,metric,unit,aggregation,date,value\nAcme,Sales,Revenue,GBP,sum,2024-07-01,10.50\n",
        encoding="utf-8",
    )
    import_csv(database_url, path, "demo")
    by_kpi = figures(ask(kpiNames=["revenue"]))
    assert set(by_kpi) == {"revenue (USD)", "Revenue (GBP)"}
    assert by_kpi["Revenue (GBP)"] == {"2024-07-01": Decimal("10.50")}
    assert figures(ask(kpiNames=["revenue"], company="Acme")) == {"Revenue": {"2024-07-01": Decimal("10.50")}}
