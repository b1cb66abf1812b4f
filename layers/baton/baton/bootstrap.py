"""The composition root: a factory for each function, called once at its cold start.

A factory imports the use cases that it makes, so no function imports those of another.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baton import logs
from baton.adapters import Adapters
from baton.config import Settings
from baton.delivery import ImmediateExecutor
from baton.model import EffectKind
from baton.outbox import Outbox

if TYPE_CHECKING:
    from baton.api.functions import ApiFunction, StreamFunction
    from baton.usecases.adopt_runs import AdoptRuns
    from baton.usecases.approvals import TakeDecision
    from baton.usecases.checkpoints import ExpireCheckpoint, OpenCheckpoint
    from baton.usecases.confirm_ends import ConfirmEnds, FindUnknownExecutions
    from baton.usecases.deliver_webhooks import AttemptDelivery, FanOutEvents, RelayWebhooks
    from baton.usecases.expire_approvals import ExpireApprovals
    from baton.usecases.gates import OpenGate
    from baton.usecases.launch_by_execution import LaunchByExecution
    from baton.usecases.reconcile import SettleRun, SweepRuns
    from baton.usecases.relay_outbox import RelayOutbox
    from baton.usecases.run_child import CollectChild, PrepareChild
    from baton.usecases.run_items import CollectItems, ExpandItems
    from baton.usecases.run_step import RunStep
    from baton.usecases.settle_step import SettleStep


@dataclass(frozen=True)
class StepFunction:
    """The actions of a step's Task states. The names are those of ``action`` in the payloads."""

    outbox: Outbox
    run: RunStep
    expand: ExpandItems
    gather: CollectItems
    prepare: PrepareChild
    collect: CollectChild
    settle: SettleStep


@dataclass(frozen=True)
class GateFunction:
    outbox: Outbox
    open: OpenGate


@dataclass(frozen=True)
class CheckpointFunction:
    outbox: Outbox
    open: OpenCheckpoint
    expire: ExpireCheckpoint


@dataclass(frozen=True)
class ApprovalFunction:
    """Takes decisions. Other functions call it to ``deliver`` a completion, by the id of its effect."""

    outbox: Outbox
    decide: TakeDecision
    deliver: Callable[[str], None]


@dataclass(frozen=True)
class ReconcileFunction:
    outbox: Outbox
    settle: SettleRun
    sweep: SweepRuns
    confirm_ends: ConfirmEnds
    find_unknown: FindUnknownExecutions


@dataclass(frozen=True)
class LaunchFunction:
    outbox: Outbox
    launch: LaunchByExecution


@dataclass(frozen=True)
class RelayFunction:
    outbox: Outbox
    expire: ExpireApprovals
    sweep: RelayOutbox
    webhooks: RelayWebhooks
    adopt: AdoptRuns


@dataclass(frozen=True)
class WebhookFunction:
    fan_out: FanOutEvents
    attempt: AttemptDelivery


def api_function() -> ApiFunction:
    from baton.api.functions import ApiFunction
    from baton.store.approvals import ApprovalReads
    from baton.store.contents import Contents
    from baton.store.library import LibraryTable
    from baton.store.members import MembersTable
    from baton.store.organizations import OrganizationsTable
    from baton.store.outbox import FailedEffects
    from baton.store.reads import Reads
    from baton.store.recovery import Recoveries
    from baton.store.runs import Forks, Launches
    from baton.store.service_tokens import ServiceTokensTable
    from baton.store.webhooks import WebhooksTable
    from baton.usecases.approvals import RequestDecision
    from baton.usecases.fork_run import ForkRun
    from baton.usecases.launch_run import LaunchRun
    from baton.usecases.library import ManageLibrary
    from baton.usecases.members import ManageMembers
    from baton.usecases.organizations import ManageOrganizations
    from baton.usecases.outbox import ManageOutbox
    from baton.usecases.recovery import RecoverRun
    from baton.usecases.service_tokens import ManageServiceTokens
    from baton.usecases.webhooks import ManageWebhooks

    adapters = _adapters()
    outbox = adapters.outbox(EffectKind.EVENT, EffectKind.START, EffectKind.STOP)
    database, engine = adapters.database, adapters.engine_identity
    members = MembersTable(database)
    return ApiFunction(
        outbox=outbox,
        launch=LaunchRun(Launches(database), outbox, engine),
        fork=ForkRun(Forks(database), outbox, engine),
        recover=RecoverRun(Recoveries(database), outbox),
        decide=RequestDecision(ApprovalReads(database), adapters.approval_function),
        library=ManageLibrary(LibraryTable(database), lambda: adapters.library_sources, lambda: adapters.machines),
        manage_outbox=ManageOutbox(FailedEffects(database)),
        members=ManageMembers(members),
        organizations=ManageOrganizations(members, OrganizationsTable(database, engine.id)),
        service_tokens=ManageServiceTokens(members, ServiceTokensTable(database)),
        webhooks=ManageWebhooks(
            members,
            WebhooksTable(database),
            adapters.address_guard.check,
            adapters.webhook_key,
            adapters.delivery_queue,
        ),
        reads=Reads(database),
        contents=Contents(database),
        identify=adapters.identify,
    )


