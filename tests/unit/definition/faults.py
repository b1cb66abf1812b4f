"""Faults of the example, and the messages about each: ``file:line:column``, a sentence, a suggestion."""

from __future__ import annotations

from dataclasses import dataclass

from tests.unit.examples import EXAMPLE


@dataclass(frozen=True)
class Fault:
    """The example with ``old`` replaced by ``new``, and all messages about it."""

    old: str
    new: str
    messages: str


FAULTS = {
    # --- fields -----------------------------------------------------------------------------------------------------
    "a field in the wrong spelling": Fault(
        "depends_on: [fetch]",
        "dependsOn: [fetch]",
        "example.yaml:34:7: `dependsOn` is not a field of a step (did you mean `depends_on`?)",
    ),
    "a required field in the wrong spelling": Fault(
        "displayName: An example",
        "display_name: An example",
        "example.yaml:3:3: `display_name` is not a field of `metadata` (did you mean `displayName`?)",
    ),
    "a required field left out": Fault(
        "  version: 1.0.0\n", "", "example.yaml:2:3: `version` is missing in `metadata`"
    ),
    "a section in the wrong spelling": Fault(
        "  constraints:",
        "  constrains:",
        "example.yaml:16:3: `constrains` is not a field of `orchestration` (did you mean `constraints`?)",
    ),
    "a field of a checkpoint in the wrong spelling": Fault(
        "allows_modification: true",
        "allow_modification: true",
        "example.yaml:31:13: `allow_modification` is not a field of an option (did you mean `allows_modification`?)",
    ),
    "a version that YAML reads as a number": Fault(
        "version: 1.0.0", "version: 1.0", 'example.yaml:4:12: `version` must be a string; write "1.0" in quotes'
    ),
    "a name with capitals": Fault(
        "name: example",
        "name: My Example",
        "example.yaml:2:9: `name` `My Example` must be lower-case letters, digits and hyphens, at most 60 characters",
    ),
    "a name that SAM would substitute": Fault(
        "displayName: An example",
        "displayName: An ${AWS::StackName}",
        "example.yaml:3:16: `displayName` must not contain `${`",
    ),
    "a list where a mapping belongs": Fault(
        "      input:\n        userMessage: Fetch {{ kpi_names }} by {{ grouping }}.\n",
        "      input: [1]\n",
        "example.yaml:22:14: `input` must be a mapping, not a list",
    ),
    "no steps": Fault(
        EXAMPLE[EXAMPLE.index("  steps:") :],
        "  steps: []\n",
        "example.yaml:19:10: `steps` must not be empty",
    ),
    "a time-out that is not a whole number": Fault(
        "agent: summarizer",
        "agent: summarizer\n      timeout_seconds: 2m",
        "example.yaml:34:24: `timeout_seconds` must be a whole number, not `2m`",
    ),
    "a time-out that no Lambda function has": Fault(
        "agent: summarizer",
        "agent: summarizer\n      timeout_seconds: 3600",
        "example.yaml:34:24: `timeout_seconds` must be at most 840",
    ),
    # --- steps ------------------------------------------------------------------------------------------------------
    "a step id with a space": Fault(
        "- id: summarize",
        "- id: sum up",
        "example.yaml:32:11: `id` `sum up` must be letters, digits, `-` and `_`, at most 60 characters",
    ),
    "a step id that is too long": Fault(
        "- id: summarize",
        f"- id: {'s' * 61}",
        f"example.yaml:32:11: `id` `{'s' * 61}` must be letters, digits, `-` and `_`, at most 60 characters",
    ),
    "a question that is too long": Fault(
        "question: Is this right?",
        f"question: {'q' * 4001}",
        "example.yaml:27:19: `question` is too long; at most 4,000 characters",
    ),
    "a label that is too long": Fault(
        "- action: continue",
        f"- {{action: continue, label: {'l' * 201}}}",
        "example.yaml:29:39: `label` is too long; at most 200 characters",
    ),
    "two steps of one id": Fault(
        "- id: summarize\n      agent: summarizer\n      depends_on: [fetch]\n",
        "- id: fetch\n      agent: summarizer\n",
        """example.yaml:32:11: the step id `fetch` is taken by the step in line 20
        example.yaml:36:18: a step cannot read its own output""",
    ),
    "a dependency on a step that does not exist": Fault(
        "depends_on: [fetch]",
        "depends_on: [fetch, fecth]",
        "example.yaml:34:27: there is no step `fecth` (did you mean `fetch`?)",
    ),
    "a dependency named twice": Fault(
        "depends_on: [fetch]", "depends_on: [fetch, fetch]", "example.yaml:34:27: `fetch` is named twice"
    ),
    "a step that depends on itself": Fault(
        "depends_on: [fetch]",
        "depends_on: [summarize, fetch]",
        "example.yaml:34:20: the step `summarize` depends on itself",
    ),
    "a circle": Fault(
        "      agent: fetcher\n",
        "      agent: fetcher\n      depends_on: [summarize]\n",
        "example.yaml:22:20: the steps depend on each other in a circle: fetch → summarize → fetch",
    ),
    "a step without an agent": Fault(
        "      agent: summarizer\n",
        "",
        "example.yaml:32:7: `agent` is missing in the step `summarize`: it says who does the work",
    ),
    "an unknown type of step": Fault(
        "agent: summarizer",
        "agent: summarizer\n      type: agnet",
        "example.yaml:34:13: `type` must be one of `agent`, `orchestration`, not `agnet` (did you mean `agent`?)",
    ),
    # --- orchestrations that run others ------------------------------------------------------------------------------
    "an orchestration step that names none": Fault(
        "agent: summarizer\n      depends_on: [fetch]\n"
        '      input:\n        context:\n          rows: "{{ steps.fetch.rows }}"',
        "type: orchestration\n      depends_on: [fetch]",
        "example.yaml:32:7: `orchestration` is missing in the step `summarize`: it names the definition to run",
    ),
    "an orchestration step with fields of agents": Fault(
        "agent: summarizer\n",
        "type: orchestration\n      orchestration: {name: other}\n      agent: boss\n      mode: BUILD\n"
        "      output_mapping: {a: $.a}\n      continue_on_failure: true\n",
        """example.yaml:37:7: the outputs of an orchestration step are fixed; name them as {{ steps.summarize.results }}
        example.yaml:38:7: a step of `type: orchestration` has `on_child_failure: continue` instead
        example.yaml:40:7: `summarize` is a step of `type: orchestration`; the input of the child is """
        "`orchestration.parameters`",
    ),
    "an agent's step with fields of orchestrations": Fault(
        "agent: summarizer\n",
        "type: agent\n      agent: summarizer\n      orchestration: {name: other}\n      on_child_failure: continue\n",
        """example.yaml:35:7: `summarize` is a step of `type: agent`; `orchestration` belongs to `type: orchestration`
        example.yaml:36:7: `summarize` starts no child run; use `continue_on_failure: true`""",
    ),
    "an empty orchestration": Fault(
        "agent: summarizer\n      depends_on: [fetch]\n      input:\n        context:\n"
        '          rows: "{{ steps.fetch.rows }}"\n',
        "agent: boss\n      depends_on: [fetch]\n      orchestration:\n",
        "example.yaml:35:7: `orchestration` is empty; it names the definition to run, like {name: kpi-tracking}",
    ),
    "an unknown output of a child": Fault(
        "agent: fetcher\n      input:\n        userMessage: Fetch {{ kpi_names }} by {{ grouping }}.\n"
        "      output_mapping:\n        rows: $.content.rows\n",
        "type: orchestration\n      orchestration: {name: other}\n",
        "example.yaml:34:18: the step `fetch` runs an orchestration and has no output `rows`; it has `status`, "
        "`results`, `parameters`, `plan`, `completedSteps`, `orchestrationRunId`, `timings`, `errorDetails`",
    ),
    # --- conditions -------------------------------------------------------------------------------------------------
    "a condition over an unknown parameter": Fault(
        "agent: summarizer",
        'agent: summarizer\n      when: "{{ groupin }} == day"',
        "example.yaml:34:14: there is no parameter `groupin` (did you mean `grouping`?)",
    ),
    "a condition over a step that is not waited for": Fault(
        "agent: fetcher",
        'agent: fetcher\n      when: "{{ steps.summarize.rows }} == 1"',
        "example.yaml:22:14: `fetch` does not wait for the step `summarize`, so its output may not be there yet; "
        "add `summarize` to its `depends_on`",
    ),
    "a condition that cannot be read": Fault(
        "agent: summarizer",
        'agent: summarizer\n      when: "{{ grouping }} = day"',
        "example.yaml:34:29: `when`: `=` is not an operator; equality is `==`",
    ),
    "a condition over a misspelt word": Fault(
        "agent: summarizer",
        "agent: summarizer\n      when: groupin == 'day'",
        "example.yaml:34:13: `when`: there is no parameter `groupin` (did you mean `grouping`?)",
    ),
    "a condition that is a parameter's text": Fault(
        "agent: summarizer",
        "agent: summarizer\n      when: not grouping",
        "example.yaml:34:17: `when`: `grouping` is a string, not true or false",
    ),
    "a condition over many lines": Fault(
        "agent: summarizer",
        "agent: summarizer\n      when: >-\n        grouping == day\n        or {{ groupin }} == day",
        "example.yaml:36:12: there is no parameter `groupin` (did you mean `grouping`?)",
    ),
    "a condition with braces that are never closed": Fault(
        "agent: summarizer",
        'agent: summarizer\n      when: "{{ grouping == day"',
        "example.yaml:34:14: `when`: `{{` is never closed by `}}`",
    ),
    "a condition that compares values without an order": Fault(
        "agent: summarizer",
        'agent: summarizer\n      when: "{{ start_date }} > 5"',
        "example.yaml:34:14: `when`: a date and a number have no order",
    ),
    "a condition that is no question": Fault(
        "agent: summarizer",
        'agent: summarizer\n      when: "{{ grouping }}"',
        "example.yaml:34:14: `when`: `{{ grouping }}` is a string, not true or false",
    ),
    # --- items ------------------------------------------------------------------------------------------------------
    "items of a value that is no list": Fault(
        "agent: summarizer",
        'agent: summarizer\n      for_each: "{{ grouping }}"',
        "example.yaml:34:17: `for_each` needs a list, and `grouping` is of type `string`",
    ),
    "items inside a text": Fault(
        "agent: summarizer",
        'agent: summarizer\n      for_each: "all {{ kpi_names }}"',
        "example.yaml:34:17: `for_each` must be a list or one reference to a list, like {{ parameters.regions }}",
    ),
    "an item named like a parameter": Fault(
        "agent: summarizer",
        'agent: summarizer\n      for_each: "{{ kpi_names }}"\n      as: grouping',
        "example.yaml:35:11: `grouping` is a parameter already; give the item another name with `as`",
    ),
    "as without for_each": Fault(
        "agent: summarizer",
        "agent: summarizer\n      as: kpi\n      max_parallel: 2",
        """example.yaml:34:7: `as` belongs to `for_each`, which is missing
        example.yaml:35:7: `max_parallel` belongs to `for_each`, which is missing""",
    ),
    "max_items without for_each": Fault(
        "agent: summarizer",
        "agent: summarizer\n      max_items: 5",
        "example.yaml:34:7: `max_items` belongs to `for_each`, which is missing",
    ),
    "more items than allowed": Fault(
        "agent: summarizer",
        "agent: summarizer\n      for_each: [a, b, c]\n      max_items: 2",
        "example.yaml:34:17: `for_each` has 3 items; `max_items` allows 2",
    ),
    "more items at once than Step Functions runs": Fault(
        "agent: summarizer",
        'agent: summarizer\n      for_each: "{{ kpi_names }}"\n      max_parallel: 41',
        "example.yaml:35:21: `max_parallel` is at most 40, the limit of Step Functions for a Map",
    ),
    "an item in the list that it comes from": Fault(
        "agent: summarizer",
        'agent: summarizer\n      for_each: "{{ kpi }}"\n      as: kpi',
        "example.yaml:34:18: there is no parameter `kpi`",
    ),
    "a field of a parameter": Fault(
        "by {{ grouping }}",
        "by {{ grouping.name }}",
        "example.yaml:23:47: a parameter is used as a whole; write {{ grouping }}",
    ),
    "a field of an output": Fault(
        "{{ steps.fetch.rows }}",
        "{{ steps.fetch.rows.first }}",
        "example.yaml:37:18: an output is used as a whole; write {{ steps.fetch.rows }}, or map the field in "
        "`output_mapping`",
    ),
    # --- templates and mappings -------------------------------------------------------------------------------------
    "a parameter that does not exist": Fault(
        "by {{ grouping }}",
        "by {{ groupin }}",
        "example.yaml:23:47: there is no parameter `groupin` (did you mean `grouping`?)",
    ),
    "a step that does not exist": Fault(
        "{{ steps.fetch.rows }}",
        "{{ steps.fech.rows }}",
        "example.yaml:37:18: there is no step `fech` (did you mean `fetch`?)",
    ),
    "an output that the step does not map": Fault(
        "{{ steps.fetch.rows }}",
        "{{ steps.fetch.row }}",
        "example.yaml:37:18: the step `fetch` has no output `row`; its `output_mapping` names `rows` "
        "(did you mean `rows`?)",
    ),
    "an output of a step that is not waited for": Fault(
        "      depends_on: [fetch]\n",
        "",
        "example.yaml:36:18: `summarize` does not wait for the step `fetch`, so its output may not be there yet; "
        "add `fetch` to its `depends_on`",
    ),
    "an output of the step itself": Fault(
        "by {{ grouping }}.",
        "by {{ steps.fetch.rows }}.",
        "example.yaml:23:47: a step cannot read its own output",
    ),
    "a template that computes": Fault(
        "by {{ grouping }}",
        "by {{ grouping | upper }}",
        "example.yaml:23:47: `{{ grouping | upper }}` is not a reference; write a parameter as {{ name }} "
        "or an earlier step's output as {{ steps.step-id.output }}",
    ),
    "a template that is never closed": Fault(
        "by {{ grouping }}.", "by {{ grouping.", "example.yaml:23:47: `{{` is never closed by `}}`"
    ),
    "a mapping that is not JSONPath": Fault(
        "rows: $.content.rows",
        "rows: content.rows",
        "example.yaml:25:15: `content.rows` is not a JSONPath (RFC 9535): expected '$', found 'c'",
    ),
    "an output whose name no template can write": Fault(
        "rows: $.content.rows",
        "my-rows: $.content.rows",
        """example.yaml:25:9: `my-rows` must be letters, digits and `_`, not starting with a digit""",
    ),
    # --- parameters and constraints ---------------------------------------------------------------------------------
    "an unknown type of parameter": Fault(
        "type: date",
        "type: dates",
        "example.yaml:11:13: `type` must be one of `string`, `number`, `integer`, `boolean`, `date`, `string[]`, "
        "`number[]`, `object`, not `dates` (did you mean `date`?)",
    ),
    "two parameters of one name": Fault(
        "- name: start_date",
        "- name: kpi_names",
        """example.yaml:10:13: the parameter name `kpi_names` is taken by the parameter in line 7
        example.yaml:17:13: `rule`: there is no parameter `start_date`""",
    ),
    "a parameter named like a word of the language": Fault(
        "- name: grouping\n      type: string\n",
        "- name: grouping\n      type: string\n    - name: steps\n      type: string\n",
        "example.yaml:14:13: `steps` is a word of templates and expressions; choose another name",
    ),
    "a list type in the plural": Fault(
        "type: string[]",
        "type: strings[]",
        "example.yaml:8:13: `type` must be one of `string`, `number`, `integer`, `boolean`, `date`, `string[]`, "
        "`number[]`, `object`, not `strings[]` (did you mean `string[]`?)",
    ),
    "a default of a required parameter": Fault(
        "default: day",
        "required: true\n      default: day",
        "example.yaml:15:7: `default` replaces a missing value, but `required: true` refuses one; keep one of the two",
    ),
    "a mode that no agent has": Fault(
        "agent: summarizer",
        "agent: summarizer\n      mode: BUILT",
        "example.yaml:34:13: `mode` must be one of `BUILD`, not `BUILT` (did you mean `BUILD`?)",
    ),
    "a default outside its enum": Fault(
        "default: day",
        "default: dya",
        "example.yaml:14:16: `default` must be one of `day`, `week`, not `dya` (did you mean `day`?)",
    ),
    "a default of another type": Fault(
        "default: day", "default: 1", "example.yaml:14:16: `default` must be a string, not the number 1"
    ),
    "a default that is no date": Fault(
        "type: date",
        "type: date\n      default: 2024-02-30",
        "example.yaml:12:16: `default` must be a date as YYYY-MM-DD, or relative to the day of the launch, such as "
        "`today - 7 days` or `start of last month`, not the string `2024-02-30`",
    ),
    "an enum value of another type": Fault(
        "enum: [day, week]",
        "enum: [day, 7]",
        "example.yaml:15:19: a value of `enum` must be a string, not the number 7",
    ),
    "an empty enum": Fault("enum: [day, week]", "enum: []", "example.yaml:15:13: `enum` must not be empty"),
    "a rule over an unknown name": Fault(
        "rule: start_date >=",
        "rule: grouping == 'day' or start_dat >=",
        "example.yaml:17:34: `rule`: there is no parameter `start_dat` (did you mean `start_date`?)",
    ),
    "a rule over an unknown parameter in braces": Fault(
        "rule: start_date >=",
        "rule: '{{ start_dat }} >= 2020-01-01' #",
        "example.yaml:17:14: there is no parameter `start_dat` (did you mean `start_date`?)",
    ),
    "a rule over a field of a parameter": Fault(
        "rule: start_date >=",
        "rule: '{{ start_date.year }} >= 2020' #",
        "example.yaml:17:14: a parameter is used as a whole; write {{ start_date }}",
    ),
    "a rule over an output": Fault(
        "rule: start_date >=",
        "rule: '{{ steps.fetch.rows }} != []' #",
        "example.yaml:17:14: `rule`: a constraint is checked at launch, before any step has run; only `when` can read "
        "an output",
    ),
    "a rule that cannot be read": Fault(
        "rule: start_date >= '2020-01-01'",
        "rule: start_date => '2020-01-01'",
        "example.yaml:17:24: `rule`: `=` is not an operator; equality is `==`",
    ),
    "a rule that compares values without an order": Fault(
        "rule: start_date >= '2020-01-01'",
        "rule: start_date >= grouping",
        "example.yaml:17:13: `rule`: a date and a string have no order",
    ),
    # --- checkpoints and error handling -----------------------------------------------------------------------------
    "a checkpoint without continue": Fault(
        "          - action: continue\n",
        "",
        "example.yaml:28:9: a checkpoint needs an option with `action: continue`; without it, the run cannot go on",
    ),
    "an action there twice": Fault(
        "- action: retry",
        "- action: continue",
        "example.yaml:30:21: the action `continue` is there twice; a checkpoint has one option an action",
    ),
    "an unknown action": Fault(
        "- action: retry",
        "- action: retri",
        "example.yaml:30:21: `action` must be one of `continue`, `retry`, `abort`, not `retri` (did you mean `retry`?)",
    ),
    "a checkpoint without options": Fault(
        EXAMPLE[EXAMPLE.index("        options:") : EXAMPLE.index("    - id: summarize")],
        "        options: []\n",
        "example.yaml:28:18: `options` must not be empty",
    ),
    "on_timeout without a time-out": Fault(
        "question: Is this right?",
        "question: Is this right?\n        on_timeout: abort",
        "example.yaml:28:9: `on_timeout` says what happens after `timeout_seconds`, which is missing",
    ),
    "modifications with a decision other than retry": Fault(
        "- action: continue",
        "- action: continue\n            allows_modification: true",
        "example.yaml:30:13: `allows_modification` belongs to `action: retry`; `continue` changes no input",
    ),
    "a reference in a question": Fault(
        "Is this right?",
        "Is {{ grouping }} right?",
        "example.yaml:27:22: `{{ grouping }}` is not filled in here; references go into `input`",
    ),
    "a reference in an option's label": Fault(
        "- action: continue",
        "- {action: continue, label: 'By {{ grouping }}'}",
        "example.yaml:29:43: `{{ grouping }}` is not filled in here; references go into `input`",
    ),
    "a reference in the name of a step": Fault(
        "agent: fetcher",
        'agent: fetcher\n      name: "Fetch {{ kpi_names }}"',
        "example.yaml:22:20: `{{ kpi_names }}` is not filled in here; references go into `input`",
    ),
    "a reference as the name of a field": Fault(
        "          rows: ",
        '          "{{ grouping }}": ',
        "example.yaml:37:11: `{{ grouping }}` is not filled in: a reference can be a value, not the name of a field",
    ),
    "a retry that waits longer than the longest wait": Fault(
        "  steps:",
        "  error_handling: {on_step_failure: {initial_delay_seconds: 30, max_delay_seconds: 5}}\n  steps:",
        "example.yaml:19:84: `max_delay_seconds` is below the initial delay (30 s)",
    ),
    "two fields with one meaning": Fault(
        "  steps:",
        "  error_handling: {on_step_failure: {retry_count: 2, maxAttempts: 3}}\n  steps:",
        "example.yaml:19:54: `maxAttempts` and `retry_count` mean the same; keep one of them",
    ),
    "a step's delay above the longest delay": Fault(
        "agent: summarizer",
        "agent: summarizer\n      error_handling: {on_step_failure: {initialDelayMs: 90000, maxDelaySeconds: 60}}",
        "example.yaml:34:82: `maxDelaySeconds` is below the initial delay (90 s)",
    ),
    "caching without a time": Fault(
        "  steps:",
        "  execution: {caching: {enabled: true}}\n  steps:",
        "example.yaml:19:24: `ttlSeconds` is missing in `caching`: it says for how long a result may be used again",
    ),
    "caching of a step that does not exist": Fault(
        "  steps:",
        "  execution: {caching: {ttlSeconds: 5, steps: [{id: fetsh}]}}\n  steps:",
        "example.yaml:19:53: there is no step `fetsh` (did you mean `fetch`?)",
    ),
    "caching of one step without a time": Fault(
        "  steps:",
        "  execution: {caching: {steps: [{id: fetch}]}}\n  steps:",
        "example.yaml:19:33: `ttlSeconds` is missing for `fetch`, here or in `caching` for all steps",
    ),
    "a limit in another spelling": Fault(
        "  steps:",
        "  execution: {concurrency: {maxParalel: 2}}\n  steps:",
        "example.yaml:19:29: `maxParalel` is not a field of `concurrency` (did you mean `maxParallel`?)",
    ),
    "a number of retries that is no number": Fault(
        "  steps:",
        "  error_handling: {on_step_failure: {retry_count: true}}\n  steps:",
        "example.yaml:19:51: `retry_count` must be a whole number, not `true`",
    ),
}
