"""The meaning of plain words, and the words that need another spelling."""

from __future__ import annotations

import pytest

from baton.expressions import ExpressionInvalid, parameters_of, spelled_out
from baton.expressions.checking import check
from baton.expressions.declared import DeclaredParameter
from baton.model import ParameterType

PARAMETERS = {
    "grouping": DeclaredParameter(ParameterType.STRING, ("day", "week", "month")),
    "month": DeclaredParameter(ParameterType.STRING),
    "owner": DeclaredParameter(ParameterType.STRING),
    "regions": DeclaredParameter(ParameterType.STRINGS),
    "kinds": DeclaredParameter(ParameterType.STRINGS, ("north", "south")),
    "start_date": DeclaredParameter(ParameterType.DATE),
    "first_day": DeclaredParameter(ParameterType.DATE, ("2024-07-01",)),
    "limit": DeclaredParameter(ParameterType.NUMBER),
    "dry": DeclaredParameter(ParameterType.BOOLEAN),
    "due": DeclaredParameter(ParameterType.STRING, ("2024-07-01", "today")),
}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("grouping == week", {"grouping"}),
        ("owner == month", {"owner", "month"}),
        ("owner == 'month'", {"owner"}),
        ("parameters.owner == month", {"owner", "month"}),
        ("{{ owner }} == {{ month }}", {"owner", "month"}),
        ("{{ owner }} == 'month'", {"owner"}),
        ("{{ owner }} == free", {"owner"}),
        ("{{ owner }} == month", {"owner", "month"}),
        ("a in [{{ owner }}, month]", {"owner", "month"}),
        ("{{ limit }} > parameters.limit", {"limit"}),
        ("{{ steps.fetch.rows }} > limit", {"limit"}),
        ("month == free or {{ owner }} == free", {"owner", "month"}),
        ("grouping == parameters.month", {"grouping", "month"}),
        ("(dry or owner == free) == {{ dry }}", {"dry", "owner"}),
        ("west in regions", {"regions"}),
        ("north in kinds and kinds != [north, south]", {"kinds"}),
        ("'region' == owner", {"owner"}),
        ("first_day >= 2024-07-01", {"first_day"}),
        ("first_day == '2024-07-01'", {"first_day"}),
        ("start_date in ['2024-07-01', 2024-08-01]", {"start_date"}),
        ("grouping in ['week', 'month'] and 'mon' in grouping", {"grouping"}),
        ("grouping in 'weekly'", {"grouping"}),
        ("kinds in [['north'], [south]] and kinds == ['south']", {"kinds"}),
        ("owner == '2024-02-30'", {"owner"}),
    ],
)
def test_a_word_with_the_name_of_a_parameter_is_that_parameter(text: str, read: set[str]) -> None:
    check(text, PARAMETERS)
    assert parameters_of(spelled_out(text, PARAMETERS), PARAMETERS) == read


_EITHER = "write `parameters.month` for the parameter or 'month' for the text"


@pytest.mark.parametrize(
    ("text", "word", "message", "suggestion"),
    [
        ("grouping == month", "month", f"`month` is a parameter, and a value of `grouping`: {_EITHER}", None),
        ("grouping in [week, month]", "month", f"`month` is a parameter, and a value of `grouping`: {_EITHER}", None),
    ],
)  # fmt: skip
def test_a_word_that_could_be_the_parameter_and_the_text_is_refused(
    text: str, word: str, message: str, suggestion: str | None
) -> None:
    _assert_refused(text, word, message, suggestion)


@pytest.mark.parametrize(
    ("text", "word", "suggestion"),
    [
        ("start_dat <= start_date", "start_dat", "start_date"),
        ("start_date == startdate", "startdate", "start_date"),
        ("limit == lots", "lots", None),
        ("dry != yes", "yes", None),
        ("regions == west", "west", None),
        ("owner == ownr", "ownr", "owner"),
        ("owner < z", "z", None),
        ("west in region", "region", "regions"),
        ("{{ owner }} in weekly", "weekly", None),
        ("owner == parameters.ownr", "ownr", "owner"),
    ],
)
def test_a_word_that_can_only_be_a_misspelt_parameter_is_refused(text: str, word: str, suggestion: str | None) -> None:
    with pytest.raises(ExpressionInvalid, match=f"there is no parameter `{word}`") as refused:
        check(text, PARAMETERS)
    assert text[refused.value.position :].removeprefix("parameters.").startswith(word)
    assert refused.value.suggestion == suggestion


_GROUPING = "`grouping` is one of `day`, `week`, `month`"


