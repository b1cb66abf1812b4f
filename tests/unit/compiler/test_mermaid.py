"""The drawing of a plan."""

from __future__ import annotations

from baton.compiler.mermaid import graph
from tests.unit.examples import EXAMPLE, plan_of, plan_of_graph, whole_engine


def test_steps_are_boxes_and_a_checkpoint_is_a_hexagon_with_its_way_back() -> None:
    assert graph(plan_of(EXAMPLE)) == (
        "flowchart TD\n"
        '  step0["fetch<br/>fetcher"]\n'
        '  review0{{"Is this right?"}}\n'
        "  step0 --> review0\n"
        "  review0 -. retry .-> step0\n"
        '  step1["summarize<br/>summarizer"]\n'
        "  review0 --> step1\n"
    )


def test_a_box_says_what_decides_whether_and_how_often_its_step_is_done() -> None:
    drawn = graph(whole_engine())
    assert '  step0["figures<br/>fetcher<br/>for each region"]\n' in drawn
    assert '  step2[["tracking<br/>kpi-tracking"]]\n' in drawn
    assert "<br/>when {{ steps.totals.total }} #gt; 100 and grouping in [day, week]" in drawn


def test_a_step_may_be_drawn_before_what_it_waits_for() -> None:
    assert "  step1 --> step0\n" in graph(plan_of_graph({"b": ["a"], "a": []}))


def test_what_mermaid_would_read_as_its_own_is_written_as_entities() -> None:
    text = EXAMPLE.replace("question: Is this right?", "question: 'Is \"<b>\" #1?'")
    assert '{{"Is #quot;#lt;b#gt;#quot; #35;1?"}}' in graph(plan_of(text))
