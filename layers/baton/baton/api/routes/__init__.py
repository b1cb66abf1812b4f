"""The routes of the HTTP API, one file for each noun; ``tasks`` is the agent-to-agent dialect."""

from __future__ import annotations

from baton.api import openapi
from baton.api.functions import ApiFunction
from baton.api.resolver import Resolver
from baton.api.routes import (
    approvals,
    contents,
    deliverables,
    library,
    members,
    organizations,
    outbox,
    recovery,
    run_parts,
    runs,
    service_tokens,
    tasks,
    webhooks,
)


def build(function: ApiFunction) -> Resolver:
    """The API of one execution environment. ``resolve(event, context)`` answers one HTTP API (payload 2.0) request."""
    app = Resolver(function.identify, function.reads.organizations)
    openapi.add_routes(app)
    for noun in (
        tasks, runs, run_parts, contents, recovery, approvals, deliverables, library, outbox, members, organizations,
        service_tokens, webhooks,
    ):  # fmt: skip
        noun.add_routes(app, function)
    return app
