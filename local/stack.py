"""The whole stack in this process, and only one a process: what ``template.yaml`` deploys, a database, an issuer."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO, cast

from cli import local_issuer
from cli.checkout import ROOT, STATE
from local import database
from local.adoption import Adoption, AdoptionFailed
from local.environment import CREDENTIALS, own_environment
from local.http import Front
from local.log_file import JsonLines, LogFile
from local.postgres import Postgres
from local.published import restore_machines
from local.runtime import Answer, Runtime
from local.sandbox import scoped_process
from local.secret_strings import secret_strings
from local.template import Deployment, Function, read_template

if TYPE_CHECKING:
    from local.aws import Aws

STACK_NAME = "baton"
ORGANIZATION = "demo"
ROLES = ("viewer", "operator", "approver", "admin")
_one = threading.Lock()


class StackRefused(RuntimeError):
    """The stack cannot start here and now; the message says why in one line."""


class Stack:
    """Use it as a context manager: inside, everything runs; afterwards nothing does.

    Args:
        root: the checkout whose ``template.yaml``, functions and migrations are used.
        data_dir: where everything is kept that survives a restart; the stack has it for itself.
        http_port: of the HTTP API; 0 takes a free one.
        database_url: a database to use instead of an embedded one; ``insist`` uses it even when it looks wrong.
        durable: whether the embedded database must survive a power cut.

    Raises, when entered: StackRefused, http.PortTaken, database.DatabaseRefused, migrations.MigrationRefused,
        binaries.PostgresUnavailable.
    """

    def __init__(
        self,
        root: Path = ROOT,
        data_dir: Path = STATE,
        http_port: int = 0,
        *,
        database_url: str | None = None,
        insist: bool = False,
        durable: bool = True,
    ) -> None:
        self.root = root
        self.data_dir = data_dir
        self._http_port = http_port
        self._database_url = database_url
        self._insist = insist
        self._durable = durable
        self._resources = ExitStack()
        self._env: dict[str, str] = {}
        self._runtime: Runtime | None = None

    @property
    def env(self) -> Mapping[str, str]:
        """What a client needs, as environment variables: the KEY=value pairs of ``.baton/env``."""
        return self._env

    @property
    def url(self) -> str:
        """The HTTP API, without a slash at the end."""
        return self._env["BATON_URL"]

    @property
    def database_url(self) -> str:
        """The database as its owner."""
        return self._env["DATABASE_URL"]

    @property
    def log_file(self) -> Path:
        """What the functions print."""
        return self.data_dir / "functions.log"

    def token(self, *roles: str, organization: str = ORGANIZATION) -> str:
        """A token of a member with exactly these roles."""
        user_id = local_issuer.ensure_member(self.database_url, organization, roles)
        return local_issuer.issue_token(self.data_dir, local_issuer.issuer_of(self.url), user_id)

    def invoke(self, function: str, event: Any) -> Answer:
        """Invoke a function by its name without the stack's: ``invoke("relay", {})``."""
        assert self._runtime is not None
        return self._runtime.invoke(f"{STACK_NAME}-{function}", json.dumps(event))

    def __enter__(self) -> Self:
        with ExitStack() as resources:
            self._start(resources)
            self._resources = resources.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._resources.close()

    def _start(self, resources: ExitStack) -> None:
        resources.enter_context(_alone(self.data_dir))
        front = Front(self._http_port)
        resources.callback(front.close)
        given = self._database_url and database.complete(self._database_url)
        resources.enter_context(own_environment())
        from local.aws import Aws, Schedules  # moto fails at import under some settings of the user's

        ready = self._prepare_database(resources, given)
        resources.enter_context(scoped_process())
        aws = Aws()
        resources.callback(aws.stop)
        aws.start()
        deployment = self._read_template(front.url)
        self._runtime = self._start_runtime(resources, deployment, aws)
        aws.deploy(deployment, self._runtime, secret_strings(self.data_dir, deployment.secrets, ready.logins))
        restore_machines(deployment, ready.owner_url)
        self._env = self._describe(front.url, ready.owner_url, aws.endpoint)
        front.serve(deployment.routes, deployment.cors, self._runtime.invoke, local_issuer.jwks(self.data_dir))
        resources.callback(front.drain)
        adoption = self._adopt_open_runs(resources)
        reconcile = f"{STACK_NAME}-reconcile"  # would take a run that waits for its adoption for one that was lost
        schedules = Schedules(deployment, self._runtime, {reconcile: adoption.is_through})
        resources.callback(schedules.stop)
        schedules.start()
        self._env["BATON_TOKEN"] = self.token(*ROLES)

    def _prepare_database(self, resources: ExitStack, given: str | None) -> database.Database:
        supabase = self.root / "supabase"
        if given:
            empty = database.check_given(given, insist=self._insist)
            return database.prepare(given, supabase, seed=empty)
        postgres = resources.enter_context(Postgres(self.data_dir / "postgres", durable=self._durable))
        return database.prepare(postgres.owner_url, supabase, superuser_url=postgres.superuser_url, seed=True)

    def _read_template(self, url: str) -> Deployment:
        issuer, audience = local_issuer.issuer_of(url), local_issuer.AUDIENCE
        parameters = {"AuthIssuer": issuer, "AuthAudience": audience, "CorsOrigins": "*"}
        template = self.root / "template.yaml"
        deployment = read_template(template, stack_name=STACK_NAME, parameters=parameters, api_url=url)
        own_id = _engine_id(self.data_dir)  # the template's would be the same in every checkout
        functions = tuple(
            replace(function, environment=_environment(function, own_id)) for function in deployment.functions
        )
        return replace(deployment, functions=functions)

    def _start_runtime(self, resources: ExitStack, deployment: Deployment, aws: Aws) -> Runtime:
        output = cast(TextIO, resources.enter_context(LogFile(self.log_file)))
        resources.enter_context(_root_logger_to(output))
        runtime = Runtime(deployment.functions, {**CREDENTIALS, "AWS_ENDPOINT_URL": aws.endpoint}, output)
        resources.callback(runtime.close)
        resources.callback(aws.leave_executions)  # before anything else goes away, nothing new begins
        return runtime

    def _adopt_open_runs(self, resources: ExitStack) -> Adoption:
        adoption = Adoption(self.invoke)
        resources.callback(adoption.stop)
        try:
            adoption.begin()
        except AdoptionFailed as error:
            refusal = f"the relay function cannot go on with open runs: {error} (more in {self.log_file})"
            raise StackRefused(refusal) from error
        return adoption

    def _describe(self, url: str, database_url: str, endpoint: str) -> dict[str, str]:
        return {
            "BATON_URL": url,
            "BATON_TOKEN": "",
            "BATON_ORG": ORGANIZATION,
            "DATABASE_URL": database_url,
            "AWS_ENDPOINT_URL": endpoint,
            **CREDENTIALS,
        }


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One stack a process, because moto and the environment are the process', and one process a data directory."""
    if not _one.acquire(blocking=False):
        raise StackRefused("a stack runs in this process already")
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (data_dir / "stack.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise StackRefused(f"a stack runs already with the data in {data_dir}; stop that one first") from None
            yield
    finally:
        _one.release()


@contextmanager
def _root_logger_to(output: TextIO) -> Iterator[None]:
    """As in Lambda, the root logger has a handler before any function's code runs, so no library brings its own."""
    handler = logging.StreamHandler(output)
    handler.setFormatter(JsonLines())
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


def _engine_id(data_dir: Path) -> str:
    """Which runs are ours to go on with: made once a data directory."""
    file = data_dir / "engine-id"
    if not file.exists():
        draft = file.with_name("engine-id.new")
        draft.write_text(f"local-{uuid.uuid4()}")
        os.replace(draft, file)  # noqa: PTH105 (never half a name)
    return file.read_text()


def _environment(function: Function, engine_id: str) -> dict[str, str]:
    """What differs from a deployment: whose runs are driven, and that agents may be on this very machine."""
    environment = dict(function.environment)
    if "BATON_ENGINE_ID" in environment:
        environment["BATON_ENGINE_ID"] = engine_id
    if function.name in (f"{STACK_NAME}-api", f"{STACK_NAME}-step"):  # the one publishes agents, the other calls them
        environment["BATON_ALLOW_LOOPBACK_AGENTS"] = "true"
    return environment