def stream_function() -> StreamFunction:
    from baton.api.functions import StreamFunction
    from baton.api.tickets import Tickets
    from baton.store.stream import Stream
    from baton.usecases.stream_run import StreamRun

    adapters = _adapters()
    return StreamFunction(
        follow=StreamRun(Stream(adapters.database), time.sleep, time.monotonic),
        tickets=Tickets(adapters.secret(adapters.settings.stream_secret, "The key of tickets")),
        identify=adapters.identify,
    )


def launch_function() -> LaunchFunction:
    from baton.store.launches import ExecutionLaunches
    from baton.usecases.launch_by_execution import LaunchByExecution
    from baton.usecases.launch_run import LaunchRun

    adapters = _adapters()
    outbox, engine = adapters.outbox(EffectKind.START), adapters.engine_identity
    record = ExecutionLaunches(adapters.database, engine.id)
    launch = LaunchByExecution(record, LaunchRun(record, outbox, engine), adapters.settings.launch_organizations)
    return LaunchFunction(outbox, launch)


def step_function() -> StepFunction:
    from baton.store.children import Children
    from baton.store.steps import Steps
    from baton.usecases.attempt import Attempts
    from baton.usecases.run_child import CollectChild, PrepareChild
    from baton.usecases.run_items import CollectItems, ExpandItems
    from baton.usecases.run_step import RunStep
    from baton.usecases.settle_step import SettleStep

    adapters = _adapters()
    outbox = adapters.outbox(EffectKind.EVENT, EffectKind.RELEASE)
    steps, children = Steps(adapters.database), Children(adapters.database)
    attempts = Attempts(steps, outbox, pause=time.sleep)
    return StepFunction(
        outbox=outbox,
        run=RunStep(attempts, adapters.agents),
        expand=ExpandItems(attempts),
        gather=CollectItems(attempts),
        prepare=PrepareChild(attempts, children, adapters.settings.state_machine_prefix),
        collect=CollectChild(attempts, children),
        settle=SettleStep(steps, outbox),
    )


def gate_function() -> GateFunction:
    from baton.store.gates import Gates
    from baton.usecases.gates import OpenGate

    adapters = _adapters()
    outbox = adapters.outbox(EffectKind.EVENT, EffectKind.RELEASE)
    return GateFunction(outbox, open=OpenGate(Gates(adapters.database), outbox))


def checkpoint_function() -> CheckpointFunction:
    from baton.store.checkpoints import Checkpoints
    from baton.usecases.checkpoints import ExpireCheckpoint, OpenCheckpoint

    adapters = _adapters()
    outbox = adapters.outbox(EffectKind.EVENT, EffectKind.COMPLETE)
    record = Checkpoints(adapters.database, adapters.settings.review_url)
    expire = ExpireCheckpoint(record, adapters.approval_function)
    return CheckpointFunction(outbox, open=OpenCheckpoint(record, outbox), expire=expire)


