"""Deliverables: the documents that agents made."""

from __future__ import annotations

from baton.api.operations import operation
from baton.api.ports import ApiFunction
from baton.api.requests import DeliverableId
from baton.api.resolver import Resolver
from baton.api.views import deliverables as views
from baton.errors import NotFound


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(
        app.get,
        "/deliverables/<deliverable_id>",
        tag="deliverables",
        answers={200: views.Deliverable},
        refuses=(NotFound,),
    )
    def get_deliverable(deliverable_id: DeliverableId) -> views.Deliverable:
        """Get a deliverable with its content."""
        return views.deliverable(function.reads.deliverable(app.caller, deliverable_id))
