"""An expression that the check accepts has a value, whatever values the parameters and outputs have."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.expressions import ExpressionInvalid, Operand, holds, parameters_of, spelled_out
from baton.expressions.checking import check
from baton.expressions.declared import DeclaredParameter
from baton.expressions.evaluation import boolean_nodes
from baton.expressions.reading import parse
from baton.expressions.tree import Comparison, Node, walk
from baton.expressions.words import resolve_stored
from baton.model import ParameterType
from baton.parameters import value_problem
from baton.plan import Parameter
from baton.templating import OutputReference, Scope
from tests.profile import examples

DECLARED = {
    "owner": DeclaredParameter(ParameterType.STRING),
    "grouping": DeclaredParameter(ParameterType.STRING, ("2024-07-01", "week", "a b")),
    "lim": DeclaredParameter(ParameterType.NUMBER),
    "level": DeclaredParameter(ParameterType.INTEGER, (1, 2)),
    "dry": DeclaredParameter(ParameterType.BOOLEAN),
    "begin": DeclaredParameter(ParameterType.DATE),
    "quarter": DeclaredParameter(ParameterType.DATE, ("2024-07-01", "2024-10-01")),
    "names": DeclaredParameter(ParameterType.STRINGS),
    "kinds": DeclaredParameter(ParameterType.STRINGS, ("north", "2024-07-01")),
    "shares": DeclaredParameter(ParameterType.NUMBERS),
    "extra": DeclaredParameter(ParameterType.OBJECT),
}
TYPES = {name: declared.type for name, declared in DECLARED.items()}

_DATES = st.dates().map(str)
_TEXTS = st.sampled_from(["", "a", "week", "null", "north", "2024-07-01", "2024-02-30", "20240701"]) | st.text(
    max_size=3
)
_NUMBERS = (
    st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS | _DATES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=3,
)
_OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "string": _TEXTS | _DATES,
    "number": _NUMBERS,
    "integer": st.integers(-5, 5),
    "boolean": st.booleans(),
    "date": _DATES,
    "string[]": st.lists(_TEXTS, max_size=2),
    "number[]": st.lists(_NUMBERS, max_size=2),
    "object": st.dictionaries(st.sampled_from("ab"), _JSON, max_size=2),
}


def values_of(declared: DeclaredParameter) -> st.SearchStrategy[Any]:
    if declared.enum is None:
        return st.none() | _OF_TYPE[declared.type]
    options = st.sampled_from(declared.enum)
    return st.none() | (options if declared.item is None else st.lists(options, max_size=2))


VALUES = st.fixed_dictionaries({name: values_of(declared) for name, declared in DECLARED.items()})
OUTPUTS = st.fixed_dictionaries({"rows": _JSON, "ok": st.none() | st.booleans()})


def spellings(*names: str) -> st.SearchStrategy[str]:
    forms = st.sampled_from(["{}", "parameters.{}", "{{{{ {} }}}}", "{{{{ parameters.{} }}}}"])
    return st.builds(lambda form, name: form.format(name), forms, st.sampled_from(names))


# Values that go together, so that the check accepts many of the comparisons.
_TEXT = spellings("owner", "grouping") | st.sampled_from(
    ["week", "'week'", "'a b'", "a", "'2024-07-01'", "2024-07-01", "''", "'null'"]
)
_NUMBER = spellings("lim", "level") | st.sampled_from(["0", "1", "2.50", "-1"])
_DATE = spellings("begin", "quarter") | st.sampled_from(["2024-07-01", "'2024-10-01'", "2024-02-30", "'20240701'"])
_TRUTH = spellings("dry") | st.sampled_from(["true", "false", "{{ steps.a.ok }}"])
_ANYTHING = (
    _TEXT | _NUMBER | _DATE | _TRUTH | spellings(*DECLARED) | st.sampled_from(["null", "{{ steps.a.rows }}", "[]"])
)


def lists(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(items, max_size=3).map(lambda some: f"[{', '.join(some)}]")


_LIST = spellings("names", "kinds", "shares") | lists(_TEXT) | lists(_NUMBER) | lists(_ANYTHING) | lists(lists(_TEXT))
_EQUAL = st.sampled_from(["==", "!="])
_ORDER = st.sampled_from(["<", "<=", ">", ">="])
_IN = st.sampled_from(["in", "not in"])


def compared(
    left: st.SearchStrategy[str], operator: st.SearchStrategy[str], right: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    return st.builds("{} {} {}".format, left, operator, right)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        inner.map("not {}".format)
        | inner.map("({})".format)
        | compared(inner, st.sampled_from(["and", "or"]), inner)
        | compared(inner.map("({})".format), _EQUAL | _ORDER | _IN, _ANYTHING | lists(_ANYTHING))
        | compared(_ANYTHING, _EQUAL | _ORDER | _IN, inner.map("({})".format))
    )


EXPRESSIONS = st.recursive(
    st.one_of(
        *(compared(kind, _EQUAL | _ORDER, kind | st.just("{{ steps.a.rows }}")) for kind in (_TEXT, _NUMBER, _DATE)),
        compared(_TEXT, _IN, _TEXT),
        compared(_ANYTHING, _IN, _LIST | _ANYTHING),
        compared(_LIST, _EQUAL, _LIST),
        compared(_ANYTHING | _LIST, _EQUAL | _ORDER | _IN, _ANYTHING | _LIST),
        _TRUTH,
    ),
    larger,
    max_leaves=3,
)


def accepted(text: str) -> bool:
    try:
        check(text, DECLARED)
    except ExpressionInvalid as refused:
        assert 0 <= refused.position <= len(text)
        return False
    return True


@given(EXPRESSIONS, VALUES, OUTPUTS)
@settings(max_examples=examples(1600))
def test_an_accepted_expression_is_true_or_false_unless_an_output_has_a_wrong_kind(
    text: str, values: dict[str, Any], outputs: dict[str, Any]
) -> None:
    if not accepted(text):
        return
    stored = spelled_out(text, DECLARED)
    types = {name: TYPES[name] for name in parameters_of(stored, DECLARED)}  # as it is compiled
    try:
        value = holds(stored, types, Scope(values, {"a": outputs}))
    except ExpressionInvalid as refused:
        assert refused.position in positions_that_read_outputs(resolve_stored(parse(stored), types)), refused
    else:
        assert isinstance(value, bool)


def positions_that_read_outputs(tree: Node) -> set[int]:
    """The places of comparisons that have an output as a side, and of outputs that must be true or false."""
    comparisons = {
        node.position
        for node in walk(tree)
        if isinstance(node, Comparison) and (is_output(node.left) or is_output(node.right))
    }
    return comparisons | {node.position for node in boolean_nodes(tree) if is_output(node)}


def is_output(node: Node) -> bool:
    return isinstance(node, Operand) and isinstance(node.reference, OutputReference)


@given(VALUES)
@settings(max_examples=examples(200))
def test_the_random_values_are_values_of_the_parameters(values: dict[str, Any]) -> None:
    for name, declared in DECLARED.items():
        assert value_problem(Parameter(name, declared.type, False, None, declared.enum, ""), values[name]) is None


def test_the_check_accepts_many_of_the_random_expressions() -> None:
    """Otherwise the property above would test nothing."""
    texts: list[str] = []

    @given(EXPRESSIONS)
    @settings(max_examples=200, database=None, derandomize=True)
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    found = [text for text in texts if accepted(text)]
    assert len(found) >= 60
    for operator in ("==", "<", " in ", "not in", "and", "[", "null", "steps.a.rows"):
        assert any(operator in text for text in found), operator