@pytest.mark.parametrize(
    ("text", "word", "message", "suggestion"),
    [
        ("grouping == wek", "wek", f"{_GROUPING}, never `wek`", "week"),
        ("{{ grouping }} in [day, yearly]", "yearly", f"{_GROUPING}, never `yearly`", None),
        ("sout in kinds", "sout", "an item of `kinds` is one of `north`, `south`, never `sout`", "south"),
        ("gruping == week", "gruping", "there is no parameter `gruping`", "grouping"),
        ("week == free", "week", "there is no parameter `week`", None),
        ("dry and ready", "ready", "there is no parameter `ready`", None),
        ("not dri", "dri", "there is no parameter `dri`", "dry"),
        ("owner.name == month", "owner.name", "a parameter is used as a whole: write `owner`", None),
        ("1 == 1", "1", "this compares nothing but constants", None),
        ("'owner' == 'free'", "'owner'", "this compares nothing but constants", None),
        ("'{{ owner }}' == owner", "'{{", "a reference in quotes is only text; remove the quotes", None),
        ("limit > null", "null", "null has no order; `== null` finds it", None),
        ("limit > 3 or null in owner", "null", "null is never in a string; `== null` finds it", None),
        ("grouping == 'wek'", "'wek'", f"{_GROUPING}, never `wek`", "week"),
        ("{{ grouping }} in ['day', 'yearly']", "'yearly'", f"{_GROUPING}, never `yearly`", None),
        ("'sout' not in kinds", "'sout'", "an item of `kinds` is one of `north`, `south`, never `sout`", "south"),
        ("first_day != '2024-07-02'", "'2024", "`first_day` is one of `2024-07-01`, never `2024-07-02`", "2024-07-01"),
        ("limit == 'five'", "'five'", "`limit` is not text", None),
        ("limit in [1, '5']", "'5'", "`limit` is not text", None),
        ("dry != 'true'", "'true'", "`dry` is not text", None),
        ("regions == 'west'", "'west'", "`regions` is not text", None),
        ("limit == 2024-07-01", "2024", "`limit` is not a date", None),
        ("start_date == 'startdate'", "'startdate'", "`start_date` is not text", "start_date"),
        ("start_date == '2024-02-30'", "'2024", "there is no date `2024-02-30`", None),
        ("start_date == 2024-02-30", "2024", "there is no date `2024-02-30`", None),
        ("start_date in [2024-12-31, 2024-13-45]", "2024-13", "there is no date `2024-13-45`", None),
        ("{{ steps.fetch.day }} < 0000-01-01", "0000", "there is no date `0000-01-01`", None),
        ("steps.fetch.rows > 3", "steps", "an output needs braces: write {{ steps.fetch.rows }}", None),
        ("dry or steps.fetch.ok", "steps", "an output needs braces: write {{ steps.fetch.ok }}", None),
        ("{{ owner }} == steps.fetch.rows", "steps", "an output needs braces: write {{ steps.fetch.rows }}", None),
    ],
)  # fmt: skip
def test_a_word_in_the_wrong_spelling_is_refused(text: str, word: str, message: str, suggestion: str | None) -> None:
    _assert_refused(text, word, message, suggestion)


@pytest.mark.parametrize("text", ["{{ steps.fetch.rows }} > 3", "steps.fetch.rows > 3", "dry or steps.fetch.ok"])
def test_a_constraint_reads_no_output(text: str) -> None:
    with pytest.raises(ExpressionInvalid, match="a constraint is checked at launch, before any step has run"):
        check(text, PARAMETERS, at_launch=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dry and owner < limit", "a string and a number have no order"),
        ("{{ steps.fetch.rows }} > 3 and start_date > 5", "a date and a number have no order"),
        ("{{ steps.fetch.ok }} and limit", "`limit` is a number, not true or false"),
        ("{{ steps.fetch.rows }} > dry", "true or false and true or false have no order"),
        ("{{ steps.fetch.rows }} in limit", "`in` needs a list on its right, not a number"),
        ("({{ steps.fetch.rows }} == 1) > 3", "true or false and a number have no order"),
        ("[{{ steps.fetch.rows }}] in owner", "a list is never in a string"),
        ("limit in owner", "a number is never in a string"),
        ("start_date < due", "a date and a string have no order"),
        ("{{ steps.fetch.ok }} or not first_day", "`first_day` is a date, not true or false"),
    ],
)
def test_every_part_that_reads_only_parameters_is_tried_out(text: str, message: str) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        check(text, PARAMETERS)
    assert str(refused.value) == message


def _assert_refused(text: str, word: str, message: str, suggestion: str | None) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        check(text, PARAMETERS)
    assert (str(refused.value), refused.value.suggestion) == (message, suggestion)
    assert text[refused.value.position :].startswith(word)


def test_in_a_plan_a_parameter_beside_braces_has_braces_too() -> None:
    text = "{{ owner }} in [month, free, parameters.limit] and grouping == week"
    assert (
        spelled_out(text, PARAMETERS)
        == "{{ owner }} in [{{ month }}, free, {{ parameters.limit }}] and grouping == week"
    )


def test_braces_that_a_plan_adds_do_not_make_it_too_long() -> None:
    text = f"{{{{ owner }}}} in [{', '.join(['month'] * 130)}]"
    assert len(text) < 1000
    with pytest.raises(ExpressionInvalid, match="at most 1000 characters"):
        check(text, PARAMETERS)
