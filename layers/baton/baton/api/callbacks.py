"""The callback of a launch, as a request names it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from baton.api.requests import Body, EventTypes, Text
from baton.usecases.launch_run import Callback


class CallbackBody(Body):
    """The URL of an active webhook of the organisation, and the events of this run and its child runs that it gets,
    beside those that it gets of every run."""

    url: Text
    events: Annotated[EventTypes, Field(min_length=1)]

    def callback(self) -> Callback:
        return Callback(self.url, self.events)
