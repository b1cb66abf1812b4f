"""The drawing of a plan."""

from __future__ import annotations

from cli.authoring.mermaid import graph
from tests.unit.examples import EXAMPLE, plan_of, plan_of_graph, whole_engine


def test_steps_are_boxes_and_a_checkpoint_is_a_hexagon_with_an_arrow_for_retry() -> None:
    assert graph(plan_of(EXAMPLE)) == (
        "flowchart TD\n"
        '  step0["fetch<br/>fetcher"]\n'
        '  review0{{"Is this right?"}}\n'
        "  step0 --> review0\n"
        "  review0 -. retry .-> step0\n"
        '  step1["summarize<br/>summarizer"]\n'
        "  review0 --> step1\n"
    )


def test_a_box_shows_the_condition_and_the_list_of_its_step() -> None:
    diagram = graph(whole_engine())
    assert '  step0["figures<br/>fetcher<br/>for each region"]\n' in diagram
    assert '  step2[["tracking<br/>kpi-tracking"]]\n' in diagram
    assert "<br/>when {{ steps.totals.total }} #gt; 100 and grouping in [day, week]" in diagram


def test_a_step_may_be_drawn_before_its_dependencies() -> None:
    assert "  step1 --> step0\n" in graph(plan_of_graph({"b": ["a"], "a": []}))


def test_special_characters_of_mermaid_are_written_as_entities() -> None:
    text = EXAMPLE.replace("question: Is this right?", "question: 'Is \"<b>\" #1?'")
    assert '{{"Is #quot;#lt;b#gt;#quot; #35;1?"}}' in graph(plan_of(text))
