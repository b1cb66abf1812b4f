"""The composition root: the one place that names adapters, reads the environment and wires use cases for each function.

Called at a function's cold start. What a function does not need is not imported here either.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from baton.config import Settings
from baton.delivery import AtOnce, DeliveryThread
from baton.outbox import COMPLETE, EVENT, RELEASE, START, STOP, STUCK_AFTER, Deliver, Effect, Lane, Outbox
from baton.store.database import Database
from baton.store.outbox import OutboxTable

if TYPE_CHECKING:
    from baton.api.identity import Identify
    from baton.api.stream import StreamFunction
    from baton.machines import Machines
    from baton.model import Principal
    from baton.ports.library import StoredAgent, StoredDefinition
    from baton.usecases.approvals import TakeDecision
    from baton.usecases.checkpoints import ExpireCheckpoint, OpenCheckpoint
    from baton.usecases.gates import OpenGate
    from baton.usecases.library import ArchiveRequest, ManageLibrary, Published, PublishRequest
    from baton.usecases.reconcile import SettleRun, SweepRuns
    from baton.usecases.recovery import AdoptRuns
    from baton.usecases.relay_outbox import RelayOutbox
    from baton.usecases.run_child import CollectChild, PrepareChild
    from baton.usecases.run_items import CollectItems, ExpandItems
    from baton.usecases.run_step import RunStep
    from baton.usecases.settle_step import SettleStep

SECRET_SECONDS = 300  # for so long a secret that was read serves


@dataclass(frozen=True)
class Api:
    """Implements ``api.ports.ApiFunction``."""

    outbox: Outbox
    launch: Any
    decide: Any
    recover: Any
    fork: Any
    publish: Any
    undelivered: Any
    reads: Any
    members: Any
    service_tokens: Any
    identify: Any


@dataclass(frozen=True)
class _Stream:
    follow: Any
    tickets: Any
    identify: Any


@dataclass(frozen=True)
class _Publish:
    """``usecases.library.ManageLibrary``, wired at its first call: what reads YAML takes long to import."""

    settings: Settings
    database: Database

    def definition(self, caller: Principal, request: PublishRequest) -> Published[StoredDefinition]:
        return self._publish.definition(caller, request)

    def archive(self, caller: Principal, request: ArchiveRequest) -> StoredDefinition:
        return self._publish.archive(caller, request)

    def agent(self, caller: Principal, request: PublishRequest) -> Published[StoredAgent]:
        return self._publish.agent(caller, request)

    @cached_property
    def _publish(self) -> ManageLibrary:
        from baton.agents.address_guard import AddressGuard
        from baton.library_sources import LibrarySources
        from baton.store.library import LibraryTable
        from baton.usecases.library import ManageLibrary

        guard = AddressGuard(allow_loopback=self.settings.allow_loopback_agents)
        return ManageLibrary(LibraryTable(self.database), LibrarySources(guard), machines(self.settings))


@dataclass(frozen=True)
class Step:
    """What a step's Task states ask for; the names are the ``action`` of their payloads."""

    outbox: Outbox
    run: RunStep
    expand: ExpandItems
    gather: CollectItems
    prepare: PrepareChild
    collect: CollectChild
    settle: SettleStep


@dataclass(frozen=True)
class Gate:
    outbox: Outbox
    open: OpenGate


@dataclass(frozen=True)
class Checkpoint:
    outbox: Outbox
    open: OpenCheckpoint
    expire: ExpireCheckpoint


@dataclass(frozen=True)
class Approval:
    """Takes decisions, and delivers completions that other functions ask it to (by outbox id)."""

    outbox: Outbox
    decide: TakeDecision
    deliver: Callable[[str], None]


@dataclass(frozen=True)
class Reconcile:
    outbox: Outbox
    settle: SettleRun
    sweep: SweepRuns


@dataclass(frozen=True)
class Relay:
    outbox: Outbox
    sweep: RelayOutbox
    adopt: AdoptRuns


