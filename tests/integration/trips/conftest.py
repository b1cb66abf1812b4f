"""The template's functions as in a deployment, with a counting proxy in front of their database."""

from __future__ import annotations

import io
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import psycopg
import pytest
from psycopg.rows import dict_row

from baton.model import Principal
from baton.ports.runs import EngineIdentity
from baton.store.database import Database
from baton.store.runs import Launches
from baton.usecases.launch_run import LaunchRequest, LaunchRun
from bench.counting_proxy import Traffic
from cli import local_issuer
from cli.checkout import ROOT
from local.environment import CREDENTIALS
from local.runtime import Runtime
from local.stack import STACK_NAME, Stack
from local.template import Function, read_template
from tests.integration.fake_agent import FakeAgent
from tests.integration.recording import RecordingEffects
from tests.integration.trips.withholding_proxy import WithholdingProxy

MEASURED_ENGINE = EngineIdentity("measured", "arn:measured:")
SECRETS, MEASURED = f"{STACK_NAME}/database/", "measured/database/"


@dataclass
class MeasuredFunctions:
    """Invokes functions that use the database through the proxy. Events and executions go to the stack."""

    stack: Stack
    proxy: WithholdingProxy
    runtime: Runtime
    record: psycopg.Connection[dict[str, Any]]
    token: str
    api: Database  # as the API's login, not through the proxy
    called: list[str] = field(default_factory=list)  # operations of AWS, by these functions

    def invoke(self, function: str, event: Any) -> Any:
        answer = self.runtime.invoke(f"{STACK_NAME}-{function}", json.dumps(event))
        content = json.loads(answer.payload)
        return {"error": content["errorType"]} if answer.is_error else content

    def warm(self, function: str, event: Any) -> None:
        """Open the function's connection, then reset all counts."""
        self.invoke(function, event)
        self.called.clear()
        self.proxy.look()

    def look(self, unawaited: int = 0) -> Traffic:
        return self.proxy.look(unawaited)

    def launch(self, orchestration: str, parameters: dict[str, Any] | None = None) -> str:
        """The id of a run that no execution drives."""
        caller, launches = Principal(self.member()), Launches(self.api)
        request = LaunchRequest("demo", None, orchestration, None, parameters or {})
        return LaunchRun(launches, RecordingEffects(), MEASURED_ENGINE)(caller, request).run_id

    def step(self, run_id: str, step_id: str, action: str = "run", **more: Any) -> Any:
        """Invoke the step function like a Task state does."""
        about = self.about(run_id, step_id)
        return self.invoke("step", about | {"entered_at": str(uuid.uuid4()), "retry_count": 0, "action": action} | more)

    def about(self, run_id: str, step_id: str) -> dict[str, Any]:
        query = (
            "select r.digest, e.arn from orchestration_runs r join baton.executions e on e.run_id = r.id"
            " where r.id = %s"
        )
        row = self.record.execute(query, (run_id,)).fetchone()
        assert row is not None
        about = {"digest": row["digest"], "execution": row["arn"]}
        return {"run_id": run_id, "step_id": step_id, "generation": 1, **about}

    def member(self) -> str:
        return local_issuer.ensure_member(self.stack.database_url, "demo", ["operator", "approver"])

    def count(self, request: Any, event_name: str, **_: Any) -> None:
        """A hook of botocore that every client calls. The environment shows whether a measured function calls it."""
        if os.environ.get("BATON_DATABASE_SECRET", "").startswith(MEASURED):
            self.called.append(event_name.rpartition(".")[2])


def login_urls() -> dict[str, str]:
    secrets = boto3.client("secretsmanager")
    logins = ("api", "step", "gate", "checkpoint", "approval")
    return {login: secrets.get_secret_value(SecretId=SECRETS + login)["SecretString"] for login in logins}


@pytest.fixture(scope="module")
def functions(stack: Stack) -> Iterator[MeasuredFunctions]:
    with (
        closing(WithholdingProxy(stack.database_url)) as proxy,
        psycopg.connect(stack.database_url, autocommit=True, row_factory=dict_row) as record,
    ):
        for login, url in login_urls().items():
            boto3.client("secretsmanager").create_secret(Name=MEASURED + login, SecretString=proxy.url(url))
        with closing(_runtime(stack)) as runtime, closing(Database(login_urls()["api"])) as api:
            functions = MeasuredFunctions(stack, proxy, runtime, record, stack.token("operator", "approver"), api)
            boto3.setup_default_session()
            boto3.DEFAULT_SESSION.events.register("before-send", functions.count)
            yield functions
            boto3.setup_default_session()
        for login in login_urls():
            boto3.client("secretsmanager").delete_secret(SecretId=MEASURED + login, ForceDeleteWithoutRecovery=True)


def _runtime(stack: Stack) -> Runtime:
    parameters = {"AuthIssuer": local_issuer.issuer_of(stack.url), "AuthAudience": local_issuer.AUDIENCE}
    deployment = read_template(ROOT / "template.yaml", stack_name=STACK_NAME, parameters=parameters, api_url=stack.url)
    aws = {**CREDENTIALS, "AWS_ENDPOINT_URL": stack.env["AWS_ENDPOINT_URL"]}
    return Runtime([_measured(function) for function in deployment.functions], aws, io.StringIO())


def _measured(function: Function) -> Function:
    environment = {**function.environment, "BATON_ALLOW_LOOPBACK_AGENTS": "true"}
    secret = environment.get("BATON_DATABASE_SECRET", "")
    return replace(function, environment={**environment, "BATON_DATABASE_SECRET": secret.replace(SECRETS, MEASURED)})


@pytest.fixture
def agent(functions: MeasuredFunctions) -> Iterator[FakeAgent]:
    with closing(FakeAgent()) as agent:
        yield agent
        functions.proxy.let_go()
