"""Small definitions for many tests, as YAML text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from baton.compiler import make_plan
from baton.definition import SourceDocument, parse_definition
from baton.plan import Plan
from baton.yaml_source import read_yaml

TODAY = date(2026, 11, 26)

EXAMPLE = """\
metadata:
  name: example
  displayName: An example
  version: 1.0.0
orchestration:
  parameters:
    - name: kpi_names
      type: string[]
      required: true
    - name: start_date
      type: date
    - name: grouping
      type: string
      default: day
      enum: [day, week]
  constraints:
    - rule: start_date >= '2020-01-01'
      message: There is no data before 2020.
  steps:
    - id: fetch
      agent: fetcher
      input:
        userMessage: Fetch {{ kpi_names }} by {{ grouping }}.
      output_mapping:
        rows: $.content.rows
      checkpoint_after:
        question: Is this right?
        options:
          - action: continue
          - action: retry
            allows_modification: true
    - id: summarize
      agent: summarizer
      depends_on: [fetch]
      input:
        context:
          rows: "{{ steps.fetch.rows }}"
"""


def document(text: str) -> SourceDocument:
    return read_yaml(text, "example.yaml")


def plan_of(text: str) -> Plan:
    return make_plan(parse_definition(document(text)), owner="finance-manager")


CHECKPOINT = "checkpoint_after: {question: 'Good?', options: [{action: continue}, {action: retry}]}"
FEATURES = {
    "": "",
    "when": "when: go",
    "items": "for_each: [a, b], max_parallel: 3",
    "child": "type: orchestration, orchestration: {name: other}, on_child_failure: continue",
    "passing": "continue_on_failure: true",
}


def plan_of_graph(
    graph: Mapping[str, Sequence[str]],
    reviewed: Sequence[str] = (),
    max_parallel: int = 200,
    features: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """A plan with these steps and dependencies. Steps in ``reviewed`` have a checkpoint; ``features`` names a step's
    entry in ``FEATURES``."""
    lines = [
        "metadata: {name: graph, displayName: A graph, version: 1.0.0}",
        "orchestration:",
        "  parameters: [{name: go, type: boolean}]",
        f"  execution: {{concurrency: {{maxParallel: {max_parallel}}}}}",
        "  steps:",
    ]
    for step_id, depends_on in graph.items():
        fields = [f"id: '{step_id}'", f"depends_on: {[*depends_on]}"]
        feature = FEATURES[features.get(step_id, "")]
        fields += [feature] if feature else []
        fields += [] if "orchestration" in feature else ["agent: worker"]
        fields += [CHECKPOINT] if step_id in reviewed else []
        lines.append(f"    - {{{', '.join(fields)}}}")
    return plan_of("\n".join(lines) + "\n")


def whole_engine() -> Plan:
    """A plan with every feature: gates, a child, items, conditions, checkpoints that expire or can be left out."""
    return plan_of("""\
metadata: {name: whole, displayName: Everything, version: 1.0.0}
orchestration:
  parameters:
    - {name: regions, type: "string[]", required: true}
    - {name: grouping, type: string, default: day, enum: [day, week]}
  error_handling:
    on_step_failure:
      {maxAttempts: 3, initialDelayMs: 1500, backoffMultiplier: 3, maxDelaySeconds: 30, notifyHuman: true}
  execution:
    timeout_seconds: 7200
    concurrency: {maxParallel: 1}
    caching: {enabled: true, ttlSeconds: 600, steps: [{id: totals, enabled: false}, {id: figures, ttlSeconds: 60}]}
  steps:
    - id: figures
      agent: fetcher
      for_each: "{{ parameters.regions }}"
      as: region
      max_parallel: 4
      input: {userMessage: "Fetch {{ region }} by {{ grouping }}"}
      output_mapping: {rows: $.content.rows}
    - id: totals
      agent: fetcher
      continue_on_failure: true
      output_mapping: {total: $.content.total}
      error_handling: {on_step_failure: {retry_count: 0, allowSkip: false}}
      checkpoint_after: {question: "Right?", options: [{action: continue}, {action: retry}]}
    - id: tracking
      type: orchestration
      orchestration: {name: kpi-tracking, parameters: {grouping: "{{ grouping }}"}}
      depends_on: [figures, totals]
      on_child_failure: continue
      timeout_seconds: 86400
    - id: outlook
      agent: forecaster
      depends_on: [totals]
      when: "{{ steps.totals.total }} > 100 and grouping in [day, week]"
      checkpoint_after:
        question: "Plausible?"
        required: false
        options: [{action: continue}, {action: abort}]
        timeout_seconds: 3600
        on_timeout: continue
    - id: brief
      agent: summarizer
      depends_on: [tracking]
      input: {userMessage: "Tracking is {{ steps.tracking.status }}", rows: "{{ steps.figures.rows }}"}
""")