def api_function() -> Api:
    from baton.approval_client import ApprovalClient
    from baton.bus import EventBus
    from baton.engine import StepFunctions
    from baton.ports.runs import EngineIdentity
    from baton.store.approval import ApprovalReads
    from baton.store.forks import Forks
    from baton.store.members import MembersTable
    from baton.store.reads import Reads
    from baton.store.recovery import Recoveries
    from baton.store.runs import Launches
    from baton.store.service_tokens import ServiceTokensTable
    from baton.store.undelivered import UndeliveredTable
    from baton.usecases.approvals import RequestDecision
    from baton.usecases.fork_run import ForkRun
    from baton.usecases.launch_run import LaunchRun
    from baton.usecases.members import ManageMembers
    from baton.usecases.outbox import ManageOutbox
    from baton.usecases.recovery import RecoverRun
    from baton.usecases.service_tokens import ManageServiceTokens

    settings, database = _start()
    engine = StepFunctions(settings.state_machine_prefix)
    outbox = _outbox(database, {EVENT: EventBus(settings.event_bus).put, START: engine.start, STOP: engine.stop})
    members = MembersTable(database)
    own = EngineIdentity(settings.engine_id, settings.execution_prefix)
    return Api(
        outbox=outbox,
        launch=LaunchRun(Launches(database), outbox, own),
        recover=RecoverRun(Recoveries(database), outbox),
        fork=ForkRun(Forks(database), outbox, own),
        publish=_Publish(settings, database),
        decide=RequestDecision(ApprovalReads(database), ApprovalClient(settings.approval_function)),
        undelivered=ManageOutbox(UndeliveredTable(database)),
        reads=Reads(database),
        members=ManageMembers(members),
        service_tokens=ManageServiceTokens(members, ServiceTokensTable(database)),
        identify=_identify(settings, database),
    )


def stream_function() -> StreamFunction:
    from baton.api.tickets import Tickets
    from baton.store.stream import Stream
    from baton.usecases.stream_run import StreamRun

    settings, database = _start()
    return _Stream(
        follow=StreamRun(Stream(database), time.sleep, time.monotonic),
        tickets=Tickets(_secret_text(settings.stream_secret, "The key of tickets")),
        identify=_identify(settings, database),
    )


def step_function() -> Step:
    from baton.agents.address_guard import AddressGuard
    from baton.agents.call import AgentDirectory
    from baton.agents.http_transport import HttpTransport
    from baton.agents.lambda_transport import LambdaTransport
    from baton.bus import EventBus
    from baton.engine import StepFunctions
    from baton.store.children import Children
    from baton.store.steps import Steps
    from baton.usecases.attempt import Attempts
    from baton.usecases.run_child import CollectChild, PrepareChild
    from baton.usecases.run_items import CollectItems, ExpandItems
    from baton.usecases.run_step import RunStep
    from baton.usecases.settle_step import SettleStep

    settings, database = _start()
    engine = StepFunctions(settings.state_machine_prefix)
    outbox = _outbox(database, {EVENT: EventBus(settings.event_bus).put, RELEASE: engine.release})
    record = Steps(database)
    attempts, children = Attempts(record, outbox, pause=time.sleep), Children(database)
    agents = AgentDirectory(
        {
            "lambda": LambdaTransport(settings.agent_function_prefix),
            "http": HttpTransport(AddressGuard(allow_loopback=settings.allow_loopback_agents)),
        }
    )
    return Step(
        outbox=outbox,
        run=RunStep(attempts, agents),
        expand=ExpandItems(attempts),
        gather=CollectItems(attempts),
        prepare=PrepareChild(attempts, children, settings.state_machine_prefix),
        collect=CollectChild(attempts, children),
        settle=SettleStep(record, outbox),
    )


def gate_function() -> Gate:
    from baton.bus import EventBus
    from baton.engine import StepFunctions
    from baton.store.gates import Gates
    from baton.usecases.gates import OpenGate

    settings, database = _start()
    engine = StepFunctions(settings.state_machine_prefix)
    handlers: Mapping[str, Deliver] = {EVENT: EventBus(settings.event_bus).put, RELEASE: engine.release}
    outbox = _outbox(database, handlers)
    return Gate(outbox, open=OpenGate(Gates(database), outbox))


def checkpoint_function() -> Checkpoint:
    from baton.approval_client import ApprovalClient
    from baton.bus import EventBus
    from baton.store.checkpoints import Checkpoints
    from baton.usecases.checkpoints import ExpireCheckpoint, OpenCheckpoint

    settings, database = _start()
    approval, record = ApprovalClient(settings.approval_function), Checkpoints(database, settings.review_url)
    outbox = _outbox(database, {EVENT: EventBus(settings.event_bus).put, COMPLETE: approval.complete})
    return Checkpoint(outbox, open=OpenCheckpoint(record, outbox), expire=ExpireCheckpoint(record, approval))


