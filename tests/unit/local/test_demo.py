"""The demo's output and questions, without a stack."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.checkpoint import show
from cli.screen import Screen
from local import demo_state, review
from local.own_numbers import OwnNumbers, range_and_grouping
from tests.unit.fake_terminal import FakeTerminal

PARAMETERS: list[dict[str, Any]] = [
    {"name": "kpi_names", "type": "string[]", "enum": None, "value": ["revenue"]},
    {"name": "grouping", "type": "string", "enum": ["day", "week"], "value": "day"},
]
OPTIONS = [
    {"action": "continue", "label": "Go on", "allowsModification": False},
    {"action": "retry", "label": "Again", "allowsModification": True},
    {"action": "abort", "label": "Stop", "allowsModification": False},
]


def an_approval() -> dict[str, Any]:
    deliverable = {"title": "KPI data", "format": "json", "metadata": {"sql": "select 1"}, "content": "[]"}
    return {"question": "Right?", "options": OPTIONS, "data": {"deliverable": deliverable}}


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def screen(out: io.StringIO) -> Screen:
    return Screen(out=out)


def answer_with(screen: Screen, *answers: str) -> review.Answer:
    replies: Iterator[str] = iter(answers)
    return review.ask(screen, an_approval(), PARAMETERS, lambda prompt: next(replies))


def test_a_decision_may_be_typed_by_its_first_letter(screen: Screen) -> None:
    assert answer_with(screen, "C", "").body() == {"decision": "continue"}


def test_the_sql_is_shown_again_on_request(screen: Screen, out: io.StringIO) -> None:
    assert answer_with(screen, "sql", "c", "").body() == {"decision": "continue"}
    assert "select 1" in out.getvalue()


def test_on_a_terminal_long_sql_is_shortened_and_shown_on_request() -> None:
    approval = an_approval()
    approval["data"]["deliverable"]["metadata"]["sql"] = "\n".join(f"line {number}" for number in range(60))
    out = FakeTerminal()
    screen = Screen(out=out)
    show(screen, approval)
    assert "52 more lines" in out.getvalue()
    assert "line 59" not in out.getvalue()

    replies = iter(["s", "c", ""])
    review.ask(screen, approval, PARAMETERS, lambda prompt: next(replies))
    assert "line 59" in out.getvalue()


def test_an_unknown_decision_is_asked_again(screen: Screen, out: io.StringIO) -> None:
    assert answer_with(screen, "", "maybe", "abort", "too odd").body() == {"decision": "abort", "notes": "too odd"}
    assert "Please type one of continue, retry, abort, sql, or its first letter." in out.getvalue()


def test_retry_asks_what_should_be_different(screen: Screen) -> None:
    answer = answer_with(screen, "retry", "arr, churn", "", "")

    assert answer.body() == {"decision": "retry", "modifications": {"kpi_names": ["arr", "churn"]}}


def days(first: str, count: int, step: int = 1) -> list[date]:
    return [date.fromisoformat(first) + timedelta(days=step * number) for number in range(count)]


@pytest.mark.parametrize(
    ("numbers", "start", "end", "grouping"),
    [
        (days("2024-07-03", 20), "2024-07-03", "2024-07-22", "day"),
        (days("2024-07-03", 90), "2024-07-03", "2024-09-30", "week"),
        (days("2024-01-01", 366), "2024-01-01", "2024-12-31", "month"),
        (days("2024-07-03", 1), "2024-07-03", "2024-07-03", "day"),
        (days("2024-07-03", 5, step=7), "2024-07-01", "2024-08-04", "week"),
        ([date(2024, month, 1) for month in (1, 2, 3)], "2024-01-01", "2024-03-31", "month"),
    ],
    ids=["three weeks", "a quarter", "a year", "one day", "weekly", "monthly"],
)
def test_the_period_fits_the_numbers(numbers: list[date], start: str, end: str, grouping: str) -> None:
    assert range_and_grouping(numbers) == (date.fromisoformat(start), date.fromisoformat(end), grouping)


def test_the_numbers_of_another_file_belong_to_another_organisation(tmp_path: Path) -> None:
    header = "company,department,metric,unit,aggregation,date,value\n"
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(f"{header}A,B,C,USD,sum,2024-07-01,1\n")
    two.write_text(f"{header}A,B,C,USD,sum,2024-07-01,2\n")

    assert OwnNumbers.read(one).organization == OwnNumbers.read(one).organization
    assert OwnNumbers.read(one).organization != OwnNumbers.read(two).organization


def test_state_with_an_open_run_is_dropped_but_deliverables_stay(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "deliverables").mkdir()
    demo_state.drop_unfinished(tmp_path)
    assert (tmp_path / "postgres").exists()

    demo_state.run_begins(tmp_path)
    demo_state.drop_unfinished(tmp_path)

    assert not (tmp_path / "postgres").exists()
    assert (tmp_path / "deliverables").exists()
    assert not (tmp_path / demo_state.MARK).exists()
