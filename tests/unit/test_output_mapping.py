"""The mapping of an agent's answer to outputs."""

from __future__ import annotations

from typing import Any

import jsonpath_rfc9535
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.output_mapping import MAX_PATH_CHARACTERS, MappingInvalid, check_path, map_outputs

PAYLOAD = {
    "content": {
        "deliverable": {"id": "d1", "metadata": {"sql": "select 1", "rowCount": 2, "kpiNames": ["arr"], "empty": None}},
        "rows": [{"kpi": "arr", "value": 1}, {"kpi": "churn", "value": 2}],
    }
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", PAYLOAD),
        ("$.content.deliverable.id", "d1"),
        ("$.content.deliverable.metadata.kpiNames", ["arr"]),
        ("$.content.deliverable.metadata.empty", None),
        ("$.content.deliverable.missing", None),
        ("$.content.rows.kpi", None),
        ("$['content']['deliverable']['id']", "d1"),
        ("$.content.rows[0].kpi", "arr"),
        ("$.content.rows[*].value", [1, 2]),
        ("$.content.rows[?@.value > 1].kpi", "churn"),
        ("$.content.rows[?@.value > 5]", None),
        ("$..value", [1, 2]),
    ],
)
def test_a_path_finds_nothing_one_value_or_several(path: str, value: Any) -> None:
    assert map_outputs({"output": path}, PAYLOAD) == {"output": value}


@pytest.mark.parametrize("path", ["content", "$.", "$.a[", "$.a b", "", "$..", "$.content.rows[?@.value >]"])
def test_a_path_that_is_not_jsonpath_is_refused(path: str) -> None:
    with pytest.raises(MappingInvalid, match="is not a JSONPath"):
        check_path(path)


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=4).map(lambda names: "".join(f".{name}" for name in names)),
    st.recursive(
        st.integers() | st.none() | st.lists(st.integers(), max_size=2),
        lambda inner: st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
        max_leaves=8,
    ),
)
def test_a_plain_path_finds_the_same_as_the_library(members: str, payload: Any) -> None:
    node = jsonpath_rfc9535.find_one(f"${members}", payload)
    assert map_outputs({"x": f"${members}"}, payload) == {"x": node.value if node else None}


# --- linear time ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("$.rows[?match(@.name, '(a+)+$')]", "regular expression"),
        ("$.rows[?!search(@.name, '(a|a)*$') && @.value > 1]", "regular expression"),
        ("$.rows[?@.a == 1 || (@.b == 2 && match(@.c, 'x'))]", "regular expression"),
        ("$..*..*", "more than one `..`"),
        ("$..a[0]..b", "more than one `..`"),
        ("$[*,*,*][*,*,*][*,*]", "more than 16 times"),
        ("$.rows[?@..name]", "looks at many values"),
        ("$.rows[?@.items[*]]", "looks at many values"),
        ("$.rows[?count(@.*) > 1]", "looks at many values"),
        ("$.rows[?length($.rows[0].name) > 1 && $..a]", "looks at many values"),
        ("$.rows[?@.items[?@.a > 1]]", "looks at many values"),
        ("$" + "['a']" * MAX_PATH_CHARACTERS, "at most 1000 characters"),
        ("$" + ".a" * MAX_PATH_CHARACTERS, "at most 1000 characters"),
    ],
)
def test_a_path_that_may_take_more_than_linear_time_is_refused(path: str, message: str) -> None:
    with pytest.raises(MappingInvalid, match=message):
        check_path(path)
    with pytest.raises(MappingInvalid, match=message):  # an earlier release may have stored it
        map_outputs({"x": path}, {})


@pytest.mark.parametrize(
    "path",
    [
        "$.rows[?@.name == 'arr' && @.value >= 2 || !@.hidden].value",
        "$.rows[?length(@.name) > 3]",
        "$.rows[?@['name'] == $.wanted[0]]",
        "$..rows[0:10]",
        "$.rows[*]['kpi', 'value']",
    ],
)
def test_a_path_with_a_filter_of_single_values_is_valid(path: str) -> None:
    check_path(path)


class CountedList(list[Any]):
    """Counts the items that a loop reads."""

    reads = 0

    def __iter__(self) -> Any:
        for item in super().__iter__():
            type(self).reads += 1
            yield item


@pytest.mark.parametrize("path", ["$..rows[?@.value > 1].value", "$..*", "$..[?@.value > 1]", "$.rows[*,*]['value']"])
def test_a_path_looks_at_each_part_a_limited_number_of_times(path: str) -> None:
    for size in (10, 1000):
        CountedList.reads = 0
        map_outputs({"x": path}, {"rows": CountedList({"value": at} for at in range(size))})
        assert CountedList.reads <= 4 * size


def test_an_answer_too_deep_for_a_path_is_invalid() -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    with pytest.raises(MappingInvalid, match="cannot be followed in the answer"):
        map_outputs({"x": "$..a"}, deep)