def approval_function() -> Approval:
    from baton.bus import EventBus
    from baton.engine import StepFunctions
    from baton.store.checkpoints import Approvals
    from baton.usecases.approvals import TakeDecision
    from baton.usecases.relay_outbox import CompleteCheckpoints

    settings, database = _start()
    engine = StepFunctions(settings.state_machine_prefix)
    table = OutboxTable(database)
    complete = CompleteCheckpoints(table, engine)
    handlers: Mapping[str, Deliver] = {
        EVENT: EventBus(settings.event_bus).put,
        COMPLETE: complete,
        RELEASE: engine.release,
        STOP: engine.stop,
    }

    outbox = _outbox(database, handlers)

    def deliver(effect_id: str) -> None:
        effect = table.effect_to_complete(effect_id)
        if effect is not None:
            complete([effect])

    return Approval(outbox, decide=TakeDecision(Approvals(database), outbox), deliver=deliver)


def relay_function() -> Relay:
    from baton.approval_client import ApprovalClient
    from baton.bus import EventBus
    from baton.engine import StepFunctions
    from baton.store.recovery import Recovery
    from baton.usecases.recovery import AdoptRuns
    from baton.usecases.relay_outbox import RelayOutbox

    settings, database = _start()
    engine = StepFunctions(settings.state_machine_prefix)
    handlers: Mapping[str, Deliver] = {
        EVENT: EventBus(settings.event_bus).put,
        START: engine.start,
        STOP: engine.stop,
        RELEASE: engine.release,
        COMPLETE: ApprovalClient(settings.approval_function).complete,
    }
    outbox = _outbox(database, handlers, AtOnce())
    sweep = RelayOutbox(OutboxTable(database), outbox, settings.engine_id)
    return Relay(outbox, sweep=sweep, adopt=AdoptRuns(Recovery(database), sweep, settings.engine_id))


def reconcile_function() -> Reconcile:
    from baton.bus import EventBus
    from baton.engine import StepFunctions
    from baton.store.recovery import Settlements
    from baton.usecases.reconcile import SettleRun, SweepRuns

    settings, database = _start()
    engine = StepFunctions(settings.state_machine_prefix)
    handlers: Mapping[str, Deliver] = {
        EVENT: EventBus(settings.event_bus).put,
        STOP: engine.stop,
        START: engine.start,
    }
    record, outbox = Settlements(database, settings.engine_id), _outbox(database, handlers)
    settle = SettleRun(record, outbox, engine, machines(settings))
    logger = Logger()

    def report(run_id: str, error: Exception) -> None:
        logger.error("a run could not be looked after", exc_info=error, extra={"run": run_id})

    return Reconcile(outbox, settle=settle, sweep=SweepRuns(record, settle, report))


def machines(settings: Settings) -> Machines:
    from baton.machines import Machines

    return Machines(
        settings.state_machine_prefix, settings.function_prefix, settings.machine_role, settings.machine_logs
    )


def _identify(settings: Settings, database: Database) -> Identify:
    from baton.api.identity import Identify, TokenVerifier
    from baton.store.service_tokens import ServiceTokensTable

    secret_id = settings.legacy_jwt_secret
    legacy_secret = None if secret_id is None else _secret_text(secret_id, "The issuer's legacy secret")
    people = TokenVerifier(settings.auth_issuer, settings.auth_audience, legacy_secret=legacy_secret)
    return Identify(people, ServiceTokensTable(database))


def _secret_text(secret_id: str, noun: str) -> Callable[[], str]:
    """Asks Secrets Manager when first called, and again when what it answered is old. ``noun`` is what it is called
    where it cannot be read."""
    from aws_lambda_powertools.utilities.parameters import GetParameterError, SecretsProvider

    from baton.api.identity import IdentityUnavailable

    @cache
    def provider() -> SecretsProvider:
        return SecretsProvider()

    def read() -> str:
        try:
            return str(provider().get(secret_id, max_age=SECRET_SECONDS))
        except GetParameterError as error:
            raise IdentityUnavailable(f"{noun} cannot be read; try again in a moment.") from error

    return read


def _start() -> tuple[Settings, Database]:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    settings = Settings(dict(os.environ))
    return settings, Database(str(SecretsProvider().get(settings.database_secret)))


def _outbox(database: Database, handlers: Mapping[str, Deliver], lane: Lane | None = None) -> Outbox:
    logger = Logger()  # made at the cold start, not at import: locally, functions share this module

    def report(reason: str, effect: Effect) -> None:
        failures = effect.failures + 1
        told = {"reason": reason, "effect": effect.id, "kind": effect.kind, "run": effect.run_id, "failures": failures}
        if failures < STUCK_AFTER:
            logger.warning("left to the relay", extra=told)
        else:
            logger.error("effect is stuck", extra=told)

    return Outbox(OutboxTable(database), database.delivered, handlers, report, lane or DeliveryThread())
