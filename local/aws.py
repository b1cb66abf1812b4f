"""AWS on this machine: moto's server in a thread, with the resources of the template."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.request import Request, urlopen

import boto3
from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer

from local import moto_fixes, status_events
from local.environment import forget_clients
from local.event_sources import EventSources
from local.runtime import Runtime
from local.template import ACCOUNT, REGION, Deployment

# All stacks of a process use the same port, because shared code may keep its AWS clients, as in Lambda.
_ports = [0]


class Aws:
    """moto's server. Call ``start`` first, and ``deploy`` when the functions can run."""

    def __init__(self) -> None:
        self._server: ThreadedMotoServer | None = None
        self.endpoint = ""
        self.machine_arns: tuple[str, ...] = ()
        self._event_sources: EventSources | None = None

    def start(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # its lower levels report every request
        logging.getLogger("moto").setLevel(logging.CRITICAL)  # its lower levels report every failed execution
        default_user_config["stepfunctions"] = {"execute_state_machine": True}
        moto_fixes.install()
        self._server = ThreadedMotoServer("127.0.0.1", _ports[-1], verbose=False)
        self._server.start()
        _, port = self._server.get_host_and_port()
        _ports.append(port)
        self.endpoint = f"http://127.0.0.1:{port}"
        os.environ["MOTO_PORT"] = str(port)  # moto's state machines call the other services at this port
        os.environ["AWS_ENDPOINT_URL"] = self.endpoint
        with urlopen(Request(f"{self.endpoint}/moto-api/reset", method="POST")):
            pass  # an earlier stack of this process may have left resources
        forget_clients()
        for service in ("lambda", "stepfunctions", "events", "secretsmanager", "sqs"):
            self.client(service)  # fills the caches of the default session, which is not safe in several threads

    def stop(self) -> None:
        self.stop_event_sources()
        if self._server is not None:
            self.abandon_executions()
            self._server.stop()
            self._server = None

    def stop_event_sources(self) -> None:
        """Give functions no more messages of queues."""
        if self._event_sources is not None:
            self._event_sources.stop()

    def client(self, service: str) -> Any:
        return boto3.client(service)  # type: ignore[call-overload]

    def deploy(self, deployment: Deployment, runtime: Runtime, secret_strings: Mapping[str, str]) -> None:
        """Create the template's resources; of its secrets, those that have a string in ``secret_strings``."""
        moto_fixes.run_functions(runtime.invoke, runtime.invoke_later)
        moto_fixes.deliver_events_to_functions(runtime.invoke_later)
        moto_fixes.report_executions(status_events.publish)
        self._event_sources = EventSources(deployment, runtime, self.client("sqs"))
        moto_fixes.report_messages(self._event_sources.arrived)
        role = self._create_role()
        self._create_functions(deployment, role)
        for secret in deployment.secrets:
            if string := secret_strings.get(secret.name):
                self.client("secretsmanager").create_secret(Name=secret.name, SecretString=string)
        for bus in deployment.buses:
            self.client("events").create_event_bus(Name=bus)
        for archive in deployment.archives:
            self.client("events").create_archive(
                ArchiveName=archive.name,
                EventSourceArn=f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{archive.bus}",
                EventPattern=json.dumps(archive.pattern),
            )
        self._create_queues(deployment)
        self._create_rules(deployment)
        self.machine_arns = tuple(
            self.client("stepfunctions").create_state_machine(
                name=machine.name, definition=machine.definition, roleArn=role
            )["stateMachineArn"]
            for machine in deployment.machines
        )
        self._event_sources.start()

    def abandon_executions(self) -> None:
        """Start no more executions and end the running ones without a report, so that their runs stay open."""
        moto_fixes.abandon_executions()

    def _create_role(self) -> str:
        role = self.client("iam").create_role(RoleName="local", AssumeRolePolicyDocument=json.dumps({}))
        return str(role["Role"]["Arn"])

    def _create_functions(self, deployment: Deployment, role: str) -> None:
        client, code = self.client("lambda"), _empty_archive()
        for function in deployment.functions:
            client.create_function(
                FunctionName=function.name,
                Runtime="python3.13",
                Role=role,
                Handler=function.handler,
                Timeout=function.timeout,
                MemorySize=function.memory,
                Environment={"Variables": dict(function.environment)},
                Code={"ZipFile": code},
            )

    def _create_queues(self, deployment: Deployment) -> None:
        for queue in sorted(deployment.queues, key=lambda queue: queue.dead_letters is not None):  # dead letters first
            attributes = {"VisibilityTimeout": str(queue.visibility)}
            if queue.dead_letters:
                policy = {"deadLetterTargetArn": _queue_arn(queue.dead_letters), "maxReceiveCount": queue.max_receives}
                attributes["RedrivePolicy"] = json.dumps(policy)
            self.client("sqs").create_queue(QueueName=queue.name, Attributes=attributes)

    def _create_rules(self, deployment: Deployment) -> None:
        client = self.client("events")
        for rule in deployment.rules:
            client.put_rule(Name=rule.name, EventBusName=rule.bus, EventPattern=json.dumps(rule.pattern))
            targets = [{"Id": arn.rpartition(":")[2], "Arn": arn} for arn in rule.targets]
            client.put_targets(Rule=rule.name, EventBusName=rule.bus, Targets=targets)


class Schedules:
    """Invokes functions at the rates of the template, for the first time immediately. A function of ``held_back`` is
    first invoked after its event is set."""

    def __init__(
        self, deployment: Deployment, runtime: Runtime, held_back: Mapping[str, threading.Event] | None = None
    ) -> None:
        self._deployment = deployment
        self._runtime = runtime
        self._held_back = held_back or {}
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for schedule in self._deployment.schedules:
            event = json.dumps(schedule.input if schedule.input is not None else _scheduled_event(schedule.name))
            arguments = (schedule.function, event, schedule.seconds)
            thread = threading.Thread(target=self._run_schedule, args=arguments, name=schedule.name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _run_schedule(self, function: str, event: str, seconds: int) -> None:
        while not self._stopped.is_set():
            if function not in self._held_back or self._held_back[function].is_set():
                self._runtime.invoke_later(function, event)
            self._stopped.wait(seconds)


def _empty_archive() -> bytes:
    """Lambda needs an archive; the local runtime reads the checkout's code instead."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "# the local runtime runs the file of the checkout\n")
    return buffer.getvalue()


def _queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def _scheduled_event(rule: str) -> dict[str, Any]:
    return {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "resources": [rule], "detail": {}}
