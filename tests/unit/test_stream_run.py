"""A stream answers immediately, or waits for news for some time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from baton.errors import Invalid
from baton.model import Principal, RunStatus
from baton.ports.stream import News
from baton.usecases.stream_run import MAX_WAIT_SECONDS, StreamRun, StreamSlice

ANNA = Principal("0a000000-0000-4000-8000-000000000001")
RUN = "5d1e0000-0000-4000-8000-000000000001"


def news(status: str, *sequences: int, at_work: bool = False, last: int = 3) -> News:
    return News(RunStatus(status), at_work, last, [{"sequence": sequence} for sequence in sequences])


class FakeRecord:
    """Answers each ``look`` with the next news. Time passes only in ``pause``."""

    def __init__(self, *looks: News) -> None:
        self._looks: Sequence[News] = looks
        self.looked = 0
        self.now = 0.0

    def look(self, caller: Principal, run_id: str, *, after: int, limit: int) -> News:
        assert (caller, run_id) == (ANNA, RUN)
        self.looked += 1
        return self._looks[min(self.looked, len(self._looks)) - 1]

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def follow(self, after: int = 3) -> StreamSlice:
        return StreamRun(self.look, self.pause, lambda: self.now)(ANNA, RUN, after)


@pytest.mark.parametrize("status", ["running", "checkpoint", "completed", "failed", "aborted"])
def test_new_events_are_answered_immediately(status: str) -> None:
    record = FakeRecord(news(status, 2, 3, at_work=status == "running"))
    part = record.follow(after=1)
    assert [row["sequence"] for row in part.events] == [2, 3]
    assert not part.over
    assert record.now == 0


def test_the_stream_waits_for_news_while_something_is_at_work() -> None:
    nothing = news("running", at_work=True)
    record = FakeRecord(nothing, nothing, nothing, news("running", 4, at_work=True, last=4))
    assert [row["sequence"] for row in record.follow().events] == [4]
    assert 0 < record.now < MAX_WAIT_SECONDS


def test_without_news_the_stream_answers_empty_in_time() -> None:
    record = FakeRecord(news("running", at_work=True))
    assert record.follow() == StreamSlice((), over=False, at_work=True)
    assert MAX_WAIT_SECONDS - 1 <= record.now <= MAX_WAIT_SECONDS
    assert record.looked < 15  # about once a second at most


def test_the_stream_does_not_wait_for_people() -> None:
    record = FakeRecord(news("checkpoint"))
    assert record.follow() == StreamSlice([], over=False, at_work=False)
    assert (record.looked, record.now) == (1, 0)


def test_the_wait_ends_when_only_people_are_at_work() -> None:
    """A child run has reached its checkpoint: this run gets no event, and the stream has nothing to wait for."""
    record = FakeRecord(news("running", at_work=True), news("running"))
    assert record.follow() == StreamSlice([], over=False, at_work=False)
    assert record.looked == 2


@pytest.mark.parametrize("status", ["completed", "failed", "aborted"])
def test_the_stream_of_an_ended_run_is_over_after_its_last_event(status: str) -> None:
    assert FakeRecord(news(status)).follow().over


def test_a_retried_run_has_not_ended() -> None:
    """The run failed and was retried: its last event says that it failed."""
    record = FakeRecord(news("running", at_work=True), news("running", 4, at_work=True, last=4))
    assert not record.follow().over


def test_an_id_beyond_the_runs_last_event_is_refused() -> None:
    """The id belongs to another run. Waiting for later events would hide this run's events from the client."""
    with pytest.raises(Invalid, match=r"Last-Event-ID: must be .* \(the last is 3\), not 4"):
        FakeRecord(news("running", at_work=True)).follow(after=4)
