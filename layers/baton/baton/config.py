"""The settings of a function, read once at its cold start. ``template.yaml`` says which function gets which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from baton.errors import SettingMissing


@dataclass(frozen=True)
class Settings:
    """The environment variables of a function. A function reads only those that it needs.

    Raises (every property):
        SettingMissing: the variable is absent or malformed; the message names it.
    """

    environment: Mapping[str, str]

    @property
    def engine_id(self) -> str:
        return self._required("BATON_ENGINE_ID")

    @property
    def database_secret(self) -> str:
        """Id of the Secrets Manager secret that holds the Postgres URL of this function's login."""
        return self._required("BATON_DATABASE_SECRET")

    @property
    def stream_secret(self) -> str:
        """Id of the Secrets Manager secret that holds the key of tickets to streams."""
        return self._required("BATON_STREAM_SECRET")

    @property
    def webhook_secret(self) -> str:
        """Id of the Secrets Manager secret that holds the key of webhooks' secrets."""
        return self._required("BATON_WEBHOOK_SECRET")

    @property
    def webhook_queue(self) -> str:
        """URL of the queue of deliveries to webhooks."""
        return self._required("BATON_WEBHOOK_QUEUE")

    @property
    def event_bus(self) -> str:
        return self._required("BATON_EVENT_BUS")

    @property
    def state_machine_prefix(self) -> str:
        """ARN of a state machine of this deployment without the definition's name."""
        prefix = self._required("BATON_STATE_MACHINE_PREFIX")
        if ":stateMachine:" not in prefix:
            raise SettingMissing(
                f"BATON_STATE_MACHINE_PREFIX must be an ARN such as arn:aws:states:…:stateMachine:baton-, not {prefix}"
            )
        return prefix

    @property
    def execution_prefix(self) -> str:
        """ARN of an execution of this deployment up to the machine's name."""
        return self.state_machine_prefix.replace(":stateMachine:", ":execution:")

    @property
    def approval_function(self) -> str:
        return self._required("BATON_APPROVAL_FUNCTION")

    @property
    def agent_function_prefix(self) -> str:
        """The beginning of the names of deployed functions; an agent file's ``transport.function`` is the rest."""
        return self._required("BATON_AGENT_FUNCTION_PREFIX")

    @property
    def allow_loopback_agents(self) -> bool:
        """Whether a URL may lead to this machine. Only the local stack sets this, never the template."""
        return self.environment.get("BATON_ALLOW_LOOPBACK_AGENTS") == "true"

    @property
    def launch_organizations(self) -> frozenset[str]:
        """The slugs of the organisations in which executions may launch runs."""
        names = self.environment.get("BATON_LAUNCH_ORGANIZATIONS", "").split(",")
        return frozenset(name.strip() for name in names if name.strip())

    @property
    def function_prefix(self) -> str:
        """ARN of a function of this deployment without the folder's name, for the Tasks of published machines."""
        return self._required("BATON_FUNCTION_PREFIX")

    @property
    def machine_role(self) -> str:
        """ARN of the role that state machines run with."""
        return self._required("BATON_MACHINE_ROLE")

    @property
    def machine_logs(self) -> str:
        """ARN of the log group that state machines report failures to."""
        return self._required("BATON_MACHINE_LOGS")

    @property
    def review_url(self) -> str:
        """The address where people review. An approval's address is this, a slash and its id."""
        return self._required("BATON_REVIEW_URL").rstrip("/")

    @property
    def auth_issuer(self) -> str:
        return self._required("BATON_AUTH_ISSUER")

    @property
    def auth_audience(self) -> str:
        return self._required("BATON_AUTH_AUDIENCE")

    @property
    def legacy_jwt_secret(self) -> str | None:
        """Id of the secret with the issuer's key for HS256 tokens. None: no such token is valid."""
        return self.environment.get("BATON_LEGACY_JWT_SECRET", "").strip() or None

    def _required(self, name: str) -> str:
        value = self.environment.get(name, "").strip()
        if not value:
            raise SettingMissing(f"set {name}: this function cannot work without it (template.yaml says what it holds)")
        return value
