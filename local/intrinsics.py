"""The intrinsic functions of CloudFormation that ``template.yaml`` uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

NO_VALUE = object()
NAME_PROPERTIES = ("FunctionName", "StateMachineName", "LogGroupName", "RoleName", "QueueName", "Name")
REFERENCE = re.compile(r"\$\{([^}!][^}]*)\}")
RESOURCE_PARTS = {
    "AWS::Lambda::Function": ("lambda", "function:{name}"),
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:{name}"),
    "AWS::Events::EventBus": ("events", "event-bus/{name}"),
    "AWS::Logs::LogGroup": ("logs", "log-group:{name}"),
    "AWS::SecretsManager::Secret": ("secretsmanager", "secret:{name}"),
    "AWS::SQS::Queue": ("sqs", "{name}"),
    "AWS::Events::Rule": ("events", "rule/{name}"),
}
REF_IS_ARN = {"AWS::StepFunctions::StateMachine", "AWS::SecretsManager::Secret"}


class TemplateUnsupported(RuntimeError):
    """The template uses a feature that the local stack does not have. The message names it."""


@dataclass(frozen=True)
class Intrinsics:
    """Resolves the values of a translated template to those of a deployment to AWS."""

    template: Mapping[str, Any]
    parameters: Mapping[str, str | list[str]]
    stack_name: str
    account: str
    region: str
    api_id: str = "local"
    _functions: dict[str, Callable[[Any], Any]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": lambda arguments: self.resolve(arguments[0]).join(
                str(part) for part in self.resolve(arguments[1])
            ),
            "Fn::If": lambda arguments: self.resolve(arguments[1 if self._condition(arguments[0]) else 2]),
            "Fn::Equals": lambda arguments: self.resolve(arguments[0]) == self.resolve(arguments[1]),
            "Fn::Not": lambda arguments: not self._truth(arguments[0]),
            "Fn::And": lambda arguments: all(self._truth(part) for part in arguments),
            "Fn::Or": lambda arguments: any(self._truth(part) for part in arguments),
            "Fn::Select": lambda arguments: self.resolve(arguments[1])[int(self.resolve(arguments[0]))],
            "Fn::Split": lambda arguments: self.resolve(arguments[1]).split(self.resolve(arguments[0])),
        }
        object.__setattr__(self, "_functions", functions)

    def resolve(self, value: Any) -> Any:
        """``value`` without intrinsic functions. Properties with the value AWS::NoValue are left out."""
        if isinstance(value, dict):
            if len(value) == 1:
                (name, arguments), *_ = value.items()
                if name in self._functions:
                    return self._functions[name](arguments)
                if name.startswith("Fn::"):
                    raise TemplateUnsupported(f"template.yaml uses {name}, which the local stack does not know")
            resolved = {name: self.resolve(part) for name, part in value.items()}
            return {name: part for name, part in resolved.items() if part is not NO_VALUE}
        if isinstance(value, list):
            return [part for part in map(self.resolve, value) if part is not NO_VALUE]
        return value

    def name(self, logical_id: str) -> str:
        """The physical name of a resource."""
        properties = self.template["Resources"][logical_id].get("Properties", {})
        for name in NAME_PROPERTIES:
            if name in properties:
                return str(self.resolve(properties[name]))
        return f"{self.stack_name}-{logical_id}"

    def arn(self, logical_id: str) -> str:
        kind, name = self.template["Resources"][logical_id]["Type"], self.name(logical_id)
        if kind == "AWS::IAM::Role":
            return f"arn:aws:iam::{self.account}:role/{name}"
        if kind not in RESOURCE_PARTS:
            raise TemplateUnsupported(f"template.yaml asks for the ARN of {logical_id}: {kind} is not known locally")
        service, resource = RESOURCE_PARTS[kind]
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource.format(name=name)}"

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::StackName": self.stack_name,
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NO_VALUE,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.template.get("Parameters", {}):
            return self._parameter(name)
        if name not in self.template["Resources"]:
            raise TemplateUnsupported(f"template.yaml refers to {name}, which it does not define")
        kind = self.template["Resources"][name]["Type"]
        if kind == "AWS::ApiGatewayV2::Api":
            return self.api_id
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{self.region}.amazonaws.com/{self.account}/{self.name(name)}"
        return self.arn(name) if kind in REF_IS_ARN else self.name(name)

    def _parameter(self, name: str) -> str | list[str]:
        declared = self.template["Parameters"][name]
        if name not in self.parameters and "Default" not in declared:
            raise TemplateUnsupported(f"the template's parameter {name} has no default and no local value")
        if name in self.parameters:
            return self.parameters[name]
        default = str(declared["Default"])
        return default.split(",") if declared["Type"] == "CommaDelimitedList" else default

    def _get_att(self, arguments: Any) -> str:
        logical_id, attribute = arguments.split(".", 1) if isinstance(arguments, str) else arguments
        if attribute == "Arn":
            return self.arn(logical_id)
        if attribute == "Name":
            return self.name(logical_id)
        raise TemplateUnsupported(f"template.yaml asks for {logical_id}.{attribute}, which is not known locally")

    def _join(self, separator: Any, parts: Any) -> str:
        return str(self.resolve(separator).join(str(part) for part in self.resolve(parts)))

    def _sub(self, arguments: Any) -> str:
        text, own = (arguments, {}) if isinstance(arguments, str) else arguments

        def replace(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name in own:
                return str(self.resolve(own[name]))
            return str(self._get_att(name) if "." in name else self._ref(name))

        return REFERENCE.sub(replace, text).replace("${!", "${")

    def _condition(self, name: str) -> bool:
        return bool(self.resolve(self.template["Conditions"][name]))

    def _truth(self, part: Any) -> bool:
        if isinstance(part, dict) and list(part) == ["Condition"]:
            return self._condition(part["Condition"])
        return bool(self.resolve(part))
