"""Follows a run by its stream, also over lost connections."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from baton_client import Client, Refused, RetryPolicy, Unreachable
from cli.screen import Screen
from cli.stream import Follower
from tests.unit.cli.conftest import (
    APPROVAL,
    END_OF_STREAM,
    RUN,
    FakeApi,
    a_run,
    a_stream_answer,
    an_answer,
    an_approval,
    an_event,
)

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
                retry_policy=RetryPolicy(0),
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


def test_the_next_request_follows_after_the_time_that_the_stream_says() -> None:
    slow = an_answer(200, "text/event-stream", "retry: 5000\n\n")
    fixture = FollowFixture(
        [a_run("running")] * 3 + [a_run("completed")], [slow, a_stream_answer(CREATED, DONE), END_OF_STREAM]
    )
    assert fixture.follower.follow_to_end()["status"] == "completed"
    assert fixture.pauses == [5.0, 0.0]


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadError("reset"),
        an_answer(503, "application/json", '{"message": "Service Unavailable"}'),
        an_answer(503, "application/problem+json", '{"status": 503}'),
    ],
)
def test_a_lost_connection_loses_and_repeats_no_event(failure: Any) -> None:
    fixture = FollowFixture(
        [a_run("running"), a_run("running"), failure, a_run("completed")],
        [a_stream_answer(CREATED), failure, failure, a_stream_answer(DONE), END_OF_STREAM],
    )
    fixture.follower.follow_to_end()
    assert fixture.events_shown == ["run.created", "run.completed"]
    assert fixture.api.last_event_ids == [None, "1", "1", "1", "2"]
    assert fixture.err.getvalue().count("does not answer") == 2  # once for the stream, once for the status


def test_an_incomplete_answer_is_continued() -> None:
    text = a_stream_answer(CREATED, DONE).text
    cut = an_answer(200, "text/event-stream", text[: text.index("run.completed") + 3])
    fixture = FollowFixture([a_run("running"), a_run("completed")], [cut, a_stream_answer(DONE), END_OF_STREAM])
    fixture.follower.follow_to_end()
    assert fixture.events_shown == ["run.created", "run.completed"]


def test_a_run_that_is_retried_is_followed_further() -> None:
    """A person retried the run after the end of the stream and before the request of the status."""
    failed, retried = an_event(2, "run.failed"), an_event(3, "run.updated")
    fixture = FollowFixture(
        [a_run("running"), a_run("failed"), a_run("running"), a_run("running"), a_run("completed")],
        [
            a_stream_answer(CREATED, failed),
            END_OF_STREAM,
            a_stream_answer(retried),
            a_stream_answer(an_event(4, "run.completed")),
            END_OF_STREAM,
        ],
    )
    assert fixture.follower.follow_to_end()["status"] == "completed"
    assert fixture.events_shown == ["run.created", "run.failed", "run.updated", "run.completed"]


def test_the_items_of_a_step_have_different_lines() -> None:
    items = [an_event(sequence, "step.completed", stepId="each", itemIndex=sequence) for sequence in (0, 1)]
    fixture = FollowFixture([a_run("running"), a_run("completed")], [a_stream_answer(*items), END_OF_STREAM])
    fixture.follower.follow_to_end()
    lines = [line.split(maxsplit=2)[2] for line in fixture.out.getvalue().splitlines() if "step.completed" in line]
    assert lines == ["each item 0", "each item 1"]


def test_an_approval_of_a_child_run_is_announced_without_its_event() -> None:
    waiting = a_run("running", pendingApprovals=[{**a_run("checkpoint")["pendingApprovals"][0], "runId": "a child"}])
    fixture = FollowFixture([a_run("running"), waiting, a_run("completed")], [a_stream_answer(CREATED), END_OF_STREAM])
    fixture.follower.follow_to_end()
    assert "fetch waits for a decision." in fixture.out.getvalue()


def test_if_nothing_answers_the_command_does_not_wait() -> None:
    fixture = FollowFixture([httpx.ConnectError("refused")], [])
    with pytest.raises(Unreachable):
        fixture.follower.follow_to_end()
    assert fixture.pauses == []


def test_an_answer_without_events_is_refused() -> None:
    fixture = FollowFixture([a_run("running")], [an_answer(200, "text/html", "<html>")])
    with pytest.raises(Unreachable, match="no events"):
        fixture.follower.follow_to_end()


def test_a_refusal_ends_following() -> None:
    fixture = FollowFixture([a_run("running")], [{"status": 401, "title": "No", "detail": "The token has expired."}])
    with pytest.raises(Refused, match="expired"):
        fixture.follower.follow_to_end()
