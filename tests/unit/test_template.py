"""template.yaml matches the folders that it deploys, and its policies allow only what is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from baton.definition.models import MAX_STEP_SECONDS
from baton.usecases.deliver_webhooks import AT_ONCE, LEASE_SECONDS, PLACES
from baton.webhook_post import MAX_SECONDS
from cli.authoring.catalog import read_catalog
from cli.checkout import ROOT

TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
STACK = "${AWS::StackName}"
# AWS accepts only the resource "*" for these actions.
ON_ANYTHING = {
    "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
    "states:ListStateMachines",
}  # fmt: skip


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Logical name → properties."""
    return {name: entry["Properties"] for name, entry in TEMPLATE["Resources"].items() if entry["Type"] == kind}


FUNCTIONS = resources("AWS::Serverless::Function")
MACHINES = resources("AWS::Serverless::StateMachine")
FOLDERS = {folder.name for folder in (ROOT / "functions").glob("*/")}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def function_statements(properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The policy statements of a function, also conditional ones."""
    return [
        statement["Fn::If"][1] if "Fn::If" in statement else statement
        for policy in properties.get("Policies", [])
        for statement in policy["Statement"]
    ]


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in FUNCTIONS.items():
        yield from ((name, statement) for statement in function_statements(properties))
    for name, properties in resources("AWS::IAM::Role").items():
        for policy in properties["Policies"]:
            yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])


def references_in(value: Any) -> Iterator[str]:
    """Logical names that a value refers to."""
    if isinstance(value, list):
        for item in value:
            yield from references_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield item[0] if isinstance(item, list) else item.partition(".")[0]
            else:
                yield from references_in(item)


def environment(properties: Mapping[str, Any]) -> dict[str, Any]:
    variables: dict[str, Any] = properties["Environment"]["Variables"]
    return variables


def resources_for(function: str, action: str) -> list[Any]:
    """The resources of an action that a function may do."""
    return [
        resource
        for statement in function_statements(FUNCTIONS[function])
        if action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]


def test_the_function_of_every_bundled_agent_is_deployed() -> None:
    agents = read_catalog(ROOT / "definitions").agents.values()
    called = {one.agent.agent.transport.function.replace("-", "_") for one in agents if one.agent.agent.transport}
    assert called <= FOLDERS


def test_every_folder_of_a_function_is_deployed() -> None:
    assert sorted(properties["CodeUri"] for properties in FUNCTIONS.values()) == sorted(
        f"functions/{f}" for f in FOLDERS
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_named_like_its_folder(name: str) -> None:
    folder = Path(FUNCTIONS[name]["CodeUri"]).name
    assert FUNCTIONS[name]["FunctionName"] == {"Fn::Sub": f"{STACK}-{folder.replace('_', '-')}"}
    assert FUNCTIONS[name]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == folder.replace("_", "-")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_handler_and_a_sample_event(name: str) -> None:
    folder = ROOT / FUNCTIONS[name]["CodeUri"]
    assert (folder / "app.py").is_file()
    assert isinstance(json.loads((folder / "event.json").read_text(encoding="utf-8")), dict)


def test_no_policy_has_a_wildcard_action() -> None:
    assert [(name, s) for name, s in statements() if any("*" in action for action in as_list(s["Action"]))] == []


def test_no_policy_allows_everything_on_every_resource() -> None:
    too_wide = [
        (name, statement)
        for name, statement in statements()
        if "*" in as_list(statement["Resource"]) and not set(as_list(statement["Action"])) <= ON_ANYTHING
    ]
    assert too_wide == []


def test_resources_named_by_a_pattern_belong_to_this_stack() -> None:
    patterns = [
        resource["Fn::Sub"]
        for _, statement in statements()
        for resource in as_list(statement["Resource"])
        if isinstance(resource, dict) and "Fn::Sub" in resource
    ]
    assert patterns
    ours = re.compile(rf":{re.escape(STACK)}-(\*|x-\*|[a-z-]+)$")
    # Step Functions learns of the end of a child execution by this rule, which has a fixed name.
    theirs = ":rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    assert [pattern for pattern in patterns if not ours.search(pattern) and not pattern.endswith(theirs)] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_read_only_the_secrets_of_its_environment(name: str) -> None:
    named = {
        value.get("Fn::Sub") or value["Ref"]
        for key, value in environment(FUNCTIONS[name]).items()
        if re.fullmatch(r"BATON_\w+_SECRET", key)
    }
    secrets = resources("AWS::SecretsManager::Secret")
    readable = {
        secrets[secret]["Name"]["Fn::Sub"] if secret in secrets else secret  # the stack's, or a parameter's
        for secret in references_in(resources_for(name, "secretsmanager:GetSecretValue"))
    }
    assert readable == named


def test_the_issuers_legacy_secret_may_be_read_only_if_it_is_set() -> None:
    conditional = [
        statement["Fn::If"]
        for properties in FUNCTIONS.values()
        for policy in properties.get("Policies", [])
        for statement in policy["Statement"]
        if "Fn::If" in statement
    ]
    assert conditional
    for condition, statement, otherwise in conditional:
        assert (condition, otherwise) == ("AcceptsLegacyTokens", {"Ref": "AWS::NoValue"})
        assert statement["Resource"] == {"Ref": "LegacyJwtSecretArn"}
    assert TEMPLATE["Conditions"]["AcceptsLegacyTokens"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "LegacyJwtSecretArn"}, ""]}]
    }
    assert TEMPLATE["Parameters"]["LegacyJwtSecretArn"]["Default"] == ""


@pytest.mark.parametrize(
    ("value", "parameter", "fits"),
    [
        ("https://project.supabase.co/auth/v1", "AuthIssuer", True),
        ("http://project.supabase.co/auth/v1", "AuthIssuer", False),
        ("https://project.supabase.co/auth/v1/", "AuthIssuer", False),
        ("", "LegacyJwtSecretArn", True),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:jwt-AbCdEf", "LegacyJwtSecretArn", True),
        ("the-secret-itself", "LegacyJwtSecretArn", False),
    ],
)
def test_a_parameter_of_another_form_is_refused(value: str, parameter: str, fits: bool) -> None:
    pattern = TEMPLATE["Parameters"][parameter]["AllowedPattern"]
    assert (re.fullmatch(pattern, value) is not None) == fits


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_uses_the_database_login_of_its_own_name(name: str) -> None:
    secret = environment(FUNCTIONS[name]).get("BATON_DATABASE_SECRET")
    assert secret in (None, {"Fn::Sub": f"{STACK}/database/{Path(FUNCTIONS[name]['CodeUri']).name}"})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_do_what_its_environment_names(name: str) -> None:
    variables = environment(FUNCTIONS[name]).keys()
    assert ("BATON_EVENT_BUS" in variables) == bool(resources_for(name, "events:PutEvents"))
    invoked = set(references_in(resources_for(name, "lambda:InvokeFunction")))
    assert ("BATON_WEBHOOK_QUEUE" in variables) == bool(resources_for(name, "sqs:SendMessage"))
    assert ("BATON_APPROVAL_FUNCTION" in variables) == ("ApprovalFunction" in invoked)
    assert ("BATON_AGENT_FUNCTION_PREFIX" in variables) == bool(invoked - {"ApprovalFunction"})


def test_only_these_functions_may_complete_waiting_tasks() -> None:
    """The approval function completes checkpoints: only its login reads their tokens. The others release gates."""
    able = {name for name in FUNCTIONS if resources_for(name, "states:SendTaskSuccess")}
    assert able == {"ApprovalFunction", "StepFunction", "GateFunction", "RelayFunction"}


def step_time_outs() -> list[int]:
    """TimeoutSeconds of every Task that runs a step, in all compiled machines."""
    return [
        int(match[1])
        for file in (ROOT / "statemachines").glob("*.asl.json")
        for state in json.loads(file.read_text(encoding="utf-8"))["States"].values()
        if "${StepFunctionArn}" in json.dumps(state)
        for match in re.finditer(r'"TimeoutSeconds": (\d+)', json.dumps(state))
    ]


def test_an_inner_time_limit_is_shorter_than_the_outer_one() -> None:
    """An agent's limit is below the step's deadline, which is 30 s before its Task's. The limit of the step function
    allows the longest step of any definition."""
    agents = set(references_in(resources_for("StepFunction", "lambda:InvokeFunction")))
    tasks = step_time_outs()
    assert agents
    assert tasks
    assert max(FUNCTIONS[agent]["Timeout"] for agent in agents) < max(tasks) - 30
    assert MAX_STEP_SECONDS + 30 < FUNCTIONS["StepFunction"]["Timeout"] <= 900
    default = TEMPLATE["Globals"]["Function"]["Timeout"]
    assert FUNCTIONS["ApprovalFunction"]["Timeout"] < FUNCTIONS["ApiFunction"].get("Timeout", default) < 30


def test_every_compiled_machine_is_deployed() -> None:
    compiled = {f"statemachines/{file.name}" for file in (ROOT / "statemachines").glob("*.asl.json")}
    assert compiled
    assert {properties["DefinitionUri"] for properties in MACHINES.values()} == compiled


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_named_like_its_definition_and_outlives_the_template(name: str) -> None:
    machine = MACHINES[name]
    definition = Path(machine["DefinitionUri"]).name.removesuffix(".asl.json")
    assert machine["Name"] == {"Fn::Sub": f"{STACK}-{definition}"}
    assert TEMPLATE["Resources"][name]["DeletionPolicy"] == "Retain"
    assert TEMPLATE["Resources"][name]["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_gets_every_substitution_that_its_asl_needs(name: str) -> None:
    asl = (ROOT / MACHINES[name]["DefinitionUri"]).read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)\}", asl)) <= MACHINES[name]["DefinitionSubstitutions"].keys()


def test_a_published_machine_calls_the_same_functions_as_one_of_the_template() -> None:
    """Published machines name functions by ``BATON_FUNCTION_PREFIX``: ``${StepFunctionArn}`` ends in ``step``."""
    prefix = environment(FUNCTIONS["ApiFunction"])["BATON_FUNCTION_PREFIX"]["Fn::Sub"]
    assert prefix.endswith(f":function:{STACK}-")
    named = {name for machine in MACHINES.values() for name in machine["DefinitionSubstitutions"]}
    assert named
    for name in named:
        function = FUNCTIONS[name.removesuffix("Arn")]["FunctionName"]["Fn::Sub"]
        assert function == f"{STACK}-{name.removesuffix('FunctionArn').lower()}"


def test_a_role_may_be_passed_only_to_state_machines() -> None:
    passing = [statement for _, statement in statements() if "iam:PassRole" in as_list(statement["Action"])]
    assert passing
    for statement in passing:
        assert statement["Resource"] == {"Fn::GetAtt": ["StateMachineRole", "Arn"]} or statement["Resource"] == {
            "Fn::GetAtt": "StateMachineRole.Arn"
        }
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "states.amazonaws.com"}}


def test_machines_may_be_created_only_under_their_own_prefix() -> None:
    names = [resource["Fn::Sub"] for name in FUNCTIONS for resource in resources_for(name, "states:CreateStateMachine")]
    assert names
    assert [resource for resource in names if not resource.endswith(f":stateMachine:{STACK}-x-*")] == []


def test_undelivered_events_go_to_an_encrypted_queue_that_only_the_bus_rules_write_to() -> None:
    queue = TEMPLATE["Resources"]["UndeliveredEvents"]["Properties"]
    assert (queue["SqsManagedSseEnabled"], queue["MessageRetentionPeriod"]) == (True, 14 * 24 * 3600)
    [statement] = TEMPLATE["Resources"]["UndeliveredEventsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Principal"], statement["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":rule/${EventBus}/*")
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert list(references_in(resources("AWS::CloudWatch::Alarm")["EventsUndelivered"]["Dimensions"])) == [
        "UndeliveredEvents"
    ]


def test_the_archive_of_events_has_a_retention_time() -> None:
    [archive] = resources("AWS::Events::Archive").values()
    assert archive["RetentionDays"] == {"Ref": "EventArchiveDays"}
    days = TEMPLATE["Parameters"]["EventArchiveDays"]
    assert 0 < days["MinValue"] <= days["Default"] <= days["MaxValue"]  # 0 would keep events for ever


def test_a_deployment_calls_no_agents_of_its_own_machine() -> None:
    """Only the local stack may do so: a deployment must not have the variable."""
    assert "BATON_ALLOW_LOOPBACK_AGENTS" not in (ROOT / "template.yaml").read_text(encoding="utf-8")


def test_no_machine_logs_the_data_of_its_executions() -> None:
    assert [name for name, machine in MACHINES.items() if machine["Logging"]["IncludeExecutionData"]] == []


def test_only_the_rule_of_webhooks_sends_to_their_queue_and_every_queue_is_encrypted() -> None:
    [statement] = TEMPLATE["Resources"]["WebhookEventsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Principal"], statement["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    assert list(references_in(statement["Condition"])) == ["WebhookRule"]
    assert all(queue["SqsManagedSseEnabled"] is True for queue in resources("AWS::SQS::Queue").values())


@pytest.mark.parametrize("source", ["FanOutEvents", "AttemptDeliveries"])
def test_messages_whose_work_crashes_go_to_a_queue_with_an_alarm(source: str) -> None:
    mapping = TEMPLATE["Resources"][source]["Properties"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    [queue] = references_in(mapping["EventSourceArn"])
    [dead_letters] = references_in(resources("AWS::SQS::Queue")[queue]["RedrivePolicy"])
    assert resources("AWS::SQS::Queue")[dead_letters]["MessageRetentionPeriod"] == 14 * 24 * 3600
    watched = [
        name
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        for name in references_in(alarm.get("Dimensions"))
    ]
    assert dead_letters in watched


def test_the_time_limits_of_a_delivery_nest() -> None:
    """A request ends in its function, the function in the attempt's lease, and that before the message comes again."""
    timeout = FUNCTIONS["WebhookFunction"]["Timeout"]
    for queue in ("WebhookEvents", "WebhookDeliveries"):
        visibility = resources("AWS::SQS::Queue")[queue]["VisibilityTimeout"]
        assert MAX_SECONDS < timeout < LEASE_SECONDS < visibility
        assert visibility >= 6 * timeout  # as AWS advises


def test_a_slow_webhook_delays_no_other() -> None:
    """A call makes one attempt, and the record knows how many calls there may be."""
    source = TEMPLATE["Resources"]["AttemptDeliveries"]["Properties"]
    assert (source["BatchSize"], source["ScalingConfig"]["MaximumConcurrency"]) == (1, PLACES)
    assert AT_ONCE < PLACES / 2
