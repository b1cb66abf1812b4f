"""What supabase-agent compares: only what is comparable. A person worked out the answers for the files in ``cases``."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from tests.integration.kpi.conftest import AskOwn


def rows(deliverable: dict[str, Any]) -> list[dict[str, Any]]:
    return json.loads(deliverable["content"], parse_float=Decimal, parse_int=Decimal)  # type: ignore[no-any-return]


def values(deliverable: dict[str, Any]) -> dict[str, Decimal]:
    return {row["period"]: row["value"] for row in rows(deliverable)}


def compared(deliverable: dict[str, Any], to: str, period: str, kpi: str = "") -> dict[str, Any] | None:
    """The comparison of a period."""
    found = [
        one
        for one in deliverable["metadata"]["comparisons"]
        if (one["to"], one["period"]) == (to, period) and one["kpi"].startswith(kpi)
    ]
    return found[0] if found else None


def figures(comparison: dict[str, Any] | None) -> tuple[str, str]:
    assert comparison
    return comparison["value"], comparison["valueBefore"]


# --- periods --------------------------------------------------------------------------------------------------------


def test_an_unfinished_month_is_compared_with_the_same_days(own: AskOwn) -> None:
    answer = own("month-to-date", ["revenue"], "2025-01-01", "2025-03-31", "month")
    march = rows(answer)[-1]["covers"]
    assert (march["firstDay"], march["lastDay"], march["days"], march["whole"]) == (
        "2025-03-01",
        "2025-03-10",
        10,
        False,
    )
    comparison = compared(answer, "previous", "2025-03-01")
    assert figures(comparison) == ("10000", "10000")
    assert comparison
    assert (comparison["days"], comparison["daysBefore"], comparison["lastDayBefore"]) == (10, 10, "2025-02-10")
    february = compared(answer, "previous", "2025-02-01")
    assert february
    assert (february["days"], february["daysBefore"], february["whole"]) == (28, 31, True)


def test_a_range_that_ends_inside_a_month_is_compared_with_the_same_days(own: AskOwn) -> None:
    answer = own("month-to-date", ["revenue"], "2025-02-01", "2025-03-05", "month")
    assert figures(compared(answer, "previous", "2025-03-01")) == ("5000", "5000")
    assert not rows(answer)[-1]["covers"]["whole"]


def test_the_period_before_the_range_is_fetched(own: AskOwn) -> None:
    answer = own("month-to-date", ["revenue"], "2025-02-01", "2025-02-28", "month")
    assert figures(compared(answer, "previous", "2025-02-01")) == ("28000", "31000")
    assert [(row["period"], row["value"]) for row in answer["metadata"]["history"]] == [("2025-01-01", "31000")]
    assert rows(answer)[0]["covers"]["departmentsBefore"] == 1


def test_numbers_of_a_quarter_are_told_by_quarter(own: AskOwn) -> None:
    answer = own("quarterly", ["revenue"], "2023-01-01", "2024-12-31", "month")
    assert len(values(answer)) == 8
    assert all(row["covers"]["whole"] for row in rows(answer))
    assert figures(compared(answer, "previous", "2024-10-01")) == ("170", "160")
    assert figures(compared(answer, "yearBefore", "2024-10-01")) == ("170", "130")
    metric = answer["metadata"]["metrics"]["Revenue"]
    assert (metric["grain"], metric["grainInferred"], metric["period"]) == ("quarter", True, "quarter")


def test_later_numbers_of_a_finer_grain_do_not_change_the_grain_of_earlier_ones(own: AskOwn) -> None:
    own("month-to-date", ["revenue"], "2025-01-01", "2025-03-31", "month")
    answer = own("quarterly", ["revenue"], "2023-01-01", "2024-12-31", "month")
    assert answer["metadata"]["metrics"]["Revenue"]["grain"] == "quarter"
    assert len(values(answer)) == 8


def test_every_month_of_a_seasonal_year_is_compared_with_the_year_before(own: AskOwn) -> None:
    answer = own("seasonal", ["sales"], "2025-01-01", "2025-12-31", "month")
    for month in range(1, 13):
        value, before = map(Decimal, figures(compared(answer, "yearBefore", f"2025-{month:02}-01")))
        assert value / before == Decimal("1.1")
    (to_date,) = answer["metadata"]["toDate"]
    assert Decimal(to_date["value"]) / Decimal(to_date["valueBefore"]) == Decimal("1.1")
    assert len(answer["metadata"]["history"]) == 12


def test_a_missing_month_has_no_row(own: AskOwn) -> None:
    answer = own("missing-month", ["revenue"], "2025-01-01", "2025-06-30", "month")
    assert "2025-04-01" not in values(answer)
    may = rows(answer)[3]
    assert (may["period"], may["covers"]["departmentsBefore"]) == ("2025-05-01", 0)
    assert compared(answer, "previous", "2025-05-01") is None


def test_29_february_has_no_day_in_the_year_before_and_a_year_to_date_ends_on_the_last_of_february(own: AskOwn) -> None:
    start = date(2023, 1, 1)
    lines = [f"Acme,All,Visits,visits,sum,{start + timedelta(days=at)},1" for at in range(800)]
    answer = own(lines, ["visits"], "2024-02-28", "2024-02-29", "day")
    assert figures(compared(answer, "yearBefore", "2024-02-28")) == ("1", "1")
    assert compared(answer, "yearBefore", "2024-02-29") is None
    (to_date,) = answer["metadata"]["toDate"]
    assert (to_date["to"], to_date["toBefore"]) == ("2024-02-29", "2023-02-28")
    assert (to_date["value"], to_date["valueBefore"], to_date["days"], to_date["daysBefore"]) == ("60", "59", 60, 59)


def test_a_total_is_one_figure_that_is_compared_with_as_many_months(own: AskOwn) -> None:
    answer = own("seasonal", ["sales"], "2025-04-01", "2025-06-30", "total")
    assert values(answer) == {"2025-04-01": Decimal(330000)}
    found = {one["to"]: one for one in answer["metadata"]["rangeComparisons"]}
    assert found["previous"]["toPeriod"] == "2025-01-01"
    assert (found["yearBefore"]["value"], found["yearBefore"]["valueBefore"]) == ("330000", "300000")


def test_events_on_single_days_leave_zeros_and_levels_leave_gaps(own: AskOwn) -> None:
    days = ["2025-01-03", "2025-01-20", "2025-02-11", "2025-04-02", "2025-04-19", "2025-05-08"]
    events = [f"Acme,All,Accidents,accidents,sum,{day},1" for day in days]
    levels = [f"Acme,All,Stock,pieces,last,{day},5" for day in days]
    answer = own([*events, *levels], ["accidents", "stock"], "2025-01-01", "2025-04-30", "month")
    by_kpi: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in rows(answer):
        by_kpi[row["kpi"]][row["period"]] = row["value"]
    assert list(by_kpi["Accidents"].values()) == [2, 1, 0, 2]
    assert list(by_kpi["Stock"]) == ["2025-01-01", "2025-02-01", "2025-04-01"]
    assert figures(compared(answer, "previous", "2025-03-01", "Accidents")) == ("0", "1")


# --- departments ----------------------------------------------------------------------------------------------------


def test_a_department_that_did_not_report_is_left_out_of_both_sides(own: AskOwn) -> None:
    answer = own("balance-missing-department", ["balance"], "2025-01-01", "2025-04-30", "month")
    assert [(row["covers"]["departments"], row["covers"]["departmentsBefore"]) for row in rows(answer)] == [
        (2, None), (2, 2), (1, 2), (2, 1)
    ]  # fmt: skip
    march, april = (compared(answer, "previous", month) for month in ("2025-03-01", "2025-04-01"))
    assert march
    assert april
    assert (*figures(march), march["departmentNames"], march["left"]) == ("1020", "1010", ["North"], ["South"])
    assert (*figures(april), april["departmentNames"], april["joined"]) == ("1030", "1020", ["North"], ["South"])


def test_a_ratio_is_compared_for_the_departments_that_have_all_parts_in_both_periods(own: AskOwn) -> None:
    numbers = [
        ("North", "Profit", "2025-01-01", 10), ("North", "Sales", "2025-01-01", 100),
        ("South", "Profit", "2025-01-01", 90), ("South", "Sales", "2025-01-01", 100),
        ("North", "Profit", "2025-02-01", 20), ("North", "Sales", "2025-02-01", 100),
        ("South", "Sales", "2025-02-01", 100),
    ]  # fmt: skip
    lines = [f"Acme,{department},{name},USD,sum,{day},{value},,,,,," for department, name, day, value in numbers]
    margin = "Acme,,Margin,ratio,ratio,,,up,,,,Profit,Sales"
    answer = own([*lines, margin], ["margin"], "2025-01-01", "2025-02-28", "month")
    comparison = compared(answer, "previous", "2025-02-01")
    assert figures(comparison) == ("0.2", "0.1")
    assert comparison
    assert comparison["left"] == ["South"]


def test_drivers_add_up_to_the_change(own: AskOwn) -> None:
    changes = {("A", "North"): (10, 25), ("A", "South"): (40, 30), ("B", "North"): (5, 5)}
    lines = [
        f"{company},{department},Sales,USD,sum,2025-0{month}-01,{value}"
        for (company, department), pair in changes.items()
        for month, value in enumerate(pair, 1)
    ]
    metadata = own(lines, ["sales"], "2025-01-01", "2025-02-28", "month")["metadata"]
    drivers = [(one["by"], one["name"], one["value"], one["valueBefore"]) for one in metadata["drivers"]]
    assert drivers == [
        ("company", "A", "55", "50"), ("company", "B", "5", "5"),
        ("department", "North (A)", "25", "10"), ("department", "South", "30", "40"),
        ("department", "North (B)", "5", "5"),
    ]  # fmt: skip


def test_a_breakdown_has_figures_and_comparisons_of_each_department(own: AskOwn) -> None:
    answer = own("balance-missing-department", ["balance"], "2025-01-01", "2025-04-30", "month", breakdown="department")
    assert answer["title"] == "Balance by month and department, 2025-01-01 to 2025-04-30"
    assert [(row["department"], row["period"]) for row in rows(answer)] == [
        *[("North", f"2025-0{month}-01") for month in (1, 2, 3, 4)],
        *[("South", f"2025-0{month}-01") for month in (1, 2, 4)],
    ]
    found = {(one["department"], one["period"]) for one in answer["metadata"]["comparisons"]}
    assert found == {("North", f"2025-0{month}-01") for month in (2, 3, 4)} | {("South", "2025-02-01")}
    assert [row["value"] for row in answer["metadata"]["totals"]] == ["3000", "3030", "1020", "3070"]


# --- metrics --------------------------------------------------------------------------------------------------------


def test_spellings_of_one_currency_are_one_figure(own: AskOwn) -> None:
    answer = own("unit-spelling", ["revenue"], "2025-01-01", "2025-03-31", "month")
    assert list(values(answer).values()) == [600, 600, 600]
    assert answer["metadata"]["units"] == {"Revenue": "USD"}


def test_a_mean_without_weights_says_so_and_with_weights_is_weighed(own: AskOwn) -> None:
    plain = own("average-of-averages", ["margin"], "2025-01-01", "2025-03-31", "month")
    assert set(values(plain).values()) == {30}
    assert plain["metadata"]["metrics"]["Margin"]["weighted"] is False
    weighed = own(["Acme,,Margin,percent,avg,,,up,,,Revenue,,"], ["margin"], "2025-01-01", "2025-03-31", "month")
    assert {round(value, 2) for value in values(weighed).values()} == {Decimal("10.40")}
    assert weighed["metadata"]["metrics"]["Margin"]["weighted"] is True
    value, before = map(Decimal, figures(compared(weighed, "previous", "2025-02-01")))
    assert value == before == values(weighed)["2025-02-01"]


def test_a_figure_has_the_digits_of_the_number(own: AskOwn) -> None:
    answer = own("double-rounding", ["logo churn rate"], "2024-11-01", "2024-12-31", "month")
    assert str(values(answer)["2024-11-01"]) == "0.05774962742175857"


def test_a_budget_is_the_plan_of_its_namesake(own: AskOwn) -> None:
    names = ["revenue", "budget revenue", "costs", "budget costs"]
    metrics = own("budget", names, "2025-01-01", "2025-06-30", "month")["metadata"]["metrics"]
    assert {name: one["planOf"] for name, one in metrics.items()} == {
        "Revenue": None, "Budget revenue": "Revenue", "Costs": None, "Budget costs": "Costs",
    }  # fmt: skip


def test_a_distinct_count_is_not_added_up(own: AskOwn, ask: Any) -> None:
    lines = [
        f"Acme,{department},Users,users,distinct,2025-01-{day:02},7" for department in "AB" for day in range(1, 31)
    ]
    by_day = {"startDate": "2025-01-01", "endDate": "2025-01-31", "grouping": "day"}
    answer = own(lines, ["users"], "2025-01-01", "2025-01-31", "day", departments=["A"])
    assert set(values(answer).values()) == {7}
    refused = {
        "does not add up over days; ask for it by day": {**by_day, "grouping": "month", "departments": ["A"]},
        "does not add up over departments": by_day,
    }
    for reason, question in refused.items():
        metadata = ask("own", kpiNames=["users"], **question)["payload"]["metadata"]
        assert reason in metadata["reason"]
    broken_down = ask("own", kpiNames=["users"], **by_day, breakdown="department")
    assert broken_down["success"], broken_down


def test_goals_come_with_what_was_reached(ask: Any) -> None:
    answer = ask(kpiNames=["revenue", "profit_margin"], startDate="2025-07-01", endDate="2025-09-30", grouping="month")
    goals = answer["payload"]["content"]["deliverable"]["metadata"]["goals"]
    revenue = next(one for one in goals if (one["kpi"], one["company"]) == ("revenue", "Aurora Software"))
    assert (revenue["from"], revenue["to"], revenue["target"]) == ("2025-01-01", "2025-12-31", "32000000")
    assert (revenue["days"], revenue["daysWithData"], revenue["valueTo"]) == (365, 273, "2025-09-30")
    assert not revenue["complete"]
    alone = ask(
        kpiNames=["revenue"], startDate="2025-01-01", endDate="2025-09-30", grouping="total", company="Aurora Software"
    )
    (row,) = rows(alone["payload"]["content"]["deliverable"])
    assert Decimal(revenue["value"]) == row["value"]
    of_department = ask(kpiNames=["revenue"], departments=["Platform"])["payload"]["content"]["deliverable"]
    assert of_department["metadata"]["goals"] == []


# --- all of it against a computation of its own ---------------------------------------------------------------------


def test_random_numbers_are_compared_like_for_like(own: AskOwn) -> None:
    """Some departments miss some months; the data end inside the last one."""
    chance = random.Random(7)
    start, end = date(2024, 1, 1), date(2025, 5, 17)
    days = [start + timedelta(days=at) for at in range((end - start).days + 1)]
    missing = {(d, month) for d in "ABC" for month in range(24) if chance.random() < 0.25}
    numbers = {
        (department, day): Decimal(chance.randrange(-500, 5000)) / 100
        for department in "ABC"
        for day in days
        if (department, _month(day)) not in missing
    }
    lines = [f"Acme,{department},Sales,USD,sum,{day},{value}" for (department, day), value in numbers.items()]
    answer = own(lines, ["sales"], "2025-01-01", "2025-05-31", "month")
    found = 0
    for month in range(12, 17):
        for to, other in (("previous", month - 1), ("yearBefore", month - 12)):
            last = 17 if month == 16 else 31
            both = {d for d in "ABC" if {(d, month), (d, other)}.isdisjoint(missing)}
            first_of_month = date(2024 + month // 12, month % 12 + 1, 1).isoformat()
            comparison = compared(answer, to, first_of_month)
            if not both:
                assert comparison is None
                continue
            found += 1
            expected = tuple(
                sum(v for (d, day), v in numbers.items() if d in both and _month(day) == at and day.day <= last)
                for at in (month, other)
            )
            assert tuple(map(Decimal, figures(comparison))) == expected
            assert comparison
            assert comparison["departmentNames"] == sorted(both)
    assert found > 5


def _month(day: date) -> int:
    return 12 * (day.year - 2024) + day.month - 1


def daily(department: str, metric: str, first: date, last: date, value: int) -> list[str]:
    days = (first + timedelta(days=at) for at in range((last - first).days + 1))
    return [f"Acme,{department},{metric},EUR,sum,{day},{value}" for day in days]


def test_a_department_that_begins_or_ends_inside_a_period_does_not_count(own: AskOwn) -> None:
    lines = [
        *daily("North", "Sales", date(2025, 1, 1), date(2025, 3, 20), 100),
        *daily("South", "Sales", date(2025, 1, 1), date(2025, 3, 10), 50),
        *daily("West", "Sales", date(2025, 2, 15), date(2025, 3, 20), 30),
    ]
    answer = own(lines, ["Sales"], "2025-01-01", "2025-03-31", "month")
    march = compared(answer, "previous", "2025-03-01")
    february = compared(answer, "previous", "2025-02-01")
    assert march
    assert february
    assert (march["value"], march["valueBefore"]) == ("2000", "2000")
    assert (march["departmentNames"], march["late"], march["lateBefore"]) == (["North"], ["South"], ["West"])
    assert (february["departmentNames"], february["joined"], february["late"]) == (["North", "South"], ["West"], [])


def test_departments_that_are_closed_on_some_days_are_not_late(own: AskOwn) -> None:
    lines = [
        line
        for department, closed in (("Shop", (6,)), ("Office", (5, 6)))
        for line in daily(department, "Sales", date(2025, 1, 6), date(2025, 3, 31), 10)
        if date.fromisoformat(line.split(",")[5]).weekday() not in closed
    ]
    answer = own(lines, ["Sales"], "2025-01-01", "2025-03-31", "week")
    assert not any(one["late"] or one["lateBefore"] for one in answer["metadata"]["comparisons"])


def test_weekly_numbers_stand_for_seven_days_each(own: AskOwn) -> None:
    weeks = [f"Acme,All,Leavers,people,sum,{date(2025, 1, 6) + timedelta(weeks=at)},7" for at in range(21)]
    answer = own(weeks, ["Leavers"], "2025-01-01", "2025-05-31", "month")
    march = compared(answer, "previous", "2025-03-01")
    assert march
    assert (march["value"], march["days"], march["valueBefore"], march["daysBefore"]) == ("35", 35, "28", 28)


def test_the_compared_days_are_whole_months_however_the_numbers_are_dated(own: AskOwn) -> None:
    ends = ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]
    lines = [f"Acme,All,Sales,EUR,sum,{day},{at}" for at, day in enumerate(ends)]
    answer = own(lines, ["Sales"], "2025-04-01", "2025-05-31", "month")
    (before,) = [one for one in answer["metadata"]["rangeComparisons"] if one["to"] == "previous"]
    days = [before[key] for key in ("firstDay", "lastDay", "firstDayBefore", "lastDayBefore")]
    assert days == ["2025-04-01", "2025-05-31", "2025-02-01", "2025-03-31"]


def test_after_the_last_day_of_other_data_no_event_is_no_zero(own: AskOwn) -> None:
    events = [date(2025, 1, 5), date(2025, 1, 25), date(2025, 2, 20), date(2025, 3, 3)]
    lines = [
        *daily("All", "Sales", date(2025, 1, 1), date(2025, 3, 18), 10),
        *(f"Acme,All,Outages,count,sum,{day},1" for day in events),
    ]
    answer = own(lines, ["Sales", "Outages"], "2025-01-01", "2025-03-31", "month")
    march = compared(answer, "previous", "2025-03-01", "Outages")
    assert march
    assert (march["whole"], march["lastDay"], march["value"], march["valueBefore"]) == (False, "2025-03-18", "1", "0")


def test_a_ratio_of_two_currencies_is_refused(ask: Any, own: AskOwn, owner: psycopg.Connection[dict[str, Any]]) -> None:
    """Somebody wrote it into the catalogue; the import would refuse it."""
    lines = ["Acme,All,Profit,EUR,sum,2025-01-31,1", "Acme,All,Sales,USD,sum,2025-01-31,10"]
    own(lines, ["Profit"], "2025-01-01", "2025-01-31", "month")
    owner.execute(
        """
        insert into company.kpi_metrics (organization_id, company_id, name, unit, aggregation, formula)
        select organization_id, id, 'Margin', 'ratio', 'ratio',
               '{"numerator": {"Profit": 1}, "denominator": {"Sales": 1}}'
          from company.companies where name = 'Acme'
        """
    )
    answer = ask("own", kpiNames=["Margin"], startDate="2025-01-01", endDate="2025-01-31", grouping="month")
    assert not answer["success"]
    assert "Margin divides amounts of different currencies: EUR, USD" in json.dumps(answer)
