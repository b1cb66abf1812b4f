"""When a stream answers at once, when it waits for news, and for how long."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from baton.errors import Invalid
from baton.model import Principal, RunStatus
from baton.ports.stream import News
from baton.usecases.stream_run import HOLD_SECONDS, StreamRun, StreamSlice

ANNA = Principal("0a000000-0000-4000-8000-000000000001")
RUN = "5d1e0000-0000-4000-8000-000000000001"


def news(status: str, *sequences: int, at_work: bool = False, last: int = 3) -> News:
    return News(RunStatus(status), at_work, last, [{"sequence": sequence} for sequence in sequences])


class FakeRecord:
    """Gives the news of one look after the other; time passes only by ``pause``."""

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
def test_what_is_new_is_told_at_once(status: str) -> None:
    record = FakeRecord(news(status, 2, 3, at_work=status == "running"))
    part = record.follow(after=1)
    assert [row["sequence"] for row in part.events] == [2, 3]
    assert not part.over
    assert record.now == 0


def test_while_something_is_at_work_news_are_waited_for() -> None:
    nothing = news("running", at_work=True)
    record = FakeRecord(nothing, nothing, nothing, news("running", 4, at_work=True, last=4))
    assert [row["sequence"] for row in record.follow().events] == [4]
    assert 0 < record.now < HOLD_SECONDS


def test_when_there_are_none_it_answers_without_any_in_time() -> None:
    record = FakeRecord(news("running", at_work=True))
    assert record.follow() == StreamSlice((), over=False, at_work=True)
    assert HOLD_SECONDS - 1 <= record.now <= HOLD_SECONDS
    assert record.looked < 15  # not more than about once a second


def test_while_only_people_are_awaited_nothing_is_waited_for() -> None:
    record = FakeRecord(news("checkpoint"))
    assert record.follow() == StreamSlice([], over=False, at_work=False)
    assert (record.looked, record.now) == (1, 0)


def test_the_wait_ends_where_only_people_are_awaited_any_more() -> None:
    """A child run has come to its checkpoint: no event of this run, and nothing more to wait for."""
    record = FakeRecord(news("running", at_work=True), news("running"))
    assert record.follow() == StreamSlice([], over=False, at_work=False)
    assert record.looked == 2


@pytest.mark.parametrize("status", ["completed", "failed", "aborted"])
def test_a_run_that_has_ended_is_over_once_everything_was_told(status: str) -> None:
    assert FakeRecord(news(status)).follow().over


def test_an_end_that_was_taken_back_is_none() -> None:
    """A failed run that is retried: its last event said that it failed."""
    record = FakeRecord(news("running", at_work=True), news("running", 4, at_work=True, last=4))
    assert not record.follow().over


def test_an_id_that_this_run_has_not_reached_is_refused() -> None:
    """It is another run's: to wait for later events would keep the ones before it from the client for ever."""
    with pytest.raises(Invalid, match=r"Last-Event-ID: must be .* \(the last is 3\), not 4"):
        FakeRecord(news("running", at_work=True)).follow(after=4)
