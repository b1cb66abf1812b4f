"""The mapping of an agent's answer to outputs."""

from __future__ import annotations

from typing import Any

import jsonpath_rfc9535
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.output_mapping import MappingInvalid, check_path, map_outputs

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
