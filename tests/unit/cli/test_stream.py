"""Following a run by its stream, whatever happens on the way."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from baton_client import Client, Patience, Refused, Unreachable
from cli.screen import Screen
from cli.stream import Follower
from tests.unit.cli.conftest import APPROVAL, OVER, RUN, FakeApi, a_run, a_slice, an_answer, an_approval, an_event

STATUS = f"GET /orchestrations/runs/{RUN}/status"
STREAM = f"{STATUS}/stream"
CREATED, DONE = an_event(1, "run.created"), an_event(2, "run.completed")


class FollowFixture:
    def __init__(self, statuses: Sequence[Any], stream: Sequence[Any]) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.pauses: list[float] = []
        approval = {f"GET /orchestrations/approvals/{APPROVAL}": [an_approval()]}
        self.api = FakeApi({STATUS: list(statuses), STREAM: list(stream), **approval})
        self.follower = Follower(
            Client(
                "http://api.test",
                "t",
                patience=Patience(0),
                transport=httpx.MockTransport(self.api.send),
                sleep=self.pauses.append,
            ),
            Screen(out=self.out, err=self.err),
            RUN,
            pause=self.pauses.append,
        )

    @property
    def events_shown(self) -> list[str]:
        return [line.split()[1] for line in self.out.getvalue().splitlines() if line.startswith("09:00:01")]


def test_it_comes_back_after_as_long_as_it_was_told() -> None:
    slow = an_answer(200, "text/event-stream", "retry: 5000\n\n")
    fixture = FollowFixture([a_run("running")] * 3 + [a_run("completed")], [slow, a_slice(CREATED, DONE), OVER])
    assert fixture.follower.to_the_end()["status"] == "completed"
    assert fixture.pauses == [5.0, 0.0]


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadError("reset"),
        an_answer(503, "application/json", '{"message": "Service Unavailable"}'),
        an_answer(503, "application/problem+json", '{"status": 503}'),
    ],
)
def test_a_connection_that_is_lost_costs_no_event_and_doubles_none(failure: Any) -> None:
    fixture = FollowFixture(
        [a_run("running"), a_run("running"), failure, a_run("completed")],
        [a_slice(CREATED), failure, failure, a_slice(DONE), OVER],
    )
    fixture.follower.to_the_end()
    assert fixture.events_shown == ["run.created", "run.completed"]
    assert fixture.api.last_event_ids == [None, "1", "1", "1", "2"]
    assert fixture.err.getvalue().count("does not answer") == 2  # the status was asked for in vain as well


def test_what_was_cut_off_in_the_middle_is_read_from_there() -> None:
    text = a_slice(CREATED, DONE).text
    cut = an_answer(200, "text/event-stream", text[: text.index("run.completed") + 3])
    fixture = FollowFixture([a_run("running"), a_run("completed")], [cut, a_slice(DONE), OVER])
    fixture.follower.to_the_end()
    assert fixture.events_shown == ["run.created", "run.completed"]


def test_a_run_that_is_taken_up_again_is_followed_on() -> None:
    """The stream was over, and before the status was asked for, somebody retried the run."""
    failed, retried = an_event(2, "run.failed"), an_event(3, "run.updated")
    fixture = FollowFixture(
        [a_run("running"), a_run("failed"), a_run("running"), a_run("running"), a_run("completed")],
        [a_slice(CREATED, failed), OVER, a_slice(retried), a_slice(an_event(4, "run.completed")), OVER],
    )
    assert fixture.follower.to_the_end()["status"] == "completed"
    assert fixture.events_shown == ["run.created", "run.failed", "run.updated", "run.completed"]


def test_items_of_a_step_are_told_apart() -> None:
    items = [an_event(sequence, "step.completed", stepId="each", itemIndex=sequence) for sequence in (0, 1)]
    fixture = FollowFixture([a_run("running"), a_run("completed")], [a_slice(*items), OVER])
    fixture.follower.to_the_end()
    told = [line.split(maxsplit=2)[2] for line in fixture.out.getvalue().splitlines() if "step.completed" in line]
    assert told == ["each item 0", "each item 1"]


def test_what_a_child_run_asks_is_announced_though_it_is_no_event_of_this_run() -> None:
    waiting = a_run("running", pendingApprovals=[{**a_run("checkpoint")["pendingApprovals"][0], "runId": "a child"}])
    fixture = FollowFixture([a_run("running"), waiting, a_run("completed")], [a_slice(CREATED), OVER])
    fixture.follower.to_the_end()
    assert "fetch waits for a decision." in fixture.out.getvalue()


def test_where_nothing_answers_nobody_waits() -> None:
    fixture = FollowFixture([httpx.ConnectError("refused")], [])
    with pytest.raises(Unreachable):
        fixture.follower.to_the_end()
    assert fixture.pauses == []


def test_what_is_no_stream_is_said_to_be_none() -> None:
    fixture = FollowFixture([a_run("running")], [an_answer(200, "text/html", "<html>")])
    with pytest.raises(Unreachable, match="no events"):
        fixture.follower.to_the_end()


def test_a_refusal_ends_it() -> None:
    fixture = FollowFixture([a_run("running")], [{"status": 401, "title": "No", "detail": "The token has expired."}])
    with pytest.raises(Refused, match="expired"):
        fixture.follower.to_the_end()
