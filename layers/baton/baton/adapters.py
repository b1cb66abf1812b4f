"""The adapters of a function to the outside of its process: the database, Step Functions, the bus, agents, other
functions.

An adapter is made once, at its first use. So a function neither imports nor configures adapters that it does not use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, assert_never

from baton import logs
from baton.config import Settings
from baton.delivery import DeliveryThread
from baton.errors import WebhookKeyUnavailable
from baton.model import EffectKind, TransportType
from baton.outbox import STUCK_FAILURES, Deliver, Effect, Outbox, SerialExecutor
from baton.secrets import GetParameterError, Secrets
from baton.store.database import Database
from baton.store.outbox import OutboxTable

if TYPE_CHECKING:
    from baton.agents.address_guard import AddressGuard
    from baton.agents.call import AgentDirectory, Transport
    from baton.api.identity import Identify
    from baton.approval_client import ApprovalClient
    from baton.bus import EventBus
    from baton.delivery_queue import DeliveryQueue
    from baton.engine import StepFunctions
    from baton.library_sources import LibrarySources
    from baton.machines import Machines
    from baton.ports.runs import EngineIdentity


class Adapters:
    """The adapters of one function, each made once.

    Raises (every property):
        SettingMissing: the environment lacks a variable; the message names it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def database(self) -> Database:
        return Database(self._secrets.login(self.settings.database_secret))

    @cached_property
    def outbox_table(self) -> OutboxTable:
        return OutboxTable(self.database)

    @cached_property
    def engine(self) -> StepFunctions:
        from baton.engine import StepFunctions

        return StepFunctions(self.settings.state_machine_prefix)

    @cached_property
    def engine_identity(self) -> EngineIdentity:
        from baton.ports.runs import EngineIdentity

        return EngineIdentity(id=self.settings.engine_id, execution_prefix=self.settings.execution_prefix)

    @cached_property
    def event_bus(self) -> EventBus:
        from baton.bus import EventBus

        return EventBus(self.settings.event_bus)

    @cached_property
    def approval_function(self) -> ApprovalClient:
        from baton.approval_client import ApprovalClient

        return ApprovalClient(self.settings.approval_function)

    @cached_property
    def address_guard(self) -> AddressGuard:
        from baton.agents.address_guard import AddressGuard

        return AddressGuard(allow_loopback=self.settings.allow_loopback_agents)

    @cached_property
    def delivery_queue(self) -> DeliveryQueue:
        from baton.delivery_queue import DeliveryQueue

        return DeliveryQueue(self.settings.webhook_queue)

    @cached_property
    def webhook_key(self) -> Callable[[], str]:
        """Reads the key of webhooks' secrets. Raises WebhookKeyUnavailable."""
        secret_id = self.settings.webhook_secret

        def read() -> str:
            try:
                return self._secrets.read(secret_id)
            except GetParameterError as error:
                raise WebhookKeyUnavailable(f"the key of webhooks cannot be read: {error}") from error

        return read

    @cached_property
    def agents(self) -> AgentDirectory:
        from baton.agents.call import AgentDirectory

        return AgentDirectory({kind: self._transport_of(kind) for kind in TransportType})

    @cached_property
    def machines(self) -> Machines:
        from baton.machines import Machines

        settings = self.settings
        return Machines(
            engine_id=settings.engine_id,
            machine_prefix=settings.state_machine_prefix,
            function_prefix=settings.function_prefix,
            role=settings.machine_role,
            logs=settings.machine_logs,
        )

    @cached_property
    def library_sources(self) -> LibrarySources:
        from baton.library_sources import LibrarySources

        return LibrarySources(self.address_guard)

    @cached_property
    def identify(self) -> Identify:
        from baton.api.identity import Identify, TokenVerifier
        from baton.store.service_tokens import ServiceTokensTable

        secret_id = self.settings.legacy_jwt_secret
        legacy_secret = None if secret_id is None else self.secret(secret_id, "The issuer's legacy secret")
        people = TokenVerifier(self.settings.auth_issuer, self.settings.auth_audience, legacy_secret=legacy_secret)
        return Identify(people, ServiceTokensTable(self.database))

    def outbox(
        self, *kinds: EffectKind, complete: Deliver | None = None, executor: SerialExecutor | None = None
    ) -> Outbox:
        """An outbox that delivers effects of these kinds. ``complete`` delivers decisions, in a function that may
        complete checkpoints itself. ``executor`` runs the deliveries; the default is a thread beside the work."""
        handlers = {kind: self._delivery_of(kind) for kind in kinds}
        if complete is not None:
            handlers[EffectKind.COMPLETE] = complete
        return Outbox(self.outbox_table, self.database.delivered, handlers, _reporter(), executor or DeliveryThread())

    def secret(self, secret_id: str, noun: str) -> Callable[[], str]:
        """A function that reads the secret. ``noun`` names the secret in its error."""
        from baton.api.identity import IdentityUnavailable

        def read() -> str:
            try:
                return self._secrets.read(secret_id)
            except GetParameterError as error:
                raise IdentityUnavailable(f"{noun} cannot be read; try again in a moment.") from error

        return read

    @cached_property
    def _secrets(self) -> Secrets:
        return Secrets()

    def _transport_of(self, kind: TransportType) -> Transport:
        match kind:
            case TransportType.LAMBDA:
                from baton.agents.lambda_transport import LambdaTransport

                return LambdaTransport(self.settings.agent_function_prefix)
            case TransportType.HTTP:
                from baton.agents.http_transport import HttpTransport

                return HttpTransport(self.address_guard)
            case _:
                assert_never(kind)

    def _delivery_of(self, kind: EffectKind) -> Deliver:
        match kind:
            case EffectKind.EVENT:
                return self.event_bus.put
            case EffectKind.START:
                return self.engine.start
            case EffectKind.STOP:
                return self.engine.stop
            case EffectKind.RELEASE:
                return self.engine.release
            case EffectKind.COMPLETE:
                return self.approval_function.complete
            case _:
                assert_never(kind)


def _reporter() -> Callable[[str, Effect], None]:
    logger = logs.logger()

    def report(reason: str, effect: Effect) -> None:
        failures = effect.failures + 1
        about = {"reason": reason, "effect": effect.id, "kind": effect.kind, "run": effect.run_id, "failures": failures}
        if failures < STUCK_FAILURES:
            logger.warning("left to the relay", extra=about)
        else:
            logger.error("effect is stuck", extra=about)

    return report