def approval_function() -> ApprovalFunction:
    from baton.store.approvals import Approvals
    from baton.usecases.approvals import TakeDecision
    from baton.usecases.relay_outbox import CompleteCheckpoints

    adapters = _adapters()
    complete = CompleteCheckpoints(adapters.outbox_table, adapters.engine)
    outbox = adapters.outbox(EffectKind.EVENT, EffectKind.RELEASE, EffectKind.STOP, complete=complete)
    decide = TakeDecision(Approvals(adapters.database), outbox)
    return ApprovalFunction(outbox, decide=decide, deliver=complete.deliver)


def relay_function() -> RelayFunction:
    from baton.store.approvals import ExpiredApprovals
    from baton.store.recovery import Adoptions
    from baton.store.webhook_deliveries import WebhookDeliveries
    from baton.usecases.adopt_runs import AdoptRuns
    from baton.usecases.deliver_webhooks import AT_ONCE, PLACES, Announcer, RelayWebhooks
    from baton.usecases.expire_approvals import ExpireApprovals
    from baton.usecases.relay_outbox import RelayOutbox

    adapters, logger = _adapters(), logs.logger()
    outbox, engine_id = adapters.outbox(*EffectKind, executor=ImmediateExecutor()), adapters.settings.engine_id
    sweep = RelayOutbox(adapters.outbox_table, outbox, engine_id)

    def report(approval_id: str, error: Exception) -> None:
        logger.warning("an approval could not be expired", exc_info=error, extra={"approval": approval_id})

    deliveries = WebhookDeliveries(adapters.database, AT_ONCE, PLACES)
    announcer = Announcer(deliveries, adapters.event_bus.put_events)
    return RelayFunction(
        outbox,
        expire=ExpireApprovals(ExpiredApprovals(adapters.database), adapters.approval_function, engine_id, report),
        sweep=sweep,
        webhooks=RelayWebhooks(deliveries, adapters.delivery_queue, announcer),
        adopt=AdoptRuns(Adoptions(adapters.database), sweep, engine_id),
    )


def webhook_function() -> WebhookFunction:
    from baton.store.webhook_deliveries import WebhookDeliveries
    from baton.usecases.deliver_webhooks import AT_ONCE, PLACES, Announcer, AttemptDelivery, FanOutEvents
    from baton.webhook_post import WebhookPost

    adapters = _adapters()
    deliveries, queue = WebhookDeliveries(adapters.database, AT_ONCE, PLACES), adapters.delivery_queue
    return WebhookFunction(
        fan_out=FanOutEvents(deliveries, queue),
        attempt=AttemptDelivery(
            deliveries,
            WebhookPost(adapters.address_guard),
            queue,
            Announcer(deliveries, adapters.event_bus.put_events),
            adapters.webhook_key,
        ),
    )


def reconcile_function() -> ReconcileFunction:
    from baton.store.recovery import ExecutionEnds, Settlements
    from baton.usecases.confirm_ends import ConfirmEnds, FindUnknownExecutions
    from baton.usecases.reconcile import SettleRun, SweepRuns

    adapters, logger = _adapters(), logs.logger()
    outbox = adapters.outbox(EffectKind.EVENT, EffectKind.STOP, EffectKind.START)
    record = Settlements(adapters.database, adapters.settings.engine_id)
    ends = ExecutionEnds(adapters.database, adapters.settings.engine_id)

    def report(run_id: str, error: Exception) -> None:
        logger.error("a run could not be checked", exc_info=error, extra={"run": run_id})

    def report_unknown(executions: Sequence[str]) -> None:
        shown = list(executions[:10])
        logger.warning("executions are unknown", extra={"count": len(executions), "executions": shown})

    settle = SettleRun(record, outbox, adapters.engine, adapters.machines, report_unknown)
    return ReconcileFunction(
        outbox,
        settle=settle,
        sweep=SweepRuns(record, settle, report),
        confirm_ends=ConfirmEnds(ends, outbox, adapters.engine, report),
        find_unknown=FindUnknownExecutions(ends, adapters.engine, report_unknown, time.time),
    )


def _adapters() -> Adapters:
    return Adapters(Settings(dict(os.environ)))
