"""The news of one run, for one caller. A run of another organisation raises NotFound, as if it did not exist."""

from __future__ import annotations

from baton.errors import NotFound
from baton.model import Principal, RunStatus
from baton.ports.stream import News
from baton.store.database import Database
from baton.store.functions import Query
from baton.store.reads import event_page
from baton.store.sql import load

_STREAM_RUN = Query("stream_run", user_id="uuid", run_id="uuid")


class Stream:
    """For the stream's login."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # The run before its events: if it has ended, then the events are complete.
        self._statements = (_STREAM_RUN.statement, load("reads")["events"])

    def __call__(self, caller: Principal, run_id: str, *, after: int, limit: int) -> News:
        """The events after the sequence number ``after``, in order: at most ``limit``, and as many as fit into one
        answer. One round trip.

        Raises:
            NotFound: there is no such run, or the caller is not a member of its organisation.
        """
        params = {"user_id": caller.user_id, "run_id": run_id, "after": after, "limit": limit}
        answers, events = self._database.pipeline([(statement, params) for statement in self._statements])
        run = answers[0]["answer"]
        if run is None:
            raise NotFound(f"There is no run {run_id}.")
        return News(RunStatus(run["status"]), run["atWork"], run["lastSequence"], event_page(events).events)
