"""What the API asks of the rest: ``bootstrap.api_function`` gives it, tests give fakes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from baton.model import Principal
from baton.ports.library import StoredAgent, StoredDefinition
from baton.ports.members import Member
from baton.ports.outbox import FailedEffect
from baton.ports.reads import Cursor, RunFilter
from baton.ports.service_tokens import ServiceToken
from baton.usecases.approvals import DecisionRequest
from baton.usecases.fork_run import Fork, ForkRequest
from baton.usecases.launch_run import LaunchedRun, LaunchRequest
from baton.usecases.library import ArchiveRequest, Published, PublishRequest
from baton.usecases.preview_run import Preview
from baton.usecases.recovery import AbortRequest, Outcome, RetryRequest, SkipRequest
from baton.usecases.service_tokens import IssuedToken, NewTokenRequest

Row = dict[str, Any]


class Launch(Protocol):
    def __call__(self, caller: Principal, request: LaunchRequest, /) -> LaunchedRun: ...

    def preview(self, caller: Principal, request: LaunchRequest, /) -> Preview: ...


class Decide(Protocol):
    def __call__(self, caller: Principal, request: DecisionRequest, /) -> dict[str, Any]: ...


class Recovering(Protocol):
    """See ``usecases.recovery.RecoverRun``."""

    def retry(self, caller: Principal, request: RetryRequest, /) -> Outcome: ...

    def skip(self, caller: Principal, request: SkipRequest, /) -> Outcome: ...

    def abort(self, caller: Principal, request: AbortRequest, /) -> Outcome: ...


class Forking(Protocol):
    def __call__(self, caller: Principal, request: ForkRequest, /) -> Fork: ...


class SeeUndelivered(Protocol):
    """See ``usecases.outbox.ManageOutbox``."""

    def failed(
        self, caller: Principal, /, *, organization: str | None, failures: int, limit: int
    ) -> Sequence[FailedEffect]: ...

    def redrive(self, caller: Principal, effect_id: str, /) -> FailedEffect: ...

    def redrive_all(self, caller: Principal, /, *, organization: str | None) -> int: ...


class AdministerMembers(Protocol):
    """See ``usecases.members.ManageMembers``."""

    def list(self, caller: Principal, organization: str, /) -> Sequence[Member]: ...

    def put(
        self, caller: Principal, organization: str, member_id: str, roles: Collection[str], /
    ) -> tuple[Member, bool]: ...

    def remove(self, caller: Principal, organization: str, member_id: str, /) -> None: ...


class AdministerServiceTokens(Protocol):
    """See ``usecases.service_tokens.ManageServiceTokens``."""

    def list(self, caller: Principal, organization: str, /) -> Sequence[ServiceToken]: ...

    def create(self, caller: Principal, request: NewTokenRequest, /) -> IssuedToken: ...

    def revoke(self, caller: Principal, organization: str, token_id: str, /) -> ServiceToken: ...


class Identify(Protocol):
    def __call__(self, token: str, /) -> Principal: ...


class Read(Protocol):
    """See ``store.reads.Reads``."""

    def organizations(self, caller: Principal) -> list[str]: ...

    def runs(self, caller: Principal, narrowed: RunFilter, *, cursor: Cursor | None, limit: int) -> list[Row]: ...

    def run(self, caller: Principal, run_id: str) -> Row: ...

    def run_status(self, caller: Principal, run_id: str) -> Row: ...

    def events(self, caller: Principal, run_id: str, *, after: int, limit: int) -> list[Row]: ...

    def approvals(
        self,
        caller: Principal,
        *,
        organization: str | None,
        status: str,
        mine: bool,
        cursor: Cursor | None,
        limit: int,
    ) -> list[Row]: ...

    def approval(self, caller: Principal, approval_id: str) -> Row: ...

    def deliverable(self, caller: Principal, deliverable_id: str) -> Row: ...

    def definitions(self, caller: Principal, *, organization: str | None) -> list[Row]: ...

    def definition(
        self, caller: Principal, name: str, *, organization: str | None, version: str | None = None
    ) -> Row: ...

    def versions(self, caller: Principal, name: str, *, organization: str | None) -> list[Row]: ...

    def agents(self, caller: Principal, *, organization: str | None) -> list[Row]: ...

    def agent(self, caller: Principal, slug: str, *, organization: str | None) -> Row: ...


class PublishThings(Protocol):
    """See ``usecases.library.ManageLibrary``."""

    def definition(self, caller: Principal, request: PublishRequest, /) -> Published[StoredDefinition]: ...

    def archive(self, caller: Principal, request: ArchiveRequest, /) -> StoredDefinition: ...

    def agent(self, caller: Principal, request: PublishRequest, /) -> Published[StoredAgent]: ...


class ApiFunction(Protocol):
    """The parts of the API function."""

    @property
    def launch(self) -> Launch: ...

    @property
    def decide(self) -> Decide: ...

    @property
    def recover(self) -> Recovering: ...

    @property
    def fork(self) -> Forking: ...

    @property
    def publish(self) -> PublishThings: ...

    @property
    def undelivered(self) -> SeeUndelivered: ...

    @property
    def reads(self) -> Read: ...

    @property
    def members(self) -> AdministerMembers: ...

    @property
    def service_tokens(self) -> AdministerServiceTokens: ...

    @property
    def identify(self) -> Identify: ...
