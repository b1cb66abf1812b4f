"""The shapes that tables have in spreadsheets: each is read as the same numbers, or refused in words that help."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.kpi_dates import DateForms
from cli.kpi_file import KpiFile, read_kpi_file
from cli.kpi_numbers import NumberForms, UnclearNumber

HEADER = "company,department,metric,unit,aggregation,date,value"
START = "Acme,Sales,Revenue,USD,sum"
LINES = f"{START},2025-01-01,1234.56\n{START},2025-02-01,-1300.5\n"
TABLE = f"{HEADER}\n{LINES}"
RIGHT = [("Sales", "2025-01-01", Decimal("1234.56")), ("Sales", "2025-02-01", Decimal("-1300.5"))]


def read(tmp_path: Path, content: str | bytes, **values: str) -> tuple[KpiFile, list[str]]:
    path = tmp_path / "table.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    file, problems = read_kpi_file(path, values)
    return file, [str(problem) for problem in problems]


def numbers(file: KpiFile) -> list[tuple[str, str, Decimal]]:
    return [(row.department, row.day.isoformat(), Decimal(row.value)) for row in file.rows]


def dated(january: str, february: str) -> str:
    return TABLE.replace("2025-01-01", january).replace("2025-02-01", february)


def valued(first: str, second: str) -> str:
    return TABLE.replace("1234.56", first).replace("-1300.5", second)


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        f"sep=,\n{TABLE}",
        TABLE.replace(",", "\t"),
        TABLE.replace(",", ";").replace(".", ","),
        f"Monthly report,,,,,,\n,,,,,,\n{TABLE}",
        f"Company,Dept,KPI,Currency,Agg,Month,Amount\n{LINES}",
        dated("01.01.2025", "01.02.2025"),
        dated("45658", "45689"),
        dated("2025-01", "2025-02"),
        dated("Jan 2025", "February 2025"),
        dated("1/1/2025", "2025/02/01"),
        valued('"1,234.56"', '"-1,300.50"'),
        valued('"1.234,56"', '"-1.300,50"'),
        valued("1 234.56", "−1300.5"),
        valued("$1234.56", "-$1300.50"),
        valued("1234.56 USD", "USD -1300.5"),
        valued("1234.56", "(1300.50)"),
        valued("1234.56", "1300.50-"),
        "\n".join(f"{line},," for line in TABLE.splitlines()),
        f"{HEADER.replace('date,value', 'Jan 2025,Feb 2025')}\n{START},1234.56,-1300.5\n",
    ],
)
def test_a_shape_has_the_same_numbers(tmp_path: Path, content: str | bytes) -> None:
    file, problems = read(tmp_path, content)
    assert not problems
    assert numbers(file) == RIGHT


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (valued("€1234.56", "1"), "2: value '€1234.56' is in EUR, but the unit is USD"),
        (valued("12.5%", "1"), "2: value '12.5%' is a percentage, but the unit is USD; use the unit percent"),
        (valued("1234.56", "-"), "3: value '-' may be zero or no data; write 0, or leave it empty"),
        (dated("03/04/2025", "2025-02-01"), "2: date '03/04/2025' may be 2025-03-04 or 2025-04-03; write the one"),
        (
            TABLE.replace(",", ";").replace("1234.56", "1.234").replace("-1300.5", "7"),
            "2: value '1.234' may be 1234",
        ),
        ("KPI,Jan 2025,Feb 2025\nRevenue,1,2\n", "1: the header lacks company, unit, aggregation; add the columns, or"),
        ("company,metric,unit,aggregation,Jan 2025,Total\n", "1: Total in the header is neither a column nor a period"),
        (f"{HEADER},amount\n{START},2025-01-01,1,1\n", "1: the header has value twice"),
        (f"{HEADER}\n{START},2025-01-01,N/A\n", " has no line with a number"),
    ],
)
def test_what_may_mean_two_things_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    _, problems = read(tmp_path, content)
    assert [one for one in problems if one.startswith(problem)], problems


def test_an_empty_value_is_no_data(tmp_path: Path) -> None:
    file, problems = read(tmp_path, valued("N/A", "-1300.5") + f"{START},2025-03-01,\n")
    assert not problems
    assert (numbers(file), file.skipped) == (RIGHT[1:], 2)


def test_a_file_without_departments_is_of_one_department(tmp_path: Path) -> None:
    file, problems = read(tmp_path, TABLE.replace("department,", "").replace("Sales,", ""))
    assert not problems
    assert ({row.department for row in file.rows}, file.has_departments) == ({"All"}, False)


def test_a_table_with_a_column_for_each_month_needs_three_values(tmp_path: Path) -> None:
    wide = "KPI,Jan 2025,Feb 2025\nRevenue,1234.56,-1300.5\nCosts,70,N/A\n"
    file, problems = read(tmp_path, wide, company="Acme", unit="USD", aggregation="sum", department="Sales")
    assert not problems
    assert numbers(file)[:2] == RIGHT
    assert (len(file.rows), file.skipped) == (3, 1)


def test_one_date_tells_the_order_of_all(tmp_path: Path) -> None:
    file, problems = read(tmp_path, dated("03/04/2025", "31/05/2025"))
    assert not problems
    assert [row.day.isoformat() for row in file.rows] == ["2025-04-03", "2025-05-31"]


@pytest.mark.parametrize(("unit", "value"), [("percent", "12.5"), ("%", "12.5"), ("ratio", "0.125")])
def test_a_percentage_is_in_its_unit(tmp_path: Path, unit: str, value: str) -> None:
    file, _ = read(tmp_path, valued("12.5%", "1").replace("USD", unit).replace("sum", "avg"))
    assert file.rows[0].value == value


@pytest.mark.parametrize(
    ("text", "first"), [("2025-Q2", "2025-04-01"), ("Q4 2025", "2025-10-01"), ("2025-W01", "2024-12-30")]
)
def test_a_period_is_its_first_day(text: str, first: str) -> None:
    days = DateForms().days(text)
    assert days
    assert days.first.isoformat() == first


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from(["{:,.2f}", "{:.2f}"]), st.booleans()
)
def test_a_written_number_is_read_exactly(number: Decimal, form: str, is_german: bool) -> None:
    text = form.format(number)
    if is_german:
        text = text.translate(str.maketrans(",.", ".,"))
    plain = NumberForms.of([text], semicolons=is_german).plain(text, "EUR")
    assert plain is not None
    assert Decimal(plain) == number


@given(st.text("0123456789.,-() $€%'", max_size=12))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        plain = NumberForms.of([text]).plain(text, "USD")
    except UnclearNumber as error:
        assert "value" in str(error)
    else:
        assert plain is None or Decimal(plain).is_finite()
