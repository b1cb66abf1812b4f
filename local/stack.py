"""The whole stack in this process: the resources of ``template.yaml``, a database, an issuer. One stack a process."""

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

from baton.model import Role
from cli import local_issuer
from cli.checkout import ROOT, STATE
from local import database
from local.adoption import Adoption, AdoptionFailed
from local.environment import CREDENTIALS, own_environment
from local.http import HttpServer
from local.log_file import JsonLines, LogFile
from local.postgres import Postgres
from local.postgres_watch import PostgresWatch
from local.published import restore_machines
from local.runtime import InvocationResult, Runtime
from local.sandbox import scoped_process
from local.secret_strings import secret_strings
from local.template import Deployment, Function, read_template

if TYPE_CHECKING:
    from local.aws import Aws

STACK_NAME = "baton"
ORGANIZATION = "demo"
ROLES = tuple(Role)
_process_lock = threading.Lock()


class StackRefused(RuntimeError):
    """The stack cannot start. The message says why, in one line."""


class Stack:
    """A context manager: the stack runs inside the context.

    Args:
        root: the checkout whose ``template.yaml``, functions and migrations are used.
        data_dir: the folder of all data that survive a restart. Only one stack may use it.
        http_port: the port of the HTTP API; 0 takes a free one.
        database_url: a database instead of an embedded one; ``insist`` uses it even if it looks wrong.
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
        """The environment variables of a client: the KEY=value pairs of ``.baton/env``."""
        return self._env

    @property
    def url(self) -> str:
        """The URL of the HTTP API, without a slash at the end."""
        return self._env["BATON_URL"]

    @property
    def database_url(self) -> str:
        """The URL of the database, for its owner."""
        return self._env["DATABASE_URL"]

    @property
    def log_file(self) -> Path:
        """The file with the output of all functions."""
        return self.data_dir / "functions.log"

    def token(self, *roles: str, organization: str = ORGANIZATION) -> str:
        """A token of a member with exactly these roles."""
        user_id = local_issuer.ensure_member(self.database_url, organization, roles)
        return local_issuer.issue_token(self.data_dir, local_issuer.issuer_of(self.url), user_id)

    def invoke(self, function: str, event: Any) -> InvocationResult:
        """Invoke a function by its name without the stack's prefix: ``invoke("relay", {})``."""
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
        resources.enter_context(_exclusive_use(self.data_dir))
        server = HttpServer(self._http_port)
        resources.callback(server.close)
        user_database_url = self._database_url and database.complete_url(self._database_url)
        resources.enter_context(own_environment())
        from local.aws import Aws, Schedules  # some settings of the user's shell make this import fail

        ready = self._prepare_database(resources, user_database_url)
        resources.enter_context(scoped_process())
        aws = Aws()
        resources.callback(aws.stop)
        aws.start()
        deployment = self._read_template(server.url)
        self._runtime = self._start_runtime(resources, deployment, aws)
        aws.deploy(deployment, self._runtime, secret_strings(self.data_dir, deployment.secrets, ready.logins))
        restore_machines(deployment, ready.owner_url)
        self._env = self._describe(server.url, ready.owner_url, aws.endpoint)
        server.serve(deployment.routes, deployment.cors, self._runtime.invoke, local_issuer.jwks(self.data_dir))
        resources.callback(server.start_draining)
        adoption = self._adopt_open_runs(resources)
        reconcile = f"{STACK_NAME}-reconcile"  # a run that waits for its adoption looks lost to it
        schedules = Schedules(deployment, self._runtime, {reconcile: adoption.is_through})
        resources.callback(schedules.stop)
        schedules.start()
        resources.callback(aws.stop_event_sources)
        self._env["BATON_TOKEN"] = self.token(*ROLES)

    def _prepare_database(self, resources: ExitStack, user_database_url: str | None) -> database.Database:
        supabase = self.root / "supabase"
        if user_database_url:
            empty = database.check_database(user_database_url, insist=self._insist)
            return database.prepare(user_database_url, supabase, seed=empty)
        postgres = resources.enter_context(Postgres(self.data_dir / "postgres", durable=self._durable))
        resources.enter_context(PostgresWatch(postgres))
        return database.prepare(postgres.owner_url, supabase, superuser_url=postgres.superuser_url, seed=True)

    def _read_template(self, url: str) -> Deployment:
        issuer, audience = local_issuer.issuer_of(url), local_issuer.AUDIENCE
        parameters = {"AuthIssuer": issuer, "AuthAudience": audience, "CorsOrigins": "*"}
        parameters["LaunchOrganizations"] = ORGANIZATION
        template = self.root / "template.yaml"
        deployment = read_template(template, stack_name=STACK_NAME, parameters=parameters, api_url=url)
        own_id = _engine_id(self.data_dir)  # the template's id is the same in every checkout
        functions = tuple(
            replace(function, environment=_environment(function, own_id)) for function in deployment.functions
        )
        return replace(deployment, functions=functions)

    def _start_runtime(self, resources: ExitStack, deployment: Deployment, aws: Aws) -> Runtime:
        output = cast(TextIO, resources.enter_context(LogFile(self.log_file)))
        resources.enter_context(_root_logger_writes_to(output))
        runtime = Runtime(deployment.functions, {**CREDENTIALS, "AWS_ENDPOINT_URL": aws.endpoint}, output)
        resources.callback(runtime.close)
        resources.callback(aws.abandon_executions)  # runs first, so that no execution starts during the stop
        return runtime

    def _adopt_open_runs(self, resources: ExitStack) -> Adoption:
        adoption = Adoption(self.invoke)
        resources.callback(adoption.stop)
        try:
            adoption.begin()
        except AdoptionFailed as error:
            refusal = f"the relay function cannot continue open runs: {error} (more in {self.log_file})"
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
def _exclusive_use(data_dir: Path) -> Iterator[None]:
    """One stack a process, because a process has one moto and one environment; and one process a data directory."""
    if not _process_lock.acquire(blocking=False):
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
        _process_lock.release()


_TO_NOBODY = logging.NullHandler()


@contextmanager
def _root_logger_writes_to(output: TextIO) -> Iterator[None]:
    """As in Lambda, the root logger has a handler before a function's code runs, so that no library adds its own. A
    function that is still at work afterwards logs to nobody; without a handler, Python would write to the terminal."""
    handler = logging.StreamHandler(output)
    handler.setFormatter(JsonLines())
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    logging.getLogger().addHandler(_TO_NOBODY)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


def _engine_id(data_dir: Path) -> str:
    """The id of the data directory's engine, which drives only runs with this id."""
    file = data_dir / "engine-id"
    if not file.exists():
        draft = file.with_name("engine-id.new")
        draft.write_text(f"local-{uuid.uuid4()}")
        os.replace(draft, file)  # noqa: PTH105 (atomic)
    return file.read_text()


def _environment(function: Function, engine_id: str) -> dict[str, str]:
    """The function's variables, with our engine id, and with agents on this machine allowed."""
    environment = dict(function.environment)
    if "BATON_ENGINE_ID" in environment:
        environment["BATON_ENGINE_ID"] = engine_id
    # The API takes URLs of agents and webhooks; the others call them.
    if function.name in (f"{STACK_NAME}-api", f"{STACK_NAME}-step", f"{STACK_NAME}-webhook"):
        environment["BATON_ALLOW_LOOPBACK_AGENTS"] = "true"
    return environment
