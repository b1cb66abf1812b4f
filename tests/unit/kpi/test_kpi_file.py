"""What `baton kpi import` accepts as a file, and what it says about anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.kpi_file import KpiFile, read_kpi_file
from cli.kpi_line import metric_key
from cli.kpi_table import LineProblem

HEADER = "company,department,metric,unit,aggregation,date,value"
LINE = "Acme,Sales,Net revenue,EUR,sum,2024-07-31,-1234.500"


def read(tmp_path: Path, content: str | bytes) -> tuple[KpiFile, list[LineProblem]]:
    path = tmp_path / "numbers.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_kpi_file(path)


def problems(tmp_path: Path, *lines: str) -> list[str]:
    return [str(problem) for problem in read(tmp_path, "\n".join([HEADER, *lines]))[1]]


def test_a_number_keeps_its_digits_and_its_line(tmp_path: Path) -> None:
    file, faults = read(tmp_path, f"{HEADER}\n{LINE}\n")
    assert not faults
    (row,) = file.rows
    assert (row.line, row.value, row.day.isoformat()) == (2, "-1234.500", "2024-07-31")


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\r\n{LINE}\r\n".encode(),
        f"\ufeff{HEADER}\n{LINE}\n".encode(),
        f"{HEADER}\n\n{LINE}\n\n".encode(),
        f" Company,DEPARTMENT,metric,unit,aggregation,date,value\n{LINE.replace('sum', ' SUM ')}".encode(),
        b"value,company,department,metric,unit,aggregation,date\n-1234.500,Acme,Sales,Net revenue,EUR,sum,2024-07-31",
        f'{HEADER}\n"Acme",Sales,"Net revenue",EUR,sum,2024-07-31,"-1234.500"'.encode(),
    ],
    ids=["line ends of Windows", "byte order mark", "empty lines", "case and spaces", "order of columns", "quotes"],
)
def test_a_file_of_a_spreadsheet_is_read(tmp_path: Path, content: bytes) -> None:
    file, faults = read(tmp_path, content)
    assert not faults
    assert [(row.company, row.metric, row.value) for row in file.rows] == [("Acme", "Net revenue", "-1234.500")]
    assert [metric.aggregation for metric in file.metrics.values()] == ["sum"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Acme,Sales,Revenue,EUR,sum,2024-07-31", "2: has 6 fields, but needs 7"),
        ("Acme,Sales,Revenue,EUR,sum,2024-07-31,1,2", "2: has 8 fields, but needs 7"),
        (",Sales,Revenue,EUR,sum,2024-07-31,1", "2: company must have 1 to 200 characters"),
        ("Acme,Sales,Revenue,,sum,2024-07-31,1", "2: unit must have 1 to 200 characters"),
        ("Acme,Sales,a\x07b,EUR,sum,2024-07-31,1", "2: metric must not hold control characters"),
        ("Acme,Sales,_-_,EUR,sum,2024-07-31,1", "2: metric must hold more than spaces"),
        (
            "Acme,Sales,Revenue,EUR,median,2024-07-31,1",
            "2: aggregation must be one of sum, avg, last, distinct, ratio, not 'median'",
        ),
        ("Acme,Sales,Revenue,EUR,sum,31.07.24,1", "2: date must be a day like 2024-07-31, not '31.07.24'"),
        ("Acme,Sales,Revenue,EUR,sum,2024-02-30,1", "2: date must be a day like 2024-07-31, not '2024-02-30'"),
        ("Acme,Sales,Revenue,EUR,sum,2024-07-31T10:00,1", "2: date must be a day"),
        ("Acme,Sales,Revenue,EUR,sum,9999-12-31,1", "2: date must lie between 1900-01-01 and 2199-12-31"),
        ("Acme,Sales,Revenue,EUR,sum,,1", "2: date must be a day like 2024-07-31, not ''"),
        (
            'Acme,Sales,Revenue,EUR,sum,2024-07-31,"1,23,4"',
            "2: value must be a plain decimal like -1234.5, not '1,23,4'",
        ),
        ("Acme,Sales,Revenue,EUR,sum,2024-07-31,1e3", "2: value must be a plain decimal"),
        ("Acme,Sales,Revenue,EUR,sum,2024-07-31,Infinity", "2: value must be a plain decimal"),
        ("Acme,Sales,Revenue,EUR,sum,2024-07-31,١٢", "2: value must be a plain decimal"),
        ('Acme,Sales,"Revenue,EUR,sum,2024-07-31,1', "2: is not CSV"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, line: str, problem: str) -> None:
    (faults,) = problems(tmp_path, line)
    assert faults.startswith(problem)


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    faults = problems(tmp_path, "Acme,Sales,Revenue,EUR,sum,yesterday,much", LINE, "Acme,,Revenue,EUR,sum,2024-07-31,1")
    assert [text.split(":")[0] for text in faults] == ["2", "2", "4"]


def test_a_problem_has_the_line_where_its_row_begins(tmp_path: Path) -> None:
    faults = problems(
        tmp_path, '"Ac\nme",Sales,Revenue,EUR,sum,2024-07-31,1', "Acme,Sales,Revenue,EUR,sum,2024-07-31,x"
    )
    assert [text.split(":")[0] for text in faults] == ["2", "4"]


def test_a_repeated_number_names_both_lines(tmp_path: Path) -> None:
    assert problems(tmp_path, LINE, LINE.replace("Net revenue", "net_REVENUE")) == [
        "3: net_REVENUE of Acme, Sales on 2024-07-31 is in line 2 already"
    ]


def test_a_metric_has_one_aggregation_in_a_company(tmp_path: Path) -> None:
    other_day = LINE.replace("07-31", "07-30")
    assert problems(tmp_path, LINE, other_day.replace("sum", "avg")) == [
        "3: Net revenue of Acme is avg here, but sum in line 2"
    ]


def test_another_company_may_use_another_unit(tmp_path: Path) -> None:
    assert not problems(tmp_path, LINE, LINE.replace("Acme", "Other").replace("EUR", "USD"))


def test_another_header_is_shown_beside_the_right_one(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, "who,what,how much\nAcme,Revenue,1\n")
    assert str(problem).startswith(f"1: the header must be {HEADER}, but is who,what,how much")


DECLARING = f"{HEADER},direction,grain,plan_of,weight,numerator,denominator"


def test_columns_that_describe_a_metric_need_a_value_in_one_line_only(tmp_path: Path) -> None:
    file, faults = read(
        tmp_path,
        f"{DECLARING}\nAcme,Sales,Revenue,EUR,sum,2024-07-30,1,Up,,,,,\nAcme,Sales,Revenue,EUR,sum,2024-07-31,2,,month,,,,\n"
        "Acme,,Margin,ratio,ratio,,,up,,,,Profit,Revenue\n",
    )
    assert not faults
    assert len(file.rows) == 2
    assert file.metrics["Acme", "revenue"].declared == {"direction": "Up", "grain": "month"}
    margin = file.metrics["Acme", "margin"].declared
    assert margin == {"direction": "up", "numerator": "Profit", "denominator": "Revenue"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Acme,S,Costs,EUR,sum,2024-07-31,1,worse,,,,,", "direction must be one of up, down, none, not 'worse'"),
        (
            "Acme,S,Costs,EUR,sum,2024-07-31,1,,hour,,,,",
            "grain must be one of day, week, month, quarter, year, not 'hour'",
        ),
        ("Acme,S,Costs,EUR,sum,2024-07-31,1,,,,Orders,,", "weight is for metrics with aggregation avg, not sum"),
        ("Acme,S,Costs,EUR,sum,2024-07-31,1,,,,,Orders,", "numerator is for metrics with aggregation ratio, not sum"),
        ("Acme,,Margin,ratio,ratio,,,,,,,Profit,", "a ratio needs a denominator, the name of a metric"),
        ("Acme,S,Margin,ratio,ratio,2024-07-31,1,,,,,A,B", "a ratio has no numbers of its own"),
        ("Acme,,Costs,EUR,sum,,,,,,,,", "department must have 1 to 200 characters"),
    ],
)
def test_a_wrong_description_is_named(tmp_path: Path, line: str, problem: str) -> None:
    faults = [str(one) for one in read(tmp_path, f"{DECLARING}\n{line}\n")[1]]
    assert any(one.startswith(f"2: {problem}") for one in faults)


def test_a_description_that_contradicts_an_earlier_one_is_named(tmp_path: Path) -> None:
    lines = [f"Acme,S,Costs,EUR,sum,2024-07-{day},1,{direction},,,,," for day, direction in ((30, "up"), (31, "down"))]
    (fault,) = read(tmp_path, "\n".join([DECLARING, *lines]))[1]
    assert str(fault) == "3: direction of Costs is down here, but up before"


@pytest.mark.parametrize("content", ["", "\n", HEADER, f"{HEADER}\n\n"])
def test_a_file_without_rows_is_a_problem(tmp_path: Path, content: str) -> None:
    _, (problem,) = read(tmp_path, content)
    assert str(problem) == " holds no rows"


def test_a_file_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, f"{HEADER}\n{LINE}\nMünchen".encode("latin-1"))
    assert str(problem) == "3: is not UTF-8; save the file as CSV UTF-8"


@pytest.mark.parametrize("spelling", ["Net revenue", "net_revenue", "NET-REVENUE", "NetRevenue"])
def test_spellings_of_one_metric_have_one_key(spelling: str) -> None:
    assert metric_key(spelling) == "netrevenue"
