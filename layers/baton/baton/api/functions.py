"""The parts of the two functions that answer HTTP: use cases, reads and ``identify``. ``bootstrap`` makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baton.model import Principal

if TYPE_CHECKING:
    from baton.api.tickets import Tickets
    from baton.outbox import Outbox
    from baton.store.contents import Contents
    from baton.store.reads import Reads
    from baton.usecases.approvals import RequestDecision
    from baton.usecases.fork_run import ForkRun
    from baton.usecases.launch_run import LaunchRun
    from baton.usecases.library import ManageLibrary
    from baton.usecases.members import ManageMembers
    from baton.usecases.organizations import ManageOrganizations
    from baton.usecases.outbox import ManageOutbox
    from baton.usecases.recovery import RecoverRun
    from baton.usecases.service_tokens import ManageServiceTokens
    from baton.usecases.stream_run import StreamRun
    from baton.usecases.webhooks import ManageWebhooks

Identify = Callable[[str], Principal]
"""Token → its bearer. Raises Unauthenticated, or IdentityUnavailable if it cannot check the token now."""


@dataclass(frozen=True)
class ApiFunction:
    """``outbox`` delivers the effects of the use cases; ``manage_outbox`` shows people the failed ones."""

    outbox: Outbox
    launch: LaunchRun
    fork: ForkRun
    recover: RecoverRun
    decide: RequestDecision
    library: ManageLibrary
    manage_outbox: ManageOutbox
    members: ManageMembers
    organizations: ManageOrganizations
    service_tokens: ManageServiceTokens
    webhooks: ManageWebhooks
    reads: Reads
    contents: Contents
    identify: Identify


@dataclass(frozen=True)
class StreamFunction:
    follow: StreamRun
    tickets: Tickets
    identify: Identify
